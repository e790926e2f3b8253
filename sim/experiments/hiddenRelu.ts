import type { TrainedModels } from '../join.ts';
import { countNeurons, type NeuronCounts, neuronStacks } from '../metrics/neurons.ts';
import { decidedBy, digits, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { groupLoss, modelAt, onlyGroup, type TrainedModel } from './trained.ts';

export interface HiddenReluData {
  models: TrainedModel[]; // best of each density
  counts: NeuronCounts[];
  likenesses: Likeness[]; // to each regime; the last, of the sparsest models, to all features in pairs
}

/** The models of one density that are arranged as the paper shows, whatever their loss. */
export interface Likeness {
  models: number;
  of: number;
  excess: number | null; // their lowest loss over the lowest of all, minus 1; null if there are none
}

/** What the paper sees at each density: neurons for one feature, for several, and the features in the latter. */
interface Regime {
  density: number;
  mono: number;
  poly: number;
  polyFeatures: number;
}
export const REGIMES: readonly Regime[] = [
  { density: 0.75, mono: 5, poly: 0, polyFeatures: 0 },
  { density: 0.35, mono: 3, poly: 2, polyFeatures: 3 },
  { density: 0.15, mono: 2, poly: 3, polyFeatures: 5 },
  { density: 0.12, mono: 1, poly: 4, polyFeatures: 6 },
  { density: 0.06, mono: 0, poly: 5, polyFeatures: 8 },
  { density: 0.02, mono: 0, poly: 5, polyFeatures: 10 },
];

/** How many of the models of one density `isAlike` takes, and what the best of them loses to the best of all. */
export function likeness(
  models: readonly TrainedModel[],
  isAlike: (model: TrainedModel) => boolean,
): Likeness {
  const lowest = (some: readonly TrainedModel[]) => Math.min(...some.map(({ loss }) => loss));
  const alike = models.filter(isAlike);
  const excess = alike.length > 0 ? lowest(alike) / lowest(models) - 1 : null;
  return { models: alike.length, of: models.length, excess };
}

export const countsOf = (model: TrainedModel) => countNeurons(neuronStacks(model, model, 0));

async function data([result]: TrainedModels[], context: Context): Promise<HiddenReluData> {
  const group = onlyGroup(result);
  const loss = await groupLoss(group, context);
  const { replicas } = result.spec;
  const cells = REGIMES.map((_, k) =>
    Array.from({ length: replicas }, (_, r) =>
      modelAt(group, k * replicas + r, loss[k * replicas + r]),
    ).filter((model) => Number.isFinite(model.loss)),
  );
  const models = cells.map((cell) => cell.reduce((best, other) => (other.loss < best.loss ? other : best)));
  const likenesses = cells.map((cell, k) => likeness(cell, (model) => isAs(REGIMES[k], countsOf(model))));
  likenesses.push(likeness(cells.at(-1)!, (model) => pairs(model) === model.features));
  return { models, counts: models.map(countsOf), likenesses };
}

export function isAs({ mono, poly, polyFeatures }: Regime, counts: NeuronCounts): boolean {
  return mono === counts.mono && poly === counts.poly && polyFeatures === counts.polyFeatures;
}

/** Features that lie on exactly two neurons: both weights at least half of the larger. */
export function pairs({ features: n, hidden: m, W }: TrainedModel): number {
  const onTwo = (i: number) => {
    const own = W.slice(i * m, (i + 1) * m).map(Math.abs);
    const most = Math.max(...own);
    return most > 0.25 && own.filter((value) => value > most / 2).length === 2;
  };
  return Array.from({ length: n }, (_, i) => i).filter(onTwo).length;
}

/** Text of the claim on one density. */
export const regimeText = ({ density }: Regime) => `density ${density}: neurons by what they listen to`;

const wording = ({ mono, poly, polyFeatures }: Omit<Regime, 'density'>) =>
  `${mono} monosemantic neurons, ${polyFeatures} features in ${poly} polysemantic ones`;

/** How near the models that are not the best come to the paper's. */
function remark({ models, of, excess }: Likeness): string {
  if (excess === null) return `none of ${of} models is as in the paper`;
  return `${models} of ${of} models are as in the paper, the best of them ${digits(100 * excess)} % above the lowest loss`;
}

function signature({ models, counts, likenesses }: HiddenReluData, scale: Scale): Claim[] {
  const claims = REGIMES.map((regime, k) =>
    statement(regimeText(regime), 'TMS', wording(regime), wording(counts[k]), isAs(regime, counts[k])),
  );
  const paired = pairs(models.at(-1)!);
  claims.push(
    statement(
      'sparsest: every feature is a pair of neurons, 10 = C(5, 2)',
      'TMS',
      '10',
      String(paired),
      paired === 10,
    ),
  );
  const quick =
    scale === 'quick' ? '; quick scale: the best of 120 trainings with batches of 256, not of 1,000' : '';
  return claims.map((claim, k) => (claim.holds ? claim : noted(claim, remark(likenesses[k]) + quick)));
}

export const hiddenRelu: Experiment<HiddenReluData> = {
  name: 'hidden-relu',
  id: 'T22',
  paper: 'toy-models',
  section: 'Superposition in a privileged basis',
  title: 'From monosemantic to polysemantic neurons',
  caption:
    'Best of many models with a ReLU on five hidden neurons for ten features of importance 0.75^i. Top: W. Bottom: ' +
    'each neuron as a stack of its weights, one colour a feature; a stack taller than 5 is cut off and its height written ' +
    'on it: a feature with such a weight keeps its neuron silent. Dense features have a neuron each; sparser ones share ' +
    'neurons in codes; in the sparsest of the paper every feature is a pair of neurons.',
  seconds: { quick: 45, paper: 680 },
  revision: 1,
  specs: (scale) => [
    {
      model: { features: 10, hidden: 5, hiddenActivation: 'relu' },
      input: { density: 1, importance: { base: 0.75 } },
      training:
        scale === 'quick' ? { steps: 20_000, batch: 256, learningRate: 1e-2, schedule: 'cosine' } : {},
      sweep: [{ path: 'input.density', values: REGIMES.map(({ density }) => density) }],
      replicas: scale === 'quick' ? 120 : 1_000,
      record: { lossEvery: 1_000 },
    },
  ],
  data,
  signature: (data, scale) =>
    signature(data, scale).flatMap((claim, k) =>
      decidedBy(0, [data.models[Math.min(k, data.models.length - 1)]], [claim]),
    ),
};
