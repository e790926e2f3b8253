import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type GalleryEvent, type GalleryOptions, makeGallery } from '../plots/gallery.ts';
import { type Scoreboard, scoreboardMarkdown } from '../plots/scoreboard.ts';
import { correlatedPairs } from '../sim/experiments/correlatedPairs.ts';
import type { Claim, Experiment } from '../sim/experiments/experiment.ts';
import { tegum } from '../sim/experiments/tegum.ts';
import { shrink } from './tinyData.ts';

const noBrowser = { SUPERPOSE_CHROMIUM: '/nowhere/chromium' };
Object.assign(process.env, noBrowser);

const tiny = (experiment: Experiment): Experiment => ({
  ...experiment,
  specs: (scale) => experiment.specs(scale).map(shrink),
});
const pairs = tiny(correlatedPairs as Experiment);

async function make(
  experiments: Experiment[],
  options: Omit<GalleryOptions, 'scale' | 'engine' | 'threads'>,
): Promise<GalleryEvent[]> {
  const events: GalleryEvent[] = [];
  const gallery = makeGallery(experiments, { scale: 'quick', engine: 'simd', threads: 1, ...options });
  for await (const event of gallery) events.push(event);
  return events;
}

const done = (events: GalleryEvent[]) => events.flatMap((event) => (event.kind === 'done' ? [event] : []));
const trained = (events: GalleryEvent[]) => events.some(({ kind }) => kind === 'training');

let out: string;
test.before.each(async () => {
  out = await mkdtemp(join(tmpdir(), 'gallery-'));
});
test.after.each(() => rm(out, { recursive: true }));

test('a figure is a page, its data and an entry of the index and of the scoreboard', async () => {
  const events = await make([pairs], { out });
  assert.ok(trained(events));
  assert.equal((await readdir(out)).sort(), [
    'correlated-pairs.html',
    'correlated-pairs.json',
    'correlated-pairs.spec-1.json',
    'index.html',
    'page.js',
    'plotly.js',
    'scoreboard.json',
    'style.css',
  ]);
  const entry = JSON.parse(await readFile(join(out, 'correlated-pairs.json'), 'utf8'));
  assert.is(entry.models, 18); // six densities, three replicas
  assert.is(entry.engine.engine, 'simd');
  assert.is(entry.data.models.length, 6);
  const index = await readFile(join(out, 'index.html'), 'utf8');
  assert.match(index, 'Correlated pairs become orthogonal');
  const board: Scoreboard = JSON.parse(await readFile(join(out, 'scoreboard.json'), 'utf8'));
  assert.is(board.figures[0].claims.length, 2);
});

test('pages ask for nothing but files beside them', async () => {
  await make([pairs], { out });
  for (const page of ['index.html', 'correlated-pairs.html']) {
    const html = await readFile(join(out, page), 'utf8');
    const links = /<a [^>]*href="https?:[^"]*"/g; // a reader may follow one; the page asks for none
    for (const [, address] of html.replace(links, '').matchAll(/(?:src|href)="([^"]+)"/g)) {
      const file = address.split('#')[0];
      assert.ok(file === '' || file.startsWith('data:') || existsSync(join(out, file)), address);
    }
  }
});

test('without a Chromium a note says so', async () => {
  const notes = (await make([tegum as Experiment], { out })).filter(({ kind }) => kind === 'note');
  assert.is(notes.length, 1);
  assert.match((notes[0] as { text: string }).text, 'SUPERPOSE_CHROMIUM');
});

test('a finished figure is kept, its claims and picture made anew', async () => {
  await make([pairs], { out });
  const changed: Experiment = {
    ...pairs,
    signature: () => [{ text: 'c', expected: 'e', source: 'exact', measured: 'm', holds: true }],
  };
  const events = await make([changed], { out });
  assert.not(trained(events));
  assert.is(done(events)[0].kept, true);
  assert.match(await readFile(join(out, 'correlated-pairs.html'), 'utf8'), '<td>m</td>');
});

test('it is trained again when forced, when its specs or its revision change and when its data cannot be read', async () => {
  await make([pairs], { out });
  assert.ok(trained(await make([pairs], { out, force: true })));
  const other = { ...pairs, specs: () => pairs.specs('quick').map((spec) => ({ ...spec, seed: 7 })) };
  assert.ok(trained(await make([other], { out })));
  assert.ok(trained(await make([{ ...other, revision: 1 }], { out })));
  assert.not(trained(await make([{ ...other, revision: 1 }], { out })));
  await writeFile(join(out, 'correlated-pairs.json'), '{"na');
  assert.ok(trained(await make([pairs], { out })));
});

test('figures of one run that show the same models train them once', async () => {
  const twin = { ...pairs, name: 'anticorrelated-pairs' };
  const events = await make([pairs, twin], { out });
  const starts = events.map((event) => (event.kind === 'start' ? event.experiment.name : event.kind));
  assert.not(starts.slice(starts.indexOf('anticorrelated-pairs')).includes('training'));
  assert.is(done(events).length, 2);
});

test('an abort ends the run and leaves the finished figures', async () => {
  const controller = new AbortController();
  const gallery = makeGallery([tegum as Experiment, pairs], {
    scale: 'quick',
    engine: 'simd',
    threads: 1,
    out,
    signal: controller.signal,
  });
  try {
    for await (const event of gallery) if (event.kind === 'done') controller.abort();
    assert.unreachable('the run should have ended in an error');
  } catch (error) {
    assert.is((error as Error).name, 'AbortError');
  }
  assert.ok(existsSync(join(out, 'tegum-products.html')));
  assert.match(await readFile(join(out, 'index.html'), 'utf8'), 'tegum-products');
  assert.not(existsSync(join(out, 'correlated-pairs.html')));
});

test('text of claims cannot break out of the page', async () => {
  const text = '</script><img src=x onerror=alert(1)>';
  const hostile: Experiment = {
    ...pairs,
    signature: () => [{ text, expected: text, source: `TMS ${text}`, measured: text, holds: false }],
  };
  await make([hostile], { out });
  for (const page of ['index.html', 'correlated-pairs.html']) {
    const html = await readFile(join(out, page), 'utf8');
    assert.not(html.includes('<img src=x'));
    assert.match(html, '&lt;/script&gt;&lt;img src=x');
  }
});

test('the scoreboard as Markdown counts claims and lists those that fail', () => {
  const claim: Omit<Claim, 'holds'> = { text: 'a | b', expected: '1', source: 'TMS', measured: '2' };
  const markdown = scoreboardMarkdown({
    scale: 'quick',
    date: '2026-01-31',
    command: 'superpose figures',
    seconds: 120,
    figures: [
      { name: 'x', id: 'T1', paper: 'toy-models', title: 'One', models: 1234, date: '2026-01-31', claims: [{ ...claim, holds: true }, { ...claim, holds: false }] }, // biome-ignore format: a row
    ],
  });
  assert.match(markdown, 'At quick scale (2026-01-31, `superpose figures`, 2 min)');
  assert.match(markdown, '**1 of 2 statements of the paper hold, 1 open.**');
  assert.match(markdown, '| statement | 2 | 1 | 0 | 0 | 1 |');
  assert.match(markdown, '| T1 | One | `x` | 1,234 | 1 of 2 |  |');
  assert.match(markdown, '| T1 | a \\| b | 1 [TMS] | 2 | **open** |');
});

test.run();
