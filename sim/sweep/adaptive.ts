/**
 * A phase diagram by refinement: train a coarse lattice of its cells, then halve the squares whose corners
 * disagree, down to single cells. A sharp boundary costs as much as it is long, not as the map is wide. The
 * cells trained are those of the full grid, model by model, so nothing about them changes.
 */

import type { Block } from '../block.ts';
import { countPoints } from '../curves.ts';
import type { Engine } from '../engine.ts';
import { engineFor, settle } from '../engines.ts';
import { heldOutLoss } from '../evaluate.ts';
import { expandGrid, type Grid } from '../grid.ts';
import { joinBlocks, type TrainedGroup } from '../join.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms } from '../metrics/norms.ts';
import { regionOf } from '../metrics/phaseRegion.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import type { Problem } from '../problem.ts';
import { parseSpec, type Spec, type SpecInput } from '../spec.ts';
import { SpecError } from '../specError.ts';
import { type TrainOptions, trainBlocks } from '../train.ts';
import { pickGroup } from './pick.ts';

/** Labels of a map of `width` × `height` cells. */
export interface RefinedMap {
  labels: string[]; // (width, height), every cell
  evaluated: Uint8Array; // (width, height) 1 where the cell itself was looked at
}

/** A square of the map whose corners are cells (x, y) and (x + size, y + size). */
interface Square {
  x: number;
  y: number;
  size: number;
}

/** Names the label of each of the given cells, x · height + y. */
export type EvaluateCells = (cells: number[]) => Promise<string[]>;

/** Where the squares of a lattice begin along one axis. */
function lattice(length: number, stride: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil((length - 1) / stride)) }, (_, k) => k * stride);
}

/** Corners of a square within the map. */
function corners({ x, y, size }: Square, width: number, height: number): number[] {
  const [right, top] = [Math.min(x + size, width - 1), Math.min(y + size, height - 1)];
  return [x * height + y, x * height + top, right * height + y, right * height + top];
}

/** A square's four quarters, as far as they lie in the map. */
function quarters({ x, y, size }: Square, width: number, height: number): Square[] {
  const half = size / 2;
  return [
    { x, y, size: half },
    { x, y: y + half, size: half },
    { x: x + half, y, size: half },
    { x: x + half, y: y + half, size: half },
  ].filter((square) => square.x < Math.max(1, width - 1) && square.y < Math.max(1, height - 1));
}

/** Gives cells that nobody looked at the label of the square they lie in. */
function fill(map: RefinedMap, square: Square, width: number, height: number): void {
  const label = map.labels[square.x * height + square.y];
  for (let x = square.x; x <= Math.min(square.x + square.size, width - 1); x++) {
    for (let y = square.y; y <= Math.min(square.y + square.size, height - 1); y++) {
      map.labels[x * height + y] ??= label;
    }
  }
}

/**
 * Labels a map of width × height cells by looking at few of them. A region that fits between the points of
 * the first lattice, `stride` cells apart (a power of two), can be missed.
 */
export async function refineMap(
  width: number,
  height: number,
  evaluate: EvaluateCells,
  stride = 16,
): Promise<RefinedMap> {
  const map: RefinedMap = { labels: new Array(width * height), evaluated: new Uint8Array(width * height) };
  const look = async (cells: number[]) => {
    const fresh = [...new Set(cells)].filter((cell) => map.evaluated[cell] === 0).sort((a, b) => a - b);
    if (fresh.length === 0) return;
    const labels = await evaluate(fresh);
    fresh.forEach((cell, k) => {
      map.labels[cell] = labels[k];
      map.evaluated[cell] = 1;
    });
  };
  let squares = lattice(width, stride).flatMap((x) =>
    lattice(height, stride).map((y) => ({ x, y, size: stride })),
  );
  const settled: Square[] = [];
  while (squares.length > 0) {
    await look(squares.flatMap((square) => corners(square, width, height)));
    const disagree = (square: Square) =>
      new Set(corners(square, width, height).map((cell) => map.labels[cell])).size > 1;
    for (const square of squares) if (!disagree(square)) settled.push(square);
    squares = squares
      .filter((square) => square.size > 1 && disagree(square))
      .flatMap((square) => quarters(square, width, height));
  }
  for (const square of settled) fill(map, square, width, height);
  return map;
}

/** Names the cells of trained models: one label for each run of `replicas` rows. */
export type LabelCells = (trained: TrainedGroup, replicas: number, engine: Engine) => Promise<string[]>;

/** The problem with one held-out sample for all replicas of a cell, so that they are told apart by their weights alone. */
function sharingSamples(problem: Problem, replicas: number): Problem {
  const keys = problem.keys.map((_, at) => {
    const first = Math.floor(at / 2 / replicas) * replicas;
    return problem.keys[2 * first + (at % 2)];
  });
  return { ...problem, keys };
}

/**
 * Region of one feature (not learned, superposed, dedicated) in the replica of lowest held-out loss. Take enough
 * replicas: where the best solution is found by half of the models only, as an antipodal pair of two features
 * is, the best of k misses it in one cell of 2^k, and every such cell looks like a boundary.
 */
export function labelRegion(feature: number, heldOutSamples = 16_384): LabelCells {
  return async ({ problem, params }, replicas, engine) => {
    const loss = await heldOutLoss(engine, sharingSamples(problem, replicas), params, heldOutSamples);
    const norms = featureNorms(params, problem.family);
    const shared = interference(params, problem.family);
    const n = problem.family.features;
    return Array.from(bestReplicas(loss, replicas, 1), (row) =>
      regionOf(norms[row * n + feature], shared[row * n + feature]),
    );
  };
}

/** The refined map of a sweep of two axes, and what it cost. */
export interface AdaptiveResult extends RefinedMap {
  width: number; // cells along the first axis
  height: number; // along the second
  models: number; // trained
  modelsOfFullGrid: number;
}

/** Trains the given cells of a grid and labels them, in the order of the cells. */
async function trainCells(
  grid: Grid,
  cells: number[],
  label: LabelCells,
  engine: Engine,
  options: TrainOptions,
): Promise<string[]> {
  const { replicas } = grid.spec;
  const wanted = new Set(cells);
  const picked = grid.groups.map((group) => {
    const places = [...group.rows.keys()].filter((i) => wanted.has(Math.floor(group.rows[i] / replicas)));
    return pickGroup(group, places);
  });
  const groups = picked.filter(({ rows }) => rows.length > 0);
  const blocks: Block[][] = groups.map(() => []);
  for await (const event of trainBlocks({ ...grid, groups }, options)) {
    if (event.kind === 'block') blocks[event.block.group].push(event.block);
  }
  const found = new Map<number, string>();
  for (const [g, group] of groups.entries()) {
    const labels = await label(joinBlocks(group, blocks[g]), replicas, engine);
    labels.forEach((text, k) => {
      found.set(group.rows[k * replicas] / replicas, text);
    });
  }
  return cells.map((cell) => found.get(cell)!);
}

/**
 * Trains a sweep of exactly two axes only where neighbouring cells disagree.
 * @throws SpecError for a bad spec or another number of axes; whatever training throws.
 */
export async function sweepAdaptively(
  input: SpecInput | Spec,
  label: LabelCells,
  options: TrainOptions = {},
  stride = 16,
): Promise<AdaptiveResult> {
  const spec = parseSpec(input);
  if (spec.sweep.length !== 2) {
    throw new SpecError([{ path: 'sweep', expected: 'two axes', got: `${spec.sweep.length}` }]);
  }
  const grid = expandGrid(spec);
  const choice = await settle(options.engine);
  const { engine } = engineFor(choice, ...grid.groups.map(({ problem }) => problem));
  const [width, height] = spec.sweep.map(countPoints);
  const map = await refineMap(
    width,
    height,
    (cells) => trainCells(grid, cells, label, engine, options),
    stride,
  );
  const looked = map.evaluated.reduce((a, b) => a + b, 0);
  return { ...map, width, height, models: looked * spec.replicas, modelsOfFullGrid: grid.rows };
}
