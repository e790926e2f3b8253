/** D5: test loss over the size of the training set and the number of hidden units. */
import { statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { groupMeans, SMALL, samplesSpec } from './memorising.ts';

/** Test losses (M, T), hidden units outermost. */
export interface SizesData {
  hidden: number[]; // (M)
  samples: number[]; // (T)
  loss: number[]; // mean over models
}

const HIDDEN: Record<Scale, number[]> = { quick: [2, 3, 4, 6], paper: [2, 3, 4, 5, 6, 8] };
const COUNTS: Record<Scale, number[]> = {
  quick: [10, 30, 100, 200, 500, 1000],
  paper: [5, 10, 20, 50, 100, 200, 500, 1000, 2000],
};
const TRAINING: Record<Scale, [steps: number, replicas: number]> = { quick: [4000, 1], paper: [20_000, 4] };

/** Size of the training set at which the test loss of row k is largest. */
const peakOf = ({ samples, loss }: SizesData, k: number): number => {
  const own = loss.slice(k * samples.length, (k + 1) * samples.length);
  return samples[own.indexOf(Math.max(...own))];
};

function signature(data: SizesData): Claim[] {
  const { hidden, samples, loss } = data;
  const peaks = hidden.map((_, k) => peakOf(data, k));
  const at = (k: number, t: number) => loss[k * samples.length + t];
  const moreData = hidden.some((_, k) => samples.slice(1).some((_, t) => at(k, t + 1) > at(k, t) + 1e-3));
  const larger = hidden
    .slice(1)
    .flatMap((m, k) =>
      samples.flatMap((T, t) => (at(k + 1, t) > at(k, t) + 1e-3 ? [`m = ${m}, T = ${T}`] : [])),
    );
  return [
    statement(
      'the training set at which the test loss is worst grows with the number of hidden units',
      'DD figure',
      'no smaller for more hidden units',
      hidden.map((m, k) => `m = ${m}: T = ${peaks[k]}`).join('; '),
      peaks.every((peak, k) => k === 0 || peak >= peaks[k - 1]),
    ),
    statement(
      'there are places where more data make the test loss worse',
      'DD',
      'a rise along T',
      moreData ? 'yes' : 'none',
      moreData,
    ),
    statement(
      'and places where a larger model is worse',
      'DD',
      'a rise along m',
      larger[0] ? `${larger.length} places, such as ${larger[0]}` : 'none',
      larger.length > 0,
    ),
  ];
}

export const ddSizes: Experiment<SizesData> = {
  name: 'dd-sizes',
  id: 'D5',
  paper: 'double-descent',
  section: 'Size of model and data',
  title: 'Test loss over data and model size',
  caption:
    'Mean test loss over the size T of the training set and the number m of hidden units. The ridge between memorising ' +
    'and generalising moves to more data as models grow: along it more data, or a larger model, is worse.',
  seconds: { quick: 30, paper: 2000 },
  specs: (scale) =>
    HIDDEN[scale].map((hidden) => samplesSpec(SMALL, hidden, COUNTS[scale], ...TRAINING[scale])),
  data: async (results, context) => {
    const rows: number[] = [];
    for (const result of results) rows.push(...(await groupMeans(result, context)));
    return { hidden: HIDDEN[context.scale], samples: COUNTS[context.scale], loss: rows };
  },
  signature,
};
