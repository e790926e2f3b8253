/**
 * A sweep from a function: the function gives the spec of one cell, its axes have names. What comes out is a
 * plain spec, in which every number that changes over the grid is a field linked to the axes it changes along.
 */
import { isSweepable } from './axes.ts';
import { axisName, axisPoints } from './curves.ts';
import { readDocument } from './document.ts';
import {
  type Axis,
  type GridAxes,
  type LinkedField,
  MAX_INSTANCES,
  parseGridAxes,
  parseSpec,
  type SpecInput,
} from './spec.ts';
import { SpecError, show } from './specError.ts';

/** Most numbers that the linked fields hold while they are collected: 512 MiB. */
const MAX_NUMBERS = 2 ** 26;

/** A number of the cells' specs: its value in the first cell, and in every cell once it has changed. */
interface Leaf {
  first: number;
  values: Float64Array | null; // (cells)
}

function refuse(path: string, expected: string, got: string): never {
  throw new SpecError([{ path, expected, got }]);
}

/** The axes' values at a cell, by name and in the order of the axes. */
function pointOf(axes: Axis[], points: number[][], cell: number): Record<string, number> {
  let rest = cell;
  const values = points.toReversed().map((own) => {
    const value = own[rest % own.length];
    rest = Math.floor(rest / own.length);
    return value;
  });
  return Object.fromEntries(values.reverse().map((value, a) => [axisName(axes[a]), value]));
}

function inWords(point: Record<string, number>): string {
  const words = Object.entries(point).map(([name, value]) => `${name} = ${value}`);
  return words.length > 0 ? ` where ${words.join(', ')}` : '';
}

/** Runs `work`; what it finds wrong is said with the place in the grid. */
function located<T>(point: Record<string, number>, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    throw new SpecError(error.issues.map((issue) => ({ ...issue, got: issue.got + inWords(point) })));
  }
}

/** What the function says of one cell, as plain data. */
function readCell(spec: (point: never) => SpecInput, point: Record<string, number>): unknown {
  let value: unknown;
  try {
    value = spec({ ...point } as never);
  } catch (error) {
    return refuse('', 'a function that gives a spec', `the error ${show(String(error))}`);
  }
  if (value instanceof Promise) refuse('', 'a spec at once', 'a promise');
  return readDocument(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Keys that hold something. */
function keysOf(node: object): string[] {
  return Object.entries(node).flatMap(([key, value]) => (value === undefined ? [] : [key]));
}

/** Goes through two specs side by side and hands over each number of `own`. @throws SpecError where they differ otherwise */
function compare(first: unknown, own: unknown, path: string, number: (path: string, value: number) => void) {
  if (typeof first === 'number') {
    if (typeof own !== 'number' || !Number.isFinite(own)) refuse(path, 'a finite number', show(own));
    return number(path, own);
  }
  if (!isObject(first)) {
    if (own !== first) refuse(path, `${show(first)} as in the first cell`, show(own));
    return;
  }
  if (!isObject(own) || Array.isArray(own) !== Array.isArray(first)) {
    return refuse(path, `${show(first)} as in the first cell`, show(own));
  }
  const keys = keysOf(first);
  const other = keysOf(own).find((key) => !keys.includes(key));
  if (other !== undefined) refuse(join(path, other), 'nothing, as in the first cell', show(own[other]));
  for (const key of keys) compare(first[key], own[key], join(path, key), number);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** The numbers of every cell's spec, in the order in which `compare` meets them. */
function collectLeaves(
  first: unknown,
  cells: number,
  read: (cell: number) => unknown,
  pointAt: (cell: number) => Record<string, number>,
): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  compare(first, first, '', (path, value) => leaves.set(path, { first: value, values: null }));
  let held = 0;
  for (let cell = 1; cell < cells; cell++) {
    located(pointAt(cell), () =>
      compare(first, read(cell), '', (path, value) => {
        const leaf = leaves.get(path)!;
        if (leaf.values === null && value === leaf.first) return;
        if (leaf.values === null) {
          if (!isSweepable(path)) refuse(path, `${leaf.first} as in the first cell`, show(value));
          held += cells;
          if (held > MAX_NUMBERS) refuse('grid', `at most ${MAX_NUMBERS} numbers that change`, `${held}`);
          leaf.values = new Float64Array(cells).fill(leaf.first);
        }
        leaf.values[cell] = value;
      }),
    );
  }
  return leaves;
}

/** A field linked to the axes along which its values (cells) really change. `counts` are the axes' points. */
function linkField(path: string, values: Float64Array, counts: number[]): LinkedField {
  const strides = counts.map((_, a) => counts.slice(a + 1).reduce((x, y) => x * y, 1));
  const place = (cell: number, a: number) => Math.floor(cell / strides[a]) % counts[a];
  const axes = [...counts.keys()];
  const along = axes.filter((a) =>
    values.some((value, cell) => value !== values[cell - place(cell, a) * strides[a]]),
  );
  const still = axes.filter((a) => !along.includes(a));
  return {
    path,
    along,
    values: [...values.filter((_, cell) => still.every((a) => place(cell, a) === 0))],
  };
}

function checkSize(limit: number, unit: string, count: number): void {
  if (count > limit) refuse('grid', `at most ${limit} ${unit}`, String(count));
}

/** The spec of the first cell, checked, so that a fault that all cells share is told once. */
function readFirst(document: unknown, cells: number): void {
  for (const key of ['sweep', 'linked']) {
    const value = isObject(document) ? document[key] : undefined;
    if (value !== undefined) refuse(key, 'no such key: the grid has the axes', show(value));
  }
  checkSize(MAX_INSTANCES, 'instances', cells * parseSpec(document).replicas);
}

/**
 * The sweep that a function of the grid describes, as a plain spec: to be trained, stored, hashed, resumed,
 * sharded and sent like any other. `axes` names the axes, each a list of points or {from, to, count, scale},
 * the first outermost; `spec` gives the spec of one cell from its point. It is called once a cell, in order.
 * Cells may differ in their numbers alone, and not in replicas or in what is recorded.
 * @throws SpecError naming the field, what was expected, what came, and where in the grid.
 */
export function overGrid<Axes extends GridAxes>(
  axes: Axes,
  spec: (point: { [Name in keyof Axes]: number }) => SpecInput,
): SpecInput {
  const sweep = parseGridAxes(axes);
  if (typeof spec !== 'function') refuse('', 'a function that gives a spec', show(spec));
  const points = sweep.map(axisPoints);
  const counts = points.map((own) => own.length);
  const cells = counts.reduce((a, b) => a * b, 1);
  checkSize(MAX_INSTANCES, 'cells', cells);
  const pointAt = (cell: number) => pointOf(sweep, points, cell);
  const read = (cell: number) => readCell(spec, pointAt(cell));
  const first = located(pointAt(0), () => read(0));
  located(pointAt(0), () => readFirst(first, cells));
  const leaves = [...collectLeaves(first, cells, read, pointAt)];
  const linked = leaves.flatMap(([path, { values }]) => (values ? [linkField(path, values, counts)] : []));
  const idle = counts.findIndex((count, a) => count > 1 && !linked.some(({ along }) => along.includes(a)));
  if (idle >= 0) {
    const expected = 'an axis along which the spec changes';
    refuse(`grid.${axisName(sweep[idle])}`, expected, `the same at each of its ${counts[idle]} points`);
  }
  return { ...(first as SpecInput), sweep, ...(linked.length > 0 && { linked }) };
}
