/** One headless Chromium page that turns figures into SVG and PNG. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Page } from 'playwright-core';
import type { Figure } from './figure.ts';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium: SUPERPOSE_CHROMIUM, else the first of the usual places; null where there is none. */
export function findChromium(): string | null {
  const named = process.env.SUPERPOSE_CHROMIUM;
  return [...(named ? [named] : USUAL_PLACES)].find(existsSync) ?? null;
}

export interface Browser {
  /** A figure as SVG text and as PNG bytes, `scale` times its size: twice when absent. */
  picture(figure: Figure, scale?: number): Promise<{ svg: string; png: Uint8Array }>;
  close(): Promise<void>;
}

/** Milliseconds that a busy machine may take to start a browser. */
const PATIENCE = 120_000;

/** A page with plotly and nothing else; it stays for all figures. */
async function openPage(executablePath: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const instance = await chromium.launch({ executablePath, args: ['--no-sandbox'], timeout: PATIENCE });
  const page = await instance.newPage();
  page.setDefaultTimeout(PATIENCE);
  const require = createRequire(import.meta.url);
  await page.addScriptTag({ path: require.resolve('plotly.js-dist') });
  return { page, close: () => instance.close() };
}

/** Run in the page: plotly lays a figure out once, as SVG, and that is painted for the PNG. Two data URLs. */
const DRAW = `async (figure, width, height, scale) => {
  const svg = await Plotly.toImage(figure, { format: 'svg', width, height });
  const image = Object.assign(new Image(), { src: svg });
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: scale * width, height: scale * height });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return [svg, canvas.toDataURL('image/png')];
}`;

/** A figure as SVG and PNG, without what only a screen can use. */
async function draw(page: Page, { data, layout }: Figure, scale: number) {
  const still = JSON.stringify({ data, layout: { ...layout, sliders: [] } });
  const call = `(${DRAW})(${still}, ${layout.width}, ${layout.height}, ${scale})`;
  const urls = await page.evaluate<string[]>(call);
  const [svg, png] = urls.map((url) => url.slice(url.indexOf(',') + 1));
  return { svg: decodeURIComponent(svg), png: Buffer.from(png, 'base64') };
}

/** Opens a browser, or says why there will be no pictures. */
export async function openBrowser(): Promise<{ browser: Browser | null; note: string | null }> {
  const executablePath = findChromium();
  if (!executablePath) {
    return {
      browser: null,
      note: 'no Chromium found: no SVG and PNG (set SUPERPOSE_CHROMIUM to its path); the HTML pages are complete',
    };
  }
  const { page, close } = await openPage(executablePath);
  return {
    note: null,
    browser: {
      picture: (figure, scale = 2) => draw(page, figure, scale),
      close,
    },
  };
}
