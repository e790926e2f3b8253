/** The simplest factorisation: dictionaries of every size by alternating least squares, and what it takes to write them down. */
import { drawBatch } from '../features.ts';
import { expandGrid } from '../grid.ts';
import { cosines, meanMaxCosine } from '../metrics/dictionary.ts';
import { hiddenOf } from '../metrics/encode.ts';
import { surprisal } from '../metrics/information.ts';
import { modelDirections } from '../models/directions.ts';
import { instanceKey } from '../random.ts';
import { parseSpec } from '../spec.ts';
import { type Factors, factorise, type Rows, squaredErrors, type Turns } from '../theory/factorisation.ts';
import { atMost, digits, noted, statement } from './claims.ts';
import { meanOf } from './dictionaries.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';

/** Means over worlds, S = λ falling, L = sizes rising; all (L, S). */
export interface FactorisationData {
  truth: number; // n, directions behind the samples
  active: number;
  hidden: number; // d
  samples: number; // N of each world
  worlds: number;
  sparsities: number[]; // (S)
  sizes: number[]; // (L)
  mse: number[]; // mean ‖x − Dᵀz‖²
  bits: number[]; // surprisal of all entries of S and D, over N
  dictionaryBits: number[]; // D's part of it
  mmcs: number[]; // mean over true directions of the largest |cos| with a latent
  purity: number[]; // mean over latents of the largest |cos| with a true direction
}

const [TRUTH, ACTIVE, HIDDEN] = [64, 3, 32];
const SPARSITIES = [0.2, 0.14, 0.1, 0.07, 0.05, 0.035];
/** Two beside the truth itself lie within a tenth of it. */
const SIZES = [32, 40, 48, 56, 60, 64, 68, 72, 80, 96, 128];
const SETTINGS: Record<Scale, { samples: number; worlds: number; turns: Turns }> = {
  quick: { samples: 1000, worlds: 1, turns: { first: 24, further: 4 } },
  paper: { samples: 2000, worlds: 5, turns: { first: 100, further: 20 } },
};
/** Errors at which sizes are compared, as shares of E‖x‖² = 3 E v² = 1. */
export const FIXED_ERRORS = [0.1, 0.05, 0.02];
/** The truth within a tenth. */
const TOLERANCE = 0.1;

/** Directions (64, 32) of a world, and samples of three of them, each times a number of U[0, 1]. */
function worldOf(seed: number, samples: number): { truth: Float32Array; rows: Rows } {
  const spec = parseSpec({
    seed,
    model: { features: TRUTH, hidden: HIDDEN },
    input: { density: { exactly: ACTIVE } },
    training: { batch: samples },
  });
  const { problem } = expandGrid(spec).groups[0];
  const truth = modelDirections(instanceKey(seed, 0), TRUTH, HIDDEN, 'random');
  return { truth, rows: { size: HIDDEN, values: hiddenOf(drawBatch(problem, 0, 0), truth, TRUTH, HIDDEN) } };
}

/** Factorisations of all sizes, each over all λ. Shape (L, S). */
function factorisations(rows: Rows, seed: number, turns: Turns, signal?: AbortSignal): Factors[] {
  return SIZES.flatMap((size) => {
    signal?.throwIfAborted();
    const start = Float64Array.from(modelDirections(instanceKey(seed, size), size, HIDDEN, 'random'));
    return factorise(rows, start, SPARSITIES, turns);
  });
}

/** Largest |entry| of all codes and dictionaries: the end of the histograms of all. */
function topOf(all: readonly Factors[]): number {
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.max(...all.flatMap(({ codes, dictionary }) => [largest(codes), largest(dictionary)]));
}

type Measured = Pick<FactorisationData, 'mse' | 'bits' | 'dictionaryBits' | 'mmcs' | 'purity'>;

function measure({ truth, rows }: ReturnType<typeof worldOf>, all: readonly Factors[]): Measured {
  const N = rows.values.length / HIDDEN;
  const top = topOf(all);
  const bitsOf = (values: Float64Array) => surprisal(values, top) / N;
  const nearness = (from: ArrayLike<number>, to: ArrayLike<number>) => {
    const cos = cosines(to, from, HIDDEN); // a code may be negative, so a latent stands for its opposite too
    return meanMaxCosine({ ...cos, values: cos.values.map(Math.abs) });
  };
  return {
    mse: all.map((own) => meanOf([...squaredErrors(rows, own)])!),
    bits: all.map(({ codes, dictionary }) => bitsOf(codes) + bitsOf(dictionary)),
    dictionaryBits: all.map(({ dictionary }) => bitsOf(dictionary)),
    mmcs: all.map(({ dictionary }) => nearness(truth, dictionary)),
    purity: all.map(({ dictionary }) => nearness(dictionary, truth)),
  };
}

function data(_: unknown, { scale, signal }: Context): FactorisationData {
  const { samples, worlds, turns } = SETTINGS[scale];
  const measured = Array.from({ length: worlds }, (_, seed) => {
    const world = worldOf(seed, samples);
    return measure(world, factorisations(world.rows, seed, turns, signal));
  });
  const mean = (of: keyof Measured) =>
    measured[0][of].map((_, at) => meanOf(measured.map((own) => own[of][at]))!);
  return {
    truth: TRUTH,
    active: ACTIVE,
    hidden: HIDDEN,
    samples,
    worlds,
    sparsities: SPARSITIES,
    sizes: SIZES,
    mse: mean('mse'),
    bits: mean('bits'),
    dictionaryBits: mean('dictionaryBits'),
    mmcs: mean('mmcs'),
    purity: mean('purity'),
  };
}

/** Values of size number l over λ. */
const rowOf = (values: number[], l: number, { sparsities: { length: S } }: FactorisationData) =>
  values.slice(l * S, (l + 1) * S);

/** Bits of size number l at an error, between its λ linear in the logarithm of the error; null where none reaches it. */
export function bitsAt(data: FactorisationData, l: number, error: number): number | null {
  const [mse, bits] = [rowOf(data.mse, l, data), rowOf(data.bits, l, data)];
  const k = mse.findIndex((value, at) => at > 0 && value <= error && mse[at - 1] >= error);
  if (k < 0) return null;
  const part = Math.log(mse[k - 1] / error) / Math.log(mse[k - 1] / mse[k]);
  return bits[k - 1] + part * (bits[k] - bits[k - 1]);
}

/** The size of least value, of those that have one; NaN of none. */
function sizeOfLeast(sizes: readonly number[], values: readonly (number | null)[]): number {
  let best = -1;
  values.forEach((value, l) => {
    if (value !== null && (best < 0 || value < values[best]!)) best = l;
  });
  return sizes[best] ?? Number.NaN;
}

/** A statement that some sizes are the true one, within a tenth. */
function nearTruth(text: string, { truth }: FactorisationData, found: number[]): Claim {
  return statement(
    text,
    'MAY23; tolerance ours',
    `${truth} ± ${digits(TOLERANCE * truth)}`,
    found.join(', '),
    found.every((size) => Math.abs(size - truth) <= TOLERANCE * truth),
  );
}

function signature(own: FactorisationData): Claim[] {
  const { sizes, sparsities } = own;
  const column = (values: number[], s: number) => sizes.map((_, l) => values[l * sparsities.length + s]);
  const best = (values: number[]) => sizes.map((_, l) => -Math.max(...rowOf(values, l, own)));
  const lossOf = (values: number[]) => best(values)[sizes.length - 1] - Math.min(...best(values));
  return [
    nearTruth(
      `size of least information at an error of ${FIXED_ERRORS.join(', ')} of the variance`,
      own,
      FIXED_ERRORS.map((error) =>
        sizeOfLeast(
          sizes,
          sizes.map((_, l) => bitsAt(own, l, error)),
        ),
      ),
    ),
    nearTruth(
      `the bounce: size at which information turns from falling to rising, λ of ${sparsities.join(', ')}`,
      own,
      sparsities.map((_, s) => sizeOfLeast(sizes, column(own.bits, s))),
    ),
    noted(
      nearTruth('size of best MMCS, the best over λ', own, [sizeOfLeast(sizes, best(own.mmcs))]),
      `at twice the true size it is lower by ${digits(lossOf(own.mmcs))}, so that what shows the size is the information`,
    ),
    atMost(
      'beyond the true size not all latents are true directions: mean of the largest |cos| of a latent, best over λ, of twice as many',
      'ours; bound ours',
      -best(own.purity)[sizes.length - 1],
      0.95,
    ),
  ];
}

export const simplestFactorisation: Experiment<FactorisationData> = {
  name: 'simplest-factorisation',
  id: 'SF',
  paper: 'dictionaries',
  section: 'Finding features back',
  title: 'The simplest factorisation has the true size',
  caption:
    'Samples of three of 64 random directions in 32 dimensions, factorised into sparse codes and a dictionary by turns of ' +
    'LASSO and least squares. Information is the surprisal of all entries by histograms of 100 bins, a sample. Left: at ' +
    'one λ the error falls with the size of the dictionary until the true size, and information bounces there: more ' +
    'directions explain no more and cost more. Middle: at a fixed error the true size takes least. Right: the true ' +
    'directions are found from about that size on, and beyond it not all latents are one.',
  seconds: { quick: 15, paper: 1150 },
  specs: () => [],
  data,
  signature,
};
