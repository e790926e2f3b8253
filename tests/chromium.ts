/** A page of a headless Chromium on 127.0.0.1 with one bundle loaded, for tests of what runs in browsers. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** Milliseconds that a busy machine may take to start a browser. */
const PATIENCE = 180_000;

/** Flags that give WebGL2 and WebGPU by SwiftShader where there is no GPU. */
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-webgpu-adapter=swiftshader',
];

/** Why there is no page to be had, or null. */
export const chromiumMissing = existsSync(CHROMIUM) ? null : `no Chromium at ${CHROMIUM}`;

export interface OpenPage {
  page: Page;
  close(): Promise<void>;
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bundle',
    platform: 'browser',
    target: 'es2022',
    define: { 'import.meta.url': 'location.href' },
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** The simd engine's worker, which is a file by itself. */
const WORKER = join(import.meta.dirname, '../sim/simd/worker.js');

/** Serves a page whose only script is `script`. WebGPU wants a secure origin, which 127.0.0.1 is. */
function serve(script: string): Promise<Server> {
  const scripts: Record<string, string> = {
    '/bundle.js': script,
    '/worker.js': readFileSync(WORKER, 'utf8'),
  };
  const server = createServer((request, response) => {
    const own = scripts[request.url ?? ''];
    response.setHeader('content-type', own ? 'text/javascript' : 'text/html');
    response.end(own ?? '<!doctype html><script src="/bundle.js"></script>');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Bundles `entry` (a file whose exports the page then has as `bundle`) and opens it. */
export async function openPage(entry: string): Promise<OpenPage> {
  const server = await serve(await bundle(entry));
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
    timeout: PATIENCE,
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    page,
    async close() {
      await browser.close();
      server.close();
    },
  };
}
