/** The paper's model, h = f(Wᵀx + c), x' = g(V h + b), with V = W when tied. model.ts explains it in plain loops. */
import type { Model, Tensor } from './models.ts';

export const toy: Model = {
  name: 'toy',
  tensors({ features: n, hidden: m, tied, bias, hiddenBias }): Tensor[] {
    const matrix = (name: string): Tensor => ({ name, shape: [n, m], init: 'normal', trained: true });
    return [
      matrix('W'),
      ...(tied ? [] : [matrix('V')]),
      { name: 'b', shape: [n], init: 'zero', trained: bias },
      ...(hiddenBias ? [{ name: 'c', shape: [m], init: 'zero', trained: true } as Tensor] : []),
    ];
  },
};
