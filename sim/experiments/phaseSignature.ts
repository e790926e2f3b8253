/** What the phase diagrams must show: regions, boundaries and losses of the closed forms. */
import { median } from 'mathjs/number';
import type { Region } from '../metrics/phaseRegion.ts';
import { candidateLosses, regionBoundaries, TRIPLE_POINT } from '../theory/phase.ts';
import { atLeast, digits, near, noted, statement } from './claims.ts';
import type { Claim } from './experiment.ts';
import { cellRegions, exactRegion, nearest, type PhaseCells, type PhaseData } from './phaseDiagram.ts';
import { slope } from './slope.ts';

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

/** Share of the cells away from the boundaries in which a trained map and the closed form agree. */
function agreement({ features: n, densities, importances }: PhaseData, map: PhaseCells): number {
  const trained = cellRegions(map);
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
  const inside = [...importances.keys()].filter((k) => importances[k] > low && importances[k] < high);
  return slope(
    inside.map((k) => importances[k]),
    inside.map((k) => loss[k]),
  );
}

/** Relative width of one step of an axis: where a boundary lies cannot be told better. */
const oneStep = (axis: readonly number[]) => Math.max(axis[0] / axis[1], axis[1] / axis[0]) - 1;

/** Claims on the lower boundary at the slice's density: where it lies, and that the loss has a kink there. */
function boundaryClaims({ features: n, densities, importances, best, loss, slice }: PhaseData): Claim[] {
  const p = densities[slice];
  const { low } = regionBoundaries(n, p);
  const R = importances.length;
  const cut = loss.slice(slice * R, (slice + 1) * R);
  const learned = crossing(importances, best.norm.slice(slice * R, (slice + 1) * R));
  const ignored = candidateLosses(n, p, 1)[0][1]; // slope in r of ignoring the extra feature
  const paired = (p * p) / 6; // and of pairing it
  return [
    near(
      `at density ${digits(p)} the extra feature is learned from relative importance 2p/(4 − 5p) on`,
      'exact; tolerance one step of the axis',
      learned,
      low,
      low * oneStep(importances),
    ),
    near(
      'the loss of ignored features grows with slope p/3 − p²/4',
      'exact; tolerance 20 %, ours',
      lossSlope(importances, cut, 0, low / 1.2),
      ignored,
      0.2 * ignored,
    ),
    noted(
      near(
        'and kinks there to slope p²/6: the change is of first order',
        'TMS, exact; tolerance 20 %, ours',
        lossSlope(importances, cut, low * 1.2, 1),
        paired,
        0.2 * paired,
      ),
      'the closed form fixes norms and biases; the optimum, which lets them follow the loss, has another slope',
    ),
  ];
}

/** On the cut, the best trained models reach the best known solution, which is a little below the closed forms. */
function optimumClaim({ loss, known, slice }: PhaseData): Claim {
  const ratios = known.map((best, k) => loss[slice * known.length + k] / best);
  return near(
    'trained losses are those of the best known solution; median ratio on the cut',
    'exact; tolerance ours',
    Number(median(ratios)),
    1,
    0.02,
  );
}

/** Density at which superposition ends along relative importance 1, in the averaged map. */
function tripleClaim({ densities, importances, mean }: PhaseData): Claim {
  const k = nearest(importances, TRIPLE_POINT.importance);
  const { density } = TRIPLE_POINT;
  return noted(
    near(
      'superposition at equal importance ends at density 4/7',
      'exact; tolerance one step of the axis',
      crossing(
        densities,
        densities.map((_, d) => mean.superposition[d * importances.length + k]),
      ),
      density,
      density * oneStep(densities),
    ),
    'the paper calls its empirical triple point blurry',
  );
}

/** The averaged map, which the paper draws, and the best models, which alone are bound to reach the optimum. */
function agreementClaims(data: PhaseData): Claim[] {
  const claim = (map: PhaseCells, which: string) =>
    atLeast(
      `${which}: share of the cells more than a factor √2 from a boundary that lie in the region of the best closed form`,
      'TMS, exact; bound ours',
      agreement(data, map),
      0.9,
    );
  const claims = [claim(data.mean, 'averaged models'), claim(data.best, 'best models')];
  if (data.features === 2) return claims;
  const note = 'the closed forms leave out W⊥(1, 1, 1), three features at 120°, as the paper does';
  return claims.map((one) => noted(one, note));
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
    ...agreementClaims(data),
    ...boundaryClaims(data),
    optimumClaim(data),
    ...(data.features === 2 ? [tripleClaim(data)] : []),
  ];
}
