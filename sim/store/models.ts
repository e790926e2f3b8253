/** The models of a stored run, by the groups of its spec. */
import { expandGrid } from '../grid.ts';
import type { Trained } from '../langevin.ts';
import { tensorsOf } from '../models/models.ts';
import { takeRows } from '../problem.ts';
import { groupSuffix, type StoredRun } from './run.ts';

/** Finished models of every group: row numbers, problem and weights, in the order of the file. */
export function storedGroups(run: StoredRun): Trained[] {
  const grid = expandGrid(run.spec);
  return grid.groups.flatMap(({ problem, rows: all }, g) => {
    const suffix = groupSuffix(grid, g);
    const rows = Int32Array.from(run.tensors[`rows${suffix}`]?.data ?? []);
    if (rows.length === 0) return [];
    const params = Object.fromEntries(
      tensorsOf(problem.family).flatMap(({ name }) => {
        const own = run.tensors[name + suffix];
        return own ? [[name, own.data as Float32Array]] : [];
      }),
    );
    const places = new Map(Array.from(all, (row, at) => [row, at]));
    return [
      {
        rows,
        problem: takeRows(
          problem,
          Array.from(rows, (row) => places.get(row)!),
        ),
        params,
      },
    ];
  });
}
