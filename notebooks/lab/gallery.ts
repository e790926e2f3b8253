/** What came out of a training, drawn as it fits. */
import * as Plot from '@observablehq/plot';
import { axisName } from '../../sim/curves.ts';
import type { TrainResult } from '../../sim/train.ts';
import { type MeasuredModel, modelsOf, represented } from '../exercises/trained.ts';
import { dictionaryRow } from './dictionaryView.ts';
import { element } from './element.ts';
import { arrows, bars, captioned, type Figure, fitting, row, VIRIDIS } from './figures.ts';
import { plot } from './plot.ts';
import { solid } from './solid.ts';

const SHOWN = 12; // single models at most

/** What a map can show of a model. */
export const MEASURES: Record<string, (model: MeasuredModel) => number> = {
  'features kept': represented,
  loss: ({ loss }) => loss,
  'mean interference': ({ interference }) =>
    interference.reduce((sum, v) => sum + v, 0) / interference.length,
};

/** A model in little room: arrows in the plane or in space, else the lengths. */
function sketch(model: MeasuredModel): HTMLElement {
  const { features, hidden } = model.family;
  const picture = hidden === 2 ? arrows(model) : hidden === 3 ? solid(model) : bars(model);
  return captioned(picture, `keeps ${represented(model)} of ${features}, loss ${model.loss.toPrecision(3)}`);
}

/** Mean of one measure over the replicas of each cell, over the first two axes. */
function sweepMap({ grid, spec }: TrainResult, models: MeasuredModel[], measure: string): Figure {
  const points = models.map((model) => ({
    x: grid.axisValues[0][model.row],
    y: grid.axisValues[1][model.row],
    value: MEASURES[measure](model),
  }));
  return plot({
    width: fitting(560),
    height: 300,
    marginLeft: 60,
    marginBottom: 60,
    ariaLabel: `${measure} over the sweep`,
    x: { type: 'band', label: axisName(spec.sweep[0]), tickFormat: '.2~g', tickRotate: -60 },
    y: { type: 'band', label: axisName(spec.sweep[1]), tickFormat: '.2~g', reverse: true },
    color: { ...VIRIDIS, legend: true, label: measure },
    marks: [Plot.cell(points, Plot.group({ fill: 'mean' }, { x: 'x', y: 'y', fill: 'value', tip: true }))],
  }) as Figure;
}

/** Maps of a sweep of two axes or more, else pictures of the first models. */
export function gallery(result: TrainResult): HTMLElement {
  if (result.spec.dictionary) return dictionaryRow(result);
  const models = modelsOf(result);
  if (result.spec.sweep.length < 2) return row(...models.slice(0, SHOWN).map(sketch));
  return element('div', {}, ...Object.keys(MEASURES).map((measure) => sweepMap(result, models, measure)));
}
