/** HTML of the figure pages and of the index, as pure functions from data to text. */
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import { byPaper } from '../sim/experiments/index.ts';
import type { Paper } from '../sim/experiments/papers.ts';
import {
  type ClaimKind,
  counts,
  kindOf,
  tally,
  VERDICTS,
  type Verdict,
  verdictOf,
} from '../sim/experiments/verdict.ts';
import { doorOf } from './door.ts';
import type { Finished } from './entry.ts';
import type { Figure } from './figure.ts';
import { commandOf, evidenceText, harderCommand } from './scoreboard.ts';

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

/** Words for who made a claim. */
const WHOSE: Record<ClaimKind, string> = {
  statement: 'statement of the paper',
  exact: 'exact result',
  calibration: 'calibration',
  other: "another's setting",
};

const MARKS: Record<Verdict, string> = { holds: '✓', contradicted: '✗', 'not reached': '◌', open: '?' };

/** Rising numbers with runs of three or more shortened: "0–99, 120". */
export function ranges(numbers: readonly number[]): string {
  const runs: number[][] = [];
  for (const number of numbers) {
    if (runs.at(-1)?.at(-1) === number - 1) runs.at(-1)!.push(number);
    else runs.push([number]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}–${run.at(-1)}` : run.join(', '))).join(', ');
}

/** The ways to what made a claim, as list items. */
function doorItems(claim: Claim, finished: Finished): string[] {
  const door = doorOf(claim, finished);
  if (!door) return [];
  const { name } = finished;
  const rows =
    door.rows === null ? 'all models' : `model${door.rows.length > 1 ? 's' : ''} ${ranges(door.rows)}`;
  const specs = door.specs.map((k) => `<a href="${name}.spec-${k + 1}.json">spec ${k + 1}</a>`).join(', ');
  const items = [`${specs}: ${rows}; <code>${escapeHtml(door.command)}</code>`];
  if (door.playground) {
    items.push(`<a href="${escapeHtml(door.playground)}">the same settings in the playground</a> (<code>npm run serve</code>)`); // biome-ignore format: one line
  }
  return items;
}

/** What stands behind a claim, folded away. */
function behind(claim: Claim, finished: Finished): string {
  const { source, where, evidence = [] } = claim;
  const harder = verdictOf(claim) === 'not reached' ? harderCommand(claim) : null;
  const items = [
    `${WHOSE[kindOf(claim)]}: ${escapeHtml(`${where ?? finished.experiment.section} [${source}]`)}`,
    ...evidence.map((one) => escapeHtml(evidenceText(one))),
    ...(harder ? [`tries harder: <code>${escapeHtml(harder)}</code>`] : []),
    ...doorItems(claim, finished),
  ];
  const open = claim.holds ? '' : ' open';
  return `<details${open}><summary>behind it</summary><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul></details>`;
}

function claimRow(claim: Claim, finished: Finished): string {
  const { text, expected, measured, note } = claim;
  const remark = note ? `<br><small>${escapeHtml(note)}</small>` : '';
  const verdict = verdictOf(claim);
  const cells = [`${escapeHtml(text)}${remark}${behind(claim, finished)}`, escapeHtml(expected), escapeHtml(measured), escapeHtml(kindOf(claim))]; // biome-ignore format: one line
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}<td class="${verdict.replace(' ', '-')}">${MARKS[verdict]} ${verdict}</td></tr>`;
}

function claimTable(finished: Finished, claims: readonly Claim[] = finished.claims): string {
  if (claims.length === 0) return '';
  return `<div class="wide" tabindex="0" role="region" aria-label="Claims"><table>
<thead><tr><th>claim</th><th>expected</th><th>measured</th><th>whose</th><th></th></tr></thead>
<tbody>
${claims.map((claim) => claimRow(claim, finished)).join('\n')}
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

/** Links to the specs of a figure. */
function specLinks({ name, experiment, scale }: Finished): string {
  return experiment
    .specs(scale)
    .map((_, k) => ` · <a href="${name}.spec-${k + 1}.json">spec ${k + 1}</a>`)
    .join('');
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
${claimTable(finished)}
${origin(finished)}
<p class="origin"><a href="${name}.json">data (JSON)</a>${specLinks(finished)}</p>
</main>`;
  const scripts = `<script type="application/json" id="figure">${scriptJson(figure)}</script>
<script src="plotly.js"></script>
<script src="page.js"></script>
`;
  return page(`${id} ${title}`, body, scripts);
}

/** Width of a thumbnail, CSS pixels; style.css has the same. */
const THUMB = 270;

/** The picture of a figure in the index: its SVG, or the live figure, shrunk, where there was no Chromium to print it. */
function thumbnail({ name, size, pictured }: Finished): string {
  const { width, height } = size;
  if (pictured) {
    return `<img src="${name}.svg" width="${width}" height="${height}" loading="lazy" alt="">`;
  }
  const scale = THUMB / width;
  const frame = `<iframe src="${name}.html#plot" title="" tabindex="-1" loading="lazy" width="${width}" height="${height}" style="transform:scale(${scale.toFixed(3)})"></iframe>`;
  return `<span class="shrunk" style="height:${Math.ceil(height * scale)}px">${frame}</span>`;
}

/** "6 of 8 hold", and each other verdict that occurs. */
function verdictLine(claims: readonly Claim[]): string {
  const found = tally(claims);
  const part = (verdict: Verdict, text: string) =>
    `<span class="${verdict.replace(' ', '-')}">${MARKS[verdict]} ${text}</span>`;
  const failing = VERDICTS.filter((verdict) => verdict !== 'holds' && found[verdict] > 0);
  return [
    part('holds', `${found.holds} of ${found.of} hold`),
    ...failing.map((verdict) => part(verdict, `${found[verdict]} ${verdict}`)),
  ].join(' ');
}

/** A figure in the index: thumbnail, name, verdicts. All of it is one link. */
function card(finished: Finished): string {
  const { name, claims, experiment } = finished;
  return `<article id="${name}"><a href="${name}.html">
${thumbnail(finished)}
<h4><span class="number">${escapeHtml(experiment.id)}</span> ${escapeHtml(experiment.title)}</h4>
<p>${verdictLine(claims)}</p></a>
</article>`;
}

/** The claims of some figures that do not hold, figure by figure. */
function failingPart(of: readonly Finished[]): string {
  const failing = of.filter(({ claims }) => claims.some(({ holds }) => !holds));
  if (failing.length === 0) return '';
  const tables = failing.map(
    (finished) =>
      `<h4><a href="${finished.name}.html"><span class="number">${escapeHtml(finished.experiment.id)}</span> ${escapeHtml(finished.experiment.title)}</a></h4>\n${claimTable(
        finished,
        finished.claims.filter(({ holds }) => !holds),
      )}`,
  );
  return `<h3>What does not hold</h3>\n${tables.join('\n')}`;
}

/** The counts of some claims, whoever made them, as a list. */
function countList(claims: readonly Claim[]): string {
  return `<ul class="counts">${counts(claims).map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`; // biome-ignore format: one line
}

/** The figures of one paper: what holds, cards by section, and what does not hold. */
function paperPart({ paper, of }: { paper: Paper; of: Finished[] }): string {
  const sections = [...new Set(of.map(({ experiment }) => experiment.section))];
  const parts = sections.map((section) => {
    const own = of.filter(({ experiment }) => experiment.section === section);
    return `<h3>${escapeHtml(section)}</h3>\n<div class="cards">\n${own.map(card).join('\n')}\n</div>`;
  });
  const by = `<p class="section"><a href="${paper.url}">${escapeHtml(paper.by)}</a></p>`;
  const all = countList(of.flatMap(({ claims }) => claims));
  return `<section>\n<h2 id="${paper.name}">${escapeHtml(paper.title)}</h2>\n${by}\n${all}\n${parts.join('\n')}\n${failingPart(of)}\n</section>`;
}

/** The index of a gallery folder, by paper and section. */
export function indexPage(finished: readonly Finished[], scale: Scale): string {
  const groups = byPaper(finished.map((one) => ({ ...one, paper: one.experiment.paper })));
  const papers = groups.map(
    ({ paper }) => `<li><a href="#${paper.name}">${escapeHtml(paper.title)}</a></li>`,
  );
  const figures = finished.length === 1 ? '1 figure' : `${finished.length} figures`;
  const body = `<main>
<h1>Superposition in toy models</h1>
<p>${figures} at ${scale} scale. Made by <code>${escapeHtml(commandOf(scale))}</code>.</p>
<nav aria-label="Papers"><ul>${papers.join('')}</ul></nav>
${groups.map(paperPart).join('\n')}
</main>`;
  return page('Superposition in toy models: gallery', body);
}
