/** How the site comes to the room: addresses, a code to scan, an archive that serves itself, another machine. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { qrOf, zipOf } from '../notebooks/serve.ts';
import { needed } from '../notebooks/site/offline.ts';
import { testUnless } from './skip.ts';

const ROOT = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'superpose-serve-'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>here</title>');
test.after(() => rmSync(folder, { recursive: true }));

interface Serving {
  child: ChildProcess;
  said: string;
}

/** Starts the server, and waits until it has said `word` or ended. */
function serving(args: string[], word: RegExp): Promise<Serving> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'notebooks/serve.ts', ...args], { cwd: ROOT });
  const out: Serving = { child, said: '' };
  return new Promise((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        out.said += data;
        if (word.test(out.said)) done(out);
      });
    }
    child.on('exit', () => done(out));
  });
}

const PORT = '41731';

test('alone it serves this machine, and says how to serve the room', async () => {
  const { child, said } = await serving(['--site', folder, '--port', PORT], /for the room/);
  assert.match(said, /on this machine: http:\/\/localhost:41731\//);
  assert.match(said, /npm run serve -- --host/);
  assert.match(await (await fetch(`http://localhost:${PORT}/`)).text(), /<title>here/);
  child.kill();
});

/** Two ends of a wire, one of them in a network namespace of its own: another machine. */
const WIRE = [
  ['netns', 'add', 'superpose-room'],
  ['link', 'add', 'spr0', 'type', 'veth', 'peer', 'name', 'spr1', 'netns', 'superpose-room'],
  ['addr', 'add', '10.213.7.1/30', 'dev', 'spr0'],
  ['link', 'set', 'spr0', 'up'],
  ['-n', 'superpose-room', 'addr', 'add', '10.213.7.2/30', 'dev', 'spr1'],
  ['-n', 'superpose-room', 'link', 'set', 'spr1', 'up'],
];
const ip = (args: string[]) => spawnSync('ip', args, { encoding: 'utf8' });

/** Lays the wire; says why not where that is not allowed. */
function lay(): string | null {
  for (const args of WIRE) {
    const { status, stderr, error } = ip(args);
    if (status !== 0) return `no second network: ip ${args[0]}: ${error?.message ?? stderr.trim()}`;
  }
  return null;
}
const noWire = lay();
test.after(() => {
  ip(['link', 'del', 'spr0']);
  ip(['netns', 'del', 'superpose-room']);
});

const FETCH = 'fetch(process.argv[1]).then((r) => r.text()).then(console.log)';

testUnless(
  noWire,
  'with --host another machine on the network gets the page at the address that is told',
  async () => {
    const { child, said } = await serving(['--site', folder, '--port', PORT, '--host'], /--zip/);
    const urls = [...said.matchAll(/for the room: +(\S+)/g)].map(([, url]) => url);
    const url = urls.find((one) => one.includes('10.213.7.1'))!;
    assert.ok(url, said);
    const { stdout } = spawnSync('ip', ['netns', 'exec', 'superpose-room', process.execPath, '-e', FETCH, url], { encoding: 'utf8' }); // biome-ignore format: one command
    assert.match(stdout, /<title>here/);
    assert.ok(said.includes(qrOf(urls[0])), 'the code of the first address');
    assert.match(said, /plain http.*no offline mode, no clipboard and no WebGPU/s);
    child.kill();
  },
);

testUnless(
  noWire,
  'with --https it says nothing of plain http, and its certificate is made here',
  async () => {
    const { child, said } = await serving(
      ['--site', folder, '--port', PORT, '--host', '--https'],
      /▀▀▀▀▀▀\n/,
    );
    assert.match(said, /for the room: +https:/);
    assert.not.match(said, /plain http/);
    const shown = spawnSync(process.execPath, ['-e', FETCH, `https://localhost:${PORT}/`], { encoding: 'utf8', env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' } }); // biome-ignore format: one command
    assert.match(shown.stdout, /<title>here/);
    child.kill();
  },
);

test('the archive has the site and a server that a machine with Python runs', () => {
  const files = unzipSync(zipOf(folder));
  assert.equal(Object.keys(files).sort(), ['README.txt', 'index.html', 'serve.py']);
  const read = (name: string) => new TextDecoder().decode(files[name]);
  assert.match(read('index.html'), /<title>here/);
  for (const system of ['Windows', 'macOS', 'Linux']) assert.match(read('README.txt'), new RegExp(system));
  const compiled = spawnSync('python3', ['-c', 'import sys; compile(sys.stdin.read(), "serve.py", "exec")'], { input: read('serve.py') }); // biome-ignore format: one command
  if (compiled.error) console.log('SKIP serve.py was not compiled: no python3');
  else assert.is(compiled.status, 0, String(compiled.stderr));
});

test('wrong options are named, and a site that is not built', async () => {
  const bad = await serving(['--port', 'x'], /expected/);
  assert.match(bad.said, /--port: expected a whole number up to 65535, got "x"/);
  const none = await serving(['--site', join(folder, 'nothing')], /expected/);
  assert.match(none.said, /expected the built site, got no index.html; npm run site builds it/);
});

test('what no page runs is not kept for the time without network', () => {
  const unused = ['assets/mermaid-CZ76N8ln.js', 'assets/inter-cyrillic-ext-wght-normal-BOe.woff2', 'assets/duckdb-BD8E.js', 'card.png']; // biome-ignore format: one list
  for (const file of unused) assert.is(needed(file), false, file);
  for (const file of [
    'index.html',
    'assets/inter-latin-wght-normal-Dx4.woff2',
    'assets/md-Bq.js',
    'assets/table-B0.js',
  ])
    assert.is(needed(file), true, file);
  assert.is(needed('assets/dot-DAwdPCNe.js', ['/x/node_modules/viz.js']), false);
  assert.is(needed('assets/dot-DAwdPCNe.js', ['/x/node_modules/@observablehq/plot/src/marks/dot.js']), true);
});

test.run();
