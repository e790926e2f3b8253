/**
 * What the two phase diagrams share: an extra, last feature of relative importance r among n features in n − 1
 * hidden dimensions, over density and r; ten models a cell, the worst dropped, the rest averaged.
 */
import { sliceParams, sliceProblem } from '../family.ts';
import type { TrainedGroup } from '../join.ts';
import { phaseColors, type Region, regionOf } from '../metrics/phaseRegion.ts';
import { averageRows, bestReplicas } from '../metrics/replicas.ts';
import type { SpecInput } from '../spec.ts';
import { bestKnown } from '../theory/bestKnown.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { bestSolution, candidateLosses, regionBoundaries, regionOfSolution } from '../theory/phase.ts';
import type { TrainResult } from '../train.ts';
import { atLeast, digits, near, noted, statement } from './claims.ts';
import type { Claim, Scale } from './experiment.ts';
import { onlyGroup } from './trained.ts';

/** What a map shows of the extra feature, D = densities, R = relative importances. */
export interface PhaseCells {
  norm: number[]; // (D, R) min(1, ‖W_extra‖)
  superposition: number[]; // (D, R) min(1, interference of the extra feature)
}

export interface PhaseData {
  features: 2 | 3; // n
  densities: number[]; // (D) falling
  importances: number[]; // (R) rising
  replicas: number;
  mean: PhaseCells; // over all replicas but the worst, as the paper draws it
  best: PhaseCells; // of the replica of lowest exact loss
  bestRow: number[]; // (D, R) its instance
  loss: number[]; // (D, R) its exact loss, summed over features
  slice: number; // index of the density at which losses are drawn over r
  known: number[]; // (R) there, loss of the best known solution by exact loss, summed over features
}

/** Density at which the losses are drawn: both changes of the 2-feature diagram lie inside the axes there. */
const SLICE_DENSITY = 0.3;

/** Sweep of density 1 … 0.01 and relative importance 0.1 … 10. */
export function phaseSpec(features: 2 | 3, scale: Scale): SpecInput {
  const quick = scale === 'quick';
  const count = quick ? 25 : 33;
  return {
    model: { features, hidden: features - 1 },
    input: { density: 1, importance: 1 },
    training: quick ? { steps: 2_000, batch: 256, learningRate: 3e-3 } : {},
    sweep: [
      { path: 'input.density', from: 1, to: 0.01, count, scale: 'log' },
      { path: `input.importance.${features - 1}`, from: 0.1, to: 10, count, scale: 'log' },
    ],
    replicas: 10,
    record: { lossEvery: 1_000 },
  };
}

const nearest = (values: readonly number[], target: number) =>
  values.reduce(
    (best, value, k) =>
      Math.abs(Math.log(value / target)) < Math.abs(Math.log(values[best] / target)) ? k : best,
    0,
  );

/** Means over the best `keep` replicas of each cell. colors is (I, 2), loss (I). */
function averageCells(colors: Float64Array, loss: Float64Array, replicas: number, keep: number): PhaseCells {
  const mean = averageRows(colors, 2, bestReplicas(loss, replicas, keep), keep); // (cells, 2)
  return {
    norm: [...mean].filter((_, k) => k % 2 === 0),
    superposition: [...mean].filter((_, k) => k % 2 === 1),
  };
}

/** Exact loss of each model, summed over features: small models need no sampling. Shape (I). */
function exactLosses({ params, problem }: TrainedGroup): Float64Array {
  const { family, instances } = problem;
  return Float64Array.from({ length: instances }, (_, i) => {
    const { W, b } = sliceParams(params, family, i, i + 1);
    const { density, importance } = sliceProblem(problem, i, i + 1);
    const model = { W: Float64Array.from(W), V: null, b: Float64Array.from(b) };
    return exactLoss(family, model, density, importance).loss * family.features;
  });
}

/** Trained cells in numbers. */
export function phaseData(features: 2 | 3, [result]: TrainResult[]): PhaseData {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  const loss = exactLosses(group);
  const colors = phaseColors(group.params, group.problem.family, features - 1);
  const best = [...bestReplicas(loss, replicas, 1)];
  const [densities, importances] = result.grid.axisValues.map((axis) => [...new Set(axis)]);
  const slice = nearest(densities, SLICE_DENSITY);
  return {
    features,
    densities,
    importances,
    replicas,
    mean: averageCells(colors, loss, replicas, Math.max(1, replicas - 1)),
    best: averageCells(colors, loss, replicas, 1),
    bestRow: best.map((i) => group.rows[i]),
    loss: best.map((i) => loss[i]),
    slice,
    known: importances.map((r) => bestKnown(features, densities[slice], r).loss * features),
  };
}

/** Region of each cell. Shape (D, R). */
export function cellRegions({ norm, superposition }: PhaseCells): Region[] {
  return norm.map((value, cell) => regionOf(value, superposition[cell]));
}

/** Region of the best closed-form solution. */
export function exactRegion(n: 2 | 3, p: number, r: number): Region {
  return regionOfSolution(bestSolution(n, p, r).solution);
}

/** Whether (p, r) lies within a factor √2 of a boundary, in density or in importance. */
function nearBoundary(n: 2 | 3, p: number, r: number): boolean {
  const here = exactRegion(n, p, r);
  const f = Math.SQRT2;
  const around: [number, number][] = [
    [p, r * f],
    [p, r / f],
    [Math.min(1, p * f), r],
    [p / f, r],
  ];
  return around.some(([q, s]) => exactRegion(n, q, s) !== here);
}

/** Share of the cells away from the boundaries in which training and closed form agree. */
function agreement(data: PhaseData): number {
  const { features: n, densities, importances } = data;
  const trained = cellRegions(data.best);
  let clear = 0;
  let same = 0;
  for (const [d, p] of densities.entries()) {
    for (const [k, r] of importances.entries()) {
      if (nearBoundary(n, p, r)) continue;
      clear++;
      if (trained[d * importances.length + k] === exactRegion(n, p, r)) same++;
    }
  }
  return same / clear;
}

/** Abscissa (log scale) at which values first cross 1/2, by interpolation; NaN if they never do. */
function crossing(xs: readonly number[], values: readonly number[]): number {
  for (let k = 1; k < xs.length; k++) {
    const [a, b] = [values[k - 1] - 0.5, values[k] - 0.5];
    if (a * b < 0) return xs[k - 1] * (xs[k] / xs[k - 1]) ** (a / (a - b));
  }
  return Number.NaN;
}

/** Slope of the losses on the cut over r in (low, high), least squares. */
function lossSlope(
  importances: readonly number[],
  loss: readonly number[],
  low: number,
  high: number,
): number {
  const points = importances.map((r, k) => [r, loss[k]]).filter(([r]) => r > low && r < high);
  const mean = [0, 1].map((c) => points.reduce((sum, point) => sum + point[c], 0) / points.length);
  const cov = (c: 0 | 1) => points.reduce((sum, q) => sum + (q[0] - mean[0]) * (q[c] - mean[c]), 0);
  return cov(1) / cov(0);
}

/** Claims on the lower boundary at the slice's density: where it lies, and that the loss has a kink there. */
function boundaryClaims(data: PhaseData): Claim[] {
  const { features: n, densities, importances, best, loss, slice, known } = data;
  const p = densities[slice];
  const { low } = regionBoundaries(n, p);
  const R = importances.length;
  const cut = loss.slice(slice * R, (slice + 1) * R);
  const learned = crossing(importances, best.norm.slice(slice * R, (slice + 1) * R));
  const [below, above] = [low / 1.2, low * 1.2];
  const ignored = candidateLosses(n, p, 1)[0][1]; // slope in r of ignoring the extra feature
  const paired = lossSlope(importances, known, above, 1);
  return [
    near(
      `at density ${digits(p)} the extra feature is learned from relative importance 2p/(4 − 5p) on`,
      'exact; tolerance a factor 1.5, ours',
      learned,
      low,
      low / 2,
    ),
    near(
      'the loss of ignored features grows with slope p/3 − p²/4',
      'exact; tolerance 20 %, ours',
      lossSlope(importances, cut, 0, below),
      ignored,
      0.2 * ignored,
    ),
    noted(
      near(
        'and kinks there to that of the best known solution: the change is of first order',
        'TMS, exact; tolerance 20 %, ours',
        lossSlope(importances, cut, above, 1),
        paired,
        0.2 * paired,
      ),
      `the closed form has p²/6 = ${digits((p * p) / 6)}`,
    ),
  ];
}

/** On the cut, the best trained models reach the best known solution, which is a little below the closed forms. */
function optimumClaim({ loss, known, slice }: PhaseData): Claim {
  const ratios = known.map((best, k) => loss[slice * known.length + k] / best).sort((a, b) => a - b);
  return near(
    'trained losses are those of the best known solution; median ratio on the cut',
    'exact; tolerance ours',
    ratios[Math.floor(ratios.length / 2)],
    1,
    0.02,
  );
}

/** Near the triple point, where r is a little above 1: the density at which superposition begins. */
function tripleClaim({ densities, importances, best }: PhaseData): Claim {
  const k = nearest(importances, 1.2);
  const r = importances[k];
  const expected = 4 / (5 + 2 * r);
  return noted(
    near(
      `near the triple point, at relative importance ${digits(r)}, superposition begins at density 4/(5 + 2r)`,
      'exact; tolerance a third, ours',
      crossing(
        densities,
        densities.map((_, d) => best.superposition[d * importances.length + k]),
      ),
      expected,
      expected / 3,
    ),
    'the triple point itself, density 4/7 at r = 1, is blurry in the paper as here',
  );
}

function agreementClaim(data: PhaseData): Claim {
  const claim = atLeast(
    'share of the cells more than a factor √2 from a boundary where the best model lies in the region of the best closed form',
    'TMS, exact; bound ours',
    agreement(data),
    0.9,
  );
  if (data.features === 2) return claim;
  return noted(claim, 'the closed forms leave out W⊥(1, 1, 1), three features at 120°, as the paper does');
}

/** Claims of a phase diagram. */
export function phaseSignature(data: PhaseData): Claim[] {
  const regions = cellRegions(data.mean);
  const share = (region: Region) => regions.filter((one) => one === region).length / regions.length;
  const shares = (['not learned', 'superposed', 'dedicated'] as const).map(
    (region) => [region, share(region)] as const,
  );
  return [
    statement(
      'three regions: not learned, in superposition, with a dimension of its own',
      'TMS',
      'each present',
      shares.map(([region, part]) => `${region} ${digits(100 * part)} %`).join(', '),
      shares.every(([, part]) => part > 0),
    ),
    agreementClaim(data),
    ...boundaryClaims(data),
    optimumClaim(data),
    ...(data.features === 2 ? [tripleClaim(data)] : []),
  ];
}
