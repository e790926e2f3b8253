import { reluOutputFamily } from '../family.ts';
import { drawBatch } from '../features.ts';
import type { TrainedGroup } from '../join.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import { forward } from '../model.ts';
import { takeParams } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { bestArrangement, meanHiddenSize } from '../theory/penalty.ts';
import { inputVariance } from '../theory/phase.ts';
import type { TrainResult } from '../train.ts';
import { keptFeatures } from './basicResults.ts';
import { atLeast, noted, settled, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { groupLoss, modelAt, type TrainedModel } from './trained.ts';
import type { ExactNumber, Shortfall } from './verdict.ts';

export interface HiddenPenaltyData {
  penalties: number[]; // λ, rising
  models: TrainedModel[]; // of lowest penalised held-out loss at each λ, what training lowers; `loss` is without the penalty
  penalised: number[]; // their penalised losses
  last: { reached: number; alone: number; paired: number }; // at the largest λ, exact and summed over features: penalised loss of the model, that of the best arrangement of lone features and pairs, and how many features of that lie in pairs
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

/** A model at penalty λ against the best arrangement of lone features and pairs, by exact loss. */
function lastPenalty(model: TrainedModel, lambda: number): HiddenPenaltyData['last'] {
  const { features: n, hidden: m, importance, density } = model;
  const penalty = lambda * n;
  const own = { W: Float64Array.from(model.W), b: Float64Array.from(model.b) };
  const { loss } = exactLoss(reluOutputFamily(n, m), own, density, importance, NEGLIGIBLE);
  const { pairs, saved } = bestArrangement(importance, m, density[0], penalty);
  const nothing = importance.reduce((sum, I) => sum + I * inputVariance(density[0]), 0);
  return {
    reached: n * loss + penalty * meanHiddenSize(model.W, m, density[0], NEGLIGIBLE),
    alone: nothing - saved,
    paired: 2 * pairs.length,
  };
}

async function data([result]: TrainResult[], context: Context): Promise<HiddenPenaltyData> {
  const out: Omit<HiddenPenaltyData, 'last'> = { penalties: PENALTIES, models: [], penalised: [] };
  for (const penalty of PENALTIES) {
    const group = result.groups.find(({ problem }) => problem.training.hiddenPenalty === penalty)!;
    const loss = await groupLoss(group, context);
    const penalised = loss.map((value, i) => value + penalty * hiddenSize(group, i));
    const [best] = bestReplicas(penalised, penalised.length, 1);
    out.models.push(modelAt(group, best, loss[best]));
    out.penalised.push(penalised[best]);
  }
  return { ...out, last: lastPenalty(out.models.at(-1)!, PENALTIES.at(-1)!) };
}

const PAIRS =
  'a neuron that holds an antipodal pair adds less to ‖h‖₁ than two neurons do when both features are active, so for ' +
  'importance I pairs have the lower penalised loss from about λ = 0.6 I/n on, and are dropped only with the features themselves';

/** Whether the best arrangement itself has superposition at the largest λ. */
function pairedNumber({ paired }: HiddenPenaltyData['last']): ExactNumber {
  const what = 'features in pairs in the best arrangement at the largest λ, by exact penalised loss';
  return { kind: 'exact', what, value: paired, most: 0 };
}

/** The best arrangement, if it has no superposition, against what training reached. */
function aloneShortfall({ reached, alone, paired }: HiddenPenaltyData['last']): Shortfall[] {
  if (paired > 0) return [];
  const what = 'exact penalised loss at the largest λ, summed over features';
  const harder = 'superpose train hidden-penalty --scale paper --set replicas=200';
  return [{ kind: 'shortfall', what, reached, best: alone, harder }];
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
      pairedNumber(last),
      ...aloneShortfall(last),
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
  signature,
};
