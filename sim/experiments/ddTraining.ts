/** D6: the bump grows with training, and weight decay flattens it; four hidden units. */
import { statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { groupMeans, SMALL, samplesSpec, WEIGHT_DECAY } from './memorising.ts';

export interface TrainingData {
  samples: number[]; // (T)
  runs: { steps: number; decay: number; loss: number[] }[]; // mean test loss (T) of each way to train
}

const HIDDEN = 4;
const STRONG = 1; // weight decay
const COUNTS: Record<Scale, number[]> = { quick: [100, 300, 1000], paper: [50, 100, 200, 500, 1000, 2000] };
const STEPS: Record<Scale, number[]> = { quick: [1000, 3000, 10_000], paper: [2500, 10_000, 50_000] };
const MODELS: Record<Scale, number> = { quick: 2, paper: 4 };

/** Ways to train: every length with the usual decay, the longest with a strong one. */
const waysOf = (scale: Scale) => [
  ...STEPS[scale].map((steps) => ({ steps, decay: WEIGHT_DECAY })),
  { steps: STEPS[scale][2], decay: STRONG },
];

function signature({ runs }: TrainingData): Claim[] {
  const bumps = runs.map(({ loss }) => Math.max(...loss));
  const usual = runs.slice(0, -1);
  const heights = bumps.slice(0, -1);
  const strong = bumps[bumps.length - 1];
  const longest = heights[heights.length - 1];
  return [
    statement(
      'the longer training, the higher the bump',
      'DD',
      'rising',
      usual.map(({ steps }, k) => `${steps} steps: ${heights[k].toFixed(3)}`).join('; '),
      heights.every((height, k) => k === 0 || height > heights[k - 1]),
    ),
    statement(
      `weight decay of ${STRONG} in place of ${WEIGHT_DECAY} takes most of the bump's height above the zero output away`,
      'DD, "removes it"; a rest at n = 1,000 is expected',
      'less than half',
      `${(longest - 1).toFixed(3)} to ${Math.max(0, strong - 1).toFixed(3)}`,
      longest > 1 && Math.max(0, strong - 1) < (longest - 1) / 2,
    ),
  ];
}

export const ddTraining: Experiment<TrainingData> = {
  name: 'dd-training',
  id: 'D6',
  paper: 'double-descent',
  section: 'Size of model and data',
  title: 'Length of training and weight decay',
  caption:
    'Mean test loss over the size T of the training set, four hidden units. Longer training memorises more and so ' +
    'generalises worse between the two regimes; strong weight decay flattens the bump.',
  seconds: { quick: 50, paper: 1500 },
  specs: (scale) =>
    waysOf(scale).map(({ steps, decay }) =>
      samplesSpec(SMALL, HIDDEN, COUNTS[scale], steps, MODELS[scale], { weightDecay: decay }),
    ),
  data: async (results, context) => {
    const runs = [];
    for (const [k, way] of waysOf(context.scale).entries()) {
      runs.push({ ...way, loss: await groupMeans(results[k], context) });
    }
    return { samples: COUNTS[context.scale], runs };
  },
  signature,
};
