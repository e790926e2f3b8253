/** The estimator on losses of known λ: over step size and localisation, where does it say what is true? */
import type { TrainedModels } from '../join.ts';
import { CHAIN_PLAN } from '../langevin.ts';
import { findPlateau } from '../metrics/learningCoefficient.ts';
import type { SpecInput } from '../spec.ts';
import { crossingExcess, squaresExcess, squaresExcessAt } from '../theory/coefficients.ts';
import { type ChainCell, chainCells, estimates } from './chains.ts';
import { near, noted, settled, shareAtLeast } from './claims.ts';
import { runs } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** One loss, G localisations × E step sizes. */
export interface CalibrationMap {
  name: string;
  cells: ChainCell[]; // (G, E)
  exact: number[]; // (G) at this temperature, of small steps
  expected: number[] | null; // (G, E) of chains as they are, where that is known
  limit: number; // λ
}

export interface CalibrationData {
  stepSizes: number[]; // (E) rising
  localizations: number[]; // (G) rising
  inverseTemperature: number; // nβ
  squares: CalibrationMap; // L = |w|² in DIMENSIONS dimensions, λ = d/2
  crossing: CalibrationMap; // L = w₁² w₂², λ = ½ with multiplicity 2
}

const DIMENSIONS = 4;
const STEP_SIZES = [1e-5, 3e-5, 1e-4, 2e-4, 5e-4, 1e-3, 3e-3, 1e-2];
const LOCALIZATIONS = [0.3, 1, 3, 10];
const INVERSE_TEMPERATURE = 100;
/** γ of the plateaus that are judged. */
export const JUDGED = 1;
/** Chains of a cell; those of the crossing wander far along its valleys. */
const CHAINS = [40, 200];

/** x' = b for the only sample 0 is a sum of squares; x' = V c is a crossing. */
const MODELS: readonly Pick<SpecInput, 'model' | 'input'>[] = [
  {
    model: { features: DIMENSIONS, hidden: 1, outputActivation: 'identity' },
    input: { density: 0.5, samples: { values: [new Array<number>(DIMENSIONS).fill(0)] } },
  },
  {
    model: {
      features: 1,
      hidden: 1,
      outputActivation: 'identity',
      tied: false,
      hiddenBias: true,
      bias: false,
    },
    input: { density: 0.5, samples: { values: [[0]] } },
  },
];

function calibrationSpec(scale: Scale, own: Pick<SpecInput, 'model' | 'input'>, chains: number): SpecInput {
  const quick = scale === 'quick';
  const steps = quick ? 4_000 : 40_000;
  return {
    name: 'llc-calibration',
    ...own,
    training: {
      optimizer: 'sgld',
      weightDecay: 0,
      reduction: 'sum',
      steps,
      init: { std: 0 },
      langevin: { inverseTemperature: INVERSE_TEMPERATURE, localization: JUDGED },
    },
    sweep: [
      { path: 'training.langevin.localization', values: LOCALIZATIONS },
      { path: 'training.learningRate', values: STEP_SIZES },
    ],
    replicas: quick ? chains : 4 * chains,
    record: { lossEvery: steps / 200 },
  };
}

/** What λ̂ of a sum of squares should be, at every setting: the mean over the recorded steps behind the burn-in. */
function expectedOf({ groups: [{ lossSteps }] }: TrainedModels, cells: readonly ChainCell[]): number[] {
  const taken = lossSteps.slice(1 + Math.floor(CHAIN_PLAN.burnIn * (lossSteps.length - 1)));
  return cells.map(({ stepSize, localization }) => {
    const at = (step: number) =>
      squaresExcessAt(DIMENSIONS, INVERSE_TEMPERATURE, localization, stepSize, step);
    return taken.reduce((sum, step) => sum + at(step), 0) / taken.length;
  });
}

function data([squares, crossing]: TrainedModels[]): CalibrationData {
  const [own, other] = [chainCells(squares), chainCells(crossing)];
  return {
    stepSizes: STEP_SIZES,
    localizations: LOCALIZATIONS,
    inverseTemperature: INVERSE_TEMPERATURE,
    squares: {
      name: `|w|² in ${DIMENSIONS} dimensions`,
      cells: own,
      exact: LOCALIZATIONS.map((gamma) => squaresExcess(DIMENSIONS, INVERSE_TEMPERATURE, gamma)),
      expected: expectedOf(squares, own),
      limit: DIMENSIONS / 2,
    },
    crossing: {
      name: 'w₁² w₂²',
      cells: other,
      exact: LOCALIZATIONS.map((gamma) => crossingExcess(INVERSE_TEMPERATURE, gamma)),
      expected: null,
      limit: 0.5,
    },
  };
}

/** The plateau over step sizes at the localisation that is judged. */
export function plateauOf({ cells }: CalibrationMap, { stepSizes, localizations }: CalibrationData) {
  return findPlateau(estimates(runs(cells, stepSizes.length)[localizations.indexOf(JUDGED)]));
}

/** Cells of a map whose λ̂ is within four standard errors of what is expected there. */
const asExpected = ({ cells, expected }: CalibrationMap): number =>
  cells.filter(({ lambda, sd, stayed }, k) => {
    const off = Math.abs(lambda - (expected?.[k] ?? Number.NaN));
    return off <= (4 * sd) / Math.sqrt(stayed);
  }).length;

function signature(own: CalibrationData): Claim[] {
  const { squares, crossing } = own;
  const [flat, cross] = [squares, crossing].map((map) => plateauOf(map, own)?.value ?? Number.NaN);
  const exact = crossing.exact[own.localizations.indexOf(JUDGED)];
  const half = near(
    'λ̂ of w₁² w₂² is ½, on a plateau over step sizes',
    'ours: λ is ½; tolerance 10 %',
    cross,
    crossing.limit,
    0.1 * crossing.limit,
  );
  return [
    near(
      `λ̂ of a regular minimum in ${2 * squares.limit} dimensions is d/2, on a plateau over step sizes`,
      'exact; tolerance 10 %',
      flat,
      squares.limit,
      0.1 * squares.limit,
    ),
    shareAtLeast(
      'at every step size and localisation it is what the autoregression of the chain says, within four standard errors',
      'exact; one cell of twenty may fail, ours',
      asExpected(squares),
      squares.cells.length,
      0.95,
    ),
    near(
      'λ̂ of w₁² w₂² is the exact mean at its temperature, on a plateau over step sizes',
      'exact; tolerance 10 %',
      cross,
      exact,
      0.1 * exact,
    ),
    noted(
      settled(half, {
        kind: 'exact',
        what: `exact value at nβ = ${own.inverseTemperature}, γ = ${JUDGED}`,
        value: exact,
        least: 0.9 * crossing.limit,
        most: 1.1 * crossing.limit,
      }),
      'the multiplicity is 2, so ½ is reached only as 1 / ln nβ',
    ),
  ];
}

export const llcCalibration: Experiment<CalibrationData> = {
  name: 'llc-calibration',
  id: 'L3',
  paper: 'learning',
  section: 'The learning coefficient',
  title: 'The estimator on losses of known λ',
  caption:
    'Chains of Langevin dynamics at the minimum of a sum of squares, λ = 2, and of w₁² w₂², λ = ½. Maps: λ̂ over step size ' +
    'ε and localisation γ; white is the exact mean of small steps at this temperature, blue above, orange below. Small ' +
    'steps do not get far from the start, large ones overshoot, and a strong pull narrows the basin. Below: λ̂ over ε ' +
    'at γ = 1, and the plateau on which it can be read. The crossing is at ½ only at temperatures that no one can reach.',
  seconds: { quick: 8, paper: 600 },
  specs: (scale) => MODELS.map((own, k) => calibrationSpec(scale, own, CHAINS[k])),
  data,
  signature,
};
