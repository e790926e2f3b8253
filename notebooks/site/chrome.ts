/** Vite plugin: what every page has in common, written once: the bar at the top, the share card, the links out. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { hasGallery } from './figures.ts';

const notebooks = resolve(import.meta.dirname, '..');
const root = resolve(notebooks, '..');

/** Where the site will be served, with its last slash; share cards need it, since a card's address must be whole. */
const SITE = process.env.SUPERPOSE_SITE ?? './';

/** What a page says that stays still: shown by the style sheet some seconds after opening, unless a script runs. */
const STILL =
  '<p class="still" role="status">Nothing moves? Then scripts do not run on this page. Opened from disk a page may not start them: serve the folder, with <code>npm run serve</code> or <code>python3 -m http.server</code>, and open the address that says. If it is served, allow JavaScript for it, or try another browser.</p>';

const titleIn = (html: string) => html.match(/<title>(.*?)<\/title>/s)?.[1] ?? 'Toy models of superposition';

const BAR: readonly [file: string, name: string][] = [
  ['index.html', 'Home'],
  ['play.html', 'Play'],
  ['phase.html', 'Phase diagram'],
  ['dictionaries.html', 'Dictionaries'],
];

/** The gallery of figures, where it is part of the site. */
const galleryLink = (): typeof BAR => (hasGallery() ? [['figures/index.html', 'Figures']] : []);

/** The bar of a page: doors, notebooks by number, the guide. The page one is on is marked. */
function bar(page: string, titles: ReadonlyMap<string, string>): string {
  const link = (file: string, name: string, title = '') =>
    `<a href="./${file}"${title && ` aria-label="Notebook ${title}" title="${title}"`}${file === page ? ' aria-current="page"' : ''}>${name}</a>`;
  const doors = [...BAR, ...galleryLink()].map(([file, name]) => link(file, name));
  const numbers = [...titles].map(([file, title]) => link(file, file.split('-')[0], title));
  return `<nav class="top" aria-label="Workshop">${doors.join(' ')} <span>Notebooks ${numbers.join(' ')}</span> ${link('guide.html', "Teacher's guide")} <span id="offline" class="help" role="status"></span></nav>`;
}

/** Where one goes from a notebook: the notebook before and after it. */
function next(page: string, titles: ReadonlyMap<string, string>): string {
  const files = [...titles.keys()];
  const at = files.indexOf(page);
  if (at < 0) return '';
  const link = (file: string | undefined, rel: string, arrow: (title: string) => string) =>
    file ? `<a rel="${rel}" href="./${file}">${arrow(titles.get(file)!)}</a>` : '';
  const before = link(files[at - 1], 'prev', (title) => `← ${title}`);
  const after = link(files[at + 1], 'next', (title) => `Next: ${title} →`);
  return `<nav class="next" aria-label="Notebooks before and after">${before} ${after}</nav>`;
}

/** Title, description and picture as other sites show them. */
function card(html: string): string {
  const description =
    html.match(/<meta name="description" content="(.*?)"/)?.[1] ??
    'Toy models of superposition: notebooks with exercises that check themselves, in the browser.';
  const tags = {
    'og:title': titleIn(html),
    'og:description': description,
    'og:type': 'website',
    'og:image': `${SITE}card.png`,
    'og:image:alt': 'Five arrows at equal angles: five features in two dimensions',
    'og:image:width': '1200',
    'og:image:height': '630',
  };
  const properties = Object.entries(tags).map(
    ([name, text]) => `<meta property="${name}" content="${text}">`,
  );
  const named = html.includes('name="description"')
    ? []
    : [`<meta name="description" content="${description}">`];
  return [...named, ...properties, '<meta name="twitter:card" content="summary_large_image">'].join('\n    ');
}

/** The link to the repository, where package.json names one. */
function repository(): string {
  const { repository: from } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
  const url = (typeof from === 'string' ? from : from?.url)?.replace(/^git\+/, '').replace(/\.git$/, '');
  return url ? `<a href="${url}">The code</a> is open. ` : '';
}

/** Fills `<!-- top -->`, `<!-- next -->` and `<!-- repository -->`, adds the share card, and emits its picture and the licence. */
export function chrome(titles: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'chrome',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { path }) =>
        html
          .replace('<!-- top -->', bar(path.replace(/^\//, ''), titles))
          .replace('<!-- next -->', next(path.replace(/^\//, ''), titles))
          .replace('<!-- repository -->', repository())
          .replace('</body>', `  ${STILL}\n    <script src="./speak.js"></script>\n  </body>`)
          .replace('</head>', `  ${card(html)}\n  </head>`),
    },
    generateBundle() {
      const emit = (fileName: string, from: string) =>
        this.emitFile({ type: 'asset', fileName, source: readFileSync(from) });
      emit('card.png', resolve(notebooks, 'site/card.png'));
      emit('speak.js', resolve(notebooks, 'site/speak.js'));
      emit('LICENSE.txt', resolve(root, 'LICENSE'));
    },
  };
}
