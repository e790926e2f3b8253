import { sliceParams } from '../family.ts';
import { alignFrame } from '../metrics/align.ts';
import type { TrainResult } from '../train.ts';
import { near, statement } from './claims.ts';
import { logSteps, snapshotLosses } from './dynamics.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { groupLoss, onlyGroup } from './trained.ts';

/** S = snapshots. Features 0–2 and 3–5 are the two correlated sets. */
export interface TransformationsData {
  row: number; // instance shown: the one of lowest final loss
  steps: number[]; // (S)
  loss: number[]; // (S) held-out
  W: number[][]; // (S, 6·3) each turned to the frame of the last one
}

async function data([result]: TrainResult[], context: Context): Promise<TransformationsData> {
  const group = onlyGroup(result);
  const { family } = group.problem;
  const final = await groupLoss(group, context);
  const best = final.indexOf(Math.min(...final));
  const weights = group.snapshots.map(({ params }) => sliceParams(params, family, best, best + 1).W);
  return {
    row: group.rows[best],
    steps: group.snapshots.map(({ step }) => step),
    loss: await snapshotLosses(group, best, context),
    W: weights.map((W) => [...alignFrame(W, weights.at(-1)!, 3).W]),
  };
}

/** Cosines between directions i and j of a snapshot (6, 3); 0 where one is absent. */
function cosineOf(W: readonly number[], i: number, j: number): number {
  const [a, b] = [W.slice(3 * i, 3 * i + 3), W.slice(3 * j, 3 * j + 3)];
  const product = a.reduce((sum, value, k) => sum + value * b[k], 0);
  const norms = Math.hypot(...a) * Math.hypot(...b);
  return norms > 1e-9 ? product / norms : 0;
}

const WITHIN: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 2],
  [1, 2],
  [3, 4],
  [3, 5],
  [4, 5],
];

const withinCosines = (W: readonly number[]) => WITHIN.map(([i, j]) => cosineOf(W, i, j));

/** Number of features whose opposite (cosine below −0.95) lies in the other set. */
function antipodal(W: readonly number[]): number {
  return [0, 1, 2, 3, 4, 5].filter((i) => {
    const other = i < 3 ? [3, 4, 5] : [0, 1, 2];
    return other.some((j) => cosineOf(W, i, j) < -0.95);
  }).length;
}

/** Steep stretches of the loss: maximal runs of snapshots in which it falls fast, per factor e of steps. */
export function countDrops(steps: readonly number[], loss: readonly number[]): number {
  const total = Math.log(loss[0] / loss.at(-1)!);
  let drops = 0;
  let falling = false;
  for (let s = 2; s < steps.length; s++) {
    const rate = Math.log(loss[s - 1] / loss[s]) / Math.log(steps[s] / steps[s - 1]) / total;
    if (rate > 0.25 && !falling) drops++;
    falling = rate > 0.25;
  }
  return drops;
}

function signature({ steps, loss, W }: TransformationsData): Claim[] {
  const end = withinCosines(W.at(-1)!);
  const pca = W.find((one) => Math.min(...withinCosines(one)) > 0.9);
  const antiprism = W.findIndex((one) => {
    const cosines = withinCosines(one);
    return (
      Math.max(...cosines) < 0.9 && Math.max(...cosines) - Math.min(...cosines) < 0.15 && antipodal(one) === 0
    );
  });
  return [
    statement(
      'early, each set is one direction, its principal component',
      'TMS',
      'a snapshot with all cosines within the sets above 0.9',
      pca ? `step ${steps[W.indexOf(pca)]}` : 'none',
      pca !== undefined,
    ),
    statement(
      'on the way, an antiprism: the sets are two equal triangles, turned against each other',
      'TMS',
      'a snapshot with cosines within the sets equal to 0.15 and no antipodal pair yet',
      antiprism >= 0 ? `step ${steps[antiprism]}` : 'none',
      antiprism >= 0,
    ),
    near(
      'at the end an octahedron: largest |cosine| within a set',
      'TMS; tolerance ours',
      Math.max(...end.map(Math.abs)),
      0,
      0.1,
    ),
    near(
      'with antipodal pairs made across the sets: features that have one',
      'TMS',
      antipodal(W.at(-1)!),
      6,
      0,
    ),
    statement(
      'the loss has distinct plateaus',
      'TMS',
      'two steep drops or more',
      `${countDrops(steps, loss)}`,
      countDrops(steps, loss) >= 2,
    ),
  ];
}

export const transformations: Experiment<TransformationsData> = {
  name: 'geometric-transformations',
  paper: 'T19',
  section: 'Superposition and learning dynamics',
  title: 'Learning as a series of geometric transformations',
  caption:
    'Six features in three dimensions, two sets of three that are active together (colours). The loss falls in steps, ' +
    'and each is a change of shape: each set as one direction, then opening into a triangle, an antiprism of two ' +
    'triangles, in the end an octahedron with antipodal pairs across the sets. The slider moves through training.',
  seconds: { quick: 1, paper: 15 },
  specs: (scale) => {
    const steps = scale === 'quick' ? 6_000 : 10_000;
    const set = { kind: 'correlated', size: 3 } as const;
    return [
      {
        model: { features: 6, hidden: 3 },
        input: { density: 0.1, sets: [set, set] },
        training: {
          steps,
          batch: 1024,
          init: { std: 0.01 },
          ...(scale === 'quick' && { learningRate: 2e-3 }),
        },
        replicas: 8,
        record: { snapshots: logSteps(steps, 80) },
      },
    ];
  },
  data,
  signature,
};
