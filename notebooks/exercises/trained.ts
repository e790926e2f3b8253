/** Trained models one by one, with what the notebooks look at. */
import type { Family } from '../../sim/family.ts';
import { featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import { gram } from '../../sim/metrics/gram.ts';
import { heldOutEstimate } from '../../sim/metrics/heldOut.ts';
import { interference } from '../../sim/metrics/interference.ts';
import { featureNorms } from '../../sim/metrics/norms.ts';
import { bestReplicas } from '../../sim/metrics/replicas.ts';
import { takeModel } from '../../sim/params.ts';
import { type Params, type Problem, takeParams, takeRows } from '../../sim/problem.ts';
import { exactLoss } from '../../sim/theory/exactLoss.ts';
import type { TrainResult } from '../../sim/train.ts';

/** One trained model. n = features, m = hidden. */
export interface MeasuredModel {
  family: Family;
  row: number; // in the sweep
  density: Float64Array; // (n)
  importance: Float64Array; // (n)
  W: Float32Array; // (n, m)
  V?: Float32Array; // (n, m) if untied
  b: Float32Array; // (n)
  gram: Float64Array; // (n, n)
  norms: Float64Array; // (n)
  interference: Float64Array; // (n)
  dimensionality: Float64Array; // (n)
  loss: number; // expected, mean over features
}

const BATCHES = 4; // of the training's batch size: enough to rank replicas
const EXACT_FEATURES = 5; // the exact loss takes n · 3^n steps

/** Loss of one model, mean over features: exact where that is quick, else on held-out samples. */
function lossOf(problem: Problem, params: Params): number {
  const { family, density, importance } = problem;
  if (family.features > EXACT_FEATURES || family.hiddenActivation !== 'identity') {
    return heldOutEstimate(problem, params, BATCHES).loss[0];
  }
  return exactLoss(family, takeModel(params, family, 0), density, importance).loss;
}

/** Instance `i` of a problem with weights `params`. */
export function measureModel(problem: Problem, params: Params, i: number, row = i): MeasuredModel {
  const own = takeRows(problem, [i]);
  const weights = takeParams(params, problem.family, [i]);
  return {
    family: problem.family,
    row,
    density: own.density,
    importance: own.importance,
    W: weights.W,
    ...(weights.V && { V: weights.V }),
    b: weights.b,
    gram: gram(weights, problem.family),
    norms: featureNorms(weights, problem.family),
    interference: interference(weights, problem.family),
    dimensionality: featureDimensionality(weights, problem.family),
    loss: lossOf(own, weights),
  };
}

/** Every model of a training, in the order of the sweep. */
export function modelsOf(result: TrainResult): MeasuredModel[] {
  const models = result.groups.flatMap(({ rows, problem, params }) =>
    Array.from(rows, (row, i) => measureModel(problem, params, i, row)),
  );
  return models.sort((a, b) => a.row - b.row);
}

/** The model of lowest held-out loss. */
export function bestOf(models: MeasuredModel[]): MeasuredModel {
  return models.reduce((best, other) => (other.loss < best.loss ? other : best));
}

/** Number of features with ‖W_i‖ > ½. */
export function represented({ norms }: MeasuredModel): number {
  return norms.filter((norm) => norm > 0.5).length;
}

/** The best replica of each cell; models are ordered cell by cell. */
export function bestOfCells(models: MeasuredModel[], replicas: number): MeasuredModel[] {
  return Array.from(
    bestReplicas(
      models.map(({ loss }) => loss),
      replicas,
      1,
    ),
    (at) => models[at],
  );
}
