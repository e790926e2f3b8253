/**
 * One layer of attention heads on sequences in which no token has a place: what stands where the last token q is. Head h
 * looks at token v with a share of a_v = c_v e^{QK[q, v]} / Σ_u c_u e^{QK[q, u]}, c_v how often v occurs, and adds
 * Σ_v a_v OV[v] to the logits of the next token. Embeddings are one-hot, so QK and OV of a head are free matrices (V, V).
 */
import { add, crossEntropy, digit, matT, type Node, softmax } from '../program/ops.ts';
import type { Model, Tensor } from './models.ts';

/** Names of a head's tensors. */
export const headNames = (head: number): { QK: string; OV: string } => ({
  QK: `QK${head}`,
  OV: `OV${head}`,
});

/** hidden: the heads. */
function tensors({ features: V, hidden: heads }: { features: number; hidden: number }): Tensor[] {
  const matrix = (name: string): Tensor => ({ name, shape: [V, V], init: 'normal', trained: true });
  return Array.from({ length: heads }, (_, head) => Object.values(headNames(head)).map(matrix)).flat();
}

export const attention: Model = {
  name: 'attention',
  tensors,
  losses({ hidden: heads }, given, x) {
    const [counts, last, next] = [digit(x, 0), digit(x, 1), digit(x, 2)];
    const outputs = Array.from({ length: heads }, (_, head): Node => {
      const { QK, OV } = headNames(head);
      return matT(given[OV], softmax(matT(given[QK], last), counts));
    });
    return [crossEntropy(outputs.reduce(add), next)];
  },
};
