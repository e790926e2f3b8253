/** D9: the size of training set at which features appear, over densities and weight decays: T (1 − S) decides. */
import type { TrainedModels } from '../join.ts';
import { featureDimensionality } from '../metrics/dimensionality.ts';
import type { SpecInput } from '../spec.ts';
import { atMost, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { mean, SMALL, samplesSpec, WEIGHT_DECAY } from './memorising.ts';

/** How far features have come, over the size of the training set. */
export interface Rise {
  density: number; // 1 − S
  decay: number; // of the weights
  samples: number[]; // (T)
  five: number[]; // (T) sum of the five largest D_f, mean over models
}

export interface ScaleData {
  rises: Rise[];
}

/** Densities with the usual decay, then another decay. */
const WAYS: readonly [density: number, decay: number][] = [
  [0.02, WEIGHT_DECAY],
  [0.01, WEIGHT_DECAY],
  [0.005, WEIGHT_DECAY],
  [0.01, 10 * WEIGHT_DECAY],
];
/** How often a feature is seen, T (1 − S). */
const SEEN: Record<Scale, number[]> = { quick: [2.5, 5, 10, 20], paper: [1.25, 2.5, 5, 10, 20, 40] };
const TRAINING: Record<Scale, [steps: number, replicas: number]> = { quick: [1500, 2], paper: [5000, 4] };

const countsOf = (scale: Scale, density: number) => SEEN[scale].map((seen) => Math.round(seen / density));

function specOf(scale: Scale, [density, decay]: (typeof WAYS)[number]): SpecInput {
  const size = { ...SMALL, density };
  return samplesSpec(size, 2, countsOf(scale, density), ...TRAINING[scale], { weightDecay: decay });
}

/** Sum of the five largest D_f of each group's models, mean. */
function fiveOf({ groups }: TrainedModels): number[] {
  return groups.map(({ params, problem: { family }, rows }) => {
    const D = featureDimensionality(params, family);
    const sums = Array.from(rows, (_, i) =>
      D.slice(i * family.features, (i + 1) * family.features)
        .sort((a, b) => b - a)
        .subarray(0, 5)
        .reduce((sum, own) => sum + own, 0),
    );
    return mean(sums);
  });
}

/** T at which a rise is through half of its largest value, in equal ratios between the sizes; NaN if it begins above. */
export function halfOf({ samples, five }: Rise): number {
  const half = Math.max(...five) / 2;
  const k = five.findIndex((own) => own >= half);
  if (k < 1) return Number.NaN;
  const part = (half - five[k - 1]) / (five[k] - five[k - 1]);
  return samples[k - 1] * (samples[k] / samples[k - 1]) ** part;
}

const apart = (values: number[]) => Math.max(...values) / Math.min(...values);

function signature({ rises }: ScaleData): Claim[] {
  const halves = rises.map(halfOf);
  const usual = rises.map(({ decay }, k) => (decay === rises[0].decay ? k : -1)).filter((k) => k >= 0);
  const seen = usual.map((k) => halves[k] * rises[k].density);
  const other = rises.findIndex(({ decay }) => decay !== rises[0].decay);
  const same = usual.find((k) => rises[k].density === rises[other].density)!;
  return [
    statement(
      'features appear at one value of T (1 − S), whatever the density: where their shares are half-way, largest over smallest',
      'DD, a comment by Jermyn; bounds ours',
      'less than 2, and T itself more than 2',
      `${apart(seen).toFixed(2)}, and T ${apart(usual.map((k) => halves[k])).toFixed(2)}`,
      apart(seen) < 2 && apart(usual.map((k) => halves[k])) > 2,
    ),
    statement(
      'that is once each feature has been seen some ten times',
      'DD, a comment by Jermyn; factor 2',
      'T (1 − S) of 5 to 20',
      rises
        .filter((_, k) => usual.includes(k))
        .map(({ density }, k) => `1 − S = ${density}: ${seen[k].toFixed(1)}`)
        .join('; '),
      seen.every((value) => value >= 5 && value <= 20),
    ),
    atMost(
      `weight decay does not move it: ratio of T at decays ${rises[other].decay} and ${rises[0].decay}`,
      'DD, a comment by Jermyn; bound ours',
      apart([halves[other], halves[same]]),
      1.5,
    ),
  ];
}

export const ddScale: Experiment<ScaleData> = {
  name: 'dd-scale',
  id: 'D9',
  paper: 'double-descent',
  section: 'Repeated samples and scales',
  title: 'When features appear',
  caption:
    'Sum of the five largest feature dimensionalities over the size of the training set, for three densities 1 − S of 1,000 ' +
    'features and a larger weight decay (dashed). Left over T, where the curves lie apart; right over T (1 − S), how often ' +
    'each feature is seen, where they fall on one another.',
  seconds: { quick: 18, paper: 280 },
  specs: (scale) => WAYS.map((way) => specOf(scale, way)),
  data: (results, { scale }) => ({
    rises: WAYS.map(([density, decay], k) => ({
      density,
      decay,
      samples: countsOf(scale, density),
      five: fiveOf(results[k]),
    })),
  }),
  signature,
};
