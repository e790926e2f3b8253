/** A training played back: loss and lengths over the steps, and the directions at the step under the slider. */
import * as Plot from '@observablehq/plot';
import type { TrainResult } from '../../sim/train.ts';
import { type MeasuredModel, measureModel } from '../exercises/trained.ts';
import { slider } from './controls.ts';
import { element } from './element.ts';
import { type Figure, fitting } from './figures.ts';
import { plot } from './plot.ts';
import { solid } from './solid.ts';

type Still = MeasuredModel & { step: number };

/** Models at the snapshots of the first instance. */
function stills({ groups: [{ problem, snapshots }] }: TrainResult): Still[] {
  return snapshots.map(({ step, params }) => ({ step, ...measureModel(problem, params, 0) }));
}

function chart(
  label: string,
  points: { step: number; value: number; feature: number }[],
  step: number,
  y: Plot.ScaleOptions = { zero: true },
): Figure {
  return plot({
    width: fitting(400),
    height: 150,
    ariaLabel: `${label} over training steps`,
    x: { label: 'step' },
    y: { label, ...y },
    marks: [
      Plot.line(points, {
        x: 'step',
        y: 'value',
        z: 'feature',
        stroke: 'var(--theme-foreground-focus)',
        strokeOpacity: 0.7,
      }),
      Plot.ruleX([step], { strokeDasharray: '3 3' }),
    ],
  });
}

/** The numbers 1, 2 and 5 times a power of ten between the least and the largest value. */
function decades(points: { value: number }[]): number[] {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const all = Array.from({ length: 12 }, (_, k) => [1, 2, 5].map((digit) => Number(`${digit}e${k - 10}`)));
  return all.flat().filter((tick) => tick >= low && tick <= high);
}

function perFeature(models: Still[], values: (model: Still) => Float64Array) {
  return models.flatMap((model) =>
    Array.from(values(model), (value, feature) => ({ step: model.step, value, feature })),
  );
}

/** The playback of the first model of a result that has snapshots. */
export function player(result: TrainResult): HTMLElement {
  const models = stills(result);
  const loss = models.map(({ step, loss }) => ({ step, value: loss, feature: 0 }));
  const norms = perFeature(models, ({ norms }) => norms);
  const shares = perFeature(models, ({ dimensionality }) => dimensionality);
  const at = slider('snapshot', { from: 0, to: models.length - 1, value: models.length - 1 });
  const pictures = element('div', { class: 'row' });
  const draw = () => {
    const model = models[at.value];
    const charts = element(
      'div',
      {},
      chart('loss', loss, model.step, { type: 'log', ticks: decades(loss), tickFormat: String }),
      chart('length of W', norms, model.step),
      chart('dimensionality D', shares, model.step),
    );
    const caption = element('figcaption', {}, `step ${model.step}, loss ${model.loss.toPrecision(3)}`);
    pictures.replaceChildren(element('figure', { class: 'small' }, solid(model), caption), charts);
  };
  at.addEventListener('input', draw);
  draw();
  return element('div', {}, at, pictures);
}

/** Lengths ‖W_i‖ of the first model over its snapshots. */
export function lengthsOverTime(result: TrainResult): Figure {
  const models = stills(result);
  return chart(
    'length of W',
    perFeature(models, ({ norms }) => norms),
    0,
  );
}
