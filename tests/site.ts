/** The built workshop site behind a local server, and a headless Chromium that visits it. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
  type Request,
} from 'playwright-core';
import { builtSite } from './built.ts';

const EXECUTABLE = '/usr/bin/chromium';

/** Milliseconds that a busy machine may take for anything it does at once when idle. */
const PATIENCE = 180_000;

/** Why there is no browser to be had, or null. */
export const chromiumMissing = existsSync(EXECUTABLE) ? null : `no Chromium at ${EXECUTABLE}`;

/** No name resolves and only this machine is there: the site has to do without a network. */
const OFFLINE = [
  '--no-sandbox',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
/** WebGL2 and WebGPU by SwiftShader where there is no GPU. */
export const SOFTWARE_GPU = [
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-webgpu-adapter=swiftshader',
];

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** A host that sends nothing of its own, one that isolates and puts workers under the pages' policy too, one without workers. */
export type Host = 'plain' | 'strict' | 'workerless';
const HEADERS: Record<Host, Record<string, string>> = {
  plain: {},
  strict: {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
  },
  workerless: { 'content-security-policy': "worker-src 'none'" },
};

const packed = new Map<string, Buffer>();

/** A file compressed: every visit asks for all of them. */
function packedFile(file: string): Buffer {
  const key = `${file} ${statSync(file).mtimeMs}`;
  const bytes = packed.get(key) ?? gzipSync(readFileSync(file));
  packed.set(key, bytes);
  return bytes;
}

/** Serves a folder, compressed. */
function serve(folder: string, host: Host): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://x').pathname));
    const file = join(folder, path.endsWith('/') ? 'index.html' : path);
    if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', ...HEADERS[host] });
    response.end(packedFile(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** A page and all that went wrong on it. */
export interface Visit {
  page: Page;
  complaints: string[]; // console errors, exceptions, policy violations, failed or foreign requests
  bytes: number; // received, compressed
}

/** A context of its own, on which host, and in a browser started with which flags. */
export type VisitOptions = BrowserContextOptions & { host?: Host; gpu?: boolean; flags?: string[] };

export interface Site {
  folder: string;
  visit(path: string, options?: VisitOptions): Promise<Visit>;
  /** Stops all servers, so that only what a browser has kept is left. */
  unplug(): void;
  close(): Promise<void>;
}

/** What is known of each page, for who waits in vain. */
const visits = new WeakMap<Page, Visit & { unanswered: Set<Request> }>();

/** Counts the requests of a page that have no answer yet. */
function watch(visit: Visit): void {
  const unanswered = new Set<Request>();
  visits.set(visit.page, Object.assign(visit, { unanswered }));
  visit.page.on('request', (request) => unanswered.add(request));
  visit.page.on('requestfinished', (request) => unanswered.delete(request));
  visit.page.on('requestfailed', (request) => unanswered.delete(request));
}

function listen(page: Page, origin: string): Visit {
  const visit: Visit = { page, complaints: [], bytes: 0 };
  watch(visit);
  page.on('console', (message) => message.type() === 'error' && visit.complaints.push(message.text()));
  page.on('pageerror', (error) => visit.complaints.push(error.message));
  page.on('requestfailed', (request) => visit.complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) visit.complaints.push(`foreign: ${url}`);
  });
  page.on('response', async (response) => {
    const { responseBodySize, responseHeadersSize } = await response
      .request()
      .sizes()
      .catch(() => ({ responseBodySize: 0, responseHeadersSize: 0 }));
    visit.bytes += responseBodySize + responseHeadersSize;
  });
  return visit;
}

/** Kept before any script of the page runs: policy violations become console errors. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) =>
  console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));`;

/** Copies the built site, so that a test may change it, and gives it a browser. */
export async function openSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'superpose-site-'));
  cpSync(await builtSite(), folder, { recursive: true });
  const servers = new Map<Host, Server>();
  const browsers = new Map<string, Browser>();

  async function originOf(host: Host): Promise<string> {
    const server = servers.get(host) ?? (await serve(folder, host));
    servers.set(host, server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  async function browserOf(flags: string[]): Promise<Browser> {
    const key = flags.join(' ');
    const args = [...OFFLINE, ...flags];
    const browser =
      browsers.get(key) ?? (await chromium.launch({ executablePath: EXECUTABLE, args, timeout: PATIENCE }));
    browsers.set(key, browser);
    return browser;
  }
  function unplug(): void {
    for (const server of servers.values()) {
      server.closeAllConnections();
      server.close();
    }
    servers.clear();
  }
  return {
    folder,
    async visit(path, { host = 'plain', gpu = false, flags = [], ...options } = {}) {
      const origin = await originOf(host);
      const context = await (await browserOf([...(gpu ? SOFTWARE_GPU : []), ...flags])).newContext(options);
      context.setDefaultTimeout(PATIENCE);
      await context.addInitScript(REPORT_VIOLATIONS);
      const visit = listen(await context.newPage(), origin);
      await visit.page.goto(`${origin}/${path}`);
      return visit;
    },
    unplug,
    async close() {
      await Promise.all([...browsers.values()].map((browser) => browser.close()));
      unplug();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Updates done, as the page says. */
export async function stepOf(page: Page): Promise<number> {
  return Number((await page.textContent('#counter'))!.replace(/\D/g, '') || 0);
}

/** What a page shows, what it kept, and who answers it. */
const TOLD = `['notice', 'counter', 'engine-report', 'said', 'cell-text', 'share-note', 'summary', 'contents'].flatMap((id) => {
  const text = document.getElementById(id)?.textContent.trim();
  return text ? [id + ': ' + text] : [];
}).concat('visible: ' + document.visibilityState, 'age: ' + Math.round(performance.now()) + ' ms',
  'state: ' + document.readyState, 'service worker: ' + (navigator.serviceWorker?.controller?.state ?? 'none'),
  'kept: ' + JSON.stringify({ ...localStorage }).slice(0, 200)).join('; ')`;
const FRAME = `new Promise((resolve) => {
  requestAnimationFrame((at) => resolve('a frame came after ' + Math.round(performance.now() - at) + ' ms'));
  setTimeout(() => resolve('no frame within 2 s'), 2000);
})`;

/** What a page shows and whether it still draws, for who waits in vain: messages, errors, a frame, open requests. */
async function shown(page: Page): Promise<string> {
  const asked = Promise.all([page.evaluate(TOLD), page.evaluate(FRAME)]);
  const late = new Promise((resolve) => setTimeout(resolve, 10_000, ['the page does not answer']));
  const parts = (await Promise.race([asked, late])) as string[];
  const { complaints = [], unanswered = new Set<Request>() } = visits.get(page) ?? {};
  const paths = (owners: { url(): string }[]) => owners.map((own) => new URL(own.url()).pathname);
  const list = (what: string, names: string[]) => `${what}: ${names.join(', ') || 'none'}`;
  return [
    page.url(),
    ...parts,
    list('workers', paths(page.workers())),
    list('unanswered', paths([...unanswered])),
    list('complaints', complaints),
  ].join('; ');
}

/** Waits until an expression is true on the page. Asked from outside: the page's policy forbids eval. */
export async function until(page: Page, expression: string, patience = PATIENCE): Promise<void> {
  const limit = Date.now() + patience;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > limit) throw new Error(`not within ${patience} ms: ${expression}\n${await shown(page)}`);
    await page.waitForTimeout(20);
  }
}

/** Waits until the page says that more than `step` updates are done. */
export async function trainedTo(page: Page, step: number): Promise<void> {
  await until(page, `Number(document.getElementById('counter').textContent.replace(/\\D/g, '')) > ${step}`);
}

/** Waits until the playground has stopped: no update is under way any more, and the pictures show the last one. */
export async function settled(page: Page): Promise<void> {
  await until(
    page,
    `document.getElementById('play').textContent === 'Play' && document.getElementById('summary').textContent
      .startsWith('S' + document.getElementById('counter').textContent.replaceAll(',', '').slice(1) + ', ')`,
  );
}

/** Feature dimensionalities, as the picture's name says them to a screen reader. */
export async function dimensionalities(page: Page): Promise<number[]> {
  const name = (await page.getAttribute('#dimensions svg', 'aria-label'))!;
  return [...name.matchAll(/: ([\d.]+)/g)].map(([, share]) => Number(share));
}

/** Clicks a button that saves a file, and reads it. */
export async function saved(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return readFileSync(await download.path());
}

/** The code editor of a card, once it has come. */
export async function editorIn(card: Locator): Promise<Locator> {
  await card.locator('.code-box').scrollIntoViewIfNeeded();
  const editor = card.locator('.cm-content');
  await editor.waitFor();
  return editor;
}
