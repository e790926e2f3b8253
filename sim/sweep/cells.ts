/** Replicas of one cell summed up: quantiles of their held-out loss and the best of them. */
import type { Grid } from '../grid.ts';
import { bestReplicas, replicaQuantiles } from '../metrics/replicas.ts';
import { axisColumns } from '../store/metrics.ts';
import type { Column, FileTable } from '../store/table.ts';

/** What the summary needs of finished models, by row. */
interface CellInput {
  rows: Int32Array; // (I) ascending within a group
  heldOut: Float64Array; // (I) NaN if diverged
}

const QUANTILES = [0, 0.25, 0.5, 0.75, 1];
const QUANTILE_NAMES = ['min', 'q25', 'median', 'q75', 'max'];

function column(name: string, unit: string, description: string, values: Column['values']): Column {
  return { name, unit, description, values };
}

/** Diverged models of each cell. */
function countDiverged(heldOut: Float64Array, replicas: number): Int32Array {
  const out = new Int32Array(heldOut.length / replicas);
  heldOut.forEach((loss, i) => {
    if (Number.isNaN(loss)) out[Math.floor(i / replicas)]++;
  });
  return out;
}

/** A column for each quantile of the held-out losses (cells · replicas) of a cell. */
function quantileColumns(heldOut: Float64Array, replicas: number): FileTable {
  const quantiles = replicaQuantiles(heldOut, replicas, QUANTILES);
  return QUANTILE_NAMES.map((name, q) =>
    column(
      `held_out_loss_${name}`,
      'loss',
      `quantile ${QUANTILES[q]} over the replicas, infinite where a diverged one is meant`,
      quantiles.filter((_, at) => at % QUANTILES.length === q),
    ),
  );
}

/** The table of whole cells. `rows` and `heldOut` are (cells · replicas), the replicas of a cell side by side. */
export function cellTable(grid: Grid, { rows, heldOut }: CellInput): FileTable {
  const { replicas } = grid.spec;
  const first = rows.filter((_, i) => i % replicas === 0);
  const cells = first.map((row) => row / replicas);
  const models = new Int32Array(first.length).fill(replicas);
  const diverged = countDiverged(heldOut, replicas);
  const best = bestReplicas(heldOut, replicas, 1).map((place) => rows[place]);
  return [
    ...axisColumns(grid, first),
    column('cell', '1', 'number of the cell: row of its first replica / replicas', cells),
    column('replicas', 'models', 'models in this cell', models),
    column('diverged', 'models', 'those that diverged; they count as the worst', diverged),
    column('best_row', '1', 'row of the replica with the lowest held-out loss', best),
    ...quantileColumns(heldOut, replicas),
  ];
}

/** Models of several parts, one behind the other. */
function joinInputs(parts: CellInput[]): CellInput {
  const size = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const all = { rows: new Int32Array(size), heldOut: new Float64Array(size) };
  let at = 0;
  for (const { rows, heldOut } of parts) {
    all.rows.set(rows, at);
    all.heldOut.set(heldOut, at);
    at += rows.length;
  }
  return all;
}

const sliceInput = ({ rows, heldOut }: CellInput, from: number, to?: number): CellInput => ({
  rows: rows.slice(from, to),
  heldOut: heldOut.slice(from, to),
});

/**
 * Collects models in the order of a sweep's blocks and hands back tables of the cells that became whole. A
 * cell may be cut by the borders of blocks; its first parts wait for the rest.
 */
export function createCellCollector(grid: Grid): (input: CellInput) => FileTable {
  const { replicas } = grid.spec;
  let waiting: CellInput[] = [];
  let count = 0;
  return (input) => {
    waiting.push(input);
    count += input.rows.length;
    if (count < replicas) return cellTable(grid, joinInputs([]));
    const all = joinInputs(waiting);
    const whole = count - (count % replicas);
    waiting = [sliceInput(all, whole)];
    count -= whole;
    return cellTable(grid, sliceInput(all, 0, whole));
  };
}
