/** A model that learns a fixed training set while one looks: its features, its samples, and both losses. */
import * as Plot from '@observablehq/plot';
import { CURVES } from '../../plots/palette.ts';
import { expandGrid } from '../../sim/grid.ts';
import { featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import { hiddenVectors } from '../../sim/metrics/encode.ts';
import { sampleDimensionality } from '../../sim/metrics/samples.ts';
import type { Params, Problem } from '../../sim/problem.ts';
import { parseSpec, type SpecInput } from '../../sim/spec.ts';
import { type Table, tablesOf } from '../../sim/table.ts';
import { freshTable, lossOn } from '../exercises/memoryLoss.ts';
import { newest } from '../site/newest.ts';
import { startTrainer, type Trainer } from '../site/trainer.ts';
import { slider } from './controls.ts';
import { button, element } from './element.ts';
import { captioned, type Figure } from './figures.ts';
import { plot } from './plot.ts';
import './lab.css';

const SIZE = 280; // pixels of a picture
const SHOWN = 400; // samples drawn at most
const FRAMES = 60; // pictures of one training
const STEPS = 6000;
const FRESH = 500; // samples of a test loss

/** What is trained on T samples. */
export const memorySpec = (T: number, seed: number): SpecInput => ({
  name: 'memory',
  model: { features: 500, hidden: 2 },
  input: { density: 0.01, samples: { count: T, seed, unitLength: true, empty: 'redraw' } },
  training: {
    steps: STEPS,
    learningRate: 0.003,
    reduction: 'sum',
    schedule: 'cosine',
    warmup: STEPS / 20,
  },
  seed,
});

/** Shortest ray that is drawn, of the longest: shorter ones are not seen under the dots. */
const SHORTEST = 1 / 50;

/** Rays from the origin to points (k, 2), all of them in the picture; those that nobody can see are left out. */
function rays(points: ArrayLike<number>, color: string, name: string): Figure {
  const all = Array.from({ length: points.length / 2 }, (_, i) => ({
    x: points[2 * i],
    y: points[2 * i + 1],
  }));
  const longest = all.reduce((most, { x, y }) => Math.max(most, Math.hypot(x, y)), 1e-3);
  const data = all.filter(({ x, y }) => Math.hypot(x, y) >= SHORTEST * longest);
  const reach = 1.1 * longest;
  return plot({
    width: SIZE,
    height: SIZE,
    margin: 8,
    ariaLabel: name,
    x: { domain: [-reach, reach], axis: null },
    y: { domain: [-reach, reach], axis: null },
    marks: [
      Plot.link(data, { x1: 0, y1: 0, x2: 'x', y2: 'y', stroke: color, strokeOpacity: 0.5 }),
      Plot.dot(data, { x: 'x', y: 'y', r: 3, fill: color }),
    ],
  });
}

/** A training set, and samples that are not in it. */
interface Data {
  problem: Problem;
  table: Table;
  fresh: Table;
}

function dataOf(input: SpecInput): Data {
  const spec = parseSpec(input);
  const { problem } = expandGrid(spec).groups[0];
  return { problem, table: tablesOf(problem).list[0], fresh: freshTable(spec, FRESH) };
}

const largest = (shares: Float64Array) => shares.reduce((most, share) => Math.max(most, share), 0).toFixed(2);

/** Both pictures of a model, and its losses in a line. */
function drawn({ problem, table, fresh }: Data, params: Params, step: number): HTMLElement[] {
  const h = hiddenVectors(table, params.W, 2);
  const D = featureDimensionality(params, problem.family);
  const large = D.filter((share) => share >= 0.15).length;
  const [train, test] = [table, fresh].map((own) => lossOn(own, problem, params).toFixed(3));
  const features = `500 features: largest share ${largest(D)}, ${large} of at least 0.15`;
  const samples = `${table.samples} samples: largest share ${largest(sampleDimensionality(h, 2))}`;
  return [
    element(
      'div',
      { class: 'row' },
      captioned(rays(params.W, CURVES[0], 'feature directions, rows of W'), features),
      captioned(rays(h.subarray(0, 2 * SHOWN), CURVES[1], 'hidden vectors of the training samples'), samples),
    ),
    element('p', { class: 'losses' }, `Step ${step}: training loss ${train}, test loss ${test} (silence: 1)`),
  ];
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** Trains and draws until it is done or `isWanted` says no. */
async function trainAndDraw(
  trainer: Trainer,
  spec: SpecInput,
  isWanted: () => boolean,
  show: (nodes: HTMLElement[]) => void,
): Promise<void> {
  const data = dataOf(spec);
  const { params } = await trainer.open({ spec, firstStep: 0, params: null, engine: 'auto', purpose: 'many models' }); // biome-ignore format: one call
  if (isWanted()) show(drawn(data, params, 0));
  for (let frame = 1; frame <= FRAMES && isWanted(); frame++) {
    const step = (STEPS / FRAMES) * frame;
    const { params } = await trainer.advance(step);
    if (isWanted()) show(drawn(data, params, step));
    await nextFrame();
  }
}

/** The slider of T, the pictures, and a button for other samples. Training begins anew whenever T moves. */
export function memory(): HTMLElement {
  const count = slider('training samples T', { from: 3, to: 2000, value: 5, log: true });
  const picture = element('div', { class: 'picture' });
  const status = element('p', { class: 'status', role: 'status' });
  const trainer = startTrainer();
  let seed = 0;
  const begin = newest(async (isStale) => {
    status.textContent = 'Training …';
    try {
      const spec = memorySpec(Math.round(count.value), seed);
      const isWanted = () => !isStale() && root.isConnected;
      await trainAndDraw(trainer, spec, isWanted, (nodes) => picture.replaceChildren(...nodes));
      if (!isStale()) status.textContent = `Trained on ${Math.round(count.value)} samples.`;
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error);
    }
    if (!root.isConnected) trainer.close();
  });
  count.addEventListener('input', () => void begin());
  const again = button('Other samples', () => {
    seed++;
    void begin();
  });
  const root = element('div', { class: 'memory' }, count, picture, element('div', { class: 'actions' }, again), status); // biome-ignore format: one element
  requestAnimationFrame(() => void begin()); // once the cell has been put into the page
  return root;
}
