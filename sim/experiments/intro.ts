import { mean } from 'mathjs/number';
import type { TrainedModels } from '../join.ts';
import { featureCosine, gram } from '../metrics/gram.ts';
import { featureNorms } from '../metrics/norms.ts';
import { shareOf } from '../metrics/share.ts';
import type { SpecInput } from '../spec.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { solveKgon } from '../theory/kgon.ts';
import { atLeast, atMost, decidedBy, digits, near, noted, shareAtLeast, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { bestModels, modelAt, onlyGroup, type TrainedModel } from './trained.ts';

export interface IntroData {
  panels: TrainedModel[]; // at the paper's three sparsities 0, 0.8, 0.9
  strip: TrainedModel[]; // at the notebook's ten densities 20^(−k/9)
  pentagons: Pentagons[]; // at density 0.05, for each base of the importance
}

/** The replicas of one importance base^i: how many are regular pentagons, and the least exact losses of those and of the others. */
interface Pentagons {
  base: number;
  regular: number;
  of: number;
  loss: number | null; // null if there are none
  otherLoss: number | null;
}

/** Importances of the replicas: the notebook's, and equal ones. */
const BASES = [0.9, 1];
/** Seeds of an independent reproduction, all of which were pentagons; their importance is not known. */
const SARD_SEEDS = 5;

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

/** All five features kept, neighbours 72° apart. */
export function isPentagon(model: TrainedModel): boolean {
  const norms = featureNorms(model, model);
  return (
    norms.every((norm) => norm > 0.5) &&
    neighbourAngles(model).every((angle) => Math.abs(angle - 72) < PENTAGON_TOLERANCE)
  );
}

async function data(results: TrainedModels[], context: Context): Promise<IntroData> {
  const [panels, strip] = [await bestModels(results[0], context), await bestModels(results[1], context)];
  return { panels, strip, pentagons: BASES.map((base, k) => pentagonsOf(base, k, results[2])) };
}

/** Least of some losses; null if there are none. */
const least = (losses: number[]) => (losses.length > 0 ? Math.min(...losses) : null);

/** The replicas of base number k, by exact loss. */
function pentagonsOf(base: number, k: number, result: TrainedModels): Pentagons {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  const models = Array.from({ length: replicas }, (_, r) => {
    const model = modelAt(group, k * replicas + r, 0);
    const own = { W: Float64Array.from(model.W), b: Float64Array.from(model.b) };
    const { loss } = exactLoss(group.problem.family, own, model.density, model.importance);
    return { regular: isPentagon(model), loss };
  });
  const losses = (regular: boolean) =>
    models.filter((one) => one.regular === regular).map(({ loss }) => loss);
  const found = losses(true);
  return { base, regular: found.length, of: replicas, loss: least(found), otherLoss: least(losses(false)) };
}

/** S = 0: the two most important features orthogonal, the others lost. */
function denseClaims(model: TrainedModel): Claim[] {
  const norms = featureNorms(model, model);
  return [
    near(
      'S = 0: the two most important features are orthogonal (cosine)',
      'TMS; tolerance ours',
      featureCosine(model, model, 0, 1),
      0,
      0.1,
    ),
    atMost('S = 0: largest norm of the other three', 'TMS; bound ours', Math.max(...norms.slice(2)), 0.1),
  ];
}

/** Features that are kept, and how many of those have an opposite partner. */
export function digonsOf(model: TrainedModel): { kept: number; antipodal: number } {
  const norms = featureNorms(model, model);
  const kept = [...norms.keys()].filter((i) => norms[i] > 0.5);
  const partner = (i: number) => Math.min(...kept.map((j) => featureCosine(model, model, i, j)));
  return { kept: kept.length, antipodal: kept.filter((i) => partner(i) < -0.95).length };
}

/** S = 0.8: two antipodal pairs, one feature lost. */
function digonClaims(model: TrainedModel): Claim[] {
  const { kept, antipodal } = digonsOf(model);
  return [
    statement(
      'S = 0.8: four features in two antipodal pairs, the fifth lost',
      'TMS',
      '4 kept, 4 with an opposite partner (cosine below −0.95, ours)',
      `${kept} kept, ${antipodal} with an opposite partner`,
      kept === 4 && antipodal === 4,
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

/** How many replicas are pentagons, against the interval of five in five seeds; and that pentagons are the best. */
function replicaClaims({ base, regular, of, loss, otherLoss }: Pentagons): Claim[] {
  const which = base === 1 ? 'equal importance' : `importance ${base}^i`;
  const bound = shareOf(SARD_SEEDS, SARD_SEEDS).low;
  const share = shareAtLeast(
    `density 0.05, ${which}: share of replicas that are regular pentagons, all angles within ${PENTAGON_TOLERANCE}°`,
    'SARD: 5 of 5 seeds; their 95 % interval begins at the bound',
    regular,
    of,
    bound,
  );
  const spec = { spec: 2, rows: Array.from({ length: of }, (_, r) => BASES.indexOf(base) * of + r) };
  if (loss === null || otherLoss === null) return [{ ...share, models: spec }];
  const best = atLeast(
    `density 0.05, ${which}: least exact loss of the other replicas over that of the pentagons`,
    'exact',
    otherLoss / loss,
    1,
  );
  const note = `${digits(otherLoss)} is the least exact loss of the others, ${digits(loss)} that of the pentagons`;
  return [noted(share, note), best].map((claim) => ({ ...claim, models: spec })); // biome-ignore format: one line
}

function sparseClaims({ strip, pentagons }: IntroData): Claim[] {
  const model = strip.at(-1)!;
  const limit = solveKgon(5)!;
  const note = 'the exact value is for density → 0 and equal importance; these models have 0.05 and 0.9^i';
  return [
    ...pentagons.flatMap(replicaClaims),
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
  seconds: { quick: 2, paper: 50 },
  revision: 1,
  specs: (scale) => [
    spec(scale, [1, 0.2, 0.1]),
    spec(
      scale,
      Array.from({ length: 10 }, (_, k) => 20 ** (-k / 9)),
    ),
    {
      ...spec(scale, [0.05]),
      sweep: [{ path: 'input.importance.base', values: BASES }],
      input: { density: 0.05, importance: { base: 0.9 } },
      replicas: 100,
    },
  ],
  data,
  signature: (found) => [
    ...decidedBy(0, [found.panels[0]], denseClaims(found.panels[0])),
    ...decidedBy(0, [found.panels[1]], digonClaims(found.panels[1])),
    ...decidedBy(0, [found.panels[2]], pentagonClaims(found.panels[2])),
    ...decidedBy(1, [found.strip.at(-1)!], sparseClaims(found)),
  ],
};
