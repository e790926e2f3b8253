/** Hedging: dictionaries with too few latents mix features that come together; trained beside exact. */
import type { TrainedModels } from '../join.ts';
import { overGrid } from '../overGrid.ts';
import type { SpecInput } from '../spec.ts';
import { lossOf, plain } from '../theory/dictionary.ts';
import { type Company, companyOf, companySupport, hedge, hedgeOf } from '../theory/hedging.ts';
import { atMost, statement } from './claims.ts';
import { byRow, inFeatureAxes, leastOf, runs } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** One way in which the second feature keeps company with the first, read by one latent. */
interface HedgeCase {
  name: string;
  sign: number; // of the part that the paper sees
  exact: number; // cos(decoder, f1)
  trained: number;
}

export interface HedgingData {
  cases: HedgeCase[];
  correlations: number[]; // (R) of f0 with each of the others
  latents: number[]; // (L)
  exact: number[]; // (L, R) mean cos of the latent of f0 with the others
  trained: number[];
}

/** The published cases, with their sparsity. */
const CASES: { name: string; company: Company; sparsity: number; sign: number }[] = [
  { name: 'only with it', company: { first: 0.25, with: 0.2, without: 0 }, sparsity: 1e-3, sign: 1 },
  { name: 'rather with it', company: { first: 0.25, with: 0.2, without: 0.1 }, sparsity: 1e-3, sign: 1 },
  { name: 'independent', company: { first: 0.25, with: 0.2, without: 0.2 }, sparsity: 1e-3, sign: 0 },
  { name: 'rather without', company: { first: 0.25, with: 0.1, without: 0.2 }, sparsity: 0.02, sign: -1 },
];

const FEATURES = 3;
const [FIRST, OTHER] = [0.4, 0.15]; // probabilities
const SPARSITY = 0.01;
const CORRELATIONS = [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4];
const LATENTS = [1, 2, 3];

const TRAINING = {
  quick: { steps: 8_000, batch: 256, learningRate: 3e-3, schedule: 'cosine' },
  paper: { steps: 50_000, batch: 1024, learningRate: 3e-3, schedule: 'cosine' },
} as const;

/** n orthonormal features, all but the first in company of it. */
function companyInput({ first, with: given, without }: Company, n: number): SpecInput['input'] {
  return {
    density: [first, ...new Array<number>(n - 1).fill(given)],
    magnitude: 'one',
    tree: { parents: [-1, ...new Array<number>(n - 1).fill(0)], alone: without },
  };
}

function casesSpec(scale: Scale): SpecInput {
  return overGrid({ which: CASES.map((_, k) => k) }, ({ which }) => ({
    model: { features: 2, hidden: 2 },
    input: companyInput(CASES[which].company, 2),
    dictionary: {
      reads: 'orthonormal' as const,
      latents: 1,
      sparsity: CASES[which].sparsity,
      training: TRAINING[scale],
    },
    replicas: scale === 'quick' ? 8 : 20,
  }));
}

function mapSpec(scale: Scale): SpecInput {
  return overGrid({ latents: LATENTS, correlation: CORRELATIONS }, ({ latents, correlation }) => ({
    model: { features: FEATURES, hidden: FEATURES },
    input: companyInput(companyOf(FIRST, OTHER, correlation), FEATURES),
    dictionary: {
      reads: 'orthonormal' as const,
      latents,
      sparsity: SPARSITY,
      training: TRAINING[scale],
    },
    replicas: scale === 'quick' ? 8 : 20,
  }));
}

/** What the trained dictionary of least exact loss of each cell takes of the others. */
function trainedHedges(result: TrainedModels, of: (cell: number) => [Company, number, number]): number[] {
  const n = result.spec.model.features;
  return runs(byRow(result, inFeatureAxes), result.spec.replicas).map((own, cell) => {
    const [company, sparsity, latents] = of(cell);
    const scored = own.map((dictionary) => ({
      loss: lossOf(companySupport(company, n), plain(latents, sparsity), dictionary),
      ...hedgeOf(dictionary),
    }));
    return leastOf(scored).other;
  });
}

function data([cases, map]: TrainedModels[]): HedgingData {
  const trainedCases = trainedHedges(cases, (k) => [CASES[k].company, CASES[k].sparsity, 1]);
  const cells = LATENTS.flatMap((latents) =>
    CORRELATIONS.map((rho) => ({ latents, company: companyOf(FIRST, OTHER, rho) })),
  );
  return {
    cases: CASES.map(({ name, company, sparsity, sign }, k) => ({
      name,
      sign,
      exact: hedge(company, sparsity).other,
      trained: trainedCases[k],
    })),
    correlations: CORRELATIONS,
    latents: LATENTS,
    exact: cells.map(({ latents, company }) => hedge(company, SPARSITY, latents, FEATURES).other),
    trained: trainedHedges(map, (k) => [cells[k].company, SPARSITY, cells[k].latents]),
  };
}

function signature({ cases, correlations, latents, exact, trained }: HedgingData): Claim[] {
  const signOf = (value: number) => (Math.abs(value) < 0.05 ? 0 : Math.sign(value));
  const full = (latents.length - 1) * correlations.length;
  const differences = trained.map((value, k) => Math.abs(value - exact[k]));
  const first = trained.slice(0, correlations.length);
  return [
    statement(
      'one latent takes up a part of the other feature with the sign of their company',
      'HEDGE; bound ours',
      cases.map(({ name, sign }) => `${name}: ${sign}`).join(', '),
      cases.map(({ trained: value }) => value.toFixed(3)).join(', '),
      cases.every(({ sign, trained: value }) => signOf(value) === sign),
    ),
    atMost(
      'by as much as the exact optimum: largest |difference| of the cosines',
      'exact; tolerance ours',
      Math.max(...cases.map(({ exact: wanted, trained: value }) => Math.abs(value - wanted))),
      0.02,
    ),
    statement(
      'the part rises with the correlation',
      'HEDGE',
      'rising over the correlations, one latent',
      first.map((value) => value.toFixed(2)).join(', '),
      first.every((value, k) => k === 0 || value > first[k - 1]),
    ),
    atMost(
      'trained dictionaries follow the exact map: mean |difference|',
      'exact; tolerance ours',
      differences.reduce((sum, value) => sum + value, 0) / differences.length,
      0.05,
    ),
    statement(
      'with as many latents as features no latent hedges, below correlation 0 and at it',
      'HEDGE; bound ours',
      'all within 0.1 of 0',
      trained
        .slice(full)
        .map((value) => value.toFixed(2))
        .join(', '),
      trained.slice(full).every((value, k) => correlations[k] > 0 || Math.abs(value) < 0.1),
    ),
  ];
}

export const saeHedging: Experiment<HedgingData> = {
  name: 'sae-hedging',
  id: 'S6',
  paper: 'dictionaries',
  section: 'Features that come together',
  title: 'Hedging: too few latents mix what comes together',
  caption:
    'Orthonormal features of which the others come more or less often with the first. Left: one latent for two ' +
    'features; its direction takes up a part of the second, positive where they come together, negative where they ' +
    'avoid each other. Right: one feature of probability 0.4 and two of 0.15, over their correlation with the first and ' +
    'the number of latents; the mixing ends when there are latents enough.',
  seconds: { quick: 20, paper: 390 },
  specs: (scale) => [casesSpec(scale), mapSpec(scale)],
  data,
  signature,
};
