import type { TrainedGroup, TrainedModels } from '../join.ts';
import { canonicalPlane } from '../metrics/align.ts';
import { featureNorms } from '../metrics/norms.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { branchCrossing, branchMinimum, densityOfCrossing } from '../theory/pentagon.ts';
import { decidedBy, digits, near, settled, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { neighbourAngles } from './intro.ts';
import { modelAt, onlyGroup, type TrainedModel } from './trained.ts';

/** R = relative densities. Losses are means over the five features. */
export interface PentagonDigonsData {
  density: number; // of features 1 to 4
  relative: number[]; // (R) density of feature 0 over that of the others, rising
  pentagon: number[]; // (R) exact loss of the pentagon branch
  digons: number[]; // (R) exact loss of the digon branch
  crossing: number; // relative density at which the two are equal
  atPaper: number; // density of features 1 to 4 at which they are equal where feature 0 is 2.5 × sparser, as the paper says
  best: TrainedModel[]; // (R) lowest loss of the fits, feature 0 turned to the right
  others: { relative: number; loss: number; keepsOdd: boolean; row: number }[]; // all other fits
}

const DENSITY = 0.05;
/** How much sparser the paper sees the odd feature at the snap, and our tolerance. */
const PAPER = { sparser: 2.5, tolerance: 0.5 };

const keepsOdd = (model: TrainedModel) => featureNorms(model, model)[0] > 0.5;

/** Exact losses of a branch, followed from equal densities outwards so that it deforms continuously. */
function branchLosses(branch: 'pentagon' | 'digons', relative: readonly number[]): number[] {
  const losses = new Array<number>(relative.length);
  let { model } = branchMinimum(branch, DENSITY, 1);
  const equal = relative.findIndex((value) => value >= 1);
  const start = model;
  for (let k = equal; k < relative.length; k++) {
    ({ model, loss: losses[k] } = branchMinimum(branch, DENSITY, relative[k], model));
  }
  model = start;
  for (let k = equal - 1; k >= 0; k--) {
    ({ model, loss: losses[k] } = branchMinimum(branch, DENSITY, relative[k], model));
  }
  return losses;
}

/** Feature 0 to the right where it is kept, else feature 1. */
function turned(model: TrainedModel): TrainedModel {
  return { ...model, W: [...canonicalPlane(model.W, keepsOdd(model) ? 0 : 1)] };
}

/** Instance i with its exact loss, free of sampling noise. */
function exactModelAt(group: TrainedGroup, i: number): TrainedModel {
  const model = modelAt(group, i, 0);
  const exact = { W: Float64Array.from(model.W), b: Float64Array.from(model.b) };
  return { ...model, loss: exactLoss(group.problem.family, exact, model.density, model.importance).loss };
}

function data([result]: TrainedModels[]): PentagonDigonsData {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  const relative = [...new Set(result.grid.axisValues[0])].map((value) => value / DENSITY);
  const models = Array.from(group.rows, (_, i) => exactModelAt(group, i));
  const losses = models.map(({ loss }) => loss);
  const best = [...bestReplicas(losses, replicas, 1)];
  return {
    density: DENSITY,
    relative,
    pentagon: branchLosses('pentagon', relative),
    digons: branchLosses('digons', relative),
    crossing: branchCrossing(DENSITY),
    atPaper: densityOfCrossing(1 / PAPER.sparser),
    best: best.map((i) => turned(models[i])),
    others: models
      .filter((_, i) => !best.includes(i))
      .map((model) => ({
        relative: model.density[0] / DENSITY,
        loss: model.loss,
        keepsOdd: keepsOdd(model),
        row: model.row,
      })),
  };
}

/** Angle that feature 0 has to itself: between its two neighbours, in degrees. */
function room(model: TrainedModel): number {
  const W = canonicalPlane(model.W, 0);
  const angles = neighbourAngles({ W }); // sorted by angle, feature 0 is at angle 0
  const order = Array.from({ length: 5 }, (_, i) => i).sort(
    (i, j) => Math.atan2(W[2 * i + 1], W[2 * i]) - Math.atan2(W[2 * j + 1], W[2 * j]),
  );
  const at = order.indexOf(0);
  return angles[at] + angles[(at + 4) % 5];
}

/** Largest relative density at which the best trained model drops feature 0. */
function trainedThreshold({ relative, best }: PentagonDigonsData): number {
  const dropped = relative.filter((_, k) => !keepsOdd(best[k]));
  return dropped.length > 0 ? Math.max(...dropped) : Number.NaN;
}

function signature(found: PentagonDigonsData): Claim[] {
  const { relative, best, crossing } = found;
  const pentagons = best.filter(keepsOdd);
  const [least, most] = [room(pentagons[0]), room(pentagons.at(-1)!)];
  const step = relative[1] / relative[0];
  return [
    statement(
      'a denser feature gets more room, a sparser one less (angle between its neighbours)',
      'TMS',
      'below 144° at the sparsest pentagon, above it at the densest',
      `${least.toFixed(1)}°, ${most.toFixed(1)}°`,
      least < 144 && most > 144,
    ),
    settled(
      near(
        'the pentagon snaps to two digons where one feature is about 2.5 × sparser; exact crossing',
        'TMS; tolerance ours',
        1 / crossing,
        PAPER.sparser,
        PAPER.tolerance,
      ),
      {
        kind: 'exact',
        what: `times sparser at which both branches have one exact loss, at density ${DENSITY}, without weight decay; it is ${PAPER.sparser} at density ${digits(found.atPaper)}`,
        value: 1 / crossing,
        least: PAPER.sparser - PAPER.tolerance,
        most: PAPER.sparser + PAPER.tolerance,
      },
    ),
    near(
      'sparsest relative density at which the best trained model still drops the feature',
      'exact; tolerance two steps of the axis',
      trainedThreshold(found),
      crossing,
      crossing * (step ** 2 - 1),
    ),
  ];
}

export const pentagonDigons: Experiment<PentagonDigonsData> = {
  name: 'pentagon-digons',
  id: 'T12',
  paper: 'toy-models',
  section: 'The geometry of superposition',
  title: 'From a pentagon to two digons',
  caption:
    'Five features in two dimensions, one of them with a density of its own. Top: best trained solutions, the odd ' +
    'feature dark and turned to the right. Bottom: loss relative to the digon solution; lines are exact minima of the ' +
    'two branches, dots trained models, the best of each cell filled. The pentagon deforms continuously and loses to ' +
    'the digons, which drop the odd feature, where the lines cross.',
  seconds: { quick: 20, paper: 285 },
  revision: 1,
  specs: (scale) => [
    {
      model: { features: 5, hidden: 2 },
      input: { density: DENSITY },
      training: scale === 'quick' ? { steps: 4_000, batch: 512, learningRate: 5e-3, schedule: 'cosine' } : {},
      sweep: [
        {
          path: 'input.density.0',
          from: 0.2 * DENSITY,
          to: 4 * DENSITY,
          count: scale === 'quick' ? 21 : 41,
          scale: 'log',
        },
      ],
      replicas: scale === 'quick' ? 12 : 50,
    },
  ],
  data,
  signature: (data) => decidedBy(0, data.best, signature(data)),
};
