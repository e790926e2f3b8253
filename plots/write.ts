/** Writes a figure's files and the index page. Every file is written whole or not at all. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Experiment, Scale } from '../sim/experiments/experiment.ts';
import { experiments } from '../sim/experiments/index.ts';
import { readSums } from '../sim/store/sums.ts';
import type { Browser } from './browser.ts';
import type { Entry, Finished } from './entry.ts';
import type { Figure } from './figure.ts';
import { figurePage, indexPage } from './page.ts';
import type { Place } from './place.ts';
import { scoreboard } from './scoreboard.ts';

/** Numbers to six significant digits: figures need no more, and the files stay small. */
function compact(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

/** Whether a file is as the list of its folder says. A folder of before there were lists has none. */
function isListed(out: string, name: string, bytes: Uint8Array): boolean {
  const sums = readSums(out);
  if (sums === null) return true;
  return sums !== 'damaged' && sums[name] === createHash('sha256').update(bytes).digest('hex');
}

/** The stored entry of a figure, or null if there is none that can be read, or it is not as it was written. */
export async function readEntry(out: string, name: string): Promise<Entry | null> {
  try {
    const bytes = await readFile(join(out, `${name}.json`));
    const entry: Entry = JSON.parse(bytes.toString());
    return entry.name === name && isListed(out, `${name}.json`, bytes) ? entry : null;
  } catch {
    return null;
  }
}

/** Writes the plotly script and our own two files, which all pages of a folder share. */
export async function writeAssets(place: Place): Promise<void> {
  const require = createRequire(import.meta.url);
  place.write('plotly.js', await readFile(require.resolve('plotly.js-dist')));
  for (const name of ['page.js', 'style.css']) {
    place.write(name, await readFile(fileURLToPath(new URL(`./assets/${name}`, import.meta.url))));
  }
}

/**
 * Writes `<name>.json`, `<name>.html`, the figure as plotly of any language reads it as `<name>.plotly.json`, and each
 * spec as `<name>.spec-<k>.json`, k from 1. `pictured`: its pictures will be there too. Returns their paths.
 */
export function writeFigure(
  place: Place,
  experiment: Experiment,
  entry: Entry,
  figure: Figure,
  pictured: boolean,
): string[] {
  const { name } = experiment;
  const specs = experiment.specs(entry.scale);
  return [
    place.write(`${name}.json`, JSON.stringify(entry, compact)),
    place.write(`${name}.html`, figurePage({ ...entry, experiment, pictured }, figure)),
    place.write(`${name}.plotly.json`, JSON.stringify(figure)),
    ...specs.map((spec, k) =>
      place.write(`${name}.spec-${k + 1}.json`, `${JSON.stringify({ name, ...spec }, null, 2)}\n`),
    ),
  ];
}

/** Writes `<name>.svg` and `<name>.png`. Returns their paths. */
export async function writePictures(
  place: Place,
  name: string,
  figure: Figure,
  browser: Browser,
): Promise<string[]> {
  const { svg, png } = await browser.picture(figure);
  return [place.write(`${name}.svg`, svg), place.write(`${name}.png`, png)];
}

/** The finished figures of a folder, in the order of the gallery. */
async function readFinished(out: string, scale: Scale): Promise<Finished[]> {
  const finished: Finished[] = [];
  for (const experiment of experiments) {
    const entry = await readEntry(out, experiment.name);
    if (entry?.scale !== scale) continue;
    finished.push({ ...entry, experiment, pictured: existsSync(join(out, `${experiment.name}.svg`)) });
  }
  return finished;
}

/** Writes index.html and scoreboard.json over all finished figures of the folder, and its list of checksums. */
export async function writeIndex(place: Place, scale: Scale): Promise<void> {
  place.list(); // a figure that is not listed is not finished
  const finished = await readFinished(place.folder, scale);
  place.write('index.html', indexPage(finished, scale));
  place.write('scoreboard.json', `${JSON.stringify(scoreboard(finished, scale), null, 1)}\n`);
  place.list();
}
