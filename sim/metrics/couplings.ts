/** What each output gains from each input. */
import type { Family } from '../family.ts';

/** C_ji = Σ_k V_jk W_ik, the weight from input i to output j, V = W when tied. Shape (n, n). */
export function couplings(
  { features: n, hidden: m }: Pick<Family, 'features' | 'hidden'>,
  { W, V }: { W: ArrayLike<number>; V?: ArrayLike<number> | null },
): Float64Array {
  const out = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < m; k++) out[j * n + i] += (V ?? W)[j * m + k] * W[i * m + k];
    }
  }
  return out;
}
