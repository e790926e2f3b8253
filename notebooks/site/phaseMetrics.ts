/** What the colour of a cell says: numbers of its best model on a scale, or what became of its last feature. */
import { scoresOf } from './phaseCell.ts';
import type { METRICS, PhaseState } from './phaseState.ts';
import type { Sweep } from './phaseTraining.ts';

export type MetricName = (typeof METRICS)[number];

/** A number of a cell as a colour: its name, and the ends of its scale; null ends stand for those of the diagram. */
interface Metric {
  name: string;
  ends: readonly [number, number] | null;
  log: boolean;
}

export const SCALED: Readonly<Record<Exclude<MetricName, 'region'>, Metric>> = {
  loss: { name: 'exact expected loss', ends: null, log: true },
  share: { name: 'dimensionality of the last feature', ends: [0, 1], log: false },
  kept: { name: 'features kept', ends: null, log: false },
  packing: { name: 'share of the hidden dimensions in use', ends: [0, 1], log: false }, // biome-ignore format: one row
};

/** What a metric is called. */
export const metricName = (metric: MetricName): string =>
  metric === 'region' ? 'what becomes of the last feature' : SCALED[metric].name;

/** A diagram's numbers, and the scale they are coloured on. */
export interface Scaled {
  values: Float64Array; // (cells) NaN where there is none
  ends: readonly [number, number];
  log: boolean;
}

/** The numbers of a sweep by one metric. */
export function scaled({ models }: Pick<Sweep, 'models'>, metric: Exclude<MetricName, 'region'>): Scaled {
  const { ends, log } = SCALED[metric];
  const values = scoresOf(models, metric);
  return { values, ends: ends ?? endsIn(values, log), log };
}

/** The least and the greatest number that a colour can be given to; never one and the same. */
function endsIn(values: Float64Array, log: boolean): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return [0.1, 1]; // no number yet
  return least < most ? [least, most] : log ? [least / 2, most * 2] : [least - 1, most + 1];
}

/** Where a value stands on its scale, 0 … 1; NaN where there is no value. */
export function along({ ends: [from, to], log }: Scaled, value: number): number {
  const t = log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return Math.min(1, Math.max(0, t));
}

/** The title of a diagram. */
export function titleOf(state: PhaseState): string {
  const { metric } = state;
  const name = metricName(metric);
  return name[0].toUpperCase() + name.slice(1);
}
