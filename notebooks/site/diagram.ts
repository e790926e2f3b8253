/**
 * The model itself as a picture: inputs x, the weights W into the hidden numbers h, the weights back to the outputs,
 * and what the ReLU leaves of them. Features that are switched on send 1; what comes out at a feature that is off is
 * interference, red, and what the ReLU takes away is hatched.
 */
import type { Family } from '../../sim/family.ts';
import { type Forward, forward, type Model } from '../../sim/model.ts';
import { featureColor, type Palette } from './palette.ts';
import { circle, label, line, picture, rect, superscript } from './svg.ts';

/** A model, and which of its features are switched on, counted from 0. */
export interface Wiring {
  family: Family;
  model: Model;
  on: readonly number[];
}

/** Outputs by what they do: right, wrong though off, and silenced by the ReLU. Features counted from 0. */
interface Response extends Forward {
  interference: number[]; // off, yet above NOTICEABLE
  cut: number[]; // pre-activation below −NOTICEABLE, output 0
}

/** Outputs smaller than this are taken for nothing. */
const NOTICEABLE = 0.05;

/** What the model answers when the features `on` are 1 and all others 0. */
export function respond({ family, model, on }: Wiring): Response {
  const x = Float64Array.from({ length: family.features }, (_, i) => (on.includes(i) ? 1 : 0));
  const pass = forward(family, model, x);
  const all = Array.from(x, (_, i) => i);
  return {
    ...pass,
    interference: all.filter((i) => !on.includes(i) && Math.abs(pass.xHat[i]) > NOTICEABLE),
    cut: all.filter((i) => pass.yPre[i] < -NOTICEABLE && pass.xHat[i] === 0),
  };
}

const WIDTH = 480;
const HEIGHT = 340;
const TOP = 34;
const COLUMNS = { x: 48, h: 196, y: 316, out: 424 };
const BAR = 40; // pixels of an output of 1

/** Heights of `count` nodes, spread evenly. */
function rows(count: number): number[] {
  const step = (HEIGHT - TOP - 12) / count;
  return Array.from({ length: count }, (_, k) => TOP + (k + 0.5) * step);
}

interface Drawing extends Wiring {
  answer: Response;
  palette: Palette;
  inputs: number[]; // y of each feature
  hidden: number[]; // y of each hidden number
}

/** One weight as a line in its feature's colour, as wide as it is large, dashed if negative, pale if nothing runs. */
function wire(from: [number, number], to: [number, number], w: number, runs: boolean, i: number, d: Drawing) {
  const width = Math.min(5, 0.4 + 3 * Math.abs(w));
  const dash = w < 0 ? 'stroke-dasharray="5 4" ' : '';
  const more = `${dash}stroke-width="${width.toFixed(2)}" stroke-opacity="${runs ? 0.9 : 0.12}" data-feature="${i + 1}"`;
  return line(...from, ...to, featureColor(d.palette, i), more);
}

function wires(d: Drawing): string {
  const { family, model, on, answer } = d;
  const V = model.V ?? model.W;
  const quiet = on.length === 0;
  const out: string[] = [];
  for (let i = 0; i < family.features; i++) {
    for (let k = 0; k < family.hidden; k++) {
      const at = i * family.hidden + k;
      const y = d.hidden[k];
      const carries = Math.abs(answer.h[k] * V[at]) > NOTICEABLE;
      out.push(
        wire([COLUMNS.x, d.inputs[i]], [COLUMNS.h, y], model.W[at], quiet || on.includes(i), i, d),
        wire([COLUMNS.h, y], [COLUMNS.y, d.inputs[i]], V[at], quiet || carries, i, d),
      );
    }
  }
  return out.join('');
}

function node(x: number, y: number, fill: string, ink: string, text: string, more: string): string {
  return (
    circle(x, y, 12, `fill="${fill}" ${more}`) +
    label(x, y + 4, text, ink, `text-anchor="middle" font-weight="600" pointer-events="none" ${more}`)
  );
}

function inputSvg(i: number, d: Drawing): string {
  const { palette, inputs, on } = d;
  const color = featureColor(palette, i);
  const lit = on.includes(i);
  const more = `stroke="${color}" stroke-width="2" data-feature="${i + 1}" data-switch="${i + 1}"`;
  const value = label(COLUMNS.x - 20, inputs[i] + 4, lit ? '1' : '0', palette.ink, 'text-anchor="end"');
  const text = `stroke="none" data-feature="${i + 1}"`;
  return (
    value +
    circle(COLUMNS.x, inputs[i], 12, `fill="${lit ? color : palette.paper}" ${more}`) +
    label(COLUMNS.x, inputs[i] + 4, String(i + 1), lit ? palette.paper : palette.ink, `text-anchor="middle" font-weight="600" pointer-events="none" ${text}`) // biome-ignore format: one label
  );
}

function hiddenSvg(k: number, d: Drawing): string {
  const { palette, hidden, answer, on } = d;
  const y = hidden[k];
  const value = on.length ? label(COLUMNS.h, y - 18, answer.h[k].toFixed(2), palette.ink, 'text-anchor="middle"') : ''; // biome-ignore format: one label
  return node(COLUMNS.h, y, palette.faint, palette.ink, `h${k + 1}`, '') + value;
}

/** Output j: what arrives, red where it should be nothing, hatched where the ReLU cuts it, and what is left. */
function outputSvg(j: number, d: Drawing): string {
  const { palette, inputs, answer, on } = d;
  const y = inputs[j];
  const [before, after] = [answer.yPre[j], answer.xHat[j]];
  const wrong = on.length > 0 && !on.includes(j);
  const color = wrong ? palette.wrong : featureColor(palette, j);
  const bar = (v: number, fill: string, more: string) => {
    const width = Math.min(1.3, Math.abs(v)) * BAR;
    return rect(v < 0 ? COLUMNS.out - width : COLUMNS.out, y - 7, width, 14, fill, more);
  };
  const tag = `data-feature="${j + 1}"`;
  const cut = after === 0 && before < 0;
  const bars = cut
    ? bar(before, 'none', `stroke="${palette.ink}" stroke-dasharray="2 2" stroke-opacity="0.7" ${tag}`)
    : bar(after, color, tag);
  const said = on.length
    ? label(WIDTH - 2, y - 9, after.toFixed(2), palette.ink, `text-anchor="end" font-size="10.5" ${tag}`)
    : '';
  const name = label(COLUMNS.y + 8, y + 4, String(j + 1), palette.ink, `font-weight="600" ${tag}`);
  return circle(COLUMNS.y, y, 4, `fill="${featureColor(palette, j)}" ${tag}`) + name + bars + said;
}

/** What stands over the columns. */
function heads({ family, model, palette }: Drawing): string {
  const middle = 'text-anchor="middle" font-style="italic" font-size="14"';
  const at = (x: number, text: string) => label(x, 18, text, palette.ink, middle);
  const back = (COLUMNS.h + COLUMNS.y) / 2;
  return [
    at(COLUMNS.x, 'x'),
    at((COLUMNS.x + COLUMNS.h) / 2, model.V ? 'W₁' : 'W'),
    at(COLUMNS.h, family.hiddenActivation === 'relu' ? 'ReLU → h' : 'h'),
    model.V ? at(back, 'W₂') : superscript(back, 18, 'W', 'T', palette.ink, middle),
    at(COLUMNS.out, family.outputActivation === 'relu' ? '+ b, ReLU → x’' : '+ b → x’'),
  ].join('');
}

/** What a screen reader says: the answer in words. */
export function answerInWords({ on }: Wiring, answer: Response): string {
  if (on.length === 0) return 'Switch on a feature: what comes back?';
  const list = (features: readonly number[]) => features.map((i) => i + 1).join(', ');
  const hidden = Array.from(answer.h, (v) => v.toFixed(2)).join(', ');
  const back = on.map((i) => `${i + 1} comes back as ${answer.xHat[i].toFixed(2)}`).join(', ');
  const wrong = answer.interference.length
    ? `interference at ${answer.interference.map((i) => `${i + 1} (${answer.xHat[i].toFixed(2)})`).join(', ')}`
    : 'no interference';
  const cut = answer.cut.length ? `; the ReLU cuts ${list(answer.cut)}` : '';
  return `h = (${hidden}): ${back}; ${wrong}${cut}.`;
}

/** The model and its answer. */
export function diagramSvg(wiring: Wiring, palette: Palette): string {
  const { features, hidden } = wiring.family;
  const d: Drawing = {
    ...wiring,
    answer: respond(wiring),
    palette,
    inputs: rows(features),
    hidden: rows(hidden),
  };
  const each = Array.from({ length: features }, (_, i) => inputSvg(i, d) + outputSvg(i, d));
  const units = Array.from({ length: hidden }, (_, k) => hiddenSvg(k, d));
  const axis = line(COLUMNS.out, TOP, COLUMNS.out, HEIGHT - 8, palette.faint);
  const name = `The model: ${features} inputs, ${hidden} hidden, ${features} outputs. ${answerInWords(wiring, d.answer)}`;
  return picture(WIDTH, HEIGHT, name, palette, heads(d) + wires(d) + axis + each.join('') + units.join(''));
}
