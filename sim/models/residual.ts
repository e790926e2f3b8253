/**
 * A residual MLP that is to compute x + g(x) with fewer neurons than features (Bushnaq et al. 2025). Features are
 * embedded in a stream of d dimensions along fixed unit directions, rows of E (n, d); neurons read the stream and add to
 * it, and outputs are read along the same directions: y = E (Eᵀx + B f(A Eᵀx + c)) + b. As E has rank n ≤ d, Wᵀ = A Eᵀ and
 * V = E B may be any matrices, and the model is written in these:
 *
 *     y = x + M x + V f(Wᵀx + c) + b,   M = E Eᵀ − I
 *
 * M is the mixing matrix: what the stream says of each feature that is another's. Without an embedding the features are
 * the axes of the stream, and there is none. W and V (n, m), V = W when tied.
 */
import { activate } from '../program/activations.ts';
import { add, column, l1, mat, matT, type Node, squared, sub } from '../program/ops.ts';
import { stepKey } from '../random.ts';
import { modelDirections } from './directions.ts';
import type { Model, Tensor } from './models.ts';

/** Step number, beside that of initial weights, that turns the key of a model into that of its embedding. */
const EMBEDDING_STEP = 0xfffffd;

/** M = E Eᵀ − I of n unit directions in d dimensions, with a diagonal of 0. E (n, d), M (n, n). */
export function mixingOf(E: ArrayLike<number>, n: number): Float64Array {
  const d = E.length / n;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let dot = 0;
    for (let k = 0; k < d; k++) dot += E[i * d + k] * E[j * d + k];
    return i === j ? 0 : dot;
  });
}

export const residual: Model = {
  name: 'residual-mlp',
  tensors({ features: n, hidden: m, tied, bias, hiddenBias, embedding }): Tensor[] {
    const matrix = (name: string): Tensor => ({ name, shape: [n, m], init: 'normal', trained: true });
    return [
      matrix('W'),
      ...(tied ? [] : [matrix('V')]),
      { name: 'b', shape: [n], init: 'zero', trained: bias },
      ...(hiddenBias ? [{ name: 'c', shape: [m], init: 'zero', trained: true } as Tensor] : []),
      ...(embedding ? [{ name: 'M', shape: [n, n], init: 'zero', trained: false } as Tensor] : []),
    ];
  },
  losses(family, { W, V = W, b, c, M }, x, { hiddenPenalty, reduction }) {
    const h = activate(family.hiddenActivation, c ? add(matT(W, x), c) : matT(W, x));
    const added = add(mat(V, h), b);
    const output: Node = M ? add(added, mat(M, x)) : added; // x itself is in both, output and target
    const error = sub(output, activate(family.outputActivation, x));
    const loss = squared(error, reduction === 'mean' ? 1 / family.features : 1, column('importance', x.size));
    return hiddenPenalty > 0 ? [loss, l1(h, hiddenPenalty)] : [loss];
  },
  /** Draws the embedding; an M that was given stays. */
  start({ M }, { features: n, embedding }, key) {
    if (!M || !embedding || M.some((entry) => entry !== 0)) return;
    M.set(mixingOf(modelDirections(stepKey(key, EMBEDDING_STEP), n, embedding, 'random'), n));
  },
};
