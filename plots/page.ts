/** HTML of the figure pages and of the index, as pure functions from data to text. */
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import { byPaper } from '../sim/experiments/index.ts';
import type { Paper } from '../sim/experiments/papers.ts';
import type { Finished } from './entry.ts';
import type { Figure } from './figure.ts';
import { commandOf } from './scoreboard.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]);
}

/** JSON that can stand inside a script element. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function page(title: string, body: string, scripts = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
${body}
${scripts}</body>
</html>
`;
}

function claimRow({ text, expected, source, measured, holds, note }: Claim): string {
  const remark = note ? `<br><small>${escapeHtml(note)}</small>` : '';
  const verdict = holds ? '<td class="holds">✓ holds</td>' : '<td class="fails">✗ does not hold</td>';
  return `<tr><td>${escapeHtml(text)}${remark}</td><td>${escapeHtml(expected)}</td><td>${escapeHtml(measured)}</td><td>${escapeHtml(source)}</td>${verdict}</tr>`;
}

function claimTable(claims: readonly Claim[]): string {
  if (claims.length === 0) return '';
  return `<div class="wide" tabindex="0" role="region" aria-label="Claims"><table>
<thead><tr><th>claim</th><th>expected</th><th>measured</th><th>source</th><th></th></tr></thead>
<tbody>
${claims.map(claimRow).join('\n')}
</tbody></table></div>`;
}

/** How the figure came about, in one line. */
function origin({ engine, models, seconds, date, diverged, name, scale }: Finished): string {
  const trained = engine
    ? `${models.toLocaleString('en')} models, engine ${engine.engine} (${engine.device}), ${Math.round(seconds)} s, ${date}`
    : `theory, nothing trained, ${date}`;
  const lost = diverged > 0 ? `; ${diverged} models diverged` : '';
  return `<p class="origin"><code>${escapeHtml(commandOf(scale, name))}</code><br>${escapeHtml(trained + lost)}</p>`;
}

/** The page of one figure: interactive picture, caption, claims, origin. */
export function figurePage(finished: Finished, figure: Figure): string {
  const { id, title, section, caption, name } = finished.experiment;
  const { width, height } = figure.layout;
  const body = `<main>
<p class="section"><a href="index.html">Gallery</a> · ${escapeHtml(section)}</p>
<h1><span class="number">${escapeHtml(id)}</span> ${escapeHtml(title)}</h1>
<div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(title)}">
<div id="plot" style="width:${width}px;height:${height}px"></div>
</div>
<p>${escapeHtml(caption)}</p>
${claimTable(finished.claims)}
${origin(finished)}
<p class="origin"><a href="${name}.json">data (JSON)</a></p>
</main>`;
  const scripts = `<script type="application/json" id="figure">${scriptJson(figure)}</script>
<script src="plotly.js"></script>
<script src="page.js"></script>
`;
  return page(`${id} ${title}`, body, scripts);
}

/** The picture of a figure in the index: its SVG, or the live figure where there was no Chromium to print it. */
function preview({ name, size, pictured, experiment }: Finished): string {
  const title = escapeHtml(experiment.title);
  const { width, height } = size;
  if (pictured) {
    return `<a href="${name}.html"><img src="${name}.svg" width="${width}" height="${height}" loading="lazy" alt="${title}"></a>`;
  }
  return `<iframe src="${name}.html#plot" title="${title}" loading="lazy" width="${width}" height="${height}"></iframe>`;
}

function indexEntry(finished: Finished): string {
  const { name, claims, experiment } = finished;
  const held = claims.filter((claim) => claim.holds).length;
  return `<article id="${name}">
<h4><a href="${name}.html"><span class="number">${escapeHtml(experiment.id)}</span> ${escapeHtml(experiment.title)}</a></h4>
${preview(finished)}
<p>${escapeHtml(experiment.caption)}</p>
<details${held < claims.length ? ' open' : ''}><summary>${held} of ${claims.length} claims hold</summary>
${claimTable(claims)}</details>
${origin(finished)}
</article>`;
}

/** The figures of one paper, by its sections. */
function paperPart({ paper, of }: { paper: Paper; of: Finished[] }): string {
  const sections = [...new Set(of.map(({ experiment }) => experiment.section))];
  const parts = sections.map((section) => {
    const own = of.filter(({ experiment }) => experiment.section === section);
    return `<h3>${escapeHtml(section)}</h3>\n${own.map(indexEntry).join('\n')}`;
  });
  const by = `<p class="section"><a href="${paper.url}">${escapeHtml(paper.by)}</a></p>`;
  return `<h2 id="${paper.name}">${escapeHtml(paper.title)}</h2>\n${by}\n${parts.join('\n')}`;
}

/** The index of a gallery folder, by paper and section. */
export function indexPage(finished: readonly Finished[], scale: Scale): string {
  const claims = finished.flatMap((entry) => entry.claims);
  const held = claims.filter((claim) => claim.holds).length;
  const contents = finished.map(
    ({ name, experiment }) =>
      `<li><a href="#${name}"><span class="number">${escapeHtml(experiment.id)}</span> ${escapeHtml(experiment.title)}</a></li>`,
  );
  const groups = byPaper(finished.map((one) => ({ ...one, paper: one.experiment.paper })));
  const body = `<main>
<h1>Superposition in toy models</h1>
<p>${finished.length} figures at ${scale} scale; ${held} of ${claims.length} claims hold. Made by <code>${escapeHtml(commandOf(scale))}</code>.</p>
<nav aria-label="Figures"><ul>
${contents.join('\n')}
</ul></nav>
${groups.map(paperPart).join('\n')}
</main>`;
  return page('Superposition in toy models: gallery', body);
}
