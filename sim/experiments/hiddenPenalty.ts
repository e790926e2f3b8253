import { reluOutputFamily } from '../family.ts';
import { drawBatch } from '../features.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import { forward } from '../model.ts';
import { takeParams } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { bestArrangement, meanHiddenSize } from '../theory/penalty.ts';
import { inputVariance } from '../theory/phase.ts';
import { keptFeatures } from './basicResults.ts';
import { atLeast, decidedBy, noted, settled, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { groupLoss, modelAt, type TrainedModel } from './trained.ts';
import type { Evidence } from './verdict.ts';

export interface HiddenPenaltyData {
  penalties: number[]; // λ, rising
  models: TrainedModel[]; // of lowest penalised held-out loss at each λ, what training lowers; `loss` is without the penalty
  penalised: number[]; // their penalised losses
  last: { reached: number; free: number | null }; // exact penalised losses at the largest λ, summed over features: of the model, and least known without superposition
}

const PENALTIES = [0, 0.001, 0.002, 0.004, 0.007];

/**
 * Least importance at which it pays to learn one feature alone, at λ: W_i = w along a neuron costs λ w/2 and saves
 * I (1 − (1 − w²)²) / (3n), both times the density; the saving over the cost is largest at w² = 2/3.
 */
export function leastImportance(penalty: number, features: number): number {
  const w = Math.sqrt(2 / 3);
  return ((penalty * w) / 2) * ((3 * features) / (1 - (1 - w * w) ** 2));
}

/** Mean ‖h‖₁ of instance i of a linear hidden layer over 16,384 held-out inputs. */
function hiddenSize({ problem, params }: TrainedGroup, i: number): number {
  const held = { ...problem, firstStep: HELD_OUT_STEP, training: { ...problem.training, batch: 16_384 } };
  const { family } = problem;
  const inputs = drawBatch(held, i, 0);
  const { W, b } = takeParams(params, family, [i]);
  const model = { W: Float64Array.from(W), b: Float64Array.from(b) };
  let sum = 0;
  for (let from = 0; from < inputs.length; from += family.features) {
    const { h } = forward(family, model, inputs.subarray(from, from + family.features));
    sum += h.reduce((size, value) => size + Math.abs(value), 0);
  }
  return (sum * family.features) / inputs.length;
}

/** Patterns of activity rarer than this are left out: together they cost less than 1e-4 of the loss. */
const NEGLIGIBLE = 1e-6;

/** Exact loss with the penalty λ, summed over features. */
function exactPenalised(model: TrainedModel, lambda: number): number {
  const { features: n, hidden: m, importance, density } = model;
  const own = { W: Float64Array.from(model.W), b: Float64Array.from(model.b) };
  const { loss } = exactLoss(reluOutputFamily(n, m), own, density, importance, NEGLIGIBLE);
  return n * (loss + lambda * meanHiddenSize(model.W, m, density[0], NEGLIGIBLE));
}

/** Least exact penalised loss of the arrangement of features alone on their neurons; null if its best has pairs. */
function aloneLoss(
  { features: n, hidden: m, importance, density: [p] }: TrainedModel,
  lambda: number,
): number | null {
  const { pairs, saved } = bestArrangement(importance, m, p, lambda * n);
  return pairs.length > 0 ? null : importance.reduce((sum, I) => sum + I * inputVariance(p), 0) - saved;
}

/** The best model at the largest λ, the best of its replicas without superposition and features alone, by exact loss. */
function lastPenalty(models: readonly TrainedModel[], lambda: number): HiddenPenaltyData['last'] {
  const [best] = models;
  const free = models.find((model) => keptFeatures(model).superposed.length === 0);
  const alone = aloneLoss(best, lambda);
  const known = [...(free ? [exactPenalised(free, lambda)] : []), ...(alone === null ? [] : [alone])];
  return { reached: exactPenalised(best, lambda), free: known.length > 0 ? Math.min(...known) : null };
}

async function data([result]: TrainedModels[], context: Context): Promise<HiddenPenaltyData> {
  const out: Omit<HiddenPenaltyData, 'last'> = { penalties: PENALTIES, models: [], penalised: [] };
  let last: TrainedModel[] = [];
  for (const penalty of PENALTIES) {
    const group = result.groups.find(({ problem }) => problem.training.hiddenPenalty === penalty)!;
    const loss = await groupLoss(group, context);
    const penalised = loss.map((value, i) => value + penalty * hiddenSize(group, i));
    const ranked = [...bestReplicas(penalised, penalised.length, penalised.length)];
    last = ranked.map((i) => modelAt(group, i, loss[i]));
    out.models.push(last[0]);
    out.penalised.push(penalised[ranked[0]]);
  }
  return { ...out, last: lastPenalty(last, PENALTIES.at(-1)!) };
}

const PAIRS =
  'a neuron that holds an antipodal pair adds less to ‖h‖₁ than two neurons do when both features are active, so for ' +
  'importance I pairs have the lower penalised loss from about λ = 0.6 I/n on, and are dropped only with the features themselves';

/** The best known solution without superposition at the largest λ against the model: which has the lower exact loss. */
function freeEvidence({ reached, free }: HiddenPenaltyData['last']): Evidence[] {
  if (free === null) return [];
  const what = 'exact penalised loss at the largest λ, summed over features';
  if (free < reached) {
    const harder = 'superpose train hidden-penalty --scale paper --set replicas=200';
    return [{ kind: 'shortfall', what, reached, best: free, harder }];
  }
  const excess = `${what}: the least known without superposition over that of the model, minus 1`;
  return [{ kind: 'exact', what: excess, value: free / reached - 1, most: 0 }];
}

function signature({ penalties, models, last }: HiddenPenaltyData): Claim[] {
  const found = models.map(keptFeatures);
  const kept = found.map((one) => one.kept.length);
  const superposed = found.map((one) => one.superposed.length);
  const affordable = models.map(
    ({ importance, features }, k) =>
      importance.filter((I) => I > leastImportance(penalties[k], features)).length,
  );
  return [
    settled(
      noted(
        statement(
          'superposition disappears',
          'TMS',
          'features in superposition without the penalty, none at the largest λ',
          superposed.join(', '),
          superposed[0] > 0 && superposed.at(-1) === 0,
        ),
        PAIRS,
      ),
      ...freeEvidence(last),
    ),
    atLeast(
      'at a higher loss: loss at the largest λ over that at λ = 0',
      'TMS; bound ours',
      models.at(-1)!.loss / models[0].loss,
      1.1,
    ),
    noted(
      statement(
        'features below a threshold of importance are dropped',
        'TMS; threshold exact for features alone',
        `at most ${affordable.slice(1).join(', ')} kept as λ rises`,
        kept.slice(1).join(', '),
        kept.every((count, k) => count <= affordable[k]),
      ),
      'a feature in a pair costs less than one alone, and may live a little below the threshold',
    ),
  ];
}

export const hiddenPenalty: Experiment<HiddenPenaltyData> = {
  name: 'hidden-penalty',
  id: 'T28',
  paper: 'toy-models',
  section: 'The strategic picture of superposition',
  title: 'Removing superposition with an L1 penalty',
  caption:
    'Twenty features of importance 0.7^i and density 0.05 in five dimensions, with λ‖h‖₁ added to the loss. As λ ' +
    'grows, less and less important features are dropped and the loss, given without the penalty, rises. What is left ' +
    'moves towards a dimension each; antipodal pairs go last.',
  seconds: { quick: 7, paper: 120 },
  revision: 2,
  specs: (scale) => [
    {
      model: { features: 20, hidden: 5 },
      input: { density: 0.05, importance: { base: 0.7 } },
      training: scale === 'quick' ? { steps: 3_000, batch: 512, learningRate: 3e-3, schedule: 'cosine' } : {},
      sweep: [{ path: 'training.hiddenPenalty', values: PENALTIES }],
      replicas: scale === 'quick' ? 10 : 20,
    },
  ],
  data,
  signature: (data) => decidedBy(0, data.models, signature(data)),
};
