/** Bits flipped, files cut, grown, zeroed, swapped and lost: each is noticed by whoever reads the folder, or mended. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSpec } from '../sim/spec.ts';
import { DamageError, StoreError } from '../sim/store/files.ts';
import { readRun, type StoredRun, writeRun } from '../sim/store/run.ts';
import { CHECKSUMS, hashFile, parseSums, sumsBytes } from '../sim/store/sums.ts';
import { readBlockBytes } from '../sim/sweep/blockFile.ts';
import { mergeSweeps } from '../sim/sweep/merge.ts';
import { type SweepOptions, sweep } from '../sim/sweep/sweep.ts';
import { verifyFolder } from '../sim/sweep/verify.ts';
import { finish, trainAll } from '../sim/train.ts';
import { contents, differences, SPEC } from './faults.ts';
import { testUnless } from './skip.ts';
import { ALL_TRIALS } from './trials.ts';

const TRIALS = ALL_TRIALS ? 400 : 40; // of each kind of damage to each kind of folder

let folder = '';
let whole: Record<string, string> = {};
let run: StoredRun;
const at = (...names: string[]) => path.join(folder, ...names);

async function runSweep(target: string, options: SweepOptions = {}, spec = SPEC): Promise<string[]> {
  const notes: string[] = [];
  const formats: SweepOptions['formats'] = ['csv', 'parquet', 'npz'];
  const own = { engine: 'simd', threads: 1, blockInstances: 5, formats, ...options } as const;
  await finish(sweep(spec, target, own), (event) => {
    if (event.kind === 'note') notes.push(event.text);
  });
  return notes;
}

test.before(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-damage-')));
  await runSweep(at('whole'));
  whole = contents(at('whole'));
  for (const index of [0, 1, 2]) await runSweep(at('parts', `shard-${index}`), { shard: { index, of: 3 } });
  await runSweep(at('reference'), { engine: 'reference' });
  const result = await trainAll(SPEC, { engine: 'simd', threads: 1 });
  const heldOut = result.groups.map(({ rows }) => Float64Array.from(rows));
  writeRun(at('run'), { ...result, heldOut, started: new Date(0), complete: true });
  run = readRun(at('run'));
});
test.after(() => fs.rmSync(folder, { recursive: true }));

type Damage = (bytes: Buffer, random: (below: number) => number) => Buffer;

const DAMAGES: Record<string, Damage> = {
  'a flipped bit': (bytes, random) => {
    bytes[random(bytes.length)] ^= 1 << random(8);
    return bytes;
  },
  'a cut': (bytes, random) => bytes.subarray(0, random(bytes.length)),
  'a cut at the end of a line': (bytes, random) => {
    const ends = [...bytes.keys()].filter((k) => bytes[k] === 10 && k < bytes.length - 1);
    return ends.length === 0 ? bytes.subarray(1) : bytes.subarray(0, ends[random(ends.length)] + 1);
  },
  'a page of zeros': (bytes, random) => {
    const page = 512 * random(Math.ceil(bytes.length / 512));
    return bytes.every((byte, k) => k < page || k >= page + 512 || byte === 0)
      ? bytes.subarray(1)
      : bytes.fill(0, page, Math.min(bytes.length, page + 512));
  },
  'a byte more': (bytes, random) => Buffer.concat([bytes, Buffer.from([random(256)])]),
};

/** Integers below a number, the same every time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A damaged copy of a folder, and what was damaged. */
function damaged(source: string, damage: Damage, random: (below: number) => number): [string, string] {
  const target = at('damaged');
  fs.rmSync(target, { recursive: true, force: true });
  fs.cpSync(source, target, { recursive: true });
  const names = Object.keys(contents(target));
  const name = names[random(names.length)];
  const file = path.join(target, name);
  const before = fs.readFileSync(file);
  const after = damage(Buffer.from(before), random);
  assert.not.ok(after.equals(before));
  fs.writeFileSync(file, after);
  return [target, name];
}

/** What a folder is refused with; null if it is taken. */
async function refusalOf(act: () => unknown): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    assert.instance(error, StoreError, (error as Error).stack);
    return (error as Error).message;
  }
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`${what} in a finished sweep: verify names the file; a resume mends it or names it`, async () => {
    const random = generator(1);
    for (let trial = 0; trial < TRIALS; trial++) {
      const [target, name] = damaged(at('whole'), damage, random);
      const verdict = await verifyFolder(target);
      assert.ok(name in verdict.damaged, `${what} in ${name}: ${JSON.stringify(verdict)}`);
      const refusal = await refusalOf(() => runSweep(target, { resume: true }));
      if (refusal === null) assert.equal(differences(contents(target), whole), [], `${what} in ${name}`);
      else assert.ok(refusal.includes(name), `${what} in ${name}: ${refusal}`);
    }
  });

  test(`${what} in a shard: no merge takes it`, async () => {
    const random = generator(2);
    for (let trial = 0; trial < TRIALS; trial++) {
      const [target, name] = damaged(at('parts'), damage, random);
      const refusal = await refusalOf(() => mergeSweeps([target], at('merged')));
      assert.ok(refusal, `${what} in ${name} was merged`);
      assert.not.ok(fs.existsSync(at('merged')));
    }
  });

  test(`${what} in a run: it is not read`, async () => {
    const random = generator(3);
    for (let trial = 0; trial < TRIALS; trial++) {
      const [target, name] = damaged(at('run'), damage, random);
      const refusal = await refusalOf(() => readRun(target));
      assert.ok(refusal?.includes(name), `${what} in ${name}: ${refusal}`);
      assert.ok(name in (await verifyFolder(target)).damaged);
    }
  });
}

test('a block cut at any of its bytes is damaged, also within its checksum', () => {
  const file = at('whole', 'blocks', 'block-0000000.safetensors');
  const bytes = fs.readFileSync(file);
  const cut = at('cut.safetensors');
  for (let length = 0; length < bytes.length; length++) {
    fs.writeFileSync(cut, bytes.subarray(0, length));
    assert.throws(
      () => readBlockBytes(cut),
      (error: Error) => error instanceof DamageError && error.message.includes(cut),
      String(length),
    );
  }
});

test('whole folders are read, merged and verified', async () => {
  for (const name of ['whole', 'parts/shard-1', 'run']) {
    const { finished, damaged: wrong, foreign } = await verifyFolder(at(name));
    assert.equal([finished, wrong, foreign], [true, {}, []], name);
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', CHECKSUMS], { cwd: at(name) });
  }
  assert.equal(await runSweep(at('whole'), { resume: true }), ['3 of 3 blocks were finished before']);
  assert.is(await mergeSweeps([at('parts')], at('joined')), 12);
  assert.equal(differences(contents(at('joined')), whole), []);
  assert.is(readRun(at('run')).instances, run.instances);
});

/** A copy of a folder, changed. */
function changed(source: string, change: (target: string) => void): string {
  const target = at('changed');
  fs.rmSync(target, { recursive: true, force: true });
  fs.cpSync(source, target, { recursive: true });
  change(target);
  return target;
}

/** Exchanges two files. */
function swap(a: string, b: string): void {
  const bytes = fs.readFileSync(a);
  fs.copyFileSync(b, a);
  fs.writeFileSync(b, bytes);
}

/** Makes the list of a folder anew, as someone who knows how would. */
function certify(target: string): void {
  const list = path.join(target, CHECKSUMS);
  const names = Object.keys(parseSums(fs.readFileSync(list, 'utf8'))!);
  fs.writeFileSync(
    list,
    sumsBytes(Object.fromEntries(names.map((name) => [name, hashFile(path.join(target, name))!]))),
  );
}

test('a lost file is named, and a list without its line is not believed', async () => {
  for (const name of Object.keys(whole)) {
    const target = changed(at('whole'), (place) => fs.rmSync(path.join(place, name)));
    const { finished, damaged: wrong } = await verifyFolder(target).catch(() => ({
      finished: false,
      damaged: {},
    }));
    assert.ok(!finished || name in wrong, name);
    await runSweep(target, { resume: true });
    assert.equal(differences(contents(target), whole), [], name);
    if (name === CHECKSUMS) continue;
    const unlisted = changed(at('whole'), (place) => {
      const { [name]: _gone, ...sums } = parseSums(fs.readFileSync(path.join(place, CHECKSUMS), 'utf8'))!;
      fs.writeFileSync(path.join(place, CHECKSUMS), sumsBytes(sums));
    });
    assert.is((await verifyFolder(unlisted)).damaged[name], `not in ${CHECKSUMS}`);
    await runSweep(unlisted, { resume: true });
    assert.equal(differences(contents(unlisted), whole), [], name);
  }
});

test('a block in the place of another, of another engine, version or spec is named and not removed', async () => {
  const block = (place: string, k: number) => path.join(place, `blocks/block-000000${k}.safetensors`);
  const refused = async (change: (place: string) => void, message: RegExp) => {
    const target = changed(at('whole'), change);
    const before = fs.readFileSync(block(target, 1));
    assert.match(String(await refusalOf(() => runSweep(target, { resume: true }))), message);
    assert.ok(before.equals(fs.readFileSync(block(target, 1))));
  };
  await refused(
    (place) => swap(block(place, 0), block(place, 1)),
    /expected a block of block 0, got 1; it is whole/,
  );
  await refused(
    (place) => fs.copyFileSync(block(at('reference'), 1), block(place, 1)),
    /block-0000001\.safetensors: expected a block of engine simd, got reference; it is whole/,
  );
  await runSweep(at('seed'), {}, { ...SPEC, seed: 5 });
  await refused(
    (place) => fs.copyFileSync(block(at('seed'), 1), block(place, 1)),
    /expected a block of specHash/,
  );
  for (const certified of [false, true]) {
    const target = changed(at('parts'), (place) => {
      swap(block(path.join(place, 'shard-0'), 0), block(path.join(place, 'shard-1'), 1));
      if (certified) for (const k of [0, 1]) certify(path.join(place, `shard-${k}`));
    });
    assert.match(
      String(await refusalOf(() => mergeSweeps([target], at('merged')))),
      certified ? /expected a block of/ : /damaged/,
    );
  }
});

test('what is no file of a sweep is named and left alone', async () => {
  const target = changed(at('whole'), (place) => {
    for (const name of ['blocks/.nfs0001', 'blocks/block-0000009.safetensors', 'notes.txt']) {
      fs.writeFileSync(path.join(place, name), 'x');
    }
    fs.rmSync(path.join(place, CHECKSUMS));
  });
  const notes = await runSweep(target, { resume: true });
  for (const name of ['.nfs0001', 'block-0000009.safetensors']) {
    assert.ok(notes.some((note) => note.includes(`${name} is no block of this sweep; it is left alone`)));
  }
  const { finished, damaged: wrong, foreign } = await verifyFolder(target);
  assert.equal([finished, wrong], [true, {}]);
  assert.equal(foreign, ['blocks/.nfs0001', 'blocks/block-0000009.safetensors', 'notes.txt']);
});

test('a lost sweep.json is written again by a resume with the same spec, and no other', async () => {
  const target = changed(at('whole'), (place) => fs.rmSync(path.join(place, 'sweep.json')));
  assert.match(
    String(await refusalOf(() => runSweep(target, { resume: true }, { ...SPEC, seed: 3 }))),
    /expected a block of specHash/,
  );
  const again = changed(at('whole'), (place) => fs.rmSync(path.join(place, 'sweep.json')));
  await runSweep(again, { resume: true });
  assert.equal(differences(contents(again), whole), []);
});

test('a folder with all its blocks is finished with other formats, and its old tables go', async () => {
  const target = changed(at('whole'), () => {});
  await runSweep(target, { resume: true, formats: ['npz'] });
  assert.equal(
    Object.keys(contents(target)).filter((name) => !name.startsWith('blocks')),
    [CHECKSUMS, 'sweep.json', 'weights.npz'],
  );
  await runSweep(target, { resume: true });
  assert.equal(differences(contents(target), whole), []);
});

test('a run of the first format, which had no list, is read as it was', () => {
  const target = changed(at('run'), (place) => {
    fs.rmSync(path.join(place, CHECKSUMS));
    const file = path.join(place, 'run.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"formatVersion": 2', '"formatVersion": 1'));
  });
  assert.equal(readRun(target).spec, parseSpec(SPEC));
  const unlisted = changed(at('run'), (place) => fs.rmSync(path.join(place, CHECKSUMS)));
  assert.throws(() => readRun(unlisted), /SHA256SUMS: missing/);
});

/** Why a folder cannot be mounted read-only here, or null. */
function mountMissing(): string | null {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', place]);
  if (mounted.status === 0) execFileSync('umount', [place]);
  fs.rmdirSync(place);
  return mounted.status === 0 ? null : `mounting needs root: ${mounted.stderr}`.trim();
}

testUnless(mountMissing(), 'verify works on a read-only disk', async () => {
  fs.mkdirSync(at('disk'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', at('disk')]);
  try {
    for (const name of ['whole', 'run']) fs.cpSync(at(name), at('disk', name), { recursive: true });
    fs.appendFileSync(at('disk/run/metrics.csv'), '0');
    execFileSync('mount', ['-o', 'remount,ro', at('disk')]);
    const { files, damaged: wrong } = await verifyFolder(at('disk/whole'));
    assert.equal([files, wrong], [Object.keys(whole).length - 1, {}]);
    assert.equal((await verifyFolder(at('disk/run'))).damaged, { 'metrics.csv': 'not as it was written' });
  } finally {
    execFileSync('umount', [at('disk')]);
  }
});

test.run();
