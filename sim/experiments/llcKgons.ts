/** λ̂ around the k-gons of the paper, on the expected loss, at the temperatures of 5,000 and of 500,000 samples. */
import type { TrainedModels } from '../join.ts';
import { inverseTemperatureOf } from '../langevin.ts';
import { findPlateau } from '../metrics/learningCoefficient.ts';
import type { SpecInput } from '../spec.ts';
import { onesOfFeatures } from '../theory/kgon.ts';
import { type ChainCell, chainCells, estimates, traceAt } from './chains.ts';
import { digits, near, noted, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { FEATURES, KGON_MODEL, phaseOf, weightsOf } from './kgons.ts';
import { onlyGroup } from './trained.ts';

/** The chains around one k-gon at the temperature of n samples. S = step sizes, K = chains, R = recorded steps. */
export interface KgonChains {
  name: string; // of the phase
  samples: number; // n, of nβ = n / ln n
  lambda: number; // half the rank of the Hessian
  paper: number; // what others measured
  cells: ChainCell[]; // (S)
  steps: number[]; // (R) of the traces
  traces: number[][]; // (K, R) nβ (L − L(w*)) at the largest ε
}

export interface LlcKgonsData {
  parts: KgonChains[]; // k-gons within sample sizes
}

/** γ of the paper. */
const LOCALIZATION = 0.1;

/** Of the paper at 5,000 samples, with its spread over chains; of an independent reproduction at 500,000. */
const MEASURED = [
  { k: 5, positive: 0, few: 7.71, spread: 0.85, many: 6.9 },
  { k: 5, positive: 1, few: 9.91, spread: 1.27, many: 8.41 },
  { k: 6, positive: 0, few: 9.03, spread: 0.59, many: 8.46 },
] as const;
const FEW = 5_000;
const MANY = 500_000;
const SAMPLES = [FEW, MANY] as const;

/** ε at each n; 1e-3, of the paper, is the largest at 5,000. At 500,000 shares of 1/nβ. */
const STEP_SIZES = [[1e-4, 3e-4, 1e-3], [0.05, 0.1, 0.2].map((share) => share / inverseTemperatureOf(MANY))];

function chainsSpec(scale: Scale, { k, positive }: (typeof MEASURED)[number]): SpecInput {
  const quick = scale === 'quick';
  const steps = quick ? 3_000 : 40_000;
  return {
    name: 'llc-kgons',
    ...KGON_MODEL,
    input: { ...KGON_MODEL.input, samples: { values: onesOfFeatures(FEATURES, quick ? 64 : 256) } },
    training: {
      optimizer: 'sgld',
      weightDecay: 0,
      reduction: 'sum',
      steps,
      init: { values: weightsOf(phaseOf(k, positive)) },
      langevin: { inverseTemperature: inverseTemperatureOf(FEW), localization: LOCALIZATION },
    },
    sweep: [
      { path: 'training.langevin.inverseTemperature', values: SAMPLES.map(inverseTemperatureOf) },
      { name: 'step_size', values: [0, 1, 2] },
    ],
    linked: [{ path: 'training.learningRate', along: [0, 1], values: STEP_SIZES.flat() }],
    replicas: quick ? 16 : 50,
    record: { lossEvery: steps / 200 },
  };
}

/** Traces of chains in one cell, as nβ (L − L(w*)). */
function tracesOf(result: TrainedModels, cell: number, nBeta: number): number[][] {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  return Array.from({ length: replicas }, (_, chain) => {
    const trace = traceAt(group, cell * replicas + chain);
    return trace.map((loss) => nBeta * (loss - trace[0]));
  });
}

function partsOf(result: TrainedModels, which: number): KgonChains[] {
  const { k, positive, few, many } = MEASURED[which];
  const phase = phaseOf(k, positive);
  const cells = chainCells(result);
  const sizes = STEP_SIZES[0].length;
  return SAMPLES.map((samples, at) => ({
    name: phase.name,
    samples,
    lambda: phase.lambda,
    paper: at === 0 ? few : many,
    cells: cells.slice(at * sizes, (at + 1) * sizes),
    steps: onlyGroup(result).lossSteps,
    traces: tracesOf(result, (at + 1) * sizes - 1, inverseTemperatureOf(samples)),
  }));
}

const data = (results: TrainedModels[]): LlcKgonsData => {
  const all = results.map(partsOf);
  return { parts: SAMPLES.flatMap((_, at) => all.map((parts) => parts[at])) };
};

/** λ̂ at the largest step size; of 5,000 samples that of the paper. */
const last = ({ cells }: KgonChains): ChainCell => cells[cells.length - 1];

const endsText = ({ stayed, left, diverged }: ChainCell): string =>
  `${stayed} chains stayed, ${left} left, ${diverged} diverged`;

function fewClaim(own: KgonChains, which: number): Claim {
  const { few, spread } = MEASURED[which];
  return noted(
    near(
      `λ̂ of ${own.name} at 5,000 samples, ε = 0.001, γ = 0.1`,
      'CHEN-N; within its spread over chains',
      last(own).lambda ?? Number.NaN,
      few,
      spread,
    ),
    `${endsText(last(own))}; at ε = ${own.cells[0].stepSize} it is ${digits(own.cells[0].lambda)}; on the expected loss, where the paper had samples`,
  );
}

function manyClaims(own: KgonChains): Claim[] {
  const value = findPlateau(estimates(own.cells))?.value ?? Number.NaN;
  return [
    near(
      `λ̂ of ${own.name} at 500,000 samples, on a plateau over step sizes, is what a reproduction of the paper found`,
      'CHEN-R; tolerance 0.5',
      value,
      own.paper,
      0.5,
    ),
    near(
      `and is half the rank of the Hessian of ${own.name}`,
      'CHEN-F; tolerance 10 %',
      value,
      own.lambda,
      0.1 * own.lambda,
    ),
  ];
}

function signature({ parts }: LlcKgonsData): Claim[] {
  const [few, many] = SAMPLES.map((n) => parts.filter(({ samples }) => samples === n));
  const [five, plus, six] = few.map((own) => last(own).lambda ?? Number.NaN);
  return [
    ...few.map(fewClaim),
    statement(
      'λ̂ of the pentagon is the least',
      'CHEN-N',
      '5 below 5⁺ and 6',
      [five, plus, six].map((value) => value.toFixed(2)).join(', '),
      five < plus && five < six,
    ),
    ...many.flatMap(manyClaims),
  ];
}

export const llcKgons: Experiment<LlcKgonsData> = {
  name: 'llc-kgons',
  id: 'L4',
  paper: 'learning',
  section: 'The learning coefficient',
  title: 'Learning coefficients of k-gons',
  caption:
    'Chains of Langevin dynamics that begin at exact k-gons, on the expected loss itself, γ = 0.1. Above: λ̂ over step size ' +
    'at the temperatures of 5,000 and of 500,000 samples, with its spread over chains; lines are half the rank of the ' +
    'Hessian, diamonds what the paper (left, its spread) and a reproduction of it (right) measured. Below: chains at ' +
    '5,000 samples and ε = 0.001; those that fall below the loss of their k-gon (orange) have left and are not averaged.',
  seconds: { quick: 18, paper: 3000 },
  specs: (scale) => MEASURED.map((own) => chainsSpec(scale, own)),
  data,
  signature,
};
