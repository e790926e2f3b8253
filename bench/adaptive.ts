/**
 * What refinement saves: the phase diagram n = 2, m = 1 of 256 × 256 cells trained whole, and trained only
 * where neighbouring cells disagree. Writes a part of results.md. Run: npx tsx bench/adaptive.ts
 */
import {
  chooseEngine,
  expandGrid,
  labelRegion,
  parseSpec,
  type SpecInput,
  sweepAdaptively,
  trainAll,
} from '../sim/index.ts';
import { table, writeSection } from './section.ts';

const SIZE = 256;
const SPEC: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 1, importance: 1 },
  training: { steps: 1_500, batch: 256, learningRate: 3e-3 },
  sweep: [
    { path: 'input.density', from: 1, to: 0.1, count: SIZE, scale: 'log' },
    { path: 'input.importance.1', from: 0.05, to: 20, count: SIZE, scale: 'log' },
  ],
  replicas: 3,
  record: { lossEvery: 1_500 },
};
const label = labelRegion(1, 4_096);

async function fullLabels(): Promise<string[]> {
  const { engine } = await chooseEngine('simd');
  const { groups } = await trainAll(SPEC, { engine: 'simd' });
  return label(groups[0], SPEC.replicas!, engine);
}

const seconds = async <T>(work: Promise<T>): Promise<[T, number]> => {
  const started = performance.now();
  return [await work, (performance.now() - started) / 1000];
};

/** Cells of which a neighbour, up to `reach` cells away along the axes, has another label. */
function nearBoundary(labels: string[], reach: number): Uint8Array {
  return Uint8Array.from(labels, (own, cell) => {
    const [x, y] = [Math.floor(cell / SIZE), cell % SIZE];
    for (let d = -reach; d <= reach; d++) {
      for (const [nx, ny] of [
        [x + d, y],
        [x, y + d],
      ]) {
        if (nx >= 0 && ny >= 0 && nx < SIZE && ny < SIZE && labels[nx * SIZE + ny] !== own) return 1;
      }
    }
    return 0;
  });
}

const [full, fullSeconds] = await seconds(fullLabels());
const [refined, refinedSeconds] = await seconds(sweepAdaptively(SPEC, label, { engine: 'simd' }));
const boundary = nearBoundary(full, 1);
const count = (keep: (cell: number) => boolean) => full.filter((_, cell) => keep(cell)).length;
const edges = count((cell) => boundary[cell] === 1);
const found = count((cell) => boundary[cell] === 1 && refined.labels[cell] === full[cell]);
const same = count((cell) => refined.labels[cell] === full[cell]);
const share = refined.models / expandGrid(parseSpec(SPEC)).rows;

writeSection(
  'adaptive',
  `## Refinement of a phase diagram

Two features in one dimension, ${SIZE} × ${SIZE} cells of ${SPEC.replicas} models, trained whole and where neighbours disagree.

${table(
  ['', 'models', 'seconds', 'cells as in the full grid', 'of them beside a boundary'],
  [
    ['full', SIZE * SIZE * SPEC.replicas!, fullSeconds.toFixed(1), `${SIZE ** 2}`, edges],
    [
      'refined',
      `${refined.models} (${(100 * share).toFixed(1)} %)`,
      refinedSeconds.toFixed(1),
      `${same} (${((100 * same) / SIZE ** 2).toFixed(2)} %)`,
      `${found} (${((100 * found) / edges).toFixed(2)} %)`,
    ],
  ],
)}`,
);
