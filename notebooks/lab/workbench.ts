/** A place to write a spec of one's own: train it, look at the sweep as a map, save what came out. */
import * as Plot from '@observablehq/plot';
import { parseSpec } from '../../sim/spec.ts';
import type { TrainResult } from '../../sim/train.ts';
import { modelsOf, represented, type TrainedModel } from '../exercises/trained.ts';
import { csv, save } from '../site/save.ts';
import { codeArea } from './box.ts';
import { button, element } from './element.ts';
import { type Figure, sketch, VIRIDIS } from './figures.ts';
import { panel } from './panel.ts';

/** What a map can show of a model. */
const MEASURES: Record<string, (model: TrainedModel) => number> = {
  'features kept': represented,
  loss: ({ loss }) => loss,
  'mean dimensionality': ({ dimensionality: D }) => D.reduce((sum, d) => sum + d, 0) / D.length,
};

/** Mean over the replicas of each cell of one measure, over the first two axes. */
function sweepMap({ grid, spec }: TrainResult, models: TrainedModel[], measure: string): Figure {
  const points = models.map((model) => ({
    x: grid.axisValues[0][model.row],
    y: grid.axisValues[1][model.row],
    value: MEASURES[measure](model),
  }));
  return Plot.plot({
    width: 560,
    height: 360,
    marginLeft: 60,
    marginBottom: 60,
    ariaLabel: `${measure} over the sweep`,
    x: { type: 'band', label: spec.sweep[0].path, tickFormat: '.2~g', tickRotate: -60 },
    y: { type: 'band', label: spec.sweep[1].path, tickFormat: '.2~g', reverse: true },
    color: { ...VIRIDIS, legend: true, label: measure },
    marks: [Plot.cell(points, Plot.group({ fill: 'mean' }, { x: 'x', y: 'y', fill: 'value', tip: true }))],
  }) as Figure;
}

function table({ grid, spec }: TrainResult, models: TrainedModel[]): string {
  const header = ['row', ...spec.sweep.map(({ path }) => path), ...Object.keys(MEASURES)];
  const rows = models.map((model) => [
    model.row,
    ...grid.axisValues.map((values) => values[model.row]),
    ...Object.values(MEASURES).map((measure) => measure(model)),
  ]);
  return csv(header, rows);
}

/** Maps of a sweep of two axes or more, else pictures of single models; and the buttons that save it. */
export function gallery(result: TrainResult): HTMLElement {
  const models = modelsOf(result);
  const pictures =
    result.spec.sweep.length < 2
      ? [sketch(models)]
      : Object.keys(MEASURES).map((measure) => sweepMap(result, models, measure));
  const actions = element(
    'div',
    { class: 'actions' },
    button('Save table (CSV)', () => save('sweep.csv', 'text/csv', table(result, models))),
    button('Save spec (JSON)', () =>
      save('spec.json', 'application/json', JSON.stringify(result.spec, null, 2)),
    ),
  );
  return element('div', {}, ...pictures, actions);
}

/** A box for a spec, and below it what training it gave. */
export function workbench(stub: string): HTMLElement {
  const box = codeArea('Your spec', 12);
  box.value = stub;
  const output = element('div');
  const message = element('p', { class: 'verdict fail', role: 'status' });
  const run = button('Train', () => {
    try {
      message.textContent = '';
      output.replaceChildren(panel(parseSpec(JSON.parse(box.value)), gallery));
    } catch (error) {
      message.textContent = error instanceof Error ? error.message : String(error);
    }
  });
  return element(
    'section',
    { class: 'exercise' },
    box,
    element('div', { class: 'actions' }, run),
    message,
    output,
  );
}
