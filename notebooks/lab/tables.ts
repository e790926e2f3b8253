/** What was trained as tables: a row a model, or a row a feature of a model at a step. */
import { axisName } from '../../sim/curves.ts';
import type { TrainResult } from '../../sim/train.ts';
import { type MeasuredModel, measureModel, modelsOf } from '../exercises/trained.ts';
import { csv } from '../site/save.ts';
import { latentTable, scoreTable } from './dictionaryView.ts';
import { MEASURES } from './gallery.ts';

/** Where model `row` stands in the sweep. */
function place({ grid }: TrainResult, row: number): number[] {
  return [row, ...grid.axisValues.map((values) => values[row])];
}

function axes({ spec }: TrainResult): string[] {
  return ['row', ...spec.sweep.map(axisName)];
}

/** One row a model: where it stands in the sweep, and the measures of the maps. */
export function modelTable(result: TrainResult): string {
  if (result.spec.dictionary) return scoreTable(result);
  const rows = modelsOf(result).map((model) => [
    ...place(result, model.row),
    ...Object.values(MEASURES).map((measure) => measure(model)),
  ]);
  return csv([...axes(result), ...Object.keys(MEASURES)], rows);
}

/** Every model at each of its snapshots, and at the end. */
function moments({ groups, spec }: TrainResult): (MeasuredModel & { step: number })[] {
  return groups.flatMap(({ rows, problem, params, snapshots }) => {
    const last = { step: spec.training.steps, params };
    const all = [...snapshots.filter(({ step }) => step < last.step), last];
    return all.flatMap(({ step, params: own }) =>
      Array.from(rows, (row, i) => ({ step, ...measureModel(problem, own, i, row) })),
    );
  });
}

const NUMBERS = ['density', 'importance', 'norms', 'interference', 'dimensionality', 'b'] as const;

/** One row a feature: its numbers, and its weights W and V, with nine digits each. Shorter rows end in blanks. */
export function featureTable(result: TrainResult): string {
  if (result.spec.dictionary) return latentTable(result);
  const models = moments(result);
  const width = Math.max(...models.map(({ family }) => family.hidden));
  const columns = (name: string) => Array.from({ length: width }, (_, k) => `${name}${k + 1}`);
  const weights = (values: ArrayLike<number>, i: number, m: number) =>
    Array.from({ length: width }, (_, k) => (k < m ? values[i * m + k].toPrecision(9) : ''));
  const decoded = models.some(({ V }) => V !== undefined);
  const header = [...axes(result), 'step', 'loss', 'feature', ...NUMBERS, ...columns('W')];
  const rows = models.flatMap((model) =>
    Array.from({ length: model.family.features }, (_, i) => [
      ...place(result, model.row),
      model.step,
      model.loss.toPrecision(9),
      i + 1,
      ...NUMBERS.map((name) => model[name][i].toPrecision(9)),
      ...weights(model.W, i, model.family.hidden),
      ...(model.V ? weights(model.V, i, model.family.hidden) : []),
    ]),
  );
  return csv([...header, ...(decoded ? columns('V') : [])], rows);
}
