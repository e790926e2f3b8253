import { reluOutputFamily } from '../family.ts';
import type { TrainedModels } from '../join.ts';
import { featureCosine } from '../metrics/gram.ts';
import { featureNorms } from '../metrics/norms.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { polygonOptimum } from '../theory/polygon.ts';
import { decidedBy, settled, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { neighbourAngles } from './intro.ts';
import { pairsSpec } from './pairs.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface CorrelatedTripleData {
  models: TrainedModel[]; // three correlated pairs, best of each density
  independent: TrainedModel[]; // the same without correlation
  hexagons: number[]; // exact loss of the best hexagon of independent features at each density, mean over features
  others: number[]; // exact loss of the best other arrangement known: a smaller polygon, or the trained model if it is none
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

/** Exact loss of the best hexagon and of the best arrangement that is none, at the density of a trained model. */
function polygonLosses(model: TrainedModel): { hexagon: number; other: number } {
  const [p] = model.density;
  const others = [2, 3, 4, 5].map((k) => polygonOptimum(6, k, p).loss);
  const own = { W: Float64Array.from(model.W), b: Float64Array.from(model.b) };
  const { loss } = exactLoss(reluOutputFamily(6, 2), own, model.density, model.importance);
  return { hexagon: polygonOptimum(6, 6, p).loss, other: Math.min(...others, isHexagon(model) ? Infinity : loss) }; // biome-ignore format: one line
}

async function data([correlated, free]: TrainedModels[], context: Context): Promise<CorrelatedTripleData> {
  const independent = await bestModels(free, context);
  const losses = independent.map(polygonLosses);
  return {
    models: await bestModels(correlated, context),
    independent,
    hexagons: losses.map(({ hexagon }) => hexagon),
    others: losses.map(({ other }) => other),
  };
}

function signature({ models, independent, hexagons: exact, others }: CorrelatedTripleData): Claim[] {
  const hexagons = models.filter(isHexagon);
  const apart = hexagons.flatMap((model) =>
    [0, 2, 4].map((i) => (Math.acos(featureCosine(model, model, i, i + 1)) * 180) / Math.PI),
  );
  const free = independent.filter(isHexagon).length;
  const better = exact.filter((loss, k) => loss < others[k]);
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
    settled(
      statement(
        'independent features do not form this hexagon',
        'TMS',
        '0',
        `${free} of ${independent.length} densities`,
        free === 0,
      ),
      {
        kind: 'exact',
        what: 'densities at which a hexagon of independent features has the least exact loss of all arrangements known',
        value: better.length,
        most: 0,
      },
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
  seconds: { quick: 3, paper: 60 },
  revision: 1,
  specs: (scale) => {
    const correlated = pairsSpec(3, 'correlated', DENSITIES, scale);
    return [correlated, { ...correlated, input: { density: DENSITIES[0] } }];
  },
  data,
  signature: (data) => [
    ...decidedBy(0, data.models, signature(data).slice(0, 2)),
    ...decidedBy(1, data.independent, signature(data).slice(2)),
  ],
};
