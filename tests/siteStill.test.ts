/** Pages that stand still while they load: places that code will fill are marked, and fonts do not come late. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { markFilled } from '../notebooks/kit.ts';
import { withEarlyFonts } from '../notebooks/site/fonts.ts';

test('places that code fills are marked, those of words and of mere definitions are not', () => {
  const cell = (id: number, type: string, text: string) =>
    `<script id="${id}" type="text/${type}">${text}</script>`;
  const notebook = [
    cell(1, 'markdown', 'display(nothing)'),
    cell(2, 'x-typescript', "display(exercise('a'));"),
    cell(3, 'x-typescript', 'const p = view(\n slider());'),
    cell(4, 'x-typescript', 'const displayed = 3;'),
    cell(12, 'x-typescript', 'display(2);'),
  ].join('\n');
  const places = [1, 2, 3, 4, 12].map((id) => `<div id="cell-${id}" class="c"></div>`).join('');
  const marked = [...markFilled(places, notebook).matchAll(/<div id="cell-(\d+)" data-fills class="c">/g)];
  assert.equal(
    marked.map(([, id]) => Number(id)),
    [2, 3, 12],
  );
});

test('a page asks for its Latin letters once and early, and draws without them if they are late', () => {
  const face = (family: string, file: string, range: string) =>
    `@font-face{font-family:${family};font-style:normal;font-display:swap;src:url(./${file});unicode-range:${range}}`;
  const html = `<head><style>${face('Inter Variable', 'greek.woff2', 'U+370-377')}${face('Inter Variable', 'latin.woff2', 'U+??,U+131')}${face('"Source Serif 4 Variable"', 'serif.woff2', 'U+0000-00FF')}${face('Noto Sans Math', 'math.woff2', 'U+??')}</style></head>`;
  const early = withEarlyFonts(html);
  const asked = [
    ...early.matchAll(/<link rel="preload" as="font" type="font\/woff2" href="(.*?)" crossorigin>/g),
  ];
  assert.equal(
    asked.map(([, file]) => file),
    ['./latin.woff2', './serif.woff2'],
  );
  assert.ok(early.indexOf('preload') < early.indexOf('<style'));
  assert.is(early.match(/font-display:optional/g)?.length, 3);
  assert.match(early, /Noto Sans Math;font-style:normal;font-display:swap/);
  assert.is(withEarlyFonts('<head><style>a{}</style></head>'), '<head><style>a{}</style></head>');
});

test.run();
