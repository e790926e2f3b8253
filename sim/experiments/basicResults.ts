/**
 * What the small and the large demonstration of superposition share: a linear and a ReLU-output model over
 * densities 1 … 0.001, importance falling geometrically.
 */
import type { TrainedModels } from '../join.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms } from '../metrics/norms.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, decidedBy, noted, statement } from './claims.ts';
import type { Claim, Context, Scale } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';
import type { ClaimSource } from './verdict.ts';

export interface BasicData {
  linear: TrainedModel[]; // one a density
  relu: TrainedModel[]; // one a density
}

const DENSITIES = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];

/** The linear and the ReLU-output sweep. */
export function basicSpecs(features: number, hidden: number, base: number, scale: Scale): SpecInput[] {
  const quick = scale === 'quick';
  return (['identity', 'relu'] as const).map((outputActivation) => ({
    model: { features, hidden, outputActivation },
    input: { density: 1, importance: { base } },
    training: quick
      ? { steps: 4_000, batch: 1024, learningRate: 5e-3, schedule: 'linear', init: 'stacked' }
      : { init: 'stacked' },
    sweep: [{ path: 'input.density', values: DENSITIES }],
    replicas: quick ? (features < 50 ? 2 : 1) : 5,
  }));
}

export async function basicData([linear, relu]: TrainedModels[], context: Context): Promise<BasicData> {
  return { linear: await bestModels(linear, context), relu: await bestModels(relu, context) };
}

/** Features with ‖W_i‖ > 1/2, and those of them with interference over 1/2. */
export function keptFeatures(model: TrainedModel): { kept: number[]; superposed: number[] } {
  const norms = featureNorms(model, model);
  const shared = interference(model, model);
  const kept = [...norms.keys()].filter((i) => norms[i] > 0.5);
  return { kept, superposed: kept.filter((i) => shared[i] > 0.5) };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** At the first density with superposition, the superposed features are the less important ones. */
function onsetClaim(relu: TrainedModel[]): Claim {
  const found = relu.map((model) => ({ model, ...keptFeatures(model) }));
  const onset = found.find(({ superposed }) => superposed.length > 0);
  const dedicated = onset?.kept.filter((i) => !onset.superposed.includes(i)) ?? [];
  return statement(
    'superposition begins with the least important of the kept features',
    'TMS',
    'at its onset, superposed features are later in the order of importance than dedicated ones',
    onset
      ? `density ${onset.model.density[0]}: superposed ${onset.superposed.join(', ')}; dedicated ${dedicated.join(', ') || 'none'}`
      : 'no superposition',
    onset !== undefined && dedicated.length > 0 && mean(onset.superposed) > mean(dedicated),
  );
}

/** At the sparse end everything kept is in superposition. */
function sparseClaims(relu: TrainedModel[], mostKept: number, source: ClaimSource): Claim[] {
  const sparsest = keptFeatures(relu.at(-1)!);
  const bias = mean(sparsest.kept.map((i) => relu.at(-1)!.b[i]));
  const most = Math.max(...relu.map((model) => keptFeatures(model).kept.length));
  return [
    statement(
      'sparse end: every represented feature is in superposition',
      'TMS',
      'all',
      `${sparsest.superposed.length} of ${sparsest.kept.length}`,
      sparsest.superposed.length === sparsest.kept.length,
    ),
    statement(
      'sparse end: biases of represented features are negative',
      'TMS',
      'mean below 0',
      bias.toFixed(3),
      bias < 0,
    ),
    atLeast('most features that the ReLU-output model represents', source, most, mostKept),
  ];
}

/** Claims of either size; `mostKept` features are expected of the ReLU-output model at some density. */
export function basicSignature(
  { linear, relu }: BasicData,
  scale: Scale,
  mostKept: number,
  source: ClaimSource,
): Claim[] {
  const m = linear[0].hidden;
  const linearKept = linear.map((model) => keptFeatures(model).kept.length);
  const dense = keptFeatures(relu[0]);
  const claims = [
    statement(
      `linear: exactly ${m} features kept at every density`,
      'TMS',
      linearKept.map(() => m).join(', '),
      linearKept.join(', '),
      linearKept.every((kept) => kept === m),
    ),
    statement(
      'ReLU output at density 1: the same features as the linear model, none in superposition',
      'TMS',
      `features 0 to ${m - 1}, 0 superposed`,
      `features ${dense.kept.join(', ')}, ${dense.superposed.length} superposed`,
      dense.superposed.length === 0 && dense.kept.join() === [...new Array(m).keys()].join(),
    ),
    onsetClaim(relu),
    ...sparseClaims(relu, mostKept, source),
  ];
  const note = 'quick scale: 4,000 steps, few examples of each feature at the sparse end';
  const all = scale === 'paper' ? claims : claims.map((claim) => (claim.holds ? claim : noted(claim, note)));
  return [...decidedBy(0, linear, all.slice(0, 1)), ...decidedBy(1, relu, all.slice(1))];
}
