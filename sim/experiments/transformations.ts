import type { TrainedModels } from '../join.ts';
import { alignFrame } from '../metrics/align.ts';
import { rowRange, takeParams } from '../problem.ts';
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

async function data([result]: TrainedModels[], context: Context): Promise<TransformationsData> {
  const group = onlyGroup(result);
  const { family } = group.problem;
  const final = await groupLoss(group, context);
  const best = final.indexOf(Math.min(...final));
  const weights = group.snapshots.map(({ params }) => takeParams(params, family, rowRange(best, best + 1)).W);
  return {
    row: group.rows[best],
    steps: group.snapshots.map(({ step }) => step),
    loss: await snapshotLosses(group, best, context),
    W: weights.map((W) => [...alignFrame(W, weights.at(-1)!, 3).W]),
  };
}

type Vector = readonly number[]; // (3)

const degrees = (radians: number) => (radians * 180) / Math.PI;
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Angle between two vectors in degrees; NaN where one is absent. */
function angle(a: Vector, b: Vector): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms > 1e-9 ? degrees(Math.acos(Math.max(-1, Math.min(1, dot(a, b) / norms)))) : Number.NaN;
}

const direction = (W: readonly number[], i: number): Vector => W.slice(3 * i, 3 * i + 3);

/** How exactly a shape can be read off a drawing in three dimensions, for all shapes alike; ours. */
const READ = 10; // degrees

const is = (measured: number, expected: number) => Math.abs(measured - expected) <= READ;

const SETS = [
  [0, 1, 2],
  [3, 4, 5],
] as const;

/** The six angles between members of a set. */
const withinAngles = (W: readonly number[]) =>
  SETS.flatMap(([i, j, k]) =>
    [
      [i, j],
      [i, k],
      [j, k],
    ].map(([a, b]) => angle(direction(W, a), direction(W, b))),
  );

/** Number of features whose opposite lies in the other set. */
function antipodal(W: readonly number[]): number {
  return [0, 1, 2, 3, 4, 5].filter((i) =>
    SETS[i < 3 ? 1 : 0].some((j) => is(angle(direction(W, i), direction(W, j)), 180)),
  ).length;
}

/** Sum of the members of a set, the axis of its triangle. */
const axisOf = (W: readonly number[], set: readonly number[]): Vector =>
  [0, 1, 2].map((k) => set.reduce((sum, i) => sum + W[3 * i + k], 0));

/** What is left of v across an axis. */
function across(v: Vector, axis: Vector): Vector {
  const along = dot(v, axis) / dot(axis, axis);
  return v.map((value, k) => value - along * axis[k]);
}

/** Angle by which the second triangle is turned against the first about their common axis: 0 to 60. */
function twist(W: readonly number[]): number {
  const axis = axisOf(W, SETS[0]);
  const corner = across(direction(W, 0), axis);
  return Math.min(...SETS[1].map((j) => angle(corner, across(direction(W, j), axis))));
}

/** Each set one direction. */
const isCollapsed = (W: readonly number[]) => withinAngles(W).every((value) => is(value, 0));

/** Two open, equal triangles that face each other, turned against each other but not so far that opposites meet. */
function isAntiprism(W: readonly number[]): boolean {
  const angles = withinAngles(W);
  return (
    Math.max(...angles) - Math.min(...angles) <= READ &&
    Math.min(...angles) > READ &&
    is(angle(axisOf(W, SETS[0]), axisOf(W, SETS[1])), 180) &&
    twist(W) > READ &&
    antipodal(W) === 0
  );
}

/**
 * Steep stretches of the loss between plateaus. Rates are falls of log loss per factor e of steps; steep is above
 * the mean rate of the whole training, a plateau below half of it.
 */
function countDrops(steps: readonly number[], loss: readonly number[]): number {
  const mean = Math.log(loss[1] / loss.at(-1)!) / Math.log(steps.at(-1)! / steps[1]);
  let drops = 0;
  let falling = false;
  for (let s = 2; s < steps.length; s++) {
    const rate = Math.log(loss[s - 1] / loss[s]) / Math.log(steps[s] / steps[s - 1]);
    if (rate > mean && !falling) drops++;
    falling = rate > mean || (falling && rate > mean / 2);
  }
  return drops;
}

/** Collapsed sets, then an antiprism, and at the end an octahedron. */
function shapeClaims({ steps, W }: TransformationsData): Claim[] {
  const end = withinAngles(W.at(-1)!);
  const step = (at: number) => (at >= 0 ? `step ${steps[at]}` : 'none');
  const [collapsed, antiprism] = [W.findIndex(isCollapsed), W.findIndex(isAntiprism)];
  return [
    statement(
      'early, each set is one direction, its principal component',
      'TMS; all angles to 10°, ours',
      'a snapshot with all angles within the sets below 10°',
      step(collapsed),
      collapsed >= 0,
    ),
    statement(
      'on the way, an antiprism: the sets are two equal triangles, turned against each other',
      'TMS; all angles to 10°, ours',
      'later, a snapshot with equal angles within the sets, opposite axes, a twist and no antipodal pair yet',
      antiprism >= 0 ? `${step(antiprism)}, turned by ${twist(W[antiprism]).toFixed(0)}°` : 'none',
      collapsed >= 0 && antiprism > collapsed,
    ),
    near(
      'at the end an octahedron: angle within a set that is farthest from 90°',
      'TMS; all angles to 10°, ours',
      end.reduce((far, value) => (Math.abs(value - 90) > Math.abs(far - 90) ? value : far)),
      90,
      READ,
    ),
    near(
      'with antipodal pairs made across the sets: features that have one',
      'TMS; all angles to 10°, ours',
      antipodal(W.at(-1)!),
      6,
      0,
    ),
  ];
}

function signature(data: TransformationsData): Claim[] {
  const drops = countDrops(data.steps, data.loss);
  return [
    ...shapeClaims(data),
    statement(
      'the loss has distinct plateaus',
      'TMS',
      'two steep drops or more, with a plateau between',
      `${drops}`,
      drops >= 2,
    ),
  ];
}

export const transformations: Experiment<TransformationsData> = {
  name: 'geometric-transformations',
  id: 'T19',
  paper: 'toy-models',
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
