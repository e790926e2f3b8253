/**
 * Tables in a worker's memory, behind its records, and the kernel text that reads samples out of them. A table begins
 * with the addresses of its starts (T + 1), features (entries), values (entries) and weights (T). For the kernel of training
 * sets the entries stand by feature too: the place that each has there (entries), and in that order the starts of features
 * (n + 1), samples (entries), values (entries) and room for a number (entries). Places and samples are in bytes.
 */
import { WORDS } from '../random.ts';
import { type Source, sampleWeights, type Table } from '../table.ts';
import type { Layout } from './layout.ts';
import { call, f32, func, get, i32, int, set, sweep, v, w, when } from './wat.ts';

export const HEADER = {
  starts: 0,
  features: 4,
  values: 8,
  weights: 12,
  places: 16,
  startsByFeature: 20,
  samplesByFeature: 24,
  valuesByFeature: 28,
  pulls: 32,
  size: 48,
};
const ceil16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Bytes of a table. */
export function tableBytes({ samples, features, indices }: Table, byFeature: boolean): number {
  const entries = ceil16(4 * indices.length);
  const own = HEADER.size + ceil16(4 * (samples + 1)) + 2 * entries + ceil16(4 * samples);
  return own + (byFeature ? ceil16(4 * (features + 1)) + 4 * entries : 0);
}

/**
 * The entries by feature, in the order of their samples: starts (n + 1), sample (entries) and value (entries); and the place
 * (entries) that each of the table's own order has there. Samples and places in bytes.
 */
export function entriesByFeature({ samples, features, starts, indices, values }: Table) {
  const byFeature = {
    starts: new Int32Array(features + 1),
    samples: new Int32Array(indices.length),
    values: new Float32Array(indices.length),
  };
  for (const feature of indices) byFeature.starts[feature + 1]++;
  for (let i = 0; i < features; i++) byFeature.starts[i + 1] += byFeature.starts[i];
  const next = byFeature.starts.slice();
  const places = indices.map((feature) => 4 * next[feature]++);
  for (let t = 0; t < samples; t++) {
    for (let entry = starts[t]; entry < starts[t + 1]; entry++) {
      byFeature.samples[places[entry] / 4] = 4 * t;
      byFeature.values[places[entry] / 4] = values[entry];
    }
  }
  return { places, byFeature };
}

/** Writes a table at byte `at` of `bytes`, which will stand at address `base` + `at`. */
export function packTable(
  table: Table,
  source: Source,
  byFeature: boolean,
  bytes: ArrayBuffer,
  at: number,
  base: number,
): void {
  const { samples, starts, indices, values } = table;
  let next = at + HEADER.size;
  const place = (array: Int32Array | Float32Array, header: number) => {
    const View = array instanceof Int32Array ? Int32Array : Float32Array;
    new View(bytes, next, array.length).set(array);
    new Int32Array(bytes, at + header, 1)[0] = base + next;
    next += ceil16(4 * array.length);
  };
  place(starts, HEADER.starts);
  place(indices, HEADER.features);
  place(values, HEADER.values);
  place(Float32Array.from(sampleWeights({ ...source, count: samples })), HEADER.weights);
  if (!byFeature) return;
  const { places, byFeature: sorted } = entriesByFeature(table);
  place(places, HEADER.places);
  place(sorted.starts, HEADER.startsByFeature);
  place(sorted.samples, HEADER.samplesByFeature);
  place(sorted.values, HEADER.valuesByFeature);
  place(new Float32Array(indices.length), HEADER.pulls);
}

/** Where the features of four samples stand: feature i at start + i · step. */
interface Drawn {
  start: number;
  step: number;
}

const field = (header: number): string => i32.load(get('table'), header);

/** Statements that put sample t of lane q into the vectors of its features. */
function scatterLane(lane: number, { start, step }: Drawn): string[] {
  const entry = [
    set('to', i32.mul(i32.load(i32.add(get('features'), get('at'))), int(step))),
    f32.store(get('to'), f32.load(i32.add(get('values'), get('at'))), start + 4 * lane),
  ];
  return [
    set('t', w.lane(lane, get('samples'))),
    when(i32.ge(get('t'), int(0)), [
      set('t', i32.add(field(HEADER.starts), i32.shl(get('t'), int(2)))),
      set('at', i32.shl(i32.load(get('t')), int(2))),
      set('end', i32.shl(i32.load(get('t'), 4), int(2))),
      when(i32.lt(get('at'), get('end')), [sweep('at', get('end'), 4, entry)]),
    ]),
  ];
}

/** Local samples: the numbers of the four samples at byte `group` of the streams, −1 for a lane that holds none. */
function pickSamples({ streamB }: Layout, { batches }: Source, count: number): string[] {
  const word = v.load(get('group'), streamB);
  const inOrder = w.add(w.splat(i32.shr(get('group'), int(2))), w.lanes([0, 1, 2, 3]));
  const scaled = w.fromFloats(v.mul(v.fromInts(word), v.all(Math.fround(count / WORDS))));
  const picked = batches === 'full' ? inOrder : w.min(scaled, w.all(count - 1));
  return [set('samples', v.select(picked, w.all(-1), w.gt(word, w.all(-1))))];
}

/** Weights of the four samples, 0 for a lane that holds none. */
function weighLanes({ sampleWeight }: Layout): string[] {
  const lane = (q: number) => [
    set('t', w.lane(q, get('samples'))),
    f32.store(int(sampleWeight), f32.const(0), 4 * q),
    when(i32.ge(get('t'), int(0)), [
      f32.store(
        int(sampleWeight),
        f32.load(i32.add(field(HEADER.weights), i32.shl(get('t'), int(2)))),
        4 * q,
      ),
    ]),
  ];
  return [0, 1, 2, 3].flatMap(lane);
}

/** $read(record, group): puts four samples of the instance's table where its features are expected. */
export function read(layout: Layout, source: Source, drawn: Drawn, weighted: boolean): string {
  const { features, record } = layout;
  const { start, step } = drawn;
  return func(
    'read',
    ['record', 'group'],
    ['table', 'features', 'values', 'to', 'at', 'end', 't'],
    [
      set('table', i32.load(get('record'), record.table)),
      set('features', field(HEADER.features)),
      set('values', field(HEADER.values)),
      ...pickSamples(layout, source, source.count),
      set('to', int(start)),
      sweep('to', int(start + step * features), step, [v.store(get('to'), v.zero)]),
      ...[0, 1, 2, 3].flatMap((lane) => scatterLane(lane, drawn)),
      ...(weighted ? weighLanes(layout) : []),
    ],
  );
}

/** Statements that read four samples and run `body` for each feature, its vector in local x; local to moves along. */
export function readSamples({ features }: Layout, { start, step }: Drawn, body: string[]): string[] {
  return [
    call('read', get('record'), get('group')),
    set('from', int(start)),
    sweep('from', int(start + step * features), step, [set('x', v.load(get('from'))), ...body]),
  ];
}

export const READ_SCALARS = ['from'];
