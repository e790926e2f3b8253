import { countNeurons, type NeuronCounts, neuronStacks } from '../metrics/neurons.ts';
import type { TrainResult } from '../train.ts';
import { noted, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface HiddenReluData {
  models: TrainedModel[]; // best of each density
  counts: NeuronCounts[];
}

/** What the paper sees at each density: neurons for one feature, for several, and the features in the latter. */
interface Regime {
  density: number;
  mono: number;
  poly: number;
  polyFeatures: number;
}
const REGIMES: readonly Regime[] = [
  { density: 0.75, mono: 5, poly: 0, polyFeatures: 0 },
  { density: 0.35, mono: 3, poly: 2, polyFeatures: 3 },
  { density: 0.15, mono: 2, poly: 3, polyFeatures: 5 },
  { density: 0.12, mono: 1, poly: 4, polyFeatures: 6 },
  { density: 0.06, mono: 0, poly: 5, polyFeatures: 8 },
  { density: 0.02, mono: 0, poly: 5, polyFeatures: 10 },
];

async function data([result]: TrainResult[], context: Context): Promise<HiddenReluData> {
  const models = await bestModels(result, context);
  const family = result.groups[0].problem.family;
  return { models, counts: models.map((model) => countNeurons(neuronStacks(model, family, 0))) };
}

/** Features that lie on exactly two neurons: both weights at least half of the larger. */
function pairs({ features: n, hidden: m, W }: TrainedModel): number {
  const onTwo = (i: number) => {
    const own = W.slice(i * m, (i + 1) * m).map(Math.abs);
    const most = Math.max(...own);
    return most > 0.25 && own.filter((value) => value > most / 2).length === 2;
  };
  return Array.from({ length: n }, (_, i) => i).filter(onTwo).length;
}

const wording = ({ mono, poly, polyFeatures }: Omit<Regime, 'density'>) =>
  `${mono} monosemantic neurons, ${polyFeatures} features in ${poly} polysemantic ones`;

function signature({ models, counts }: HiddenReluData, scale: Scale): Claim[] {
  const claims = REGIMES.map((regime, k) => {
    const { mono, poly, polyFeatures } = counts[k];
    const same = mono === regime.mono && poly === regime.poly && polyFeatures === regime.polyFeatures;
    return statement(
      `density ${regime.density}: neurons by what they listen to`,
      'TMS',
      wording(regime),
      wording(counts[k]),
      same,
    );
  });
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
  const note = 'quick scale: the best of 120 trainings with batches of 256, not of 1,000';
  return scale === 'paper' ? claims : claims.map((claim) => (claim.holds ? claim : noted(claim, note)));
}

export const hiddenRelu: Experiment<HiddenReluData> = {
  name: 'hidden-relu',
  paper: 'T22',
  section: 'Superposition in a privileged basis',
  title: 'From monosemantic to polysemantic neurons',
  caption:
    'Best of many models with a ReLU on five hidden neurons for ten features of importance 0.75^i. Top: W. Bottom: ' +
    'each neuron as a stack of its weights, one colour a feature. Dense features have a neuron each; sparser ones share ' +
    'neurons in codes; in the sparsest of the paper every feature is a pair of neurons.',
  seconds: { quick: 45, paper: 1_150 },
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
  signature,
};
