/** D8: one sample of the training set counts several times: from when on is it memorised among features? */
import type { TrainedGroup } from '../join.ts';
import { featureDimensionality } from '../metrics/dimensionality.ts';
import { hiddenVectors } from '../metrics/encode.ts';
import { sampleDimensionality } from '../metrics/samples.ts';
import { takeFrom } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { tablesOf } from '../table.ts';
import { noted, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { LARGE_SHARE, mean, SMALL, samplesSpec } from './memorising.ts';

/** Models of one training set size in which one sample counts so often. */
export interface Repeated {
  samples: number; // T
  repeats: number; // R
  memorised: number; // share of models in which the repeated sample is among the first 0.1 % by D_X
  share: number; // its D_X, mean
  rest: number; // the largest D_X of another sample, mean
  features: number; // with D_f of at least 0.15, mean
}

export interface RepeatsData {
  features: number; // n
  cells: Repeated[]; // (T, R)
}

const COUNTS: Record<Scale, number[]> = { quick: [1000, 2000, 4000], paper: [1000, 2000, 5000, 10_000] };
const REPEATS: Record<Scale, number[]> = { quick: [1, 2, 4, 8], paper: [1, 2, 3, 4, 6, 8, 12, 16] };
const TRAINING: Record<Scale, [steps: number, replicas: number]> = { quick: [1500, 2], paper: [5000, 4] };

/** Share of the samples that count as memorised by the paper's rule: the first so many by D_X. */
const FIRST = 1e-3;

function specOf(scale: Scale): SpecInput {
  const spec = samplesSpec(SMALL, 2, COUNTS[scale], ...TRAINING[scale]);
  const samples = { count: COUNTS[scale][0], unitLength: true, repeats: [1] };
  return {
    ...spec,
    input: { ...spec.input, samples },
    sweep: [...spec.sweep!, { path: 'input.samples.repeats.0', values: REPEATS[scale] }],
  };
}

/** What instance i of a group makes of the first sample of its table. */
function repeatedAt(group: TrainedGroup, i: number) {
  const { features: n, hidden: m } = group.problem.family;
  const { list, of } = tablesOf(group.problem);
  const W = takeFrom(group.params.W, [i], n * m);
  const [share, ...others] = sampleDimensionality(hiddenVectors(list[of[i]], W, m), m);
  const larger = others.filter((own) => own > share).length;
  return {
    memorised: Number(larger < Math.max(1, FIRST * (others.length + 1))),
    share,
    rest: others.reduce((most, own) => Math.max(most, own), 0),
    features: featureDimensionality({ W }, { features: n, hidden: m }).filter((D) => D >= LARGE_SHARE).length,
  };
}

function cellOf(group: TrainedGroup): Repeated {
  const { count, repeats } = group.problem.source!;
  const models = Array.from(group.rows, (_, i) => repeatedAt(group, i));
  const of = (key: keyof (typeof models)[number]) => mean(models.map((model) => model[key]));
  const parts = {
    memorised: of('memorised'),
    share: of('share'),
    rest: of('rest'),
    features: of('features'),
  };
  return { samples: count, repeats: repeats[0], ...parts };
}

/** The least R of a size from which on most models have memorised the sample, or NaN. */
export function thresholdOf(cells: readonly Repeated[], samples: number): number {
  const own = cells.filter((cell) => cell.samples === samples);
  const from = own.findLastIndex(({ memorised }) => memorised <= 0.5) + 1;
  return own[from]?.repeats ?? Number.NaN;
}

/** Jermyn's threshold: 0.4 T/n. */
const PREDICTED = 0.4;

function signature({ features: n, cells }: RepeatsData): Claim[] {
  const sizes = [...new Set(cells.map(({ samples }) => samples))];
  const thresholds = sizes.map((samples) => thresholdOf(cells, samples));
  const text = sizes.map((T, k) => `T = ${T}: R = ${thresholds[k] || 'none'}`).join('; ');
  const once = cells.filter(({ repeats }) => repeats === 1);
  const most = cells.filter(({ repeats }) => repeats === Math.max(...cells.map((cell) => cell.repeats)));
  const ratios = sizes.map((T, k) => thresholds[k] / ((PREDICTED * T) / n));
  const shown = (of: Repeated[]) => of.map(({ features }) => features.toFixed(1)).join(', ');
  return [
    statement(
      'a sample that counts once is forgotten, and one that counts often enough is memorised, at every T',
      'DD, a comment by Jermyn: among the first 0.1 % by D_X',
      'a threshold above R = 1 at every T',
      text,
      thresholds.every((R) => R > 1),
    ),
    statement(
      'the more samples there are, the more repeats it takes',
      'DD, a comment by Jermyn',
      'rising thresholds',
      text,
      thresholds.every((R, k) => k === 0 || R >= thresholds[k - 1]) && thresholds.at(-1)! > thresholds[0],
    ),
    noted(
      statement(
        'the threshold is R = 0.4 T/n',
        'DD, a comment by Jermyn; factor 2, that of the grid',
        'ratios of 0.5 to 2',
        ratios.map((ratio) => ratio.toFixed(1)).join(', '),
        ratios.every((ratio) => ratio >= 0.5 && ratio <= 2),
      ),
      `at T/n of ${sizes.map((T) => T / n).join(', ')} the rule asks for R of ${sizes.map((T) => ((PREDICTED * T) / n).toFixed(1)).join(', ')}; grid of repeats: a factor of 2`,
    ),
    statement(
      'a memorised sample takes the place of a feature: features with D_f of at least 0.15',
      'DD, a comment by Jermyn; bound ours',
      'fewer with the most repeats than with one, at every T',
      `${shown(once)} with one; ${shown(most)} with the most`,
      once.every(({ features }, k) => most[k].features < features),
    ),
  ];
}

export const ddRepeats: Experiment<RepeatsData> = {
  name: 'dd-repeats',
  id: 'D8',
  paper: 'double-descent',
  section: 'Repeated samples and scales',
  title: 'One sample, seen several times',
  caption:
    'Training sets of T samples, of which the first counts R times. Left: its share D_X of the hidden space, and in grey ' +
    'the largest share of any other sample; a filled dot = it is among the first 0.1 % in most models. Right: features of ' +
    'large share. Beyond a threshold the one sample is memorised, and takes the place of a feature.',
  seconds: { quick: 25, paper: 900 },
  specs: (scale) => [specOf(scale)],
  data: ([{ groups }]) => ({ features: SMALL.features, cells: groups.map(cellOf) }),
  signature,
};
