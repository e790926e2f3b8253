/** What the user's numbers make large: streamed, linear, or refused with a sentence before it is built. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blockOn } from '../sim/block.ts';
import { expandGrid } from '../sim/grid.ts';
import { simd } from '../sim/simd/engine.ts';
import { layoutFor } from '../sim/simd/kernel.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { SpecError } from '../sim/specError.ts';
import { StoreError } from '../sim/store/files.ts';
import { lossTables } from '../sim/store/metrics.ts';
import { PIECE } from '../sim/store/table.ts';
import { cutBlocks } from '../sim/sweep/blocks.ts';
import { createCellCollector } from '../sim/sweep/cells.ts';
import { planSweep } from '../sim/sweep/plan.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { finish } from '../sim/train.ts';
import { builtProgram } from './built.ts';

const ROOT = path.join(import.meta.dirname, '..');
const SPEC: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 10 },
};

let folder = '';
test.before.each(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-limits-'));
});
test.after.each(() => fs.rmSync(folder, { recursive: true }));

/** Runs a script in a process with so many MiB of heap; it prints its largest size in MiB, behind what it says. */
async function script(body: string, heap: number): Promise<{ said: string; size: number }> {
  const module = (name: string) => JSON.stringify(path.join(ROOT, 'sim', name));
  const text = `
    import { expandGrid, finish, parseSpec } from ${module('index.ts')};
    import { sweep } from ${module('sweep/index.ts')};
    const SPEC = ${JSON.stringify(SPEC)};
    ${body}
    console.log('size', process.resourceUsage().maxRSS / 1024);`;
  const args = [`--max-old-space-size=${heap}`, '--import', 'tsx', '--input-type=module', '-e', text];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const [said, size] = stdout.split('size ');
  return { said: said.trim(), size: Number(size) };
}

/** What a spec is refused with. */
function refusal(spec: unknown): string {
  try {
    expandGrid(parseSpec(spec));
  } catch (error) {
    assert.instance(error, SpecError, (error as Error).stack);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('recorded losses of a block are written in pieces: two million rows in 96 MiB of heap', async () => {
  const out = path.join(folder, 'out');
  await script(
    `const spec = { ...SPEC, training: { steps: 10_000, batch: 1 }, record: { lossEvery: 1 }, replicas: 200 };
     await finish(sweep(spec, ${JSON.stringify(out)}, { threads: 1 }));`,
    96,
  );
  const rows = fs.readFileSync(path.join(out, 'losses.csv'), 'latin1').split('\n');
  assert.is(rows.length, 2_000_002); // a header, and nothing behind the last end of a line
  assert.match(rows[2_000_000], /^199,9999,/);
});

test('pieces of the loss table are its rows, in order, whatever their number', () => {
  const [I, S] = [PIECE / 2 + 3, 3];
  const rows = Int32Array.from({ length: I }, (_, i) => 10 * i);
  const losses = Float32Array.from({ length: S * I }, (_, k) => k);
  const parts = [...lossTables({ rows, lossSteps: [0, 5, 9], losses })];
  assert.equal(
    parts.map(([{ values }]) => values.length),
    [PIECE, 3 * I - PIECE],
  );
  const k = PIECE - 1; // the last of the first piece: instance ⌊k/S⌋, record k mod S
  assert.equal(
    parts[0].map(({ values }) => values[k]),
    [10 * Math.floor(k / S), [0, 5, 9][k % S], (k % S) * I + Math.floor(k / S)],
  );
});

test('a cell of 200,000 replicas, and blocks of as many models, are summed up', () => {
  const count = 200_000;
  const grid = expandGrid(parseSpec({ ...SPEC, replicas: count }));
  const collect = createCellCollector(grid);
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  const heldOut = Float64Array.from(rows, (i) => count - i);
  assert.is(
    collect({ rows: rows.slice(0, 150_000), heldOut: heldOut.slice(0, 150_000) })[0].values.length,
    0,
  );
  const table = collect({ rows: rows.slice(150_000), heldOut: heldOut.slice(150_000) });
  const value = Object.fromEntries(table.map(({ name, values }) => [name, values[0]]));
  assert.equal([value.best_row, value.held_out_loss_min, value.held_out_loss_max], [count - 1, 1, count]);
});

test('the most rows that a sweep may have are laid out in 2 GiB', async () => {
  const { said, size } = await script(
    'console.log(expandGrid(parseSpec({ ...SPEC, replicas: 2 ** 24 })).rows);',
    256,
  );
  assert.is(said, '16777216');
  assert.ok(size < 2048, `${size} MiB`);
});

test('the most linked fields are checked one by one and cost no more than their number', async () => {
  const { said, size } = await script(
    `const linked = Array.from({ length: 65_536 }, (_, i) => ({ path: 'input.density.' + i, along: [0], values: [0.1, i / 65_536] }));
     const grid = expandGrid(parseSpec({ ...SPEC, model: { features: 65_536, hidden: 1 }, sweep: [{ name: 'a', values: [1, 2] }], linked }));
     const { density } = grid.groups[0].problem;
     console.log(density[7], density[65_536 + 7] * 65_536);`,
    512,
  );
  assert.is(said, '0.1 7');
  assert.ok(size < 700, `${size} MiB`);
});

test('a wrong number among thousands of linked fields is named', () => {
  const linked = Array.from({ length: 2000 }, (_, i) => ({
    path: `input.density.${i}`,
    along: [0],
    values: [0.1, i === 1234 ? 1.5 : 0.2],
  }));
  const wide = { ...SPEC, model: { features: 2000, hidden: 1 }, sweep: [{ name: 'a', values: [1, 2] }] };
  assert.match(refusal({ ...wide, linked }), /input\.density\.1234: expected .*1.*got 1\.5/);
  const twice = [...linked.slice(0, 3), { ...linked[1] }];
  assert.match(
    refusal({ ...wide, linked: twice }),
    /linked\.3\.path: expected a field that "input\.density\.1" does not set/,
  );
});

test('a million groups, or too many numbers, are refused in a sentence', () => {
  const steps = { path: 'training.steps', from: 1, to: 2 ** 20, count: 2 ** 20 };
  assert.match(refusal({ ...SPEC, sweep: [steps] }), /at most 65536 groups of models .*, got 1048576/);
  const wide = { ...SPEC, model: { features: 16, hidden: 2 }, replicas: 2 ** 24 };
  assert.match(refusal(wide), /at most 268435456 numbers in which the models differ \(2 GiB\), got \d+/);
});

test('a path of eight million characters and a document a million levels deep are refused by name', () => {
  const path = 'a.'.repeat(4e6);
  assert.match(refusal({ ...SPEC, sweep: [{ path, values: [1] }] }), /sweep\.0\.path: expected at most 200/);
  const linked = [{ path, along: [0], values: [1, 2] }];
  assert.match(refusal({ ...SPEC, sweep: [{ name: 'a', values: [1, 2] }], linked }), /linked\.0\.path/);
  const nest = (open: string, close: string) => JSON.parse(open.repeat(1e6) + 1 + close.repeat(1e6));
  for (const deep of [nest('{"a":', '}'), nest('[', ']')]) {
    assert.match(
      refusal({ ...SPEC, model: deep }),
      /expected at most 8 levels|expected a finite number or an object/,
    );
  }
});

test('a deep document in a file ends the command line with its place, not with a stack', async () => {
  const file = path.join(folder, 'deep.json');
  fs.writeFileSync(file, `{"model":${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}}`);
  const run = promisify(execFile)(process.execPath, [await builtProgram(), 'train', file]);
  const ended = await run.catch((e) => e);
  assert.is(ended.code, 2, ended.stderr);
  assert.match(ended.stderr, /model\.a\.a.*: expected at most 8 levels, got more/);
});

test('a block that could not be read back, and an archive above its format, are refused before any training', async () => {
  const grid = expandGrid(parseSpec({ ...SPEC, model: { features: 5000, hidden: 40 }, replicas: 3000 }));
  assert.throws(
    () => cutBlocks(grid, 3000),
    /blockInstances: expected at most \d+ models \(--block\): a block of 2 GB/,
  );
  const large = { ...SPEC, model: { features: 1000, hidden: 1000 }, replicas: 1200 };
  const error = await finish(sweep(large, path.join(folder, 'npz'), { formats: ['npz'] })).catch((e) => e);
  assert.instance(error, StoreError);
  assert.match(error.message, /formats: an npz file ends at 4 GB, got weights of 4\.5 GB/);
});

test('the plan counts what a block of recorded losses takes', async () => {
  const spec = { ...SPEC, training: { steps: 20_000, batch: 8 }, record: { lossEvery: 1 }, replicas: 1000 };
  const { memoryBytes } = await planSweep(spec, { engine: 'simd', threads: 1 });
  assert.ok(memoryBytes > 3 * 1000 * 20_000 * 4, `${memoryBytes}`);
});

test('wide models keep no matrices that they do not use, and a block counts what its threads share', async () => {
  const problemOf = (n: number, hiddenPenalty = 0) =>
    expandGrid(parseSpec({ ...SPEC, model: { features: n, hidden: 8 }, training: { hiddenPenalty } }))
      .groups[0].problem;
  assert.ok(layoutFor(problemOf(10_000)).records < 8 * 2 ** 20, 'was 765 MiB');
  assert.ok(layoutFor(problemOf(25_000)).records < 20 * 2 ** 20, 'was 5.0 GB, and refused');
  const [linear, other] = [problemOf(1000), problemOf(1000, 0.1)];
  assert.is(layoutFor(linear).records - layoutFor(other).records, 2 * 4 * 1000 * 1000);
  const [one, two] = [await blockOn(simd, linear, 1), await blockOn(simd, linear, 2)];
  assert.is(two.bytes - one.bytes, layoutFor(linear).records);
});

test.run();
