/** What the phase diagrams must show: regions, boundaries and losses of the closed forms. */
import type { Region } from '../metrics/phaseRegion.ts';
import { candidateLosses, regionBoundaries } from '../theory/phase.ts';
import { atLeast, digits, near, noted, statement } from './claims.ts';
import type { Claim } from './experiment.ts';
import { cellRegions, exactRegion, nearest, type PhaseData } from './phaseDiagram.ts';

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
