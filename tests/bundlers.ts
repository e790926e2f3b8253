/** A page that trains, through each bundler as it comes: no plugin, no external, no option but where things are. */
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as esbuild from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import * as vite from 'vite';
import webpack from 'webpack';
import { CHROMIUM } from './chromium.ts';

/** The page's script; its title tells what came of it. */
export const SCRIPT = `
import { trainAll } from 'toy-superposition';

const spec = { model: { features: 5, hidden: 2 }, input: { density: 0.2 }, training: { steps: 200, batch: 64 }, replicas: 4 };
trainAll(spec).then(
  ({ engine, groups: [{ losses }] }) => { document.title = engine.engine + ' ' + losses.length + ' ' + losses.at(-1); },
  (error) => { document.title = 'failed: ' + error.message; },
);
`;

/** Writes page.js and index.html, which loads `script`, into a folder. */
function writePage(folder: string, script: string): void {
  fs.writeFileSync(
    path.join(folder, 'index.html'),
    `<!doctype html><title>starting</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`,
  );
}

function viaEsbuild(project: string, out: string): Promise<unknown> {
  writePage(out, 'page.js');
  return esbuild.build({
    entryPoints: [path.join(project, 'page.js')],
    bundle: true,
    outfile: path.join(out, 'page.js'),
    format: 'esm',
    logLevel: 'error',
  });
}

function viaVite(project: string, out: string): Promise<unknown> {
  writePage(project, './page.js');
  return vite.build({
    root: project,
    configFile: false,
    logLevel: 'error',
    build: { outDir: out, emptyOutDir: true },
  });
}

function viaWebpack(project: string, out: string): Promise<unknown> {
  writePage(out, 'main.js');
  const compiler = webpack({
    mode: 'production',
    context: project,
    entry: './page.js',
    output: { path: out },
  });
  return new Promise((resolve, reject) =>
    compiler!.run((error, stats) => {
      if (error || stats!.hasErrors()) reject(error ?? new Error(stats!.toString('errors-only')));
      else compiler!.close(resolve);
    }),
  );
}

/** Each makes a folder `out` of a project that has page.js and the package. */
export const BUNDLERS: Record<string, (project: string, out: string) => Promise<unknown>> = {
  esbuild: viaEsbuild,
  vite: viaVite,
  webpack: viaWebpack,
};

/** What the title of a page becomes, and what it complains of on the way. */
async function settledTitle(page: Page, url: string): Promise<{ title: string; complaints: string[] }> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  for (let tries = 0; tries < 1200; tries++) {
    const title = await page.title(); // no waitForFunction: the page's policy forbids to compile text
    if (title !== 'starting') return { title, complaints };
    await sleep(100);
  }
  throw new Error(`the page never ended; it complained of ${JSON.stringify(complaints)}`);
}

/** Opens an address in a Chromium of its own. */
export async function openTitle(url: string): Promise<{ title: string; complaints: string[] }> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    return await settledTitle(await browser.newPage(), url);
  } finally {
    await browser.close();
  }
}

/** The least that a page has to allow; the README names it. */
const POLICY = "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:";

/** Serves a folder while `visit` has its address. */
export async function serving<Result>(
  folder: string,
  visit: (url: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer(({ url = '/' }, response) => {
    const file = path.join(folder, url === '/' ? 'index.html' : path.normalize(url));
    if (!fs.existsSync(file)) return void response.writeHead(404).end();
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('content-type', file.endsWith('.html') ? 'text/html' : 'text/javascript');
    response.end(fs.readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
  }
}

/** Serves a project by vite's development server while `visit` has its address. */
export async function developing<Result>(
  project: string,
  visit: (url: string) => Promise<Result>,
): Promise<Result> {
  writePage(project, './page.js');
  const server = await vite.createServer({
    root: project,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0 },
  });
  await server.listen();
  try {
    return await visit(server.resolvedUrls!.local[0]);
  } finally {
    await server.close();
  }
}
