/** Writes a figure's files and the index page. Every file is written whole or not at all. */
import { existsSync } from 'node:fs';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Experiment, Scale } from '../sim/experiments/experiment.ts';
import { experiments } from '../sim/experiments/index.ts';
import type { Browser } from './browser.ts';
import type { Entry, Finished } from './entry.ts';
import type { Figure } from './figure.ts';
import { figurePage, indexPage } from './page.ts';
import { scoreboard } from './scoreboard.ts';

export async function writeWhole(path: string, content: string | Uint8Array): Promise<string> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
  return path;
}

/** Numbers to six significant digits: figures need no more, and the files stay small. */
function compact(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

/** The stored entry of a figure, or null if there is none that can be read. */
export async function readEntry(out: string, name: string): Promise<Entry | null> {
  try {
    return JSON.parse(await readFile(join(out, `${name}.json`), 'utf8'));
  } catch {
    return null;
  }
}

/** The plotly script and our own two files, which all pages of a folder share. */
async function copyAssets(out: string): Promise<void> {
  const require = createRequire(import.meta.url);
  await copyFile(require.resolve('plotly.js-dist'), join(out, 'plotly.js'));
  for (const name of ['page.js', 'style.css']) {
    await copyFile(fileURLToPath(new URL(`./assets/${name}`, import.meta.url)), join(out, name));
  }
}

/** Writes `<name>.json`, `<name>.html` and each spec as `<name>.spec-<k>.json`, k from 1. Returns their paths. */
export async function writeFigure(
  out: string,
  experiment: Experiment,
  entry: Entry,
  figure: Figure,
): Promise<string[]> {
  await copyAssets(out);
  const path = join(out, experiment.name);
  const specs = experiment.specs(entry.scale);
  return [
    await writeWhole(`${path}.json`, JSON.stringify(entry, compact)),
    await writeWhole(`${path}.html`, figurePage({ ...entry, experiment, pictured: false }, figure)),
    ...(await Promise.all(
      specs.map((spec, k) =>
        writeWhole(
          `${path}.spec-${k + 1}.json`,
          `${JSON.stringify({ name: experiment.name, ...spec }, null, 2)}\n`,
        ),
      ),
    )),
  ];
}

/** Writes `<name>.svg` and `<name>.png`. Returns their paths. */
export async function writePictures(
  out: string,
  name: string,
  figure: Figure,
  browser: Browser,
): Promise<string[]> {
  const path = join(out, name);
  const { svg, png } = await browser.picture(figure);
  return [await writeWhole(`${path}.svg`, svg), await writeWhole(`${path}.png`, png)];
}

/** The finished figures of a folder, in the order of the gallery. */
export async function readFinished(out: string, scale: Scale): Promise<Finished[]> {
  const finished: Finished[] = [];
  for (const experiment of experiments) {
    const entry = await readEntry(out, experiment.name);
    if (entry?.scale !== scale) continue;
    finished.push({ ...entry, experiment, pictured: existsSync(join(out, `${experiment.name}.svg`)) });
  }
  return finished;
}

/** Writes index.html and scoreboard.json over all finished figures of the folder. */
export async function writeIndex(out: string, scale: Scale): Promise<void> {
  const finished = await readFinished(out, scale);
  await writeWhole(join(out, 'index.html'), indexPage(finished, scale));
  await writeWhole(join(out, 'scoreboard.json'), `${JSON.stringify(scoreboard(finished, scale), null, 1)}\n`);
}
