/** Small pictures of trained models, for the notebooks. Colours are told apart without red against green. */
import * as Plot from '@observablehq/plot';
import type { Family } from '../../sim/family.ts';
import { neuronStacks, sortNeurons } from '../../sim/metrics/neurons.ts';
import { type MeasuredModel, represented } from '../exercises/trained.ts';
import { element } from './element.ts';
import { plot } from './plot.ts';

const SIZE = 170; // pixels of one model's picture
export const VIRIDIS = { scheme: 'viridis', range: [0.2, 0.8] } as const; // its middle shows on white and on black

export type Figure = HTMLElement | SVGElement;

/** A width of `wanted` pixels, or what the page has room for. */
export function fitting(wanted: number): number {
  return Math.min(wanted, document.documentElement.clientWidth - 48);
}

/** A row of pictures, one a model. */
export function row(...figures: (Figure | Node)[]): HTMLElement {
  return element('div', { class: 'row' }, ...figures);
}

/** A picture with a line of text under it. */
export function captioned(figure: Node, text: string): HTMLElement {
  return element('figure', { class: 'small' }, figure, element('figcaption', {}, text));
}

/** Feature directions of a model with m = 2 as arrows, colour = importance. */
export function arrows({ W, importance, family }: MeasuredModel, limit = 1.35): Figure {
  const data = Array.from(importance, (value, i) => ({
    x: W[2 * i],
    y: W[2 * i + 1],
    importance: value,
    feature: i,
  }));
  const circle = Array.from({ length: 73 }, (_, k) => [
    Math.cos((k * Math.PI) / 36),
    Math.sin((k * Math.PI) / 36),
  ]);
  return plot({
    width: SIZE,
    height: SIZE,
    margin: 6,
    ariaLabel: `${family.features} feature directions in the plane`,
    x: { domain: [-limit, limit], axis: null },
    y: { domain: [-limit, limit], axis: null },
    color: { ...VIRIDIS, domain: [Math.min(0.3, ...importance), Math.max(...importance)] },
    marks: [
      Plot.line(circle, { stroke: 'currentColor', strokeOpacity: 0.25 }),
      Plot.arrow(data, {
        x1: 0,
        y1: 0,
        x2: 'x',
        y2: 'y',
        stroke: 'importance',
        strokeWidth: 2.5,
        headLength: 7,
      }),
      Plot.tip(data, Plot.pointer({ x: 'x', y: 'y', title: (d) => `feature ${d.feature + 1}` })),
    ],
  });
}

/** Matrix of all W_i · W_j of a model, its bias as a last column. */
export function matrix({ gram, b, family }: MeasuredModel): Figure {
  const n = family.features;
  const cells = Array.from(gram, (value, at) => ({ i: Math.floor(at / n), j: String(at % n), value }));
  const bias = Array.from(b, (value, i) => ({ i, j: 'b', value }));
  return plot({
    width: SIZE,
    height: SIZE,
    margin: 6,
    ariaLabel: 'dot products of all pairs of feature directions, and the bias in the last column',
    x: { axis: null, domain: [...Array.from({ length: n }, (_, j) => String(j)), ' ', 'b'], padding: 0 },
    y: { axis: null, padding: 0 },
    color: { scheme: 'RdBu', domain: [-1, 1], clamp: true },
    marks: [
      Plot.cell([...cells, ...bias], {
        x: 'j',
        y: 'i',
        fill: 'value',
        inset: n > 30 ? 0 : 0.25,
        title: (d) =>
          `${d.j === 'b' ? `b_${d.i + 1}` : `W_${d.i + 1} · W_${Number(d.j) + 1}`} = ${d.value.toFixed(2)}`,
        tip: true,
      }),
    ],
  });
}

/** Feature norms as bars, colour = interference: dark is alone, light shares its direction. */
export function bars({ norms, interference, family }: MeasuredModel): Figure {
  const data = Array.from(norms, (norm, i) => ({ i, norm, interference: interference[i] }));
  return plot({
    width: SIZE,
    height: 110,
    margin: 6,
    marginLeft: 28,
    ariaLabel: `lengths of ${family.features} feature directions`,
    x: { axis: null },
    y: { domain: [0, 1.3], clamp: true, ticks: [0, 0.5, 1], label: null },
    color: { ...VIRIDIS, domain: [0, 1], clamp: true },
    marks: [
      Plot.barY(data, {
        x: 'i',
        y: 'norm',
        fill: 'interference',
        title: (d) =>
          `feature ${d.i + 1}: length ${d.norm.toFixed(2)}, interference ${d.interference.toFixed(2)}`,
        tip: true,
      }),
      Plot.ruleY([0]),
    ],
  });
}

/** Matrix over bars for each model, with its density. */
export function sketchMatrices(models: MeasuredModel[]): HTMLElement {
  return row(
    ...models.map((model) =>
      captioned(
        element('div', {}, matrix(model), bars(model)),
        `density ${model.density[0].toPrecision(2)}: keeps ${represented(model)}`,
      ),
    ),
  );
}

/** Weights onto each hidden neuron as a stack of bars: one bar a feature, colour = feature, height = |weight|. */
export function stacks({ W, family }: { W: ArrayLike<number>; family: Family }): Figure {
  const neurons = neuronStacks({ W }, family, 0);
  const data = sortNeurons(neurons).flatMap((k, place) =>
    neurons[k].map(({ feature, weight }) => ({ place: place + 1, feature, weight })),
  );
  const visible = data.filter(({ weight }) => Math.abs(weight) > 0.05);
  return plot({
    width: 220,
    height: 220,
    ariaLabel: `weights of ${family.features} features onto ${family.hidden} neurons`,
    x: { type: 'band', label: 'neuron' },
    y: { label: 'weights, stacked', grid: true },
    color: { ...VIRIDIS, domain: [0, family.features - 1] },
    marks: [
      Plot.barY(visible, {
        x: 'place',
        y: 'weight',
        fill: 'feature',
        stroke: 'var(--theme-background)',
        title: ({ feature, weight }) => `feature ${feature + 1}: ${weight.toFixed(2)}`,
        tip: true,
      }),
      Plot.ruleY([0]),
    ],
  });
}
