/**
 * How the built site lives on a participant's laptop: small, without a network, through the loss of its worker,
 * and for hours. SITE_SOAK_MINUTES=30 makes the last test as long as that. bench/site.ts measures how quick it is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumMissing, openSite, type Site, stepOf, trainedTo, until } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);

visiting('the playground is training after 300 kB', async () => {
  const visit = await site.visit('play.html'); // a new context: nothing is cached
  await trainedTo(visit.page, 0);
  while (visit.bytes <= 20_000) await visit.page.waitForTimeout(20); // what has come is counted a little later
  console.log(`${(visit.bytes / 1024).toFixed(0)} kB received`);
  assert.ok(visit.bytes < 300_000, `${visit.bytes} bytes`);
  await visit.page.context().close();
});

visiting('after one visit every page works without a server', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 0);
  await until(page, `document.getElementById('offline').textContent === '✓ ready for offline'`);
  site.unplug();
  await page.reload();
  await trainedTo(page, 50);
  for (const path of ['phase.html', '1-features.html']) {
    await page.goto(new URL(path, page.url()).href);
    await until(page, 'document.querySelector("h1").textContent.length > 0');
  }
  await page.context().close();
});

const KILLED: [who: string, url: RegExp, reason: RegExp][] = [
  ['worker', /trainer/, /interrupted: the training worker is gone: it ended\. It goes on/],
  [
    'thread of the worker',
    /\/worker-/,
    /interrupted: simd lost its device at step \d+: worker ended\. It goes on/,
  ],
];

for (const [who, url, reason] of KILLED) {
  visiting(`a killed ${who} is told of, and training goes on from the last weights`, async () => {
    const { page } = await site.visit('play.html');
    await trainedTo(page, 100);
    assert.is(await page.isVisible('#notice'), false);
    const at = await stepOf(page);
    const worker = page.workers().find((w) => url.test(w.url()))!;
    await worker.evaluate('self.close()').catch(() => {}); // it takes its answer with it
    await until(page, '!document.getElementById("notice").hidden');
    assert.match((await page.textContent('#notice'))!, reason);
    await trainedTo(page, at + 300);
    await page.context().close();
  });
}

visiting('workers whose locks never come train all the same', async () => {
  const folder = join(site.folder, 'assets');
  const workers = readdirSync(folder).filter((name) => /^(trainer\.)?worker-.*\.js$/.test(name));
  assert.ok(workers.length >= 2, `${workers}: expected the trainer and its threads`);
  const texts = workers.map((name) => readFileSync(join(folder, name), 'utf8'));
  workers.forEach((name, k) => {
    writeFileSync(join(folder, name), `navigator.locks.request = () => new Promise(() => {});${texts[k]}`);
  });
  const { page, complaints } = await site.visit('play.html');
  await trainedTo(page, 20);
  assert.is(await page.isVisible('#notice'), false);
  assert.equal(complaints, []);
  workers.forEach((name, k) => {
    writeFileSync(join(folder, name), texts[k]);
  });
  await page.context().close();
});

/** Kept before any script: the first picture of the directions cannot be put into the page. */
const FAIL_ONCE = `{
  const { set, get } = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
  let failed = false;
  Object.defineProperty(Element.prototype, 'innerHTML', { get, set(text) {
    if (this.id === 'directions' && !failed) {
      failed = true;
      throw new Error('cannot draw');
    }
    set.call(this, text);
  } });
}`;

visiting(
  'a drawing that fails is not the last, and who waits in vain reads what the page shows',
  async () => {
    const { page, complaints } = await site.visit('index.html');
    await page.addInitScript(FAIL_ONCE);
    await page.goto(new URL('play.html', page.url()).href);
    await trainedTo(page, 0);
    assert.is(complaints.filter((text) => text === 'cannot draw').length, 1);
    await page.click('#play');
    const told = await until(page, 'false', 50).then(
      () => '',
      (error: Error) => error.message,
    );
    assert.match(
      told,
      /^not within 50 ms: false\n.*play\.html; counter: step \d+; .*visible: visible; age: \d+ ms; state: complete; .*a frame came after \d+ ms; workers: .*trainer.*; unanswered: .*; complaints: .*cannot draw/,
    );
    await page.context().close();
  },
);

/** Bytes and nodes that the page holds after a garbage collection, and bytes that its process holds. */
async function held(session: CDPSession, processes: CDPSession) {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find((m) => m.name === name)!.value;
  const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
  const resident = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]) * 4096);
  return { heap: metric('JSHeapUsedSize'), nodes: metric('Nodes'), resident: Math.max(...resident) };
}

visiting('hours of training and dragging hold no more memory', async () => {
  const minutes = Number(process.env.SITE_SOAK_MINUTES ?? 0.25);
  const { page, complaints } = await site.visit('play.html#speed=fast');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const processes = await page.context().browser()!.newBrowserCDPSession();
  const drag = async (until: number) => {
    for (let k = 0; Date.now() < until; k++) {
      await page.fill('#density', String(-0.5 - (k % 9) / 10));
      await page.waitForTimeout(250);
    }
  };
  await trainedTo(page, 0);
  await drag(Date.now() + 8_000);
  const before = await held(session, processes);
  await drag(Date.now() + minutes * 60_000);
  const after = await held(session, processes);
  const grown = (key: keyof typeof after) => (after[key] - before[key]) / 2 ** 20;
  console.log(
    `heap ${grown('heap').toFixed(2)} MiB, process ${grown('resident').toFixed(1)} MiB in ${minutes} min`,
  );
  assert.ok(grown('heap') < 2, `${grown('heap')} MiB of heap`);
  assert.ok(after.nodes - before.nodes < 1_000, `${after.nodes - before.nodes} nodes`);
  assert.ok(grown('resident') < 64, `${grown('resident')} MiB of the process`);
  assert.equal(complaints, []);
  await page.context().close();
});

test.run();
