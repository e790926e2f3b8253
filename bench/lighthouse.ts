/**
 * What Lighthouse says of every page of the built site, as on a desktop: performance, accessibility, best practices, of
 * 100; the better of two runs, since other work on the machine makes a page slower, never faster. The gallery counts
 * as part of the site where `npm run figures` has made one. Writes a part of results.md. Needs Chromium, and npm to
 * fetch Lighthouse itself, which is not among our packages: npx tsx bench/lighthouse.ts [page ...]
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findChromium } from '../plots/browser.ts';
import { openSite, type Site } from '../tests/site.ts';
import { table, writeSection } from './section.ts';

const LIGHTHOUSE = 'lighthouse@12.8.2';
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
const AUDITS = ['total-blocking-time', 'cumulative-layout-shift', 'largest-contentful-paint'] as const;
const ROUNDS = 2;
const GOAL = 95; // of 100
const PATIENCE = 180_000; // ms

interface Report {
  categories: Record<(typeof CATEGORIES)[number], { score: number }>;
  audits: Record<(typeof AUDITS)[number], { numericValue: number }>;
}

/** One run over one address. */
async function reportOf(url: string, scratch: string): Promise<Report> {
  const out = join(scratch, 'report.json');
  const options = [
    '--preset=desktop',
    `--only-categories=${CATEGORIES.join(',')}`,
    '--output=json',
    `--output-path=${out}`,
    '--chrome-flags=--headless=new --no-sandbox',
    '--quiet',
  ];
  const env = { ...process.env, CHROME_PATH: findChromium()! };
  const command = ['exec', '--yes', '--', LIGHTHOUSE, url, ...options];
  await promisify(execFile)('npm', command, { env, timeout: PATIENCE });
  return JSON.parse(readFileSync(out, 'utf8'));
}

const points = (report: Report) => CATEGORIES.map((name) => Math.round(100 * report.categories[name].score));

/** A page's row: its better run. */
async function measure(origin: string, page: string, scratch: string): Promise<string[]> {
  const runs: Report[] = [];
  while (runs.length < ROUNDS) runs.push(await reportOf(`${origin}/${page}`, scratch));
  const best = runs.reduce((top, own) => (points(own)[0] > points(top)[0] ? own : top));
  const [blocked, shift, paint] = AUDITS.map((name) => best.audits[name].numericValue);
  const row = [page, ...points(best).map(String), blocked.toFixed(0), shift.toFixed(3), paint.toFixed(0)];
  console.log(row.join('  '));
  return row;
}

/** Every page of the site; of the gallery its front page and its first figure. */
function pagesOf({ folder }: Site): string[] {
  const own = readdirSync(folder).filter((file) => file.endsWith('.html'));
  const gallery = ['index.html', 'intro.html'].filter((file) => existsSync(join(folder, 'figures', file)));
  return [...own, ...gallery.map((file) => `figures/${file}`)];
}

function write(rows: string[][]): void {
  const least = Math.min(...rows.flatMap((row) => row.slice(1, 4).map(Number)));
  const head = ['page', 'performance', 'accessibility', 'best practices', 'blocked, ms', 'layout shift', 'largest paint, ms']; // biome-ignore format: one table
  writeSection(
    'lighthouse',
    `## Lighthouse

${LIGHTHOUSE}, desktop, of 100; the better of ${ROUNDS} runs. Goal: ${GOAL} everywhere; least: ${least}. Written by \`npx tsx bench/lighthouse.ts\`
on ${os.cpus().length} cores of ${os.cpus()[0].model.trim()}, load ${os.loadavg()[0].toFixed(1)}, ${new Date().toISOString().slice(0, 10)}.

${table(head, rows)}`,
  );
}

if (!findChromium()) throw new Error('no Chromium found (set SUPERPOSE_CHROMIUM to its path)');
const site = await openSite();
const scratch = mkdtempSync(join(os.tmpdir(), 'lighthouse-'));
const { page } = await site.visit('answers.html');
const { origin } = new URL(page.url());
await page.context().close();
const wanted = process.argv.slice(2);
const rows: string[][] = [];
for (const name of pagesOf(site)) {
  if (wanted.length === 0 || wanted.includes(name)) rows.push(await measure(origin, name, scratch));
}
if (wanted.length === 0) write(rows);
rmSync(scratch, { recursive: true });
await site.close();
