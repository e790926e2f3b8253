/** The table of a training: one row an instance, its axis values first. */
import { axisName } from '../curves.ts';
import type { Grid } from '../grid.ts';
import type { TrainedGroup } from '../join.ts';
import { scoreTrigrams, type TrigramLoss } from '../metrics/attention.ts';
import { SCORES, scoreDictionaries } from '../metrics/dictionaryScores.ts';
import { capacity, dimensionsPerFeature } from '../metrics/dimensionality.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms, fractionRepresented } from '../metrics/norms.ts';
import { PARTS_SCORES, scoreParts } from '../metrics/partsScores.ts';
import { type Column, type FileTable, PIECE } from './table.ts';

/** What the table needs of trained models: a group, or a block of one. I = instances. */
type Trained = Pick<TrainedGroup, 'rows' | 'problem' | 'params' | 'divergedAt' | 'lossSteps' | 'losses'>;

const DOCS = {
  row: ['1', 'number of the instance in the sweep, first axis outermost, replicas innermost'],
  replica: ['1', 'number of the replica within its cell, from 0'],
  loss: [
    'loss',
    'minibatch loss at the last recorded step: Σ I_i (x_i − x′_i)², mean over batch and features',
  ],
  held_out_loss: ['loss', 'the same on a fixed sample that training never saw; empty if diverged'],
  diverged_at: ['step', 'step of the first non-finite loss, where training stopped; −1 if none'],
  norm_mean: ['1', 'mean over features of ‖W_i‖'],
  norm_max: ['1', 'largest ‖W_i‖'],
  fraction_represented: ['1', 'share of features with ‖W_i‖ > 0.5'],
  interference_mean: ['1', 'mean over features of Σ_{j≠i} (Ŵ_i·W_j)²'],
  interference_max: ['1', 'largest of them'],
  capacity: ['hidden dimensions', 'Σ_i D_i with D_i = ‖W_i‖² / Σ_j (Ŵ_i·W_j)²'],
  dimensions_per_feature: ['hidden dimensions', 'D* = m / ‖W‖²_F'],
  trigram_loss: ['nats', 'of attention: mean loss on held-out sequences with a source'],
  rest_excess: ['nats', 'of attention: mean loss above ln V on those without, over all that may follow'],
  excess: [
    'nats',
    'of attention: p · trigram_loss + (1 − p) · rest_excess, the loss above the least that there is',
  ],
} as const;

function column(name: keyof typeof DOCS, values: Column['values']): Column {
  return { name, unit: DOCS[name][0], description: DOCS[name][1], values };
}

/** Mean and largest of each run of n values. Both (I). */
function overFeatures(values: Float64Array, n: number): { mean: Float64Array; max: Float64Array } {
  const mean = new Float64Array(values.length / n);
  const max = new Float64Array(values.length / n).fill(Number.NEGATIVE_INFINITY);
  values.forEach((value, k) => {
    const i = Math.floor(k / n);
    mean[i] += value / n;
    max[i] = Math.max(max[i], value);
  });
  return { mean, max };
}

/** A column for each score of what a second stage trained. */
function scoreColumns<Name extends string>(
  docs: Record<Name, readonly [unit: string, description: string]>,
  scores: Record<Name, number>[],
): FileTable {
  return (Object.keys(docs) as Name[]).map((name) => ({
    name,
    unit: docs[name][0],
    description: docs[name][1],
    values: Float64Array.from(scores, (own) => own[name]),
  }));
}

/** Sequences that the losses of attention heads are taken over. */
const SEQUENCES = 4096;

/** What heads lose on skip trigrams and elsewhere. */
function attentionColumns({ params, problem }: Trained): FileTable {
  const losses = Array.from({ length: problem.instances }, (_, i) =>
    scoreTrigrams(problem, params, i, SEQUENCES),
  );
  const of = (name: keyof TrigramLoss) => Float64Array.from(losses, (own) => own[name]);
  return [
    column('trigram_loss', of('trigram')),
    column('rest_excess', of('rest')),
    column('excess', of('excess')),
  ];
}

function weightColumns(trained: Trained): FileTable {
  const { params, problem } = trained;
  const { family } = problem;
  if (family.dictionary) return scoreColumns(SCORES, scoreDictionaries(problem, params));
  if (family.decomposition) return scoreColumns(PARTS_SCORES, scoreParts(problem, params));
  if (family.trigrams) return attentionColumns(trained);
  if (family.kind === 'attention') return []; // other sequences have no floor that is known
  const norms = overFeatures(featureNorms(params, family), family.features);
  const shared = overFeatures(interference(params, family), family.features);
  return [
    column('norm_mean', norms.mean),
    column('norm_max', norms.max),
    column('fraction_represented', fractionRepresented(params, family)),
    column('interference_mean', shared.mean),
    column('interference_max', shared.max),
    column('capacity', capacity(params, family)),
    column('dimensions_per_feature', dimensionsPerFeature(params, family)),
  ];
}

/** Values of the sweep's axes at `rows` of the grid, a column each. */
export function axisColumns(grid: Grid, rows: Int32Array): FileTable {
  return grid.spec.sweep.map((axis, a) => ({
    name: axisName(axis),
    unit: '1',
    description: `value of ${axisName(axis)} in the spec`,
    values: Float64Array.from(rows, (row) => grid.axisValues[a][row]),
  }));
}

/** Last recorded loss of each instance. Shape (I). */
function lastLosses(losses: Float32Array, instances: number): Float64Array {
  return Float64Array.from(losses.subarray(losses.length - instances));
}

/** Metrics of trained models, one row an instance. `heldOut` is (I). */
export function metricsTable(grid: Grid, trained: Trained, heldOut: Float64Array): FileTable {
  const { rows, divergedAt } = trained;
  return [
    ...axisColumns(grid, rows),
    column('row', rows),
    column(
      'replica',
      rows.map((row) => row % grid.spec.replicas),
    ),
    column('loss', lastLosses(trained.losses, rows.length)),
    column('held_out_loss', heldOut),
    column('diverged_at', divergedAt),
    ...weightColumns(trained),
  ];
}

/** Losses number `from` to `to` of a block in long form, instance by instance. */
function lossPiece({ rows, lossSteps, losses }: Losses, from: number, to: number): FileTable {
  const steps = lossSteps.length;
  const length = to - from;
  const row = new Int32Array(length);
  const step = new Int32Array(length);
  const loss = new Float32Array(length);
  for (let k = 0; k < length; k++) {
    const [i, s] = [Math.floor((from + k) / steps), (from + k) % steps];
    row[k] = rows[i];
    step[k] = lossSteps[s];
    loss[k] = losses[s * rows.length + i];
  }
  return [
    column('row', row),
    { name: 'step', unit: 'step', description: 'updates done before this loss was measured', values: step },
    {
      name: 'loss',
      unit: 'loss',
      description: 'minibatch loss before the update of this step',
      values: loss,
    },
  ];
}

type Losses = Pick<Trained, 'rows' | 'lossSteps' | 'losses'>;

/** Recorded losses in long form, a row for each instance and recorded step, in pieces of at most PIECE rows. */
export function* lossTables(trained: Losses): Generator<FileTable> {
  const size = trained.losses.length;
  for (let from = 0; from < size; from += PIECE) {
    yield lossPiece(trained, from, Math.min(from + PIECE, size));
  }
}

/** Tables of the same columns, one below the other. */
export function stackTables(tables: FileTable[]): FileTable {
  return tables[0].map((first, c) => {
    const length = tables.reduce((sum, table) => sum + table[c].values.length, 0);
    const values = new (first.values.constructor as Float64ArrayConstructor)(length);
    let at = 0;
    for (const table of tables) {
      values.set(table[c].values, at);
      at += table[c].values.length;
    }
    return { ...first, values };
  });
}
