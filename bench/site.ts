/**
 * How quick the built workshop site is in a headless Chromium: time to the first training step on a cold cache,
 * longest task of the main thread, frames a second. Best of three: other work on the machine makes a page slower,
 * never faster. Also what each page weighs. Writes two parts of results.md. Run it on a quiet machine: npx tsx bench/site.ts,
 * or for the weights alone: npx tsx bench/site.ts bytes
 */
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { chromiumMissing, openSite, type Site, trainedTo } from '../tests/site.ts';
import { table, writeSection } from './section.ts';

const PAGES = ['play.html', 'phase.html'];
const ROUNDS = 3;
const WATCH = 2_000; // ms of training after the first step

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  tdur?: number; // µs of this thread's own time
  args: { name?: string };
}

/** Milliseconds from the visit to the first training step, and kilobytes received until then. */
async function start(site: Site, path: string): Promise<{ ms: number; kB: number }> {
  const visit = await site.visit(path); // a new context: nothing is cached
  await trainedTo(visit.page, 0);
  const ms: number = await visit.page.evaluate('performance.now()');
  await visit.page.context().close();
  return { ms, kB: visit.bytes / 1024 };
}

/** Longest task of the page's main thread from load until WATCH after the first step: ms of its own time. */
async function longestTask(page: Page): Promise<number> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.reload();
  await trainedTo(page, 0);
  await page.waitForTimeout(WATCH);
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const named = traceEvents.filter(({ args }) => args.name === 'CrRendererMain');
  const main = new Set(named.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(
    ({ pid, tid, name }) => main.has(`${pid} ${tid}`) && name.includes('RunTask'),
  );
  if (tasks.length < 100) throw new Error('the trace does not show the main thread');
  return Math.max(...tasks.map(({ tdur }) => (tdur ?? 0) / 1000));
}

/** Frames that the page draws in a second. */
function frames(page: Page): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    let count = 0;
    const start = performance.now();
    const next = () => (performance.now() - start < 1000 ? requestAnimationFrame(next, count++) : resolve(count));
    requestAnimationFrame(next);
  })`);
}

async function measure(site: Site, path: string): Promise<string[]> {
  const rounds: { ms: number; kB: number; task: number; rate: number }[] = [];
  for (let k = 0; k < ROUNDS; k++) {
    const started = await start(site, path);
    const { page } = await site.visit(path);
    await trainedTo(page, 0);
    const rate = await frames(page);
    rounds.push({ ...started, task: await longestTask(page), rate });
    await page.context().close();
  }
  const of = (key: 'ms' | 'kB' | 'task' | 'rate') => rounds.map((round) => round[key]);
  return [
    path,
    Math.min(...of('ms')).toFixed(0),
    Math.max(...of('kB')).toFixed(0),
    Math.min(...of('task')).toFixed(1),
    String(Math.max(...of('rate'))),
  ];
}

/** Kilobytes that a page alone has received when it has come to rest, on a cold cache, before it is kept for offline. */
async function weight(site: Site, path: string): Promise<string[]> {
  const visit = await site.visit(path, { serviceWorkers: 'block' });
  await visit.page.waitForLoadState('networkidle');
  const kB = (visit.bytes / 1024).toFixed(0);
  await visit.page.context().close();
  return [path, kB];
}

/** Kilobytes, compressed, of all that is kept for the time without network. */
function kept(folder: string): number {
  const list = JSON.parse(readFileSync(join(folder, 'sw.js'), 'utf8').match(/JSON\.parse\('(\[.*\])'\)/)![1]);
  const size = (file: string) => gzipSync(readFileSync(join(folder, file))).length;
  return (list as string[]).reduce((sum, file) => sum + size(file), 0) / 1024;
}

/** How quick the pages are that train as they open. */
async function speed(site: Site): Promise<void> {
  const rows: string[][] = [];
  for (const path of PAGES) rows.push(await measure(site, path));
  const head = ['page', 'first training step, ms', 'received, kB', 'longest task, ms of CPU', 'frames/s'];
  const text = `# The workshop site

Headless Chromium, cold cache, local server; best of ${ROUNDS}. Goals: 2,000 ms, 300 kB, 50 ms, 60 frames a second.
Written by \`npx tsx bench/site.ts\` on ${os.cpus().length} cores of ${os.cpus()[0].model.trim()}, load ${os.loadavg()[0].toFixed(1)}, ${new Date().toISOString().slice(0, 10)}.

${table(head, rows)}`;
  console.log(text);
  writeSection('site', text);
}

/** What every page weighs. */
async function bytes(site: Site): Promise<void> {
  const pages = readdirSync(site.folder).filter((file) => file.endsWith('.html'));
  const rows: string[][] = [];
  for (const path of pages) rows.push(await weight(site, path));
  const text = `## Bytes of each page

Received, compressed, on a cold cache until the page has come to rest; the code editor comes with the first box that is
seen, a GPU engine when one is chosen. All that is kept for the time without network, once: ${kept(site.folder).toFixed(0)} kB.
Written by \`npx tsx bench/site.ts bytes\`; it does not hang on the machine.

${table(['page', 'received, kB'], rows)}`;
  console.log(text);
  writeSection('site-bytes', text);
}

if (chromiumMissing) throw new Error(chromiumMissing);
const site = await openSite();
await bytes(site);
if (process.argv[2] !== 'bytes') await speed(site);
await site.close();
