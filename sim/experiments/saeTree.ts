/** A tree of features: does the latent of a parent fall silent when a child is there? */

import type { TrainedGroup, TrainedModels } from '../join.ts';
import { type Absorption, absorption } from '../metrics/codes.ts';
import { cosines } from '../metrics/dictionary.ts';
import { scoresOf, specimenAt } from '../metrics/dictionaryScores.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, atMost, statement } from './claims.ts';
import { byRow, meanOf } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Dictionaries of one architecture, means over seeds. */
export interface TreeEntry {
  name: string;
  recall: number; // of a parent’s latent: share of the samples with the parent on which it fires, mean over parents
  lowest: number; // of the seeds
  highest: number;
  absorbed: number; // share of samples with parent and child on which the parent is silent and a carrier fires
  l0: number;
  f1: number;
  r2: number;
}

export interface TreeData {
  trueL0: number;
  entries: TreeEntry[];
}

/** Three parents, nine children that exclude their siblings, eight features by themselves. */
const PARENTS = [-1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2, 2, ...new Array<number>(8).fill(-1)];
const DENSITY = PARENTS.map((parent, i) => (i < 3 ? 0.15 : parent >= 0 ? 0.2 : 0.05));
/** Mean number of active features: 3 · 0.15 · (1 + 3 · 0.2) + 8 · 0.05. */
const TRUE_L0 = 1.12;

/** λ is such that about as many latents fire as features are active. */
const ARCHITECTURES: { name: string; dictionary: Partial<NonNullable<SpecInput['dictionary']>> }[] = [
  { name: 'L1', dictionary: { sparsity: 0.1 } },
  { name: 'JumpReLU', dictionary: { kind: 'jump-relu', sparsity: 0.06, bandwidth: 0.2 } },
  { name: 'BatchTopK', dictionary: { kind: 'batch-topk', active: TRUE_L0 } },
  { name: 'Matryoshka BatchTopK', dictionary: { kind: 'batch-topk', active: TRUE_L0, prefixes: [3, 7, 12] } },
  { name: 'Matryoshka L1', dictionary: { sparsity: 0.4, prefixes: [3] } },
];

function specs(scale: Scale): SpecInput[] {
  const quick = scale === 'quick';
  return ARCHITECTURES.map(({ dictionary }) => ({
    model: { features: 20, hidden: 20 },
    input: { density: DENSITY, magnitude: 'one', tree: { parents: PARENTS, exclusive: true } },
    dictionary: {
      reads: 'random',
      latents: 20,
      ...dictionary,
      training: { steps: quick ? 6_000 : 40_000, batch: 256, learningRate: 3e-3, schedule: 'cosine' },
    },
    replicas: quick ? 4 : 20,
  }));
}

/** Absorption of the three parents in dictionary i of a group, and its scores. */
function fate({ problem, params }: TrainedGroup, i: number) {
  const own = specimenAt(problem, params, i, 4096);
  const cos = cosines(own.decoder, own.truth, problem.family.hidden);
  const parents = [0, 1, 2].map((parent) =>
    absorption(own.coded, cos, { parent, children: [0, 1, 2].map((k) => 3 + 3 * parent + k) }),
  );
  const mean = (of: (parent: Absorption) => number) => meanOf(parents.map(of)) ?? 0;
  const { l0, f1, r2 } = scoresOf(own);
  return { recall: mean(({ recall }) => recall), absorbed: mean(({ rate }) => rate), l0, f1, r2 };
}

function data(results: TrainedModels[]): TreeData {
  const entries = results.map((result, k): TreeEntry => {
    const all = byRow(result, fate);
    const mean = (key: keyof (typeof all)[number]) => meanOf(all.map((own) => own[key])) ?? 0;
    const recalls = all.map(({ recall }) => recall);
    return {
      name: ARCHITECTURES[k].name,
      recall: mean('recall'),
      lowest: Math.min(...recalls),
      highest: Math.max(...recalls),
      absorbed: mean('absorbed'),
      l0: mean('l0'),
      f1: mean('f1'),
      r2: mean('r2'),
    };
  });
  return { trueL0: TRUE_L0, entries };
}

function signature({ entries }: TreeData): Claim[] {
  const of = (name: string) => entries.find((entry) => entry.name === name)!;
  const [l1, jump, batch] = [of('L1'), of('JumpReLU'), of('BatchTopK')];
  const [nested, nestedL1] = [of('Matryoshka BatchTopK'), of('Matryoshka L1')];
  const order = [nested, batch, jump, l1];
  const words = (key: 'f1' | 'r2') =>
    order.map((entry) => `${entry.name} ${entry[key].toFixed(3)}`).join(', ');
  return [
    atMost('plain L1 absorbs: recall of the parents', 'MAT; bound ours', l1.recall, 0.6),
    atLeast(
      'Matryoshka does not: recall of the parents, L1 with a prefix of three',
      'MAT; bound ours',
      nestedL1.recall,
      0.9,
    ),
    atLeast(
      'at one and the same L0 prefixes recall parents: BatchTopK with them less BatchTopK without',
      'MAT',
      nested.recall - batch.recall,
      0,
    ),
    statement(
      'F1: Matryoshka above BatchTopK, about as JumpReLU, above L1',
      'SSB; "about" 0.1, ours',
      'falling in this order',
      words('f1'),
      nested.f1 > batch.f1 && Math.abs(batch.f1 - jump.f1) <= 0.1 && Math.min(batch.f1, jump.f1) > l1.f1,
    ),
    statement(
      'R²: Matryoshka lowest of the four',
      'SSB',
      'the reverse of its place by F1',
      words('r2'),
      [batch, jump, l1].every(({ r2 }) => r2 > nested.r2),
    ),
  ];
}

export const saeTree: Experiment<TreeData> = {
  name: 'sae-tree',
  id: 'S8',
  paper: 'dictionaries',
  section: 'Features that come together',
  title: 'A tree of features and a race: who remembers the parents',
  caption:
    'Three parents with three children each, which exclude each other and come only with their parent, and eight ' +
    'features by themselves; twenty latents, about as many of them firing as features are active. Share of the samples ' +
    'with a parent on which its latent fires, with the range of the seeds; how well latents detect features (F1); how ' +
    'much is explained (R²); and how many fire. Prefixes that must reconstruct alone keep the parents and find more ' +
    'features, at some cost in R²: the order by F1 is not the order by R².',
  seconds: { quick: 30, paper: 320 },
  specs,
  data,
  signature,
};
