import type { TrainedModels } from '../join.ts';
import { type AsymmetricMotif, findAsymmetric } from '../metrics/asymmetric.ts';
import { rescaleNeurons } from '../metrics/neurons.ts';
import { atLeast, decidedBy, noted, shareAtLeast, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { groupLoss, modelAt, onlyGroup, type TrainedModel } from './trained.ts';

/** One motif, and what its primary feature does to the output of its secondary one. */
export interface FoundMotif extends AsymmetricMotif {
  instance: number; // in the sweep
  disturbance: number; // |W_ak| V_bk: what the neuron alone adds to output b when a = ±1 fires it
  total: number; // Σ_k ReLU(W_ak x_a) V_bk + b_b: what all neurons and the bias make of it
}

/** A motif that has its inhibitor. */
export type Inhibited = FoundMotif & { inhibitor: number };

export interface AsymmetricData {
  densities: number[]; // (P)
  replicas: number; // models a density
  motifs: FoundMotif[][]; // (P) of all models of a density
  shown: Inhibited | null; // the one closest to the paper's example, if there is any
  model: TrainedModel; // that it is found in (else the first one); each neuron scaled so that its largest |W_ik| is 1
}

const REPLICAS: Record<Scale, number> = { quick: 6, paper: 20 };
export const DENSITIES = [0.5, 0.35, 0.2, 0.1];

/** Value before the output ReLU of `to` when `from` = x is the only active feature. */
export function effect({ W, V, b, hidden: m }: TrainedModel, from: number, x: number, to: number): number {
  let sum = b[to];
  for (let k = 0; k < m; k++) sum += Math.max(0, W[from * m + k] * x) * V![to * m + k];
  return sum;
}

function motifsOf(model: TrainedModel): FoundMotif[] {
  return findAsymmetric(model, model, 0).map((motif) => ({
    ...motif,
    instance: model.row,
    disturbance: Math.abs(motif.encode[0]) * motif.decode[1],
    total: effect(model, motif.primary, Math.sign(motif.encode[0]), motif.secondary),
  }));
}

/** Distance of a motif from encode [2, −½], decode [½, 2]: ratio of the encoder weights 1/4, both ways through 1. */
function distance({ encode: [wa, wb], decode: [va, vb] }: FoundMotif): number {
  const ways = [Math.abs(wb / wa) * 4, Math.abs(wa) * va, Math.abs(wb) * vb];
  return ways.reduce((sum, way) => sum + Math.log(way) ** 2, 0);
}

/** Whether a model has the motif. */
export const hasMotif = (model: TrainedModel) => motifsOf(scaled(model)).length > 0;

function scaled(model: TrainedModel): TrainedModel {
  const { W, V } = rescaleNeurons(model, model);
  return { ...model, W: Array.from(W), V: Array.from(V!) };
}

async function data([result]: TrainedModels[], context: Context): Promise<AsymmetricData> {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  const loss = await groupLoss(group, context);
  const models = Array.from(loss, (value, i) => scaled(modelAt(group, i, value)));
  const motifs = DENSITIES.map((_, p) => models.slice(p * replicas, (p + 1) * replicas).flatMap(motifsOf));
  const inhibited = motifs.flat().filter((motif): motif is Inhibited => motif.inhibitor !== null);
  const shown = inhibited.sort((a, b) => distance(a) - distance(b)).at(0) ?? null;
  const model = models.find(({ row }) => row === shown?.instance) ?? models[0];
  return { densities: DENSITIES, replicas, motifs, shown, model };
}

/** Density of the copied exercises. */
export const COPIED_DENSITY = 0.5;
const copied = (replicas: number) =>
  `density ${COPIED_DENSITY}, of the copied exercises: motifs in ${replicas} models`;
/** Text of the claim on them. */
export const copiedText = (scale: Scale) => copied(REPLICAS[scale]);

function signature({ densities, motifs, replicas, shown }: AsymmetricData): Claim[] {
  const at = (density: number) => motifs[densities.indexOf(density)].length;
  const all = motifs.flat();
  const count = (test: (motif: FoundMotif) => boolean) => all.filter(test).length;
  return [
    statement(
      'trained models form the motif',
      'TMS, which names no density and no size',
      'at one density or more',
      densities.map((density, p) => `${motifs[p].length} at ${density}`).join(', '),
      all.length > 0,
    ),
    noted(
      atLeast(copied(replicas), 'ARENA copy', at(COPIED_DENSITY), 1),
      'a setting of a course, not a statement of the paper',
    ),
    noted(
      atLeast(`density 0.35: motifs in ${replicas} models`, 'ARENA', at(0.35), 1),
      'as remembered from the course',
    ),
    shareAtLeast(
      'a partner neuron inhibits the secondary feature: share of motifs',
      'TMS; bound ours',
      count(({ inhibitor }) => inhibitor !== null),
      all.length,
      0.9,
    ),
    shareAtLeast(
      'so that positive interference becomes negative: share of motifs where a alone leaves b at 0 or below',
      'TMS; bound ours',
      count(({ total }) => total <= 0),
      all.length,
      0.9,
    ),
    atLeast(
      'two instances of the motif in one model',
      'TMS',
      all.filter(({ instance }) => instance === shown?.instance).length,
      2,
    ),
  ];
}

export const asymmetric: Experiment<AsymmetricData> = {
  name: 'asymmetric-motif',
  id: 'T27',
  paper: 'toy-models',
  section: 'Computation in superposition',
  title: 'Asymmetric superposition',
  caption:
    'Twenty features, ten neurons, output |x|. One neuron serves features a and b with unequal weights in and the inverse ' +
    'weights out, so that b disturbs a little and a disturbs b much; a second neuron, which fires with a, inhibits b. ' +
    'Left: the neurons of one model, those of the motif shaded. Middle: the motif, its neuron scaled to ' +
    'W_a W_b = ±1. Right: what a alone does to the output of b.',
  seconds: { quick: 4, paper: 300 },
  specs: (scale) => [
    {
      model: { features: 20, hidden: 10, hiddenActivation: 'relu', tied: false },
      input: { density: 0.5, magnitude: 'signed', target: 'abs' },
      training: scale === 'quick' ? { steps: 5_000, batch: 256, learningRate: 3e-3, schedule: 'linear' } : {},
      sweep: [{ path: 'input.density', values: DENSITIES }],
      replicas: REPLICAS[scale],
    },
  ],
  data,
  signature: (data) => decidedBy(0, [data.model], signature(data)),
};
