import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { absCoexist } from '../sim/experiments/absCoexist.ts';
import { absSmall } from '../sim/experiments/absSmall.ts';
import { type AbsModel, absSparsity } from '../sim/experiments/absSparsity.ts';
import { adversarial } from '../sim/experiments/adversarial.ts';
import { anticorrelatedPairs } from '../sim/experiments/anticorrelatedPairs.ts';
import { basicSmall } from '../sim/experiments/basicSmall.ts';
import { collapse } from '../sim/experiments/collapse.ts';
import { complements } from '../sim/experiments/complements.ts';
import { correlatedPairs } from '../sim/experiments/correlatedPairs.ts';
import { correlatedTriple } from '../sim/experiments/correlatedTriple.ts';
import { dimensionsPerFeature } from '../sim/experiments/dimensionsPerFeature.ts';
import { energyLevels } from '../sim/experiments/energyLevels.ts';
import { featureGeometry } from '../sim/experiments/featureGeometry.ts';
import { hiddenRelu, type Likeness, likeness } from '../sim/experiments/hiddenRelu.ts';
import { intro } from '../sim/experiments/intro.ts';
import { linearLike } from '../sim/experiments/linearLike.ts';
import { localBasis } from '../sim/experiments/localBasis.ts';
import { lossAlgebra } from '../sim/experiments/lossAlgebra.ts';
import { pentagonDigons } from '../sim/experiments/pentagonDigons.ts';
import { exactRegion, type PhaseData } from '../sim/experiments/phaseDiagram.ts';
import { phaseDiagram21 } from '../sim/experiments/phaseDiagram21.ts';
import { privilegedBasis } from '../sim/experiments/privilegedBasis.ts';
import { tegum } from '../sim/experiments/tegum.ts';
import type { TrainedModel } from '../sim/experiments/trained.ts';
import { transformations } from '../sim/experiments/transformations.ts';
import { bestSolution } from '../sim/theory/phase.ts';
import { judges, model, unit } from './judges.ts';

/** Directions of the given length at these angles in the plane. */
const atAngles = (degrees: number[], length = 1) =>
  degrees.map((angle) => [
    length * Math.cos((angle * Math.PI) / 180),
    length * Math.sin((angle * Math.PI) / 180),
  ]);
const span = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));

const orthogonal = model([[1, 0], [0, 1], [0, 0], [0, 0], [0, 0]]); // biome-ignore format: a matrix
const digons = model([[1, 0], [-1, 0], [0, 1], [0, -1], [0, 0]]); // biome-ignore format: a matrix
const pentagon = model(atAngles([0, 72, 144, 216, 288], 1.17), { b: new Array(5).fill(-0.28) });

judges(
  intro,
  {
    panels: [orthogonal, digons, pentagon],
    strip: [pentagon],
    pentagons: [{ base: 1, regular: 99, of: 100, loss: 0.1, otherLoss: 0.2 }],
  },
  {
    panels: [pentagon, orthogonal, digons],
    strip: [digons],
    pentagons: [{ base: 1, regular: 30, of: 100, loss: 0.2, otherLoss: 0.1 }],
  },
);

judges(
  linearLike,
  {
    model: model(unit(20, 5), {
      density: new Array(20).fill(1),
      b: [...new Array(5).fill(0), ...new Array(15).fill(0.5)],
    }),
  },
  { model: model(unit(20, 5, 4), { density: new Array(20).fill(1), b: new Array(20).fill(0.2) }) },
);

const linear = new Array(7).fill(model(unit(20, 5)));
const onset = unit(20, 5).map((row, i) => (i === 5 ? [0, 0, 0, 0, -1] : row));
const early = unit(20, 5).map((row, i) => (i === 5 ? [-1, 0, 0, 0, 0] : row));
const packed = Array.from({ length: 20 }, (_, i) =>
  Array.from({ length: 5 }, (_, k) => (i < 16 ? Math.sin(7 * i + 3 * k + 1) : 0)),
);
judges(
  basicSmall,
  { linear, relu: [model(unit(20, 5)), model(onset), model(packed, { b: new Array(20).fill(-0.2) })] },
  {
    linear: [...linear.slice(1), model(onset)],
    relu: [model(early), model(unit(20, 5)), model(unit(20, 5, 4))],
  },
  ['every represented feature'],
);

const algebra = (linearLosses: number[], oneSparse: number[], exact: number) => ({
  packings: linearLosses.map((loss, k) => ({ k, linear: loss, oneSparse: oneSparse[k] })),
  linear: [{ model: digons, exact }],
  relu: [{ model: digons, exact }],
});
judges(
  lossAlgebra,
  algebra([5, 4, 3, 3.5, 5, 7.5], [5, 4, 3, 2, 1, 0.955], 0.0101),
  algebra([5, 4, 3, 2, 1, 0.5], [5, 4, 3, 3.5, 5, 7.5], 0.02),
);

/** A phase diagram whose cells lie in the region that `choose` gives. */
function phase(choose: (p: number, r: number) => string, loss: (p: number, r: number) => number): PhaseData {
  const densities = span(1, 0.01, 49);
  const importances = span(0.1, 10, 49);
  const cells = densities.flatMap((p) => importances.map((r) => ({ p, r, region: choose(p, r) })));
  const map = {
    norm: cells.map(({ region }) => (region === 'not learned' ? 0 : 1)),
    superposition: cells.map(({ region }) => (region === 'superposed' ? 1 : 0)),
  };
  const losses = cells.map(({ p, r }) => loss(p, r));
  const even = cells.filter((_, cell) => cell % 2 === 0 && Math.floor(cell / 49) % 2 === 0);
  const ideal = even.map(({ p, r }) => exactRegion(2, p, r));
  const optimum = {
    densities: densities.filter((_, k) => k % 2 === 0),
    importances: importances.filter((_, k) => k % 2 === 0),
    loss: even.map(({ p, r }) => bestSolution(2, p, r).loss),
    equal: {
      loss: densities.map((p) => bestSolution(2, p, 1).loss),
      superposed: densities.map((p) => exactRegion(2, p, 1) === 'superposed'),
    },
    norm: ideal.map((region) => (region === 'not learned' ? 0 : 1)),
    superposition: ideal.map((region) => (region === 'superposed' ? 1 : 0)),
  };
  return {
    features: 2,
    densities,
    importances,
    replicas: 1,
    mean: map,
    best: map,
    bestRow: [],
    loss: losses,
    slice: 12,
    keptLoss: losses,
    optimum,
  };
}
judges(
  phaseDiagram21,
  phase(
    (p, r) => exactRegion(2, Math.min(1, 1.02 * p), r), // wrong only beside the boundaries
    (p, r) => bestSolution(2, p, r).loss,
  ),
  phase(
    (_, r) => (r > 3 ? 'dedicated' : 'not learned'),
    () => 0.1,
  ),
  ['where the three closed forms cross'], // pure theory
);

const levels = (D: number[][], dStar: number[]) => ({
  features: D[0].length,
  hidden: 2,
  sparsity: span(1, 20, D.length),
  dStar,
  D,
  norms: D.map((own) => own.map(() => 1)),
});
const spread = Array.from({ length: 200 }, (_, i) => 0.11 + (0.8 * i) / 200);
judges(
  dimensionsPerFeature,
  levels([[1], [0.5], [0.5], [0.5]], [1, 0.51, 0.5, 0.49]),
  levels([[1], [0.5], [0.5], [0.5]], [0.8, 0.7, 0.6, 0.4]),
);
judges(
  featureGeometry,
  { levels: levels([new Array(40).fill(0.5), new Array(40).fill(0.4)], [0.5, 0.4]), graphs: [] },
  { levels: levels([spread, spread], [0.5, 0.4]), graphs: [] },
  ['within 0.02'], // a fifth of an even spread lies there too
);

const thomson = await tegum.data([], {} as never);
judges(tegum, thomson, { arrangements: thomson.arrangements.slice(1) });
const polytopes = await complements.data([], {} as never);
judges(complements, polytopes, {
  complements: polytopes.complements.map((one) => ({
    ...one,
    D: one.D.map(() => 0.5),
    G: one.G.map(() => 0.5),
  })),
});

const relative = span(0.2, 4, 21);
const bent = (r: number) => model(atAngles([0, 72 + 4 * Math.log(r), 144, 216, 288 - 4 * Math.log(r)], 1.1));
const turn = model([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]); // biome-ignore format: a matrix
const branches = (crossing: number, best: (r: number) => TrainedModel) => ({
  density: 0.05,
  relative,
  pentagon: [],
  digons: [],
  crossing,
  atPaper: 0.05,
  best: relative.map(best),
  others: [],
});
judges(
  pentagonDigons,
  branches(0.4, (r) => (r < 0.38 ? turn : bent(r))),
  branches(0.25, (r) => (r < 1 ? turn : bent(1 / r))),
);

judges(
  correlatedPairs,
  { models: [model(atAngles([0, 90, 180, 270]))] },
  { models: [model(atAngles([0, 180, 90, 270]))] },
);
judges(
  anticorrelatedPairs,
  { models: [model(atAngles([0, 180, 90, 270]))] },
  { models: [model(atAngles([0, 90, 180, 270]))] },
);
judges(
  correlatedTriple,
  {
    models: [model(atAngles([0, 60, 120, 180, 240, 300]))],
    independent: [model(atAngles([0, 72, 144, 216, 288, 10]))],
    hexagons: [0.2],
    others: [0.1],
  },
  {
    models: [model(atAngles([0, 10, 120, 130, 240, 250]))],
    independent: [model(atAngles([0, 60, 120, 180, 240, 300]))],
    hexagons: [0.1],
    others: [0.2],
  },
);

const opposite = Array.from({ length: 20 }, (_, i) =>
  Array.from({ length: 10 }, (_, k) => (k !== i % 10 ? 0 : i < 10 ? 1 : -1)),
);
const within = Array.from({ length: 20 }, (_, i) =>
  Array.from({ length: 10 }, (_, k) => (k === i >> 1 ? 0.8 * (-1) ** i : 0)),
);
judges(localBasis, { model: model(opposite) }, { model: model(within) });

/** Three pairs at 0°, 120° and 240°, the first `count` of them collapsed. */
const pairsCollapsed = (count: number, norm: number) =>
  model(
    [0, 120, 240].flatMap((angle, k) =>
      k < count ? atAngles([angle, angle], norm) : atAngles([angle - 30, angle + 30]),
    ),
  );
const counts = [0, 0, 1, 1, 2, 3, 3, 3];
const wrong = [3, 2, 2, 2, 1, 1, 0, 0];
judges(
  collapse,
  { models: counts.map((count) => pairsCollapsed(count, 0.7)), collapsed: counts, exact: counts },
  { models: wrong.map((count) => pairsCollapsed(count, 1)), collapsed: wrong, exact: counts },
);

const steps = Array.from({ length: 11 }, (_, s) => s * 100);
const dynamics = { features: 3, hidden: 1, row: 0, steps };
judges(
  energyLevels,
  {
    ...dynamics,
    loss: [9, 8, 7, 6, 5, 5, 5, 4, 4, 3, 3],
    D: steps.map((step) => (step < 400 ? [0.5, 0, 0.2] : step < 900 ? [0.7, 0.2, 0] : [0.5, 0.5, 0])),
  },
  {
    ...dynamics,
    loss: steps.map((step) => step + 1),
    D: steps.map((step) => (step < 400 ? [0.5, 0.5, 0] : [0.7, 0.3, 0])),
  },
);

/** Two triangles about opposite axes, each corner so far from its axis and the second turned so far, in degrees. */
const triangles = (opening: number, turned: number) =>
  [0, 120, 240, turned, 120 + turned, 240 + turned].map((around, i) => {
    const [t, phi] = [(opening * Math.PI) / 180, (around * Math.PI) / 180];
    return [Math.sin(t) * Math.cos(phi), Math.sin(t) * Math.sin(phi), (i < 3 ? 1 : -1) * Math.cos(t)];
  });
const right = (Math.asin(Math.sqrt(2 / 3)) * 180) / Math.PI; // a set's features are orthogonal
const [octahedron, antiprism, lines] = [triangles(right, 60), triangles(right, 30), triangles(0, 0)];
judges(
  transformations,
  {
    row: 0,
    steps: [0, 1, 10, 20, 100, 200],
    loss: [1, 1, 0.9, 0.3, 0.28, 0.05],
    W: [lines, lines, lines, antiprism, octahedron, octahedron].map((rows) => rows.flat()),
  },
  { row: 0, steps: [0, 1, 10, 100, 1000], loss: [1, 0.8, 0.6, 0.5, 0.4], W: new Array(5).fill([[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]].flat()) }, // biome-ignore format: a matrix
);

const attack = { features: 9, hidden: 3, sparsity: [1, 2, 3, 4] };
const hardened = (free: number[]) => {
  const featuresPerDimension = [3, 2, 1];
  const models = { replicas: 100, lengths: [0, 0.4, 0.8], featuresPerDimension, free };
  const quartiles: [number[], number[]] = [featuresPerDimension, featuresPerDimension];
  return {
    own: { ...models, quartiles, of: 'own' as const },
    mean: { ...models, quartiles, of: 'mean' as const },
  };
};
judges(
  adversarial,
  {
    ...attack,
    vulnerability: [1, 2, 3, 4],
    featuresPerDimension: [1, 2, 3, 4],
    hardened: hardened([0, 0, 1]),
  },
  {
    ...attack,
    vulnerability: [2, 1, 2, 1],
    featuresPerDimension: [1, 2, 3, 4],
    hardened: hardened([0, 1, 1]),
  },
);

const turned = [[0.7, 0.7], [-0.7, 0.7], [0, 0]]; // biome-ignore format: a matrix
judges(
  privilegedBasis,
  { linear: model(turned), relu: model(unit(3, 2)) },
  { linear: model(unit(3, 2)), relu: model(turned) },
);

const neurons = (mono: number, poly: number, polyFeatures: number) => ({
  mono,
  poly,
  dead: 0,
  monoFeatures: mono,
  polyFeatures,
});
const regimes: [number, number, number][] = [[5, 0, 0], [3, 2, 3], [2, 3, 5], [1, 4, 6], [0, 5, 8], [0, 5, 10]]; // biome-ignore format: a table
const codes = Array.from({ length: 5 }, (_, a) => Array.from({ length: 5 }, (_, b) => [a, b]))
  .flat()
  .filter(([a, b]) => a < b);
const pairCode = model(
  codes.map(([a, b]) => Array.from({ length: 5 }, (_, k) => (k === a ? 1 : k === b ? -0.8 : 0))),
);
const likenesses: Likeness[] = [0.015, null, null, null, null, null, null].map((excess) => ({
  models: excess === null ? 0 : 3,
  of: 1000,
  excess,
}));
judges(
  hiddenRelu,
  { models: new Array(6).fill(pairCode), counts: regimes.map((regime) => neurons(...regime)), likenesses },
  { models: new Array(6).fill(model(unit(10, 5))), counts: regimes.map(() => neurons(4, 1, 2)), likenesses },
);

test('T22 says how near its other models come to the paper, and by how much they lose', () => {
  const model = (loss: number) => ({ ...pairCode, loss });
  assert.equal(
    likeness([model(2), model(4), model(2.5), model(8)], ({ loss }) => loss > 2),
    { models: 3, of: 4, excess: 0.25 },
  );
  assert.equal(
    likeness([model(2)], () => false),
    { models: 0, of: 1, excess: null },
  );
  const bad = {
    models: new Array(6).fill(model(1)),
    counts: regimes.map(() => neurons(4, 1, 2)),
    likenesses,
  };
  const [first, second] = hiddenRelu.signature(bad, 'paper');
  assert.is(first.note, '3 of 1000 models are as in the paper, the best of them 1.5 % above the lowest loss');
  assert.is(second.note, 'none of 1000 models is as in the paper');
});

const split = [[1, -1, 0, 0, 0, 0], [0, 0, 1, -1, 0, 0], [0, 0, 0, 0, 1, -1]]; // biome-ignore format: a matrix
const mixed = [[1, 1, 0.5, 0, 0, 0], [0.5, 0, 1, 1, 0, 0], [0, 0, 0, 0.5, 1, 1]]; // biome-ignore format: a matrix
judges(
  absSmall,
  { model: model(split, { V: split.flat().map(Math.abs) }) },
  { model: model(mixed, { V: mixed.flat().map((value) => -value) }) },
);

/** Ten neurons, those from `mono` on polysemantic with second and third weights `second`. */
function absModel(density: number, mono: number, second: number, reversed = false): AbsModel {
  const isMono = (k: number) => (reversed ? k >= 10 - mono : k < mono);
  const numbers = [...new Array(10).keys()];
  return {
    density,
    row: 0,
    superposition: numbers.map(() => 0),
    semantics: numbers.map((k) => (isMono(k) ? 'mono' : 'poly')),
    stacks: numbers.map((k) => [1, second, second].map((weight, at) => ({ feature: k + at, weight }))),
  };
}
const sharing = (monos: number[]) => ({
  models: monos.map((mono, k) => absModel([1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001][k], mono, 0.3)),
});
judges(absSparsity, sharing([10, 10, 8, 5, 3, 1, 0]), sharing([5, 5, 2, 6, 3, 1, 9]));
judges(absCoexist, { models: [absModel(0.1, 5, 0.3)] }, { models: [absModel(0.1, 3, 0.8, true)] });

test.run();
