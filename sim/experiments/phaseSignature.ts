/** What the phase diagrams must show: regions, boundaries and losses of the closed forms. */
import { median } from 'mathjs/number';
import type { Region } from '../metrics/phaseRegion.ts';
import { bestKnown } from '../theory/bestKnown.ts';
import { candidateLosses, regionBoundaries, TRIPLE_POINT } from '../theory/phase.ts';
import { atLeast, atMost, digits, near, noted, settled, statement } from './claims.ts';
import type { Claim } from './experiment.ts';
import {
  cellRegions,
  exactRegion,
  nearest,
  type Optimum,
  type PhaseCells,
  type PhaseData,
} from './phaseDiagram.ts';
import { slope } from './slope.ts';
import type { Evidence, ExactNumber, Shortfall } from './verdict.ts';

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

/** A map with its axes. */
type Map = PhaseCells & { densities: readonly number[]; importances: readonly number[] };

/** Cells away from the closed form's boundaries, and those of them in another region than the closed form. */
function against(n: 2 | 3, map: Map): { clear: number; other: number[] } {
  const regions = cellRegions(map);
  const R = map.importances.length;
  const at = (cell: number) => [map.densities[Math.floor(cell / R)], map.importances[cell % R]] as const;
  const clear = [...regions.keys()].filter((cell) => !nearBoundary(n, ...at(cell)));
  return {
    clear: clear.length,
    other: clear.filter((cell) => regions[cell] !== exactRegion(n, ...at(cell))),
  };
}

function agreement(n: 2 | 3, map: Map): number {
  const { clear, other } = against(n, map);
  return 1 - other.length / clear;
}

/** Cells of the exact optimum all of whose neighbours, across and along, lie in one region with them. */
function insideCells({ densities, importances, ...cells }: Optimum): number[] {
  const [D, R] = [densities.length, importances.length];
  const regions = cellRegions(cells);
  return regions.flatMap((region, cell) => {
    const [d, k] = [Math.floor(cell / R), cell % R];
    const around = [[d - 1, k], [d + 1, k], [d, k - 1], [d, k + 1]]; // biome-ignore format: one line
    const same = ([i, j]: number[]) => i < 0 || i >= D || j < 0 || j >= R || regions[i * R + j] === region;
    return around.every(same) ? [cell] : [];
  });
}

/** The cell of the maps that cell `cell` of the optimum is. */
function mapCell({ importances }: PhaseData, { importances: own }: Optimum, cell: number): number {
  return 2 * Math.floor(cell / own.length) * importances.length + 2 * (cell % own.length);
}

/** Abscissa (log scale) at which values first cross 1/2, by interpolation; NaN if they never do. */
function crossingHalf(xs: readonly number[], values: readonly number[]): number {
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
  const learned = crossingHalf(importances, best.norm.slice(slice * R, (slice + 1) * R));
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

/** The best trained models against the exact optimum, over the whole plane. */
function optimumClaims(data: PhaseData): Claim[] {
  const { loss, optimum } = data;
  const ratios = optimum.loss.map((best, cell) => loss[mapCell(data, optimum, cell)] / best);
  const [trained, exact] = [cellRegions(data.best), cellRegions(optimum)];
  const inside = insideCells(optimum);
  const same = inside.filter((cell) => trained[mapCell(data, optimum, cell)] === exact[cell]).length;
  return [
    near(
      'trained losses are those of the exact optimum; median ratio over the plane',
      'exact; tolerance ours',
      Number(median(ratios)),
      1,
      0.02,
    ),
    atLeast(
      'no trained model is below the exact optimum; least ratio over the plane',
      'exact; tolerance 1e-3 for what descent leaves, ours',
      Math.min(...ratios),
      1 - 1e-3,
    ),
    atLeast(
      'best models: share of the cells not beside a boundary that lie in the region of the exact optimum',
      'exact; bound ours',
      same / inside.length,
      0.9,
    ),
  ];
}

/** Largest density along relative importance 1 at which the best models are in superposition; NaN if none is. */
function trainedEnd({ densities, importances, best }: PhaseData): number {
  const k = nearest(importances, 1);
  const regions = cellRegions(best);
  return largest(densities, (d) => regions[d * importances.length + k] === 'superposed');
}

/** The largest value whose index is taken; NaN if none is. */
function largest(values: readonly number[], takes: (k: number) => boolean): number {
  const found = values.filter((_, k) => takes(k));
  return found.length > 0 ? Math.max(...found) : Number.NaN;
}

/** Two equally important features: where their superposition ends, by exact loss, and that it is not at 4/7. */
function equalClaims(data: PhaseData): Claim[] {
  const end = largest(data.densities, (d) => data.optimum.equal.superposed[d]);
  const { density: p, loss } = TRIPLE_POINT;
  return [
    noted(
      near(
        'at equal importance superposition of the best models ends where that of the exact optimum does',
        'exact; tolerance one step of the axis',
        trainedEnd(data),
        end,
        end * oneStep(data.densities) * 1.001,
      ),
      'beyond, the optimum is a long and a short feature that share their line',
    ),
    noted(
      atMost(
        'density 4/7, equal importance, where the three closed forms cross: loss of the exact optimum over theirs',
        'exact',
        (2 * bestKnown(2, p, 1).loss) / loss,
        1,
      ),
      'the optimum there is an antipodal pair of shorter weights and positive biases, so no solution changes at 4/7; the paper calls its empirical triple point blurry',
    ),
  ];
}

/** What the averaged models lose where they lie in another region than the closed form: training got stuck there. */
function stuck(data: PhaseData): Shortfall {
  const { densities, importances, mean, keptLoss, loss, features } = data;
  const { other } = against(features, { densities, importances, ...mean });
  const total = (losses: readonly number[]) => other.reduce((sum, cell) => sum + losses[cell], 0);
  return {
    kind: 'shortfall',
    what: `summed over the ${other.length} cells in another region, the nine kept of ten against the best`,
    reached: total(keptLoss),
    best: total(loss),
    harder: `superpose figures phase-diagram-${features}-${features - 1} --scale paper`,
  };
}

/** The averaged map, which the paper draws, and the best models, which alone are bound to reach the optimum. */
function agreementClaims(data: PhaseData): Claim[] {
  const { densities, importances, features: n } = data;
  const own: ExactNumber = {
    kind: 'exact',
    what: 'the same share of the exact optimum itself',
    value: agreement(n, data.optimum),
    least: 0.9,
  };
  const claim = (map: PhaseCells, which: string, ...evidence: Evidence[]) =>
    settled(
      atLeast(
        `${which}: share of the cells more than a factor √2 from a boundary that lie in the region of the best closed form`,
        'TMS, exact; bound ours',
        agreement(n, { densities, importances, ...map }),
        0.9,
      ),
      ...evidence,
    );
  const claims = [
    claim(data.mean, 'averaged models', own, stuck(data)),
    claim(data.best, 'best models', own),
  ];
  if (n === 2) return claims;
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
    ...optimumClaims(data),
    ...(data.features === 2 ? equalClaims(data) : []),
  ];
}
