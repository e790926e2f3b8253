/** HTML of the figure pages and of the index, as pure functions from data to text. */
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import { byPaper } from '../sim/experiments/index.ts';
import type { Paper } from '../sim/experiments/papers.ts';
import {
  type ClaimKind,
  counts,
  kindOf,
  sourceInWords,
  sourceNameOf,
  tally,
  VERDICTS,
  type Verdict,
  verdictOf,
} from '../sim/experiments/verdict.ts';
import { doorOf, playgroundLink } from './door.ts';
import type { Finished } from './entry.ts';
import type { Figure } from './figure.ts';
import { type Html, html, scriptJson } from './html.ts';
import { maths } from './maths.ts';
import { commandOf, evidenceText, harderCommand } from './scoreboard.ts';

/**
 * Scripts and pictures of the folder itself and nothing else, from disk or from a host. Plotly styles its elements
 * inline and hands pictures over as blobs.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const NOTHING = html``;

function page(title: string, body: Html, scripts = NOTHING): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
${body}
${scripts}</body>
</html>
`.html;
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
function doorItems(claim: Claim, finished: Finished): Html[] {
  const door = doorOf(claim, finished);
  if (!door) return [];
  const { name } = finished;
  const rows =
    door.rows === null ? 'all models' : `model${door.rows.length > 1 ? 's' : ''} ${ranges(door.rows)}`;
  const specs = door.specs.map((k) => html`<a href="${name}.spec-${k + 1}.json">spec ${k + 1}</a>`);
  const items = [html`${specs}: ${rows}; <code>${door.command}</code>`];
  if (door.playground) {
    items.push(html`<a href="${door.playground}">the same settings in the playground</a>`);
  }
  return items;
}

/** What stands behind a claim, folded away. */
function behind(claim: Claim, finished: Finished): Html {
  const { source, where, evidence = [] } = claim;
  const harder = verdictOf(claim) === 'not reached' ? harderCommand(claim) : null;
  const items = [
    html`${WHOSE[kindOf(claim)]}: ${where ?? finished.experiment.section} [<abbr title="${sourceInWords(sourceNameOf(claim))}">${source}</abbr>]`,
    ...evidence.map((one) => maths(evidenceText(one))),
    ...(harder ? [html`tries harder: <code>${harder}</code>`] : []),
    ...doorItems(claim, finished),
  ];
  const open = claim.holds ? NOTHING : html` open`;
  return html`<details${open}><summary>behind it</summary><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></details>`;
}

function claimRow(claim: Claim, finished: Finished): Html {
  const { text, expected, measured, note } = claim;
  const remark = note ? html`<br><small>${maths(note)}</small>` : NOTHING;
  const verdict = verdictOf(claim);
  const cells = [html`${maths(text)}${remark}${behind(claim, finished)}`, maths(expected), maths(measured), kindOf(claim)]; // biome-ignore format: one row
  return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}<td class="${verdict.replace(' ', '-')}">${MARKS[verdict]} ${verdict}</td></tr>`;
}

function claimTable(finished: Finished, claims: readonly Claim[] = finished.claims): Html {
  if (claims.length === 0) return NOTHING;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Claims"><table>
<thead><tr><th>claim</th><th>expected</th><th>measured</th><th>whose</th><th></th></tr></thead>
<tbody>
${claims.map((claim) => claimRow(claim, finished))}
</tbody></table></div>`;
}

/** What the names of sources stand for that some claims give. */
function sourceKey(claims: readonly Claim[]): Html {
  const names = [...new Set(claims.map(sourceNameOf))];
  if (names.length === 0) return NOTHING;
  const parts = names.map((name) => html`<dt>[${name}]</dt><dd>${sourceInWords(name)}</dd>`);
  return html`<details class="key"><summary>whose claims: the names in brackets</summary><dl>${parts}</dl></details>`;
}

/** How the figure came about, in one line. */
function origin({ engine, models, seconds, date, diverged, name, scale }: Finished): Html {
  const trained = engine
    ? `${models.toLocaleString('en')} models, engine ${engine.engine} (${engine.device}), ${Math.round(seconds)} s, ${date}`
    : `theory, nothing trained, ${date}`;
  const lost = diverged > 0 ? `; ${diverged} models diverged` : '';
  return html`<p class="origin"><code>${commandOf(scale, name)}</code><br>${trained + lost}</p>`;
}

/** Links to the specs of a figure. */
function specLinks({ name, experiment, scale }: Finished): Html[] {
  return experiment
    .specs(scale)
    .map((_, k) => html` · <a href="${name}.spec-${k + 1}.json">spec ${k + 1}</a>`);
}

/** Links to the pictures of a figure as files, where a Chromium has drawn them. */
function pictureLinks({ name, pictured }: Finished): Html {
  const drawn = pictured ? html`<a href="${name}.png">PNG</a> · <a href="${name}.svg">SVG</a> · ` : NOTHING;
  return html`${drawn}<a href="${name}.plotly.json">figure (plotly JSON)</a>`;
}

/** The way into the playground from a figure whose first model it can train. */
function playgroundDoor({ experiment, scale, claims }: Finished): Html {
  const specs = experiment.specs(scale);
  const decided = claims.find(({ models }) => models)?.models;
  if (specs.length === 0) return NOTHING;
  const link = playgroundLink(specs[decided?.spec ?? 0], decided?.rows.at(-1) ?? 0);
  return link ? html`<p><a class="door" href="${link}">Open this model in the playground</a></p>` : NOTHING;
}

/** What a screen says that is narrower than a figure; on a wider one it is not there. */
function cue(width: number): Html {
  return html`<style>@media (min-width: ${width + MARGINS}px) { .cue { display: none; } }</style>
<p class="cue" aria-hidden="true">The figure is wider than the screen: move it sideways ⟷</p>`;
}

/** A figure's printed picture, which stands until somebody reaches for it; one that moves is drawn at once. */
function still({ name, pictured, experiment }: Finished, { layout, frames }: Figure): Html {
  if (!pictured || frames) return NOTHING;
  const { width, height } = layout;
  return html`<img src="${name}.svg" width="${width}" height="${height}" alt="${experiment.title}">`;
}

/** The page of one figure: interactive picture, caption, claims, origin. */
export function figurePage(finished: Finished, figure: Figure): string {
  const { id, title, section, caption, name } = finished.experiment;
  const { width, height } = figure.layout;
  const body = html`<main>
<p class="section"><a href="index.html">Gallery</a> · ${section}</p>
<h1><span class="number">${id}</span> ${title}</h1>
${cue(width)}
<div class="wide" tabindex="0" role="region" aria-label="${title}">
<div id="plot" style="width:${width}px;height:${height}px">${still(finished, figure)}</div>
</div>
<p>${maths(caption)}</p>
${playgroundDoor(finished)}
${claimTable(finished)}
${sourceKey(finished.claims)}
${origin(finished)}
<p class="origin">${pictureLinks(finished)} · <a href="${name}.json">data (JSON)</a>${specLinks(finished)}</p>
</main>`;
  const scripts = html`<script type="application/json" id="figure">${scriptJson(figure)}</script>
<script src="page.js"></script>
`;
  return page(`${id} ${title}`, body, scripts);
}

/** Room beside a figure at both sides of a page, CSS pixels; style.css has the same. */
const MARGINS = 32;

/** Width of a thumbnail, CSS pixels; style.css has the same. */
const THUMB = 270;

/** The picture of a figure in the index: its SVG, or the live figure, shrunk, where there was no Chromium to print it. */
function thumbnail({ name, size, pictured }: Finished): Html {
  const { width, height } = size;
  if (pictured) {
    return html`<img src="${name}.svg" width="${width}" height="${height}" loading="lazy" alt="">`;
  }
  const scale = THUMB / width;
  const frame = html`<iframe src="${name}.html#plot" title="" tabindex="-1" loading="lazy" width="${width}" height="${height}" style="transform:scale(${scale.toFixed(3)})"></iframe>`;
  return html`<span class="shrunk" style="height:${Math.ceil(height * scale)}px">${frame}</span>`;
}

/** "6 of 8 hold", and each other verdict that occurs. */
function verdictLine(claims: readonly Claim[]): Html[] {
  const found = tally(claims);
  const part = (verdict: Verdict, text: string) =>
    html`<span class="${verdict.replace(' ', '-')}">${MARKS[verdict]} ${text}</span>`;
  const failing = VERDICTS.filter((verdict) => verdict !== 'holds' && found[verdict] > 0);
  return [
    part('holds', `${found.holds} of ${found.of} hold`),
    ...failing.map((verdict) => part(verdict, `${found[verdict]} ${verdict}`)),
  ];
}

/** A figure in the index: thumbnail, name, verdicts. All of it is one link. */
function card(finished: Finished): Html {
  const { name, claims, experiment } = finished;
  return html`<article id="${name}"><a href="${name}.html">
${thumbnail(finished)}
<h4><span class="number">${experiment.id}</span> ${experiment.title}</h4>
<p>${verdictLine(claims)}</p></a>
</article>`;
}

/** The claims of some figures that do not hold, figure by figure. */
function failingPart(of: readonly Finished[]): Html {
  const failing = of.filter(({ claims }) => claims.some(({ holds }) => !holds));
  if (failing.length === 0) return NOTHING;
  const tables = failing.map(
    (finished) =>
      html`<h4><a href="${finished.name}.html"><span class="number">${finished.experiment.id}</span> ${finished.experiment.title}</a></h4>\n${claimTable(
        finished,
        finished.claims.filter(({ holds }) => !holds),
      )}`,
  );
  return html`<h3>What does not hold</h3>\n${tables}\n${sourceKey(failing.flatMap(({ claims }) => claims))}`;
}

/** The counts of some claims, whoever made them, as a list. */
function countList(claims: readonly Claim[]): Html {
  return html`<ul class="counts">${counts(claims).map((text) => html`<li>${text}</li>`)}</ul>`;
}

/** The figures of one paper: what holds, cards by section, and what does not hold. */
function paperPart({ paper, of }: { paper: Paper; of: Finished[] }): Html {
  const sections = [...new Set(of.map(({ experiment }) => experiment.section))];
  const parts = sections.map((section) => {
    const own = of.filter(({ experiment }) => experiment.section === section);
    return html`<h3>${section}</h3>\n<div class="cards">\n${own.map(card)}\n</div>`;
  });
  const by = html`<p class="section"><a href="${paper.url}">${paper.by}</a></p>`;
  const all = countList(of.flatMap(({ claims }) => claims));
  return html`<section>\n<h2 id="${paper.name}">${paper.title}</h2>\n${by}\n${all}\n${parts}\n${failingPart(of)}\n</section>`;
}

/** The index of a gallery folder, by paper and section. */
export function indexPage(finished: readonly Finished[], scale: Scale): string {
  const groups = byPaper(finished.map((one) => ({ ...one, paper: one.experiment.paper })));
  const papers = groups.map(({ paper }) => html`<li><a href="#${paper.name}">${paper.title}</a></li>`);
  const figures = finished.length === 1 ? '1 figure' : `${finished.length} figures`;
  const body = html`<main>
<h1>Superposition in toy models</h1>
<p>${figures} at ${scale} scale. Made by <code>${commandOf(scale)}</code>.</p>
<nav aria-label="Papers"><ul>${papers}</ul></nav>
${groups.map(paperPart)}
</main>`;
  return page('Superposition in toy models: gallery', body);
}
