import type { TrainedModels } from '../join.ts';
import { featureGraph } from '../metrics/graph.ts';
import { lineTest, pooledDimensionality, shareOnLines } from '../metrics/lines.ts';
import { nameComponents } from '../metrics/polytope.ts';
import { atLeast, noted, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { geometrySpec, type Levels, levelsOf, NOTEBOOK_SPARSITY } from './geometry.ts';
import { onlyGroup } from './trained.ts';

/** Features that touch each other in one model, and what their shape is called. */
interface Cluster {
  name: string;
  features: number[];
}

/** The feature graph of one model. */
export interface LevelGraph {
  level: number; // index into the levels
  clusters: Cluster[];
  edges: [i: number, j: number, weight: number][]; // |W_i·W_j| above EDGE
}

export interface FeatureGeometryData {
  levels: Levels;
  graphs: LevelGraph[];
}

/** Least |W_i·W_j| that joins two features: below the pentagon's 0.42, above what noise gives. */
const EDGE = 0.3;
/** 1/(1 − S) at which graphs are drawn. */
const SHOWN = [2, 3, 4, 5, 7];

function graphAt(result: TrainedModels, level: number): LevelGraph {
  const { params, problem } = onlyGroup(result);
  const shape = problem.family;
  return {
    level,
    clusters: nameComponents(params, shape, level, EDGE).map(({ name, features }) => ({
      name,
      features: [...features],
    })),
    edges: featureGraph(params, shape, level, EDGE).map(({ i, j, weight }) => [i, j, weight]),
  };
}

function data([result]: TrainedModels[]): FeatureGeometryData {
  const levels = levelsOf(result);
  const nearest = (value: number) =>
    levels.sparsity.reduce(
      (best, s, k) =>
        Math.abs(Math.log(s / value)) < Math.abs(Math.log(levels.sparsity[best] / value)) ? k : best,
      0,
    );
  return { levels, graphs: SHOWN.map((value) => graphAt(result, nearest(value))) };
}

function signature({ levels }: FeatureGeometryData, scale: Scale): Claim[] {
  const pooled = pooledDimensionality(Float64Array.from(levels.D.flat()), levels.dStar);
  const { lines, holds } = lineTest(pooled);
  const named = lines.map(({ f, on, beside, holds: own }) => `${f.toFixed(3)}: ${on} on, ${beside} beside${own ? ' ✓' : ''}`); // biome-ignore format: one line
  const known = levels.dStar
    .map((_, k) => k)
    .filter((k) => levels.sparsity[k] <= NOTEBOOK_SPARSITY * (1 + 1e-6));
  const inRange = pooledDimensionality(
    Float64Array.from(known.flatMap((k) => levels.D[k])),
    known.map((k) => levels.dStar[k]),
  );
  const share = atLeast(
    `share of learned features within 0.02 of a guide line, levels with 1/(1 − S) ≤ ${NOTEBOOK_SPARSITY}`,
    "NB-check: 26 % in the authors' own saved run",
    shareOnLines(inRange),
    0.26,
  );
  return [
    statement(
      'feature dimensionalities gather on lines: at 1/2 and at one or more of 1, 3/4, 2/3, 2/5, 3/8',
      'TMS, rule of NB-check',
      'at least 10 within 0.005 of the line and twice as many as beside it',
      named.join('; '),
      holds,
    ),
    noted(
      share,
      `a calibration, not a statement of the paper${scale === 'quick' ? '; quick scale stops after 4,000 steps' : ''}`,
    ),
  ];
}

export const featureGeometry: Experiment<FeatureGeometryData> = {
  name: 'feature-geometry',
  id: 'T9',
  paper: 'toy-models',
  section: 'The geometry of superposition',
  title: 'Feature dimensionality and feature graphs',
  caption:
    'Each dot is one feature of one model, D_i the share of a hidden dimension that it gets; the line is D*. Open grey dots ' +
    'are features that are not learned, ‖W_i‖ ≤ 1/2: their share is one of next to nothing. Dots gather at the dimensionalities of named polytopes. Below, the feature graphs of some models: features are joined ' +
    'where |W_i·W_j| > 0.3 and drawn with those they touch.',
  seconds: { quick: 1, paper: 10 },
  revision: 1,
  specs: (scale) => [geometrySpec(scale)],
  data,
  signature,
};
