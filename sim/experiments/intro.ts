import { mean } from 'mathjs/number';
import { gram } from '../metrics/gram.ts';
import { featureNorms } from '../metrics/norms.ts';
import type { SpecInput } from '../spec.ts';
import { solveKgon } from '../theory/kgon.ts';
import type { TrainResult } from '../train.ts';
import { atLeast, atMost, near, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { bestModels, groupLoss, modelAt, onlyGroup, type TrainedModel } from './trained.ts';

export interface IntroData {
  panels: TrainedModel[]; // at the paper's three sparsities 0, 0.8, 0.9
  strip: TrainedModel[]; // at the notebook's ten densities 20^(−k/9)
  pentagons: { regular: number; of: number }; // among all replicas at the strip's last density, 0.05
}

/** Largest deviation from 72° between neighbouring directions that still counts as a pentagon; ours. */
const PENTAGON_TOLERANCE = 5;

function spec(scale: Scale, density: number[]): SpecInput {
  return {
    model: { features: 5, hidden: 2 },
    input: { density: 1, importance: { base: 0.9 } },
    training: scale === 'quick' ? { steps: 3_000, batch: 512, learningRate: 3e-3 } : {},
    sweep: [{ path: 'input.density', values: density }],
    replicas: scale === 'quick' ? 5 : 10,
  };
}

/** Angles between neighbouring directions of a model in two dimensions, in degrees. Shape (n). */
export function neighbourAngles({ W }: { W: ArrayLike<number> }): number[] {
  const angles = Array.from({ length: W.length / 2 }, (_, i) => Math.atan2(W[2 * i + 1], W[2 * i])).sort(
    (a, b) => a - b,
  );
  return angles.map((angle, i) => {
    const next = i + 1 < angles.length ? angles[i + 1] : angles[0] + 2 * Math.PI;
    return ((next - angle) * 180) / Math.PI;
  });
}

function isPentagon(model: TrainedModel): boolean {
  const norms = featureNorms(model, model);
  return (
    norms.every((norm) => norm > 0.5) &&
    neighbourAngles(model).every((angle) => Math.abs(angle - 72) < PENTAGON_TOLERANCE)
  );
}

async function data(results: TrainResult[], context: Context): Promise<IntroData> {
  const [panels, strip] = [await bestModels(results[0], context), await bestModels(results[1], context)];
  const group = onlyGroup(results[1]);
  const { replicas } = results[1].spec;
  const loss = await groupLoss(group, context);
  const last = Array.from({ length: replicas }, (_, k) => group.rows.length - replicas + k);
  const regular = last.filter((i) => isPentagon(modelAt(group, i, loss[i]))).length;
  return { panels, strip, pentagons: { regular, of: replicas } };
}

/** S = 0: the two most important features orthogonal, the others lost. */
function denseClaims(model: TrainedModel): Claim[] {
  const norms = featureNorms(model, model);
  const cosine = gram(model, model)[1] / (norms[0] * norms[1]);
  return [
    near(
      'S = 0: the two most important features are orthogonal (cosine)',
      'TMS; tolerance ours',
      cosine,
      0,
      0.1,
    ),
    atMost('S = 0: largest norm of the other three', 'TMS; bound ours', Math.max(...norms.slice(2)), 0.1),
  ];
}

/** S = 0.8: two antipodal pairs, one feature lost. */
function digonClaims(model: TrainedModel): Claim[] {
  const norms = featureNorms(model, model);
  const G = gram(model, model);
  const kept = [...norms.keys()].filter((i) => norms[i] > 0.5);
  const partner = (i: number) => Math.min(...kept.map((j) => G[i * 5 + j] / (norms[i] * norms[j])));
  const antipodal = kept.filter((i) => partner(i) < -0.95).length;
  return [
    statement(
      'S = 0.8: four features in two antipodal pairs, the fifth lost',
      'TMS',
      '4 kept, 4 with an opposite partner (cosine below −0.95, ours)',
      `${kept.length} kept, ${antipodal} with an opposite partner`,
      kept.length === 4 && antipodal === 4,
    ),
  ];
}

/** S = 0.9: a pentagon, with positive interference. */
function pentagonClaims(model: TrainedModel): Claim[] {
  const worst = Math.max(...neighbourAngles(model).map((angle) => Math.abs(angle - 72)));
  const positive = Math.max(...gram(model, model).filter((_, k) => k % 6 !== 0));
  return [
    atMost(
      'S = 0.9: five features in a pentagon; largest deviation from 72°, in degrees',
      'TMS; bound ours',
      worst,
      10,
    ),
    atLeast('S = 0.9: positive interference appears; largest W_i·W_j', 'TMS; bound ours', positive, 0.1),
  ];
}

function sparseClaims({ strip, pentagons }: IntroData): Claim[] {
  const model = strip.at(-1)!;
  const limit = solveKgon(5)!;
  const note = 'the exact value is for density → 0 and equal importance; these models have 0.05 and 0.9^i';
  return [
    statement(
      'density 0.05: every replica is a regular pentagon',
      'SARD',
      `${pentagons.of} of ${pentagons.of} within ${PENTAGON_TOLERANCE}°`,
      `${pentagons.regular} of ${pentagons.of}`,
      pentagons.regular === pentagons.of,
    ),
    noted(
      near(
        'density 0.05: mean norm approaches that of the sparse limit',
        'CHEN-F; tolerance ours',
        Number(mean([...featureNorms(model, model)])),
        limit.length,
        0.05,
      ),
      note,
    ),
    noted(
      near(
        'density 0.05: mean bias approaches that of the sparse limit',
        'CHEN-F; tolerance ours',
        Number(mean(model.b)),
        limit.bias,
        0.05,
      ),
      note,
    ),
  ];
}

export const intro: Experiment<IntroData> = {
  name: 'intro',
  id: 'T1',
  paper: 'toy-models',
  section: 'Background and motivation',
  title: 'Five features in two dimensions, as they become sparse',
  caption:
    'Columns W_i of the best of several ReLU-output models, coloured by importance 0.9^i. Dense features: the two ' +
    'most important get a dimension each. Sparser: antipodal pairs, then all five as a pentagon. Below, the ten ' +
    'densities of the released notebook. The circle has radius 1.',
  seconds: { quick: 1, paper: 30 },
  specs: (scale) => [
    spec(scale, [1, 0.2, 0.1]),
    spec(
      scale,
      Array.from({ length: 10 }, (_, k) => 20 ** (-k / 9)),
    ),
  ],
  data,
  signature: (found) => [
    ...denseClaims(found.panels[0]),
    ...digonClaims(found.panels[1]),
    ...pentagonClaims(found.panels[2]),
    ...sparseClaims(found),
  ],
};
