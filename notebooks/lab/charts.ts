/** Charts for the notebooks: inputs, curves, the phase diagram, shares of dimensions. */
import * as Plot from '@observablehq/plot';
import { REGION_COLORS } from '../../plots/regions.ts';
import { drawBatch } from '../../sim/features.ts';
import { expandGrid } from '../../sim/grid.ts';
import { regionOf } from '../../sim/metrics/phaseRegion.ts';
import { parseSpec, type SpecInput } from '../../sim/spec.ts';
import { activeProbability } from '../../sim/theory/linear.ts';
import { bestSolution, regionBoundaries, TRIPLE_POINT } from '../../sim/theory/phase.ts';
import { SHAPES } from '../../sim/theory/shares.ts';
import type { TrainResult } from '../../sim/train.ts';
import { bestOfCells, type MeasuredModel, modelsOf } from '../exercises/trained.ts';
import { type Figure, fitting, VIRIDIS } from './figures.ts';
import { plot } from './plot.ts';
import { savable } from './savable.ts';

/** The first `count` inputs that the first model of a spec sees: a column an input, a row a feature. */
export function inputs(spec: SpecInput, count = 48): HTMLElement {
  const { problem } = expandGrid(parseSpec(spec)).groups[0];
  const n = problem.family.features;
  const batch = drawBatch({ ...problem, training: { ...problem.training, batch: count } }, 0, 0);
  const cells = Array.from(batch, (value, at) => ({ sample: Math.floor(at / n), feature: at % n, value }));
  const chart = plot({
    width: fitting(560),
    height: 20 + 16 * n,
    margin: 4,
    marginLeft: 60,
    ariaLabel: `${count} inputs of ${n} features`,
    x: { axis: null, padding: 0.1 },
    y: { label: null, tickFormat: (i: number) => `feature ${i + 1}`, tickSize: 0, padding: 0.1 },
    color: { ...VIRIDIS, domain: [0, 1] },
    marks: [
      Plot.cell(cells, {
        x: 'sample',
        y: 'feature',
        fill: (d) => (d.value === 0 ? null : d.value),
        stroke: 'currentColor',
        strokeOpacity: 0.08,
        title: (d) => d.value.toFixed(2),
        tip: true,
      }),
    ],
  });
  return savable('inputs', chart, ['input', 'feature', 'value'], () =>
    cells.map(({ sample, feature, value }) => [sample + 1, feature + 1, value]),
  );
}

/** Lines over a shared x axis; one series a line. */
export function curves(
  name: string,
  series: { name: string; x: ArrayLike<number>; y: ArrayLike<number> }[],
  options: Plot.PlotOptions = {},
): HTMLElement {
  const points = series.flatMap(({ name, x, y }) => Array.from(x, (at, k) => ({ name, x: at, y: y[k] })));
  const chart = plot({
    width: fitting(560),
    height: 260,
    grid: true,
    ariaLabel: name,
    color: { scheme: 'observable10', legend: series.length > 1 },
    ...options,
    marks: [
      Plot.line(points, {
        x: 'x',
        y: 'y',
        z: 'name',
        stroke: series.length > 1 ? 'name' : 'currentColor',
        tip: true,
      }),
      ...(options.marks ?? []),
    ],
  });
  return savable(name, chart, ['name', 'x', 'y'], () =>
    points.map((point) => [point.name, point.x, point.y]),
  );
}

/** Probability that k of n features are active at density p, as bars. */
export function activeCounts(n: number, p: number): HTMLElement {
  const data = Array.from({ length: n + 1 }, (_, k) => ({ k, probability: activeProbability(n, k, p) }));
  const chart = plot({
    width: fitting(360),
    height: 160,
    ariaLabel: `probability of each number of active features, n = ${n}, p = ${p}`,
    x: { label: 'active features' },
    y: { domain: [0, 1], label: 'probability' },
    marks: [
      Plot.barY(data, { x: 'k', y: 'probability', fill: 'var(--theme-foreground-focus)', tip: true }),
      Plot.ruleY([0]),
    ],
  });
  return savable('active-counts', chart, ['active', 'probability'], () =>
    data.map(({ k, probability }) => [k, probability]),
  );
}

/** The region of the second feature in one trained cell, beside what theory says. */
function phaseCell(
  { norms, interference, density, importance, loss }: MeasuredModel,
  step: [number, number],
) {
  const [p, r] = [density[0], importance[1]];
  const best = bestSolution(2, p, r);
  return {
    p1: p * step[0] ** 0.5,
    p2: p / step[0] ** 0.5,
    r1: r / step[1] ** 0.5,
    r2: r * step[1] ** 0.5,
    region: regionOf(norms[1], interference[1]),
    title: `p = ${p.toPrecision(2)}, r = ${r.toPrecision(2)}\nloss ${loss.toPrecision(3)}, theory ${(best.loss / 2).toPrecision(3)} (${best.solution})`,
  };
}

/**
 * Phase diagram of n = 2, m = 1 from a sweep over density and the second importance, both in equal ratios: the
 * best replica of each cell, under the boundaries of theory.
 */
export function phaseMap(result: TrainResult): Figure {
  const [densities, importances] = result.grid.axisValues.map((values) => [...new Set(values)]);
  const step: [number, number] = [densities[1] / densities[0], importances[1] / importances[0]];
  const cells = bestOfCells(modelsOf(result), result.spec.replicas).map((model) => phaseCell(model, step));
  const p = Array.from({ length: 60 }, (_, k) => TRIPLE_POINT.density * 0.01 ** (1 - k / 59));
  const lines = (['low', 'high'] as const).flatMap((side) =>
    [...p, 1].map((at) => ({ side, p: at, r: regionBoundaries(2, at)[side] })),
  );
  return plot({
    width: fitting(560),
    height: 420,
    ariaLabel: 'Phase diagram: what becomes of the second feature',
    x: { type: 'log', reverse: true, label: 'density p', tickFormat: '~g', domain: [0.01, 1] },
    y: { type: 'log', label: 'importance r of the second feature', tickFormat: '~g', domain: [0.1, 10] },
    color: { domain: Object.keys(REGION_COLORS), range: Object.values(REGION_COLORS), legend: true },
    clip: true,
    marks: [
      Plot.rect(cells, { x1: 'p1', x2: 'p2', y1: 'r1', y2: 'r2', fill: 'region', title: 'title', tip: true }),
      Plot.line(lines, { x: 'p', y: 'r', z: 'side', stroke: 'black', strokeWidth: 2 }),
    ],
  }) as Figure;
}

/** D_i of every feature of each model over 1/density, with the shares of the small polytopes as guide lines. */
export function shareChart(models: MeasuredModel[]): Figure {
  const dots = models.flatMap(({ dimensionality, density }) =>
    Array.from(dimensionality, (share, i) => ({ share, sparsity: 1 / density[i] })),
  );
  const guides = SHAPES.map(({ share, name, fraction }) => ({ share, name: `${name} ${fraction}` }));
  return plot({
    width: fitting(640),
    height: 460,
    marginRight: 90,
    ariaLabel: 'Feature dimensionality over 1/density',
    x: { type: 'log', label: '1 / density', tickFormat: '~g' },
    y: { domain: [0, 1.05], label: 'feature dimensionality D' },
    marks: [
      Plot.ruleY(guides, { y: 'share', strokeOpacity: 0.3 }),
      Plot.text(guides, { y: 'share', text: 'name', frameAnchor: 'right', textAnchor: 'start', dx: 6 }),
      Plot.dot(dots, {
        x: 'sparsity',
        y: 'share',
        r: 2,
        fill: 'var(--theme-foreground-focus)',
        fillOpacity: 0.35,
      }),
    ],
  }) as Figure;
}
