import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPentagon } from '../sim/experiments/dictionaries.ts';
import { type AbsorptionData, saeAbsorption } from '../sim/experiments/saeAbsorption.ts';
import { type ArrowsData, saeArrows } from '../sim/experiments/saeArrows.ts';
import { type DensityData, saeDensity } from '../sim/experiments/saeDensity.ts';
import { type DirectionsData, saeDirections } from '../sim/experiments/saeDirections.ts';
import { type HedgingData, saeHedging } from '../sim/experiments/saeHedging.ts';
import { type L0Data, saeL0 } from '../sim/experiments/saeL0.ts';
import { type MatryoshkaData, saeMatryoshka } from '../sim/experiments/saeMatryoshka.ts';
import { type PentagonData, saePentagon } from '../sim/experiments/saePentagon.ts';
import { type ProjectionData, saeProjection } from '../sim/experiments/saeProjection.ts';
import { saeTree, type TreeData } from '../sim/experiments/saeTree.ts';
import {
  bitsAt,
  type FactorisationData,
  simplestFactorisation,
} from '../sim/experiments/simplestFactorisation.ts';
import { judges } from './judges.ts';

const angles = (degrees: number[]) =>
  degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]);

test('a pentagon is five long directions apart, not four and a short one, nor two in one place', () => {
  assert.ok(isPentagon(angles([3, 75, 147, 219, 291])));
  assert.not.ok(isPentagon(angles([0, 0, 90, 180, 270])));
  assert.not.ok(isPentagon([...angles([0, 90, 180, 270]), 0, 0.1]));
});

/** Maps of a world in which dictionaries are right from λ = 0.2 on, or of one in which they are never, and poor. */
function pentagonData(right: boolean): PentagonData {
  const sparsities = [0.003, 0.2];
  const sizes = [4, 5, 6];
  const cells = sizes.flatMap((size) => sparsities.map((lambda) => ({ size, lambda })));
  return {
    sparsities,
    sizes,
    dictionaries: 12,
    maps: (['tied', 'untied'] as const).map((start) => ({
      start,
      mmcs: cells.map(({ lambda }) => (right && lambda < 0.1 ? 0.9 : 1)),
      r2: cells.map(() => (right ? 0.999 : 0.6)),
      dead: cells.map(() => 0),
      complete: cells.map(({ size, lambda }) => (right && lambda === 0.2 && size > 4 ? 12 : 1)),
    })),
  };
}
judges(saePentagon, pentagonData(true), pentagonData(false));

/** Maps of a world in which a dictionary finds more the sparser the inputs are, or of one in which it finds less. */
function densityData(right: boolean): DensityData {
  const mmcs = right ? [0.7, 0.85, 0.7, 0.99] : [0.9, 0.8, 0.8, 0.7];
  const map = { mmcs, found: mmcs, r2: [1, 0.9, 1, 0.8] };
  return {
    densities: [0.3, 0.01],
    sparsities: [0.003, 0.4],
    dictionaries: 2,
    maps: [
      { features: 20, hidden: 5, ...map },
      { features: 40, hidden: 10, ...map },
    ],
  };
}
judges(saeDensity, densityData(true), densityData(false));

function arrowsData(right: boolean): ArrowsData {
  const cells = [5, 8].flatMap((latents) => [0.01, 0.05, 0.2].map((sparsity) => ({ latents, sparsity })));
  return {
    steps: [0, 100],
    truth: angles([0, 72, 144, 216, 288]),
    flights: cells.map(({ latents, sparsity }, row) => ({
      latents,
      sparsity,
      row,
      decoders: new Array(4 * latents).fill(1),
      mmcs: [0.85, right && sparsity === 0.2 ? 0.999 : 0.86],
    })),
    complete: cells
      .map((cell) => ({ ...cell, found: (cell.sparsity === 0.2) === right ? 12 : 3, of: 12 }))
      .map((cell) => (right && cell.sparsity !== 0.2 ? { ...cell, found: 0 } : cell)),
  };
}
judges(saeArrows, arrowsData(true), arrowsData(false));

function directionsData(right: boolean): DirectionsData {
  const sparsities = [0.003, 0.2];
  const sizes = [16, 32, 48];
  const cells = sizes.flatMap((size) =>
    sparsities.map((lambda) => ({ size, lambda, good: lambda > 0.1 && size >= 32 })),
  );
  return {
    features: 32,
    hidden: 16,
    sparsities,
    sizes,
    seeds: 4,
    trueL0: 3,
    mmcs: cells.map(({ good }) => (good === right ? 0.99 : 0.7)),
    mccOfFeatures: cells.map(({ size }) => (right ? Math.min(1, size / 32) * 0.9 : 0.8)),
    r2: cells.map(({ lambda }) => (lambda > 0.1 === right ? 0.8 : 1)),
    l0: cells.map(({ lambda }) => (lambda > 0.1 === right ? 3.2 : 20)),
    agreement: cells.map(({ good }) => (good ? 0.95 : 0.6)),
    orthonormal: { dictionaries: 12, found: right ? 12 : 4, least: 0.8 },
  };
}
judges(saeDirections, directionsData(true), {
  ...directionsData(false),
  mmcs: [0.99, 0.99, 0.6, 0.5, 0.6, 0.5],
  l0: [20, 20, 20, 3, 20, 3],
});

function absorptionData(right: boolean): AbsorptionData {
  const exact = [0, 0.8, 0, 0];
  const cells = (values: number[]) => (right ? values : values.map((value) => 1 - value));
  return {
    sparsities: [0.003, 0.1],
    shares: [0, 0.1],
    exact,
    trained: right ? exact : [0.9, 0.1, 0.9, 0.9],
    excess: [0, 0, 0, 0],
    childCosine: cells([0.7, 0.2, 0.7, 0.6]),
    reached: [1, 1, 1, 1],
  };
}
judges(saeAbsorption, absorptionData(true), absorptionData(false));

function hedgingData(right: boolean): HedgingData {
  const exact = [-0.2, 0, 0.2, 0, 0, 0];
  return {
    cases: [1, 0, -1].map((sign) => ({
      name: `${sign}`,
      sign,
      exact: 0.2 * sign,
      trained: right ? 0.2 * sign : -0.2 * sign,
    })),
    correlations: [-0.2, 0, 0.2],
    latents: [1, 2],
    exact,
    trained: right ? exact : [0.2, 0, -0.2, 0.3, 0.3, 0.3],
  };
}
judges(saeHedging, hedgingData(true), hedgingData(false));

function matryoshkaData(right: boolean): MatryoshkaData {
  const encoder = [-0.5, -0.1, 0.02, 0.1];
  const decoder = [0, 0.02, 0.05, 0.1];
  const off = (values: number[]) => values.map((value) => -0.4 * value);
  return {
    weights: [0, 0.1, 0.25, 1],
    encoder: { exact: encoder, trained: right ? encoder : off(encoder) },
    decoder: { exact: decoder, trained: right ? decoder : off(decoder) },
    zero: 0.22,
  };
}
judges(saeMatryoshka, matryoshkaData(true), matryoshkaData(false));

function treeData(right: boolean): TreeData {
  const entry = (name: string, recall: number, f1: number, r2: number) => {
    return { name, recall, lowest: recall, highest: recall, absorbed: 1 - recall, l0: 1.1, f1, r2 };
  };
  const entries = [
    entry('L1', 0.5, 0.6, 0.99),
    entry('JumpReLU', 0.7, 0.75, 0.97),
    entry('BatchTopK', 0.75, 0.8, 0.95),
    entry('Matryoshka BatchTopK', 0.9, 0.88, 0.92),
    entry('Matryoshka L1', 0.97, 0.85, 0.93),
  ];
  const worse = entries.map((own) => ({
    ...own,
    recall: 1.4 - own.recall,
    f1: 1 - own.f1,
    r2: 1.9 - own.r2,
  }));
  return { trueL0: 1.12, entries: right ? entries : worse };
}
judges(saeTree, treeData(true), treeData(false));

function l0Data(right: boolean): L0Data {
  const good = [-0.2, -0.1, 0, 0, 0.2, 0.1, 0, 0];
  const bad = [0.1, 0.2, 0.3, 0, -0.1, -0.2, -0.3, 0];
  return {
    correlations: [-0.4, 0.4],
    active: [1.8, 1.9, 2, 2.2],
    trueL0: 2,
    cosine: right ? good : bad,
    r2: right ? [0.9, 0.95, 0.99, 1, 0.9, 0.95, 0.99, 1] : [0.9, 0.9, 0.8, 1, 0.9, 0.9, 0.8, 1],
  };
}
judges(saeL0, l0Data(true), l0Data(false));

function projectionData(right: boolean): ProjectionData {
  const dip = right ? [0.3, 0.1, 0.01, 0.2] : [0.3, 0.2, 0.1, 0.01];
  return {
    active: [2, 3, 4, 6],
    trueL0: 3.85,
    counts: [6],
    projection: dip,
    decoderCosine: dip,
    mcc: dip,
    r2: right ? [0.7, 0.9, 0.98, 1] : [0.7, 0.98, 0.9, 1],
    cutAt: 3,
    mixed: 0.5,
    cut: right ? 1 : 0.5,
  };
}
judges(saeProjection, projectionData(true), projectionData(false));

/** A world in which information turns at the true size, or one in which the smallest says everything at least cost. */
function factorisationData(right: boolean): FactorisationData {
  const sizes = [32, 64, 128];
  const of = (values: number[]) => values.flatMap((value) => [value, value]);
  return {
    truth: 64,
    active: 3,
    hidden: 32,
    samples: 10,
    worlds: 1,
    sparsities: [0.2, 0.02],
    sizes,
    mse: sizes.flatMap(() => [0.2, 0.01]),
    bits: of(right ? [90, 40, 50] : [40, 60, 80]),
    dictionaryBits: of([5, 10, 20]),
    mmcs: of(right ? [0.7, 1, 0.9] : [0.7, 0.8, 0.9]),
    purity: of([0.9, 1, right ? 0.9 : 0.99]),
  };
}
judges(simplestFactorisation, factorisationData(true), factorisationData(false));

test('bits at an error lie between those of its neighbours, half way at their geometric mean', () => {
  const own = {
    ...factorisationData(true),
    mse: [0.4, 0.1, 0.4, 0.1, 0.4, 0.1],
    bits: [10, 20, 10, 20, 30, 50],
  };
  assert.ok(Math.abs(bitsAt(own, 0, 0.2)! - 15) < 1e-9);
  assert.ok(Math.abs(bitsAt(own, 2, 0.1)! - 50) < 1e-9);
  assert.is(bitsAt(own, 1, 0.05), null);
});

test.run();
