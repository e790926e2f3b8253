/**
 * Power cuts: every change that a process makes to the disk is recorded, and the disk is rebuilt as a cut at each
 * of them may leave it: only what was synced; all names but only synced bytes; and any subset of what was not.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFree, placeOf } from '../sim/store/files.ts';
import { RUN_FILES, readRun } from '../sim/store/run.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { finish } from '../sim/train.ts';
import { buildFaults, contents, differences, runJob, SPEC, shimMissing } from './faults.ts';
import { testUnless } from './skip.ts';
import { ALL_TRIALS } from './trials.ts';

const RANDOM = ALL_TRIALS ? 8 : 2; // subsets at each change
const RESUMES = ALL_TRIALS ? 1500 : 120; // states of a sweep that are resumed

const missing = shimMissing();
let root = '';
const at = (...names: string[]) => path.join(root, ...names);
test.before(async () => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-power-')));
  if (!missing) await buildFaults('faultChild');
});
test.after(() => fs.rmSync(root, { recursive: true }));

/** One recorded change. */
interface Change {
  kind: string;
  a: string;
  b: string;
  fd: number;
  from: number;
  bytes: Buffer;
}

function readTrace(file: string): Change[] {
  const text = fs.readFileSync(file);
  const changes: Change[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    const [kind, a, b, fd, from, length] = text.toString('utf8', start, end).split('\t');
    const size = kind === 'write' ? Number(length) : 0;
    changes.push({
      kind,
      a,
      b,
      fd: Number(fd),
      from: Number(from),
      bytes: text.subarray(end + 1, end + 1 + size),
    });
    start = end + 1 + size;
  }
  return changes;
}

/** A file: what programs see, what the disk has for sure, and the writes between the two. */
interface DiskFile {
  kind: 'file';
  seen: Buffer;
  sure: Buffer;
  writes: { from: number; bytes: Buffer }[];
}

type Entries = Map<string, DiskFile | DiskFolder>;

/** A folder: its names as programs see them, as the disk has them for sure, and the changes between the two. */
interface DiskFolder {
  kind: 'folder';
  seen: Entries;
  sure: Entries;
  changes: ((entries: Entries) => void)[];
}

const newFolder = (): DiskFolder => ({ kind: 'folder', seen: new Map(), sure: new Map(), changes: [] });
const newFile = (bytes: Buffer): DiskFile => ({ kind: 'file', seen: bytes, sure: bytes, writes: [] });

/** What a folder of the real disk holds, all of it synced. */
function load(place: string): DiskFolder {
  const folder = newFolder();
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    const inside = path.join(place, entry.name);
    folder.seen.set(entry.name, entry.isDirectory() ? load(inside) : newFile(fs.readFileSync(inside)));
  }
  folder.sure = new Map(folder.seen);
  return folder;
}

/** A disk on which recorded changes are done again. */
class Disk {
  readonly open = new Map<number, DiskFile | DiskFolder>();
  readonly root: DiskFolder;
  private readonly place: string;
  constructor(root: DiskFolder, place: string) {
    this.root = root;
    this.place = place;
  }

  private split(file: string): string[] {
    return path.relative(this.place, file).split(path.sep).filter(Boolean);
  }

  /** The folder of a path, and its last name. */
  private parent(file: string): [DiskFolder, string] {
    const names = this.split(file);
    const folder = names.slice(0, -1).reduce((node, name) => node.seen.get(name) as DiskFolder, this.root);
    return [folder, names.at(-1)!];
  }

  find(file: string): DiskFile | DiskFolder | undefined {
    return this.split(file).reduce<DiskFile | DiskFolder | undefined>(
      (node, name) => (node?.kind === 'folder' ? node.seen.get(name) : undefined),
      this.root,
    );
  }

  private change(folder: DiskFolder, act: (entries: Entries) => void): void {
    act(folder.seen);
    folder.changes.push(act);
  }

  private add(file: string, node: DiskFile | DiskFolder): void {
    const [folder, name] = this.parent(file);
    this.change(folder, (entries) => entries.set(name, node));
  }

  private readonly acts: Record<string, (change: Change) => void> = {
    open: ({ a, fd }) => this.open.set(fd, this.find(a)!),
    create: ({ a, fd }) => {
      if (!this.find(a)) this.add(a, newFile(Buffer.alloc(0)));
      this.open.set(fd, this.find(a)!);
    },
    truncate: (change) => {
      this.acts.create(change);
      Object.assign(this.open.get(change.fd)!, newFile(Buffer.alloc(0)));
    },
    close: ({ fd }) => this.open.delete(fd),
    write: ({ fd, from, bytes }) => {
      const file = this.open.get(fd) as DiskFile;
      file.seen = patch(file.seen, from, bytes);
      file.writes.push({ from, bytes });
    },
    sync: ({ fd }) => {
      const node = this.open.get(fd)!;
      if (node.kind === 'file') Object.assign(node, { sure: node.seen, writes: [] });
      else Object.assign(node, { sure: new Map(node.seen), changes: [] });
    },
    mkdir: ({ a }) => this.add(a, newFolder()),
    link: ({ a, b }) => this.add(b, this.find(a)!),
    unlink: ({ a }) => {
      const [folder, name] = this.parent(a);
      this.change(folder, (entries) => entries.delete(name));
    },
    rename: ({ a, b }) => {
      const node = this.find(a)!;
      const [[from, old], [to, name]] = [this.parent(a), this.parent(b)];
      if (from !== to) throw new Error(`${a} → ${b}: across folders`);
      this.change(from, (entries) => {
        entries.set(name, node);
        entries.delete(old);
      });
    },
  };

  apply(change: Change): void {
    this.acts[change.kind](change);
  }
}

function patch(bytes: Buffer, from: number, more: Buffer): Buffer {
  const out = Buffer.alloc(Math.max(bytes.length, from + more.length));
  bytes.copy(out);
  more.copy(out, from);
  return out;
}

/** How a cut treats what was not synced. */
interface Cut {
  name: string;
  keepsChange(): boolean; // of a folder
  bytesOf(file: DiskFile): Buffer;
}

function cuts(random: () => number): Cut[] {
  const some = {
    name: 'some of it',
    keepsChange: () => random() < 0.5,
    bytesOf({ sure, writes }: DiskFile) {
      const kept = writes.filter(() => random() < 0.6);
      return kept.reduce((all, { from, bytes }) => {
        const part = random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
        return patch(all, from, part);
      }, sure);
    },
  };
  return [
    { name: 'none of it', keepsChange: () => false, bytesOf: ({ sure }) => sure },
    { name: 'names without bytes', keepsChange: () => true, bytesOf: ({ sure }) => sure },
    {
      name: 'zeros for bytes',
      keepsChange: () => true,
      bytesOf: ({ sure, seen }) => patch(Buffer.alloc(seen.length), 0, sure.subarray(0, seen.length)),
    },
    ...Array.from({ length: RANDOM }, () => some),
  ];
}

/** The files of a folder after a cut, by path; null for a folder. */
function remains(folder: DiskFolder, cut: Cut, before = ''): Map<string, Buffer | null> {
  const entries = new Map(folder.sure);
  for (const change of folder.changes) if (cut.keepsChange()) change(entries);
  const out = new Map<string, Buffer | null>();
  for (const [name, node] of entries) {
    const own = before + name;
    out.set(own, node.kind === 'file' ? cut.bytesOf(node) : null);
    if (node.kind === 'folder')
      for (const [inside, bytes] of remains(node, cut, `${own}/`)) out.set(inside, bytes);
  }
  return out;
}

function writeState(place: string, state: Map<string, Buffer | null>): void {
  fs.rmSync(place, { recursive: true, force: true });
  fs.mkdirSync(place);
  for (const [name, bytes] of state) {
    if (bytes === null) fs.mkdirSync(path.join(place, name));
    else fs.writeFileSync(path.join(place, name), bytes);
  }
}

const keyOf = (state: Map<string, Buffer | null>) =>
  [...state]
    .map(([name, bytes]) => `${name} ${bytes?.toString('latin1')}`)
    .sort()
    .join('\n');

/** Numbers in [0, 1), the same every time. */
function generator(): () => number {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Every different state that a cut can leave, in the order of the changes. `after` sees the disk at each of them. */
function* states(disk: Disk, changes: Change[], after: (change: Change) => void = () => {}) {
  const random = generator();
  const seen = new Set<string>();
  for (const [k, change] of changes.entries()) {
    disk.apply(change);
    after(change);
    for (const cut of cuts(random)) {
      const state = remains(disk.root, cut);
      const key = keyOf(state);
      if (seen.has(key)) continue;
      seen.add(key);
      yield { what: `${cut.name} after change ${k + 1}, ${change.kind} ${path.basename(change.a)}`, state };
    }
  }
}

/** Records a job of faultChild.ts in a place that may hold something before. */
async function recordJob(job: string, place: string): Promise<[Disk, Change[]]> {
  const disk = new Disk(load(place), place);
  const trace = `${place}.trace`;
  const ended = await runJob(job, path.join(place, 'out'), place, { at: 'any:0', trace });
  assert.is(ended.code, 0, ended.output);
  return [disk, readTrace(trace)];
}

testUnless(
  missing,
  'a cut anywhere in train --force leaves the old or the new run, for readers and the next train',
  async () => {
    for (const over of [true, false]) {
      const place = at(`train-${over}`);
      fs.mkdirSync(place);
      if (over) {
        assert.is((await runJob('train', path.join(place, 'out'), place)).code, 0);
        fs.writeFileSync(
          path.join(place, 'out', 'metrics.csv'),
          fs.readFileSync(path.join(place, 'out', 'metrics.csv')),
        );
      }
      const [disk, changes] = await recordJob('train', place);
      let count = 0;
      for (const { what, state } of states(disk, changes)) {
        const cut = at('cut');
        writeState(cut, state);
        const out = path.join(cut, 'out');
        if (over || fs.existsSync(placeOf(out))) assert.is(readRun(out).instances, 12, what);
        checkFree(out, RUN_FILES, true); // the next train
        if (over) assert.is(readRun(out).instances, 12, `${what}, and the next train`);
        count++;
      }
      console.log(
        `${count} states of train ${over ? '--force over an old run' : 'where nothing was'}, ${changes.length} changes`,
      );
    }
  },
);

testUnless(
  missing,
  'a cut anywhere in a sweep loses no stored block, and a resume gives the same bytes',
  async () => {
    const place = at('sweep');
    fs.mkdirSync(place);
    const [disk, changes] = await recordJob('sweep', place);
    const whole = contents(path.join(place, 'out'));
    const stored = new Set<string>(); // blocks that were reported: their folder was synced with their name
    const blocks = () => disk.find(path.join(place, 'out', 'blocks')) as DiskFolder | undefined;
    const note = (change: Change) => {
      const folder = blocks();
      if (change.kind !== 'sync' || !folder || disk.open.get(change.fd) !== folder) return;
      for (const name of folder.sure.keys()) if (name.endsWith('.safetensors')) stored.add(name);
    };
    const all = [...states(disk, changes, note)].map((cut, k) => ({ ...cut, k }));
    const stride = Math.max(1, all.length / RESUMES);
    let resumed = 0;
    for (const { what, state, k } of all) {
      if (Math.floor(k / stride) === Math.floor((k - 1) / stride)) continue;
      const cut = at('cut');
      writeState(cut, state);
      const out = path.join(cut, 'out');
      const lock = path.join(out, 'lock'); // one that says nothing is believed for two minutes
      if (fs.existsSync(lock)) fs.utimesSync(lock, 1, 1);
      const options = { engine: 'simd', threads: 1, blockInstances: 5, resume: true } as const;
      await finish(sweep(SPEC, out, { ...options, formats: ['csv', 'parquet', 'npz'] }));
      assert.equal(differences(contents(out), whole), [], what);
      resumed++;
    }
    assert.is(stored.size, 3);
    console.log(`${all.length} states of a sweep, ${changes.length} changes; ${resumed} of them resumed`);
  },
);

testUnless(
  missing,
  'a block that was reported stored is on the disk under its name, and so are the folders above it',
  async () => {
    const place = at('stored');
    fs.mkdirSync(place);
    const [disk, changes] = await recordJob('sweep', place);
    const sure = () =>
      remains(disk.root, { name: '', keepsChange: () => false, bytesOf: (file) => file.sure });
    const blocks = () => disk.find(path.join(place, 'out', 'blocks')) as DiskFolder | undefined;
    const reported = new Map<string, Buffer>();
    for (const change of changes) {
      const folder = change.kind === 'sync' ? blocks() : undefined;
      const isBlocks = folder && disk.open.get(change.fd) === folder;
      disk.apply(change);
      if (isBlocks)
        for (const [name, file] of folder.seen)
          if (name.endsWith('.safetensors')) reported.set(name, (file as DiskFile).seen);
      const now = sure();
      for (const [name, bytes] of reported) assert.ok(now.get(`out/blocks/${name}`)?.equals(bytes), name);
    }
    assert.is(reported.size, 3);
    const end = sure();
    for (const name of Object.keys(contents(path.join(place, 'out'))))
      assert.ok(end.get(`out/${name}`), `${name} is not synced`);
  },
);

test.run();
