/** LS2: loss over the number of dimensions, where few features are represented and where all are. */
import { densities } from '../curves.ts';
import type { TrainedModels } from '../join.ts';
import { ignoredLoss } from '../theory/packing.ts';
import { atLeast, near, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import {
  EXPONENTS,
  FEATURES,
  HIDDEN,
  regimeSpec,
  type Scaled,
  SQUARE,
  scaledModels,
  scalingExponent,
  shortened,
} from './scaling.ts';

export interface RegimesData {
  strong: Scaled[]; // by m, then α
  weak: Scaled[];
}

async function data([strong, weak]: TrainedModels[], context: Context): Promise<RegimesData> {
  const exponents = EXPONENTS[context.scale];
  return {
    strong: await scaledModels(strong, exponents, context),
    weak: await scaledModels(weak, exponents, context),
  };
}

/** Exponent a of L ∝ m^−a of the models of each α, by α. */
export function exponentsOf(models: Scaled[]): Map<number, number> {
  const all = [...new Set(models.map(({ exponent }) => exponent))];
  return new Map(
    all.map((exponent) => {
      const own = models.filter((model) => model.exponent === exponent);
      return [exponent, scalingExponent(own.map(({ hidden }) => hidden), own.map(({ loss }) => loss))]; // biome-ignore format: one pair
    }),
  );
}

/** The exponent that n features leave to models which keep the first m of them exactly: that of Σ_{i > m} p_i. */
export function exactExponent(exponent: number): number {
  const density = densities({ exponent, expected: 1 }, FEATURES);
  return scalingExponent(
    HIDDEN,
    HIDDEN.map((m) => ignoredLoss(density, m, SQUARE)),
  );
}

const LIMIT = 0.2; // of an exponent, ours

function strongClaims(found: Map<number, number>): Claim[] {
  const alphas = [...found.keys()];
  const flat = alphas.filter((alpha) => alpha <= 1);
  const skewed = alphas.filter((alpha) => alpha > 1);
  const list = (own: number[]) =>
    own.map((alpha) => `α = ${alpha}: ${found.get(alpha)!.toFixed(2)}`).join('; ');
  return [
    statement(
      'strong superposition, γ = −1: the loss falls as 1/m where frequencies are flat, α ≤ 1',
      'LIU; tolerance ours',
      `exponents 1 ± ${LIMIT}`,
      list(flat),
      flat.every((alpha) => Math.abs(found.get(alpha)! - 1) <= LIMIT),
    ),
    statement(
      'and faster where they are skewed, with an exponent of about 2 (α − 1)',
      'LIU; tolerance ours',
      skewed.map((alpha) => `α = ${alpha}: ${2 * (alpha - 1)} ± ${LIMIT}`).join('; '),
      list(skewed),
      skewed.every((alpha) => Math.abs(found.get(alpha)! - 2 * (alpha - 1)) <= LIMIT),
    ),
  ];
}

function weakClaims(found: Map<number, number>): Claim[] {
  return [...found.keys()]
    .filter((alpha) => alpha > 1)
    .map((alpha) => {
      const exact = exactExponent(alpha);
      const claim = near(
        `weak superposition, γ = 1: the loss falls as m^−(α − 1) at α = ${alpha}`,
        'LIU; tolerance ours',
        found.get(alpha)!,
        alpha - 1,
        LIMIT,
      );
      return noted(claim, `of ${FEATURES} features, exactly the first m kept: ${exact.toFixed(3)}`);
    });
}

function signature({ strong, weak }: RegimesData): Claim[] {
  const [fast, slow] = [exponentsOf(strong), exponentsOf(weak)];
  const lead = [...fast].map(([alpha, own]) => own - slow.get(alpha)!);
  return [
    ...strongClaims(fast),
    ...weakClaims(slow),
    atLeast(
      'the loss falls faster with m under strong superposition: least lead of its exponent over all α',
      'LIU',
      Math.min(...lead),
      0,
    ),
  ];
}

export const scalingRegimes: Experiment<RegimesData> = {
  name: 'scaling-regimes',
  id: 'LS2',
  paper: 'scaling',
  section: 'Two regimes of scaling',
  title: 'Loss over the number of dimensions, in strong and in weak superposition',
  caption:
    'A thousand features of frequencies p_i ∝ i^−α, one of them expected in a sample, with values uniform on (0, 2). ' +
    'Left: held-out loss, summed over features, where γ = −1 keeps all of them represented; 4/3 is that of returning ' +
    'nothing. Middle: where γ = 1 leaves room for the most frequent ones. Right: exponents a of L ∝ m^−a beside what ' +
    'the paper expects of them.',
  seconds: { quick: 50, paper: 30_000 },
  specs: (scale) => [regimeSpec(scale, -1), regimeSpec(scale, 1)],
  data,
  signature: (data, scale) => shortened(signature(data), scale),
};
