/** The paper's model, h = f(Wᵀx + c), x' = g(V h + b), with V = W when tied. model.ts explains it in plain loops. */
import { activate } from '../program/activations.ts';
import { abs, add, column, l1, mat, matT, squared, sub } from '../program/ops.ts';
import type { Model, Tensor } from './models.ts';

export const toy: Model = {
  name: 'toy',
  canBeAttacked: true,
  tensors({ features: n, hidden: m, tied, bias, hiddenBias }): Tensor[] {
    const matrix = (name: string): Tensor => ({ name, shape: [n, m], init: 'normal', trained: true });
    return [
      matrix('W'),
      ...(tied ? [] : [matrix('V')]),
      { name: 'b', shape: [n], init: 'zero', trained: bias },
      ...(hiddenBias ? [{ name: 'c', shape: [m], init: 'zero', trained: true } as Tensor] : []),
    ];
  },
  losses(family, { W, V = W, b, c }, x, { hiddenPenalty, reduction }, seen) {
    const encoded = c ? add(matT(W, seen), c) : matT(W, seen);
    const h = activate(family.hiddenActivation, encoded);
    const output = activate(family.outputActivation, add(mat(V, h), b));
    const error = sub(output, family.target === 'abs' ? abs(x) : x);
    const loss = squared(error, reduction === 'mean' ? 1 / family.features : 1, column('importance', x.size));
    return hiddenPenalty > 0 ? [loss, l1(h, hiddenPenalty)] : [loss];
  },
};
