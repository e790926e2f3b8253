/**
 * A layer that is to compute another one in fewer dimensions (Anthropic 2025, A Toy Model of Interference Weights):
 *
 *     x′ = g(V f(Wᵀx + c) + b)   is to be   y = g(A x + v)
 *
 * A (n, n) is block-diagonal and sparse, its entries uniform on [0, 1), v the same number for all outputs. Both stay as
 * they are, and are the same for all models of a spec. W and V (n, m), V = W when tied.
 */
import type { CircuitShape, Family } from '../family.ts';
import { activate } from '../program/activations.ts';
import { add, column, l1, mat, matT, squared, sub } from '../program/ops.ts';
import { draw, initStream, instanceKey, unit } from '../random.ts';
import type { Model, Sizes, Tensor } from './models.ts';

/** What a family of kind 'circuit' says of the layer that it is to compute. */
export function circuitOf({ circuit }: Pick<Sizes, 'circuit'>): CircuitShape {
  if (circuit) return circuit;
  throw new RangeError('circuit: expected in a family of kind "circuit", got none');
}

/** A (n, n) of a circuit: two draws for each entry of a block of n / blocks, row by row, whether it is there and what it is. */
export function circuitWeights({ blocks, density, seed }: CircuitShape, n: number): Float64Array {
  const stream = initStream(instanceKey(seed, 0), 0);
  const side = n / blocks;
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < side; k++) {
      const isThere = unit(draw(stream)) < density;
      const weight = unit(draw(stream));
      if (isThere) A[i * n + (i - (i % side)) + k] = weight;
    }
  }
  return A;
}

const fixed = (name: string, shape: number[]): Tensor => ({ name, shape, init: 'zero', trained: false });

export const circuit: Model = {
  name: 'circuit',
  tensors({ features: n, hidden: m, tied, bias, hiddenBias }): Tensor[] {
    const matrix = (name: string): Tensor => ({ name, shape: [n, m], init: 'normal', trained: true });
    return [
      matrix('W'),
      ...(tied ? [] : [matrix('V')]),
      { name: 'b', shape: [n], init: 'zero', trained: bias },
      ...(hiddenBias ? [{ name: 'c', shape: [m], init: 'zero', trained: true } as Tensor] : []),
      fixed('A', [n, n]),
      fixed('v', [n]),
    ];
  },
  losses(family: Family, { W, V = W, b, c, A, v }, x, { hiddenPenalty, reduction }) {
    const { features: n, outputActivation: g } = family;
    const h = activate(family.hiddenActivation, c ? add(matT(W, x), c) : matT(W, x));
    const error = sub(activate(g, add(mat(V, h), b)), activate(g, add(mat(A, x), v)));
    const loss = squared(error, reduction === 'mean' ? 1 / n : 1, column('importance', n));
    return hiddenPenalty > 0 ? [loss, l1(h, hiddenPenalty)] : [loss];
  },
  start({ A, v }, sizes) {
    const own = circuitOf(sizes);
    A.set(circuitWeights(own, sizes.features));
    v.fill(own.shift);
  },
};
