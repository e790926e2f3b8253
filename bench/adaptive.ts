/**
 * What refinement saves: the phase diagram n = 2, m = 1 of 256 × 256 cells trained whole, and trained only
 * where neighbouring cells disagree; the same for labels of the closed form. A second full grid with another
 * seed says how well two full grids agree, which is all that refinement can be asked for. Writes a part of
 * results.md. Run it on a quiet machine: npx tsx bench/adaptive.ts. A try that writes nothing, of 32 × 32 cells
 * and 200 steps: npx tsx bench/adaptive.ts 32 200
 */

import type { RefinedMap, SpecInput, TrainResult } from '../sim/index.ts';
import { axisPoints, chooseEngine, labelRegion, refineMap, sweepAdaptively, trainAll } from '../sim/index.ts';
import { rowRange, takeParams, takeRows } from '../sim/problem.ts';
import { parseSpec } from '../sim/spec.ts';
import { bestSolution, regionOfSolution } from '../sim/theory/phase.ts';
import { table, writeSection } from './section.ts';

const [SIZE = 256, STEPS = 600] = process.argv.slice(2).map(Number);
const REPLICAS = 10;
const FEW = 3;
const { engine } = await chooseEngine('simd');
const label = labelRegion(1);

function specOf(seed: number): SpecInput {
  return {
    model: { features: 2, hidden: 1 },
    input: { density: 1, importance: 1 },
    training: { steps: STEPS, batch: 256, learningRate: 5e-3 },
    sweep: [
      { path: 'input.density', from: 1, to: 0.1, count: SIZE, scale: 'log' },
      { path: 'input.importance.1', from: 0.05, to: 20, count: SIZE, scale: 'log' },
    ],
    replicas: REPLICAS,
    seed,
    record: { lossEvery: STEPS },
  };
}

async function timed<T>(what: string, work: Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const result = await work;
  const seconds = (performance.now() - started) / 1000;
  console.log(`${what}: ${seconds.toFixed(1)} s`);
  return [result, seconds];
}

/** Labels (cells) from the first `keep` replicas of each cell of a full grid. */
function labelsOf({ groups: [group] }: TrainResult, keep: number): Promise<string[]> {
  const kept = rowRange(0, group.rows.length).filter((i) => i % REPLICAS < keep);
  const problem = takeRows(group.problem, kept);
  const params = takeParams(group.params, problem.family, kept);
  return label({ ...group, problem, params }, keep, engine);
}

function theoryLabels(): string[] {
  const [densities, importances] = parseSpec(specOf(0)).sweep.map(axisPoints);
  return densities.flatMap((p) => importances.map((r) => regionOfSolution(bestSolution(2, p, r).solution)));
}

/** Cells within `reach` of (x, y) in a square. */
function around(cell: number, reach: number): number[] {
  const [x, y] = [Math.floor(cell / SIZE), cell % SIZE];
  const cells: number[] = [];
  for (let i = Math.max(0, x - reach); i <= Math.min(SIZE - 1, x + reach); i++) {
    for (let j = Math.max(0, y - reach); j <= Math.min(SIZE - 1, y + reach); j++) cells.push(i * SIZE + j);
  }
  return cells;
}

/** Cells beside one with another label, along an axis. */
function boundaryOf(labels: string[]): Uint8Array {
  return Uint8Array.from(labels, (own, cell) => {
    const [x, y] = [Math.floor(cell / SIZE), cell % SIZE];
    const beside = around(cell, 1).filter((c) => Math.floor(c / SIZE) === x || c % SIZE === y);
    return beside.some((c) => labels[c] !== own) ? 1 : 0;
  });
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;

/** Share of the boundary cells of `a` that have a boundary cell of `b` within one cell. */
function found(a: string[], b: string[]): string {
  const [own, other] = [boundaryOf(a), boundaryOf(b)];
  const cells = [...a.keys()].filter((cell) => own[cell] === 1);
  return percent(cells.filter((cell) => around(cell, 1).some((c) => other[c] === 1)).length, cells.length);
}

function same(a: string[], b: string[]): string {
  return percent(a.filter((text, cell) => text === b[cell]).length, a.length);
}

/** One line of the table: a map beside the full grid that it should be like. */
function compare(name: string, map: string[], full: string[], cells: number, models: string, time: string) {
  const agreement = [same(map, full), found(full, map), found(map, full), same(map, theory)];
  return [name, cells, models, percent(cells, SIZE ** 2), time, ...agreement];
}

const refine = (labels: string[]): Promise<RefinedMap> =>
  refineMap(SIZE, SIZE, async (cells) => cells.map((cell) => labels[cell]));
const looked = ({ evaluated }: RefinedMap) => evaluated.reduce((a, b) => a + b, 0);

const theory = theoryLabels();
const closed = await refine(theory);
const [full, fullSeconds] = await timed('full grid', trainAll(specOf(0), { engine: 'simd' }));
const [other] = await timed('full grid, another seed', trainAll(specOf(1), { engine: 'simd' }));
const [refined, refinedSeconds] = await timed(
  'refined',
  sweepAdaptively(specOf(0), label, { engine: 'simd' }),
);
const [labels, otherLabels] = [await labelsOf(full, REPLICAS), await labelsOf(other, REPLICAS)];
const [few, otherFew] = [await labelsOf(full, FEW), await labelsOf(other, FEW)];
const fewRefined = await refine(few); // the models of the full grid, so none need be trained again
const cells = SIZE ** 2;

const text = `## Refinement of a phase diagram

Two features in one dimension, ${SIZE} × ${SIZE} cells, ${STEPS} steps of 256 samples; a cell is named by its replica of
lowest held-out loss. Refined maps are compared with the full grid of the same models, and so is a full grid of
another seed: the noise floor. A boundary cell has a neighbour of another name; it is found if a boundary cell of
the other map is within one cell. An antipodal pair is found by about half of the models, so the best of ${FEW}
misses it in one cell of eight, and refinement follows every such speck; the best of ${REPLICAS} in one of a thousand.

${table(
  [
    ...[
      'labels',
      'cells looked at',
      'models',
      'share',
      'seconds',
      'same cells',
      'boundary of the full grid found',
    ],
    ...['own boundary in the full grid', 'cells as the closed form'],
  ],
  [
    compare('closed form, full', theory, theory, cells, '–', '–'),
    compare('closed form, refined', closed.labels, theory, looked(closed), '–', '–'),
    compare(
      `best of ${REPLICAS}, full`,
      labels,
      labels,
      cells,
      `${cells * REPLICAS}`,
      fullSeconds.toFixed(1),
    ),
    compare(
      `best of ${REPLICAS}, refined`,
      refined.labels,
      labels,
      looked(refined),
      `${refined.models}`,
      refinedSeconds.toFixed(1),
    ),
    compare(`best of ${REPLICAS}, full, another seed`, otherLabels, labels, cells, `${cells * REPLICAS}`, ''),
    compare(
      `best of ${FEW}, refined`,
      fewRefined.labels,
      few,
      looked(fewRefined),
      `${looked(fewRefined) * FEW}`,
      '',
    ),
    compare(`best of ${FEW}, full, another seed`, otherFew, few, cells, `${cells * FEW}`, ''),
  ],
)}`;
if (process.argv.length > 2) console.log(text);
else writeSection('adaptive', text);
