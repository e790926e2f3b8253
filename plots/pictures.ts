/**
 * The README's pictures: `npm run pictures -- figures` draws the stored figures of a folder as PNG at screen
 * size into plots/pictures.
 */
import { fileURLToPath } from 'node:url';
import { experiments } from '../sim/experiments/index.ts';
import { replaceFile } from '../sim/store/files.ts';
import { openBrowser } from './browser.ts';
import { figures } from './figures/index.ts';
import { readEntry } from './write.ts';

const OUT = fileURLToPath(new URL('./pictures', import.meta.url));
const SCALE = 1;

/** Draws every figure stored in `folder`. Returns the files written. @throws if there is no Chromium or no figure. */
async function makePictures(folder: string, out: string): Promise<string[]> {
  const { browser, note } = await openBrowser();
  if (!browser) throw new Error(note ?? 'no browser');
  const files: string[] = [];
  try {
    for (const { name } of experiments) {
      const entry = await readEntry(folder, name);
      if (!entry) continue;
      const { png } = await browser.picture(figures[name](entry.data), SCALE);
      replaceFile(`${out}/${name}.png`, [png]);
      files.push(`${out}/${name}.png`);
    }
  } finally {
    await browser.close();
  }
  if (files.length === 0) throw new Error(`${folder}: no stored figures; run \`npm run figures\` first`);
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of await makePictures(process.argv[2] ?? 'figures', OUT)) console.log(file);
}
