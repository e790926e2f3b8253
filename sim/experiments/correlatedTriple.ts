import { featureNorms } from '../metrics/norms.ts';
import type { TrainResult } from '../train.ts';
import { noted, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { neighbourAngles } from './intro.ts';
import { pairsSpec } from './pairs.ts';
import { bestModels, cosine, type TrainedModel } from './trained.ts';

export interface CorrelatedTripleData {
  models: TrainedModel[]; // three correlated pairs, best of each density
  independent: TrainedModel[]; // the same without correlation
}

const DENSITIES = [0.1, 0.063, 0.04, 0.025, 0.016, 0.01];
/** Angles of a hexagon may be off by so much; ours. */
const TOLERANCE = 12;

/** Six directions at 60° to their neighbours. */
function isHexagon(model: TrainedModel): boolean {
  return (
    featureNorms(model, model).every((norm) => norm > 0.5) &&
    neighbourAngles(model).every((angle) => Math.abs(angle - 60) < TOLERANCE)
  );
}

function signature({ models, independent }: CorrelatedTripleData): Claim[] {
  const hexagons = models.filter(isHexagon);
  const apart = hexagons.flatMap((model) =>
    [0, 2, 4].map((i) => (Math.acos(cosine(model, i, i + 1)) * 180) / Math.PI),
  );
  const free = independent.filter(isHexagon).length;
  return [
    statement(
      'three correlated pairs form a hexagon',
      'TMS',
      'a hexagon at one density or more (angles within 12°, ours)',
      `${hexagons.length} of ${models.length} densities`,
      hexagons.length > 0,
    ),
    statement(
      'with the partners of a pair side by side',
      'TMS',
      'every pair at 60° ± 12°',
      apart.length > 0
        ? `${Math.min(...apart).toFixed(0)}° to ${Math.max(...apart).toFixed(0)}°`
        : 'no hexagon',
      apart.length > 0 && apart.every((angle) => Math.abs(angle - 60) < TOLERANCE),
    ),
    noted(
      statement(
        'independent features do not form this hexagon',
        'TMS',
        '0',
        `${free} of ${independent.length} densities`,
        free === 0,
      ),
      'in the limit of density 0 the exact loss of six independent features is lowest for a hexagon (CHEN-F: 0.0482 against 0.0687 of the pentagon)',
    ),
  ];
}

export const correlatedTriple: Experiment<CorrelatedTripleData> = {
  name: 'correlated-triple',
  id: 'T15',
  paper: 'toy-models',
  section: 'Correlated and anticorrelated features',
  title: 'Three correlated pairs lie side by side',
  caption:
    'Six features in two dimensions. Top: three pairs that are active together, colour is the pair; where not even ' +
    'right angles fit, partners lie side by side. Bottom: six independent features at the same densities.',
  seconds: { quick: 2, paper: 60 },
  specs: (scale) => {
    const correlated = pairsSpec(3, 'correlated', DENSITIES, scale);
    return [correlated, { ...correlated, input: { density: DENSITIES[0] } }];
  },
  data: async ([correlated, independent]: TrainResult[], context: Context) => ({
    models: await bestModels(correlated, context),
    independent: await bestModels(independent, context),
  }),
  signature,
};
