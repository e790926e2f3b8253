/**
 * Matryoshka dictionaries, exactly: a parent with three children that come independently, each only with it, read by
 * one inner latent and three more. An inner prefix that must reconstruct alone undoes absorption and brings hedging.
 */
import { bestDictionary, type Dictionary, type Support, startAt } from './dictionary.ts';

/** The published setting: parent 1/4, three children of 0.15 each given it, L1 0.03 (Chanin et al. 2025). */
export const NESTED = { parent: 0.25, children: [0.15, 0.15, 0.15], sparsity: 0.03 };

/** The inputs: nothing, or the parent with any of its children. Axis 0 is the parent. */
export function nestedSupport(parent: number, children: readonly number[]): Support {
  const n = children.length + 1;
  const cases = 2 ** children.length;
  const probability = new Float64Array(cases + 1);
  const points = new Float64Array((cases + 1) * n);
  probability[cases] = 1 - parent;
  for (let p = 0; p < cases; p++) {
    probability[p] = parent;
    points[p * n] = 1;
    children.forEach((rate, i) => {
      const on = (p >> i) & 1;
      points[p * n + i + 1] = on;
      probability[p] *= on ? rate : 1 - rate;
    });
  }
  return { size: n, probability, points };
}

/** What the inner latent holds of the children, per unit of the parent, means over children. */
interface InnerLatent {
  weight: number; // of the inner prefix
  encoder: number; // below 0: absorption; above: hedging
  decoder: number; // 0: free of children
  loss: number;
}

/** Starts: the truth, and inner latents whose encoder pushes children away or whose decoder takes them in. */
function starts(n: number): Dictionary[] {
  const axes = Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  const mixed = (by: number) => axes.map((value, at) => (at > 0 && at < n ? by : value));
  const carried = axes.map((value, at) => (at >= n && at % n === 0 ? 0.8 : value));
  const absorbed = startAt(carried, n);
  for (let k = 1; k < n; k++) absorbed.encoder[k] = -1;
  for (let i = 1; i < n; i++) absorbed.encoder[i * n] = 0;
  return [startAt(axes, n), startAt(mixed(0.2), n), startAt(mixed(-0.2), n), startAt(carried, n), absorbed];
}

/** The exact optimum with an inner prefix of one latent that weighs `weight` beside the whole. */
export function innerLatent(weight: number, { parent, children, sparsity } = NESTED): InnerLatent {
  const n = children.length + 1;
  const prefixes = [
    { latents: 1, weight },
    { latents: n, weight: 1 },
  ];
  const { dictionary, loss } = bestDictionary(
    nestedSupport(parent, children),
    { sparsity, prefixes },
    starts(n),
  );
  return { weight, ...innerOf(dictionary, weight), loss };
}

/** What the inner latent of a dictionary holds of the children. */
export function innerOf(dictionary: Dictionary, weight: number): Pick<InnerLatent, 'encoder' | 'decoder'> {
  const n = dictionary.decoderBias.length;
  const inner = innermost(dictionary, weight);
  const share = (rows: Float64Array) => {
    const row = rows.subarray(inner * n, (inner + 1) * n);
    return row.subarray(1).reduce((sum, value) => sum + value, 0) / (n - 1) / row[0];
  };
  return { encoder: share(dictionary.encoder), decoder: share(dictionary.decoder) };
}

/** Latent 0; without an inner loss the order means nothing, and it is the latent along the parent. */
function innermost({ decoder, decoderBias }: Dictionary, weight: number): number {
  if (weight > 0) return 0;
  const n = decoderBias.length;
  const along = Array.from({ length: n }, (_, i) => {
    const row = decoder.subarray(i * n, (i + 1) * n);
    return row[0] / Math.hypot(...row);
  });
  return along.indexOf(Math.max(...along));
}

/** Weight of the inner prefix at which the encoder of its latent is free of children, by halving [low, high]. */
export function encoderZero(low = 0.1, high = 0.4, halvings = 8): number {
  for (let k = 0; k < halvings; k++) {
    const middle = (low + high) / 2;
    if (innerLatent(middle).encoder < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
