import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../plots/entry.ts';
import { type GalleryEvent, type GalleryOptions, makeGallery } from '../plots/gallery.ts';
import { figurePage, indexPage } from '../plots/page.ts';
import { type Scoreboard, scoreboardMarkdown } from '../plots/scoreboard.ts';
import { keyOf } from '../plots/trained.ts';
import { correlatedPairs } from '../sim/experiments/correlatedPairs.ts';
import { ddSizes } from '../sim/experiments/ddSizes.ts';
import type { Claim, Experiment } from '../sim/experiments/experiment.ts';
import { intro } from '../sim/experiments/intro.ts';
import { tegum } from '../sim/experiments/tegum.ts';
import { StoreError } from '../sim/store/files.ts';
import { verifyFolder } from '../sim/sweep/verify.ts';
import { finish } from '../sim/train.ts';
import { PYTHON, pythonMissing } from './python.ts';
import { shrink } from './shrink.ts';
import { testUnless } from './skip.ts';

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
    'SHA256SUMS',
    'correlated-pairs.html',
    'correlated-pairs.json',
    'correlated-pairs.plotly.json',
    'correlated-pairs.spec-1.json',
    'gallery.json',
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

test('every file of a gallery is on its list, and data that changed is trained again', async () => {
  await make([pairs], { out });
  const { finished, damaged, foreign, files } = await verifyFolder(out);
  assert.equal([finished, damaged, foreign, files], [true, {}, [], 10]);
  const file = join(out, 'correlated-pairs.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"models":\[\{/, '"models": [{'));
  assert.equal((await verifyFolder(out)).damaged, { 'correlated-pairs.json': 'not as it was written' });
  assert.ok(trained(await make([pairs], { out })));
  assert.equal((await verifyFolder(out)).damaged, {});
  assert.not.ok(trained(await make([pairs], { out })));
  await writeFile(join(out, 'SHA256SUMS'), 'x');
  assert.ok(trained(await make([pairs], { out })));
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

test('a figure that shows models of an earlier one beside others trains the others only', async () => {
  const seeded = (seed: number) => pairs.specs('quick').map((spec) => ({ ...spec, seed }));
  const specs = (scale: 'quick' | 'paper') => [...seeded(5), ...pairs.specs(scale), ...seeded(6)];
  const more = { ...pairs, name: 'anticorrelated-pairs', specs, data: pairs.data, signature: () => [] };
  const events = await make([pairs, more as Experiment], { out });
  const own = events.flatMap((event) =>
    event.kind === 'training' && event.experiment.name === more.name ? [event.spec] : [],
  );
  assert.equal([...new Set(own)], [0, 2]);
});

/** The pairs, and models on six training sets: six groups, so six blocks. Their data has every weight. */
const sized: Experiment = {
  ...pairs,
  specs: (scale) => [
    ...pairs.specs(scale),
    ...tiny(ddSizes as Experiment)
      .specs(scale)
      .slice(0, 1),
  ],
  data: async ([own, sets], context) => ({
    ...(await (pairs.data([own], context) as object)),
    weights: sets.groups.map(({ params }) => [...params.W]),
  }),
};
const dataOf = async () => (await readFile(join(out, `${sized.name}.json`), 'utf8')).split('"data":')[1];

/** Makes the figure and stops it once `blocks` of its training sets are trained. */
async function stopAfter(blocks: number, options: { out: string; models: string }): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const running = { scale: 'quick', engine: 'simd', threads: 1, signal, ...options } as const;
  try {
    await finish(makeGallery([sized], running), (event) => {
      if (event.kind === 'training' && event.spec === 1 && event.progress.instancesDone >= blocks)
        controller.abort();
    });
    assert.unreachable('the run should have ended in an error');
  } catch (error) {
    assert.is((error as Error).name, 'AbortError');
  }
}

test('with a folder for models a figure that was stopped goes on where it stopped, to the same data', async () => {
  await make([sized], { out });
  const expected = await dataOf();
  await rm(out, { recursive: true });
  const models = join(out, 'models');
  await stopAfter(4, { out, models });
  const events = await make([sized], { out, models });
  assert.is(await dataOf(), expected);
  const own = events.flatMap((event) => (event.kind === 'training' ? [event] : []));
  assert.equal([...new Set(own.map(({ spec }) => spec))], [1]); // the pairs were there
  assert.is(own[0].progress.instances, 2); // and four of the six others
  assert.equal((await verifyFolder(out)).foreign, []);
});

test('another gallery finds the models in their folder, unless it is forced to train', async () => {
  const models = join(out, 'models');
  await make([sized], { out, models });
  const file = join(out, `${sized.name}.json`);
  const before = await dataOf();
  await rm(file);
  assert.not.ok(trained(await make([sized], { out, models })));
  assert.is(await dataOf(), before);
  const { engine } = JSON.parse(await readFile(file, 'utf8'));
  assert.equal([engine.engine, engine.device], ['simd', 'trained before']);
  assert.ok(trained(await make([sized], { out, models, force: true })));
  assert.is(await dataOf(), before);
  assert.equal((await readdir(models)).sort(), sized.specs('quick').map(keyOf).sort());
});

test('models that another engine trained are not mixed with those of this one', async () => {
  const models = join(out, 'models');
  await make([sized], { out, models });
  await rm(join(out, `${sized.name}.json`));
  const other = makeGallery([sized], { scale: 'quick', engine: 'reference', threads: 1, out, models });
  assert.match(
    await refusal(finish(other)),
    /engine: expected "simd", got "reference"; engines round differently/,
  );
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

test('the heading of a scoreboard tells which figures are not of the run that it names', () => {
  const figure = (id: string, date: string) => ({ name: id, id, paper: 'toy-models' as const, title: id, models: 1, date, claims: [] }); // biome-ignore format: one line
  const heading = (...dates: string[]) =>
    scoreboardMarkdown({
      scale: 'paper',
      date: '2026-01-30',
      command: 'superpose figures',
      seconds: 120,
      figures: dates.map((date, k) => figure(`T${k + 1}`, date)),
    }).split('\n')[0];
  const run = 'At paper scale (2026-01-30, `superpose figures`, 2 min).';
  assert.is(heading('2026-01-30', '2026-01-30'), run);
  assert.is(heading('2026-01-30', '2026-01-31'), `${run} Made anew since: T2 (2026-01-31).`);
  assert.is(heading('2026-01-31', '2026-01-31'), `${run} Every figure was made anew since (2026-01-31).`);
  assert.is(heading('2026-01-31', '2026-02-01'), `${run} Made anew since: T1 (2026-01-31), T2 (2026-02-01).`);
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

/** Everything in a folder, name by name. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'latin1')])),
  );
}

async function refusal(what: Promise<unknown>): Promise<string> {
  return what.then(
    () => 'accepted',
    (error) => {
      assert.instance(error, StoreError); // which the command line ends with 2
      return error.message;
    },
  );
}

test('files that no gallery wrote are left alone, and named', async () => {
  const theory = [tegum as Experiment];
  for (const name of [
    'index.html',
    'style.css',
    'plotly.js',
    'tegum-products.json',
    'notes.txt',
    'lock.md',
  ]) {
    await writeFile(join(out, name), 'mine');
    assert.match(await refusal(make(theory, { out })), `${out} holds ${name}, which no gallery wrote`);
    assert.equal(await contents(out), { [name]: 'mine' });
    await rm(join(out, name));
  }
  await make(theory, { out });
  await writeFile(join(out, 'notes.txt'), 'mine'); // beside a gallery, under a name that is none of its own
  await make(theory, { out });
  await writeFile(join(out, 'correlated-pairs.json'), 'mine');
  const before = await contents(out);
  assert.match(await refusal(make([pairs], { out })), 'holds correlated-pairs.json, which no gallery wrote');
  assert.equal(await contents(out), before);
});

test('a gallery of version 0.1, which had no mark, is one of ours, and so is one in a folder within', async () => {
  const theory = [tegum as Experiment];
  await make(theory, { out: join(out, 'paper') });
  await make(theory, { out });
  await rm(join(out, 'gallery.json'));
  await make(theory, { out });
  assert.ok(existsSync(join(out, 'gallery.json')));
});

test('a link that waits under one of our names is replaced, and not followed', async () => {
  const theory = [tegum as Experiment];
  await make(theory, { out });
  const target = join(out, '..', `${basename(out)}-target`);
  await writeFile(target, 'mine');
  await rm(join(out, 'index.html'));
  await symlink(target, join(out, 'index.html'));
  await make(theory, { out });
  assert.is(await readFile(target, 'utf8'), 'mine');
  await rm(target);
});

test('two galleries into one folder do not mix: the second is refused while the first works', async () => {
  const first = makeGallery([tegum as Experiment], { scale: 'quick', engine: 'simd', threads: 1, out });
  await first.next();
  assert.match(await refusal(make([pairs], { out })), /is working on|in use|locked/);
  await finish(first, () => {});
  await make([pairs], { out });
  assert.ok(!existsSync(join(out, 'lock')));
});

test('no text of a data file becomes markup', async () => {
  const evil = `"'><script>bad()</script>`;
  const claim: Claim = {
    ...{ text: evil, expected: evil, measured: evil, note: evil, where: evil, holds: false },
    source: 'TMS',
    evidence: [{ kind: 'trial', what: evil, count: 1, of: 2 } as never],
  };
  const entry: Entry = {
    ...{
      name: pairs.name,
      scale: 'quick',
      hash: evil,
      models: evil as never,
      diverged: 1,
      seconds: 1,
      date: evil,
    },
    engine: { engine: evil as never, why: evil, device: evil, threads: 1 },
    size: { width: evil as never, height: evil as never },
    ...{ claims: [claim], data: null },
  };
  const finished = { ...entry, experiment: pairs };
  const figure = { data: [{ name: evil }], layout: { width: 1, height: 1, title: evil } } as never;
  for (const pictured of [true, false]) {
    const pages = [
      figurePage({ ...finished, pictured }, figure),
      indexPage([{ ...finished, pictured }], 'quick'),
    ];
    for (const page of pages) {
      assert.not.match(page, '<script>bad');
      assert.not.match(page, /="[^"<]*"'>/);
      assert.match(page, 'Content-Security-Policy');
    }
  }
});

test('a page of a figure links its pictures where they are, explains its tags, and opens its model in the playground', () => {
  const claim: Claim = {
    text: 'W_i is long',
    expected: '1',
    measured: '1',
    holds: true,
    source: 'TMS; bound ours',
  };
  const entry: Entry = {
    ...{ name: intro.name, scale: 'quick', hash: '', models: 2, diverged: 0, seconds: 1, date: '' },
    ...{ engine: null, size: { width: 900, height: 400 }, claims: [claim], data: null },
  };
  const figure = { data: [], layout: { width: 900, height: 400 } };
  const [drawn, bare] = [true, false].map((pictured) =>
    figurePage({ ...entry, experiment: intro as Experiment, pictured }, figure),
  );
  for (const ending of ['png', 'svg']) {
    assert.match(drawn, `href="intro.${ending}"`);
    assert.not.match(bare, `href="intro.${ending}"`);
  }
  assert.match(drawn, /<dt>\[TMS\]<\/dt><dd>Elhage et al\. 2022/);
  assert.match(drawn, /<abbr title="Elhage et al\. 2022[^"]*">TMS; bound ours<\/abbr>/);
  assert.match(drawn, '<i>W</i><sub>i</sub> is long');
  assert.match(
    drawn,
    /play\.html#features=5&amp;hidden=2&amp;model=relu[^"]*">Open this model in the playground</,
  );
  assert.match(drawn, '@media (min-width: 932px) { .cue { display: none; } }');
});

testUnless(
  pythonMissing('requirements', 'plotly'),
  'plotly in Python reads a figure, every key of it',
  async () => {
    await make([tegum as Experiment, pairs], { out });
    for (const name of ['tegum-products', 'correlated-pairs']) {
      const read =
        'import sys, plotly.io as io; print(len(io.read_json(sys.argv[1], skip_invalid=False).data))';
      const file = join(out, `${name}.plotly.json`);
      const traces = execFileSync(PYTHON, ['-c', read, file], { encoding: 'utf8' });
      assert.is(Number(traces), JSON.parse(await readFile(file, 'utf8')).data.length);
      assert.ok(Number(traces) > 0);
    }
  },
);

test.run();
