/** One headless Chromium page that turns figures into SVG and PNG. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

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
  /** The figure page at `path`, drawn: as SVG text and as PNG bytes at twice its size. */
  picture(path: string): Promise<{ svg: string; png: Uint8Array }>;
  close(): Promise<void>;
}

/** Software WebGL, for the figures in three dimensions. */
const CHROMIUM_ARGS = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-sandbox'];

/** Opens a browser, or says why there will be no pictures. */
export async function openBrowser(): Promise<{ browser: Browser | null; note: string | null }> {
  const executablePath = findChromium();
  if (!executablePath) {
    return {
      browser: null,
      note: 'no Chromium found: no SVG and PNG (set SUPERPOSE_CHROMIUM to its path); the HTML pages are complete',
    };
  }
  const instance = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  const page = await instance.newPage();
  return {
    note: null,
    browser: {
      async picture(path) {
        await page.goto(pathToFileURL(path).href);
        await page.waitForFunction('window.drawn === true');
        const svg = await page.evaluate<string>("window.picture('svg', 1)");
        const png = await page.evaluate<string>("window.picture('png', 2)");
        return {
          svg: decodeURIComponent(svg.slice(svg.indexOf(',') + 1)),
          png: Buffer.from(png.slice(png.indexOf(',') + 1), 'base64'),
        };
      },
      close: () => instance.close(),
    },
  };
}
