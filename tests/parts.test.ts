import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Family, reluOutputFamily, type SpdShape } from '../sim/family.ts';
import { drawBatch, drawUniform } from '../sim/features.ts';
import {
  adversarialError,
  alive,
  type Decomposed,
  denseError,
  directions,
  identityError,
  importances,
  type Masks,
  maskedError,
  maskSlopes,
  misfitOf,
  prepare,
  probed,
  type SiteParts,
  stochasticError,
} from '../sim/metrics/parts.ts';
import { decomposedAt, partsScoresAt } from '../sim/metrics/partsScores.ts';
import { programFor, tensorsOf } from '../sim/models/models.ts';
import { columnsAt, type Params } from '../sim/problem.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import * as ops from '../sim/program/ops.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { advance, problemOf, weightsOf } from './decomposing.ts';
import { slopesOf } from './slopes.ts';

const SHAPE: SpdShape = {
  method: 'spd',
  identity: false,
  subcomponents: 6,
  units: 3,
  power: 1,
  faithful: { steps: 0, learningRate: 0.01, weightDecay: 0.1 },
};

/** A decomposition with random weights whose importances lie within (0, 1), and a batch of 9 samples. */
function instanceOf(shape: Partial<SpdShape>, sizes: [number, number] = [4, 2]) {
  const own = { ...SHAPE, ...shape };
  const family: Family = { ...reluOutputFamily(...sizes), kind: 'parts', decomposition: own };
  const problem = problemOf(family, { batch: 9 });
  const weights = weightsOf(family, (name, z) => (/^base/.test(name) ? 0.5 + z / 20 : z / 3));
  const batch = Float64Array.from(drawBatch(problem, 0, 0));
  const program = programFor(family, problem.training);
  const drawn = drawUniform(problem, 0, 0, ops.drawnBy(program));
  return { problem, weights, batch, program, drawn };
}

type Own = ReturnType<typeof instanceOf>;

function run({ problem, weights, batch, program, drawn }: Own) {
  const columns = columnsAt(problem, ['minimality', 'reconstruction', 'faithfulness'], 0);
  return evaluate(program, weights, columns, batch, batch, undefined, drawn);
}

for (const shape of [{}, { identity: true }, { power: 2 as const }]) {
  test(`gradients by differences: ${JSON.stringify(shape)}`, () => {
    const own = instanceOf(shape);
    const { gradients } = run(own);
    const names = tensorsOf(own.problem.family).filter(({ trained }) => trained);
    assert.equal(Object.keys(gradients).sort(), names.map(({ name }) => name).sort());
    for (const { name } of names) {
      const slopes = slopesOf(own.weights[name], () => run(own).loss);
      allClose(gradients[name], slopes, { absolute: 1e-8, relative: 1e-6 }, name);
    }
  });
}

/** All masks of a sample, from its uniform numbers, by the names of the program's nodes. */
function masksAt({ program, drawn }: Own, t: number, sites: SiteParts[], g: Float64Array[]): Masks[] {
  const width = ops.drawnBy(program);
  const named = new Map<string, Float32Array>();
  let at = t * width;
  for (const { name, size } of program.nodes.filter(({ op }) => op === 'uniform')) {
    named.set(name, drawn.subarray(at, at + size));
    at += size;
  }
  return sites.map(({ name }, k) => ({
    parts: g[k].map((value, c) => value + (1 - value) * named.get(`mask${name}`)![c]),
    rest: named.get(`rest${name}`)![0],
  }));
}

for (const identity of [false, true]) {
  test(`the program loses what plain loops say${identity ? ', with the identity between' : ''}`, () => {
    const own = instanceOf({ identity });
    const params: Params = Object.fromEntries(
      Object.entries(own.weights).map(([name, values]) => [name, Float32Array.from(values)]),
    );
    own.weights = Object.fromEntries(
      Object.entries(params).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    const taken = decomposedAt(own.problem, params, 0);
    const { x, g, samples } = prepare(taken, own.batch);
    const rows = x.map((sample) =>
      Array.from({ length: samples }, (_, t) => t).findIndex((t) =>
        Array.from(sample).every((value, j) => value === own.batch[t * 4 + j]),
      ),
    );
    const open: Masks = { parts: new Float64Array(6).fill(1), rest: 1 }; // leaves a map as it is
    let loss = 0;
    x.forEach((sample, at) => {
      const masks = masksAt(own, rows[at], taken.sites, g[at]);
      const alone = masks.map((_, k) => masks.map((mask, site) => (site === k ? mask : open)));
      loss += 0.8 * maskedError(taken, sample, masks);
      for (const one of alone) loss += (0.8 * maskedError(taken, sample, one)) / masks.length;
      for (const site of g[at]) for (const value of site) loss += 0.07 * value;
    });
    const still = taken.sites.map((site) => importances(site, new Float64Array(site.reads)));
    for (const site of still) for (const value of site) loss += (samples - x.length) * 0.07 * value;
    const misfit = taken.sites.reduce((sum, site) => sum + misfitOf(site) ** 2 / taken.sites.length, 0);
    allClose([run(own).loss], [loss / samples + 0.3 * misfit], { relative: 1e-9 });
  });
}

/** Slope of a_j that an operation hands back for a slope d, by a loss d · y that is made of a square. */
function handedBack(op: (a: ops.Node) => ops.Node, a: number, d: number): number {
  const b = ops.param('a', [1]);
  const shift = ops.param('shift', [1], false);
  const y = op(b);
  const program = ops.programOf([ops.squared(ops.add(y, shift), 0.5)]);
  const value = a > 1 ? 1 : Math.max(0, a); // of a sigmoid that is flat above 1
  const { gradients } = evaluate(program, { a: [a], shift: [d - value] }, {}, new Float64Array(1));
  return gradients.a[0];
}

test('a leaky hard sigmoid hands back what the paper says', () => {
  const lower = (a: ops.Node) => ops.hardSigmoid(a, 0, 0.01);
  const cases: [number, number, number][] = [
    [0.5, 2, 2], // within, as it is
    [0.5, -2, -2],
    [-1, -2, -0.02], // below, only what would raise it, a hundredth of it
    [-1, 2, 0],
    [3, 2, 0], // above nothing
    [3, -2, 0],
  ];
  for (const [a, d, wanted] of cases)
    assert.ok(Math.abs(handedBack(lower, a, d) - wanted) < 1e-12, `a = ${a}, d = ${d}`);
  const program = ops.programOf([ops.squared(ops.hardSigmoid(ops.param('a', [3]), 0.01, 0), 0.5)]);
  const { loss, gradients } = evaluate(program, { a: [-1, 0.5, 3] }, {}, new Float64Array(1));
  allClose([loss], [(0.25 + 1.02 ** 2) / 2], { relative: 1e-12 }); // 0, ½, 1 + 0.01 · 2
  allClose(gradients.a, [0, 0.5, 0.0102], { absolute: 1e-12 });
});

test('GELU is z Φ(z) with Φ of tables', () => {
  const z = [-3, -1, -0.5, 0, 0.5, 1, 2, 7];
  const cdf = [0.0013498980316301, 0.158655253931457, 0.308537538725987, 0.5, 0.691462461274013];
  const all = [...cdf, 0.841344746068543, 0.977249868051821, 1]; // Abramowitz & Stegun, table 26.1
  const wanted = z.map((value, k) => value * all[k]);
  const zero = ops.squared(ops.sub(ops.normalGelu(ops.param('z', [8])), ops.column('wanted', 8)));
  assert.ok(evaluate(ops.programOf([zero]), { z }, { wanted }, new Float64Array(1)).loss < 1e-18);
});

for (const [sizes, shape] of [
  [[5, 2], { subcomponents: 20, units: 16 }],
  [[5, 2], { subcomponents: 5, identity: true, units: 4 }],
  [[12, 9], { subcomponents: 11, identity: true, power: 2 }],
  [[3, 3], { subcomponents: 3, units: 2 }],
] as [[number, number], Partial<SpdShape>][]) {
  test(`simd loses and moves as the interpreter: (${sizes}) ${JSON.stringify(shape)}`, async () => {
    const { problem } = instanceOf(shape, sizes);
    const own = {
      ...problem,
      density: problem.density.map(() => 0.2), // many samples in which nothing is active
      training: { ...problem.training, optimizer: 'sgd' as const, batch: 26 },
      learningRate: problem.learningRate.map(() => 16),
    };
    const [fast, exact] = [await advance(simd, own, 1), await advance(reference as typeof simd, own, 1)];
    allClose(fast.losses, exact.losses, { relative: 2e-6 });
    for (const [name, wanted] of Object.entries(exact.after)) {
      const moved = Math.max(...wanted.map((value, k) => Math.abs(value - exact.params[name][k])));
      allClose(fast.after[name], wanted, { absolute: 1e-6 + 3e-5 * moved }, name);
    }
  });
}

/** A model of as many features as dimensions, taken apart as it should be: x → x, three subcomponents a map. */
function perfect(): Decomposed {
  const site = (name: 'In' | 'Out'): SiteParts => ({
    name,
    method: 'spd',
    reads: 2,
    writes: 2,
    map: Float64Array.of(1, 0, 0, 1),
    V: Float64Array.of(0, 0, 0, 1, 1, 0), // subcomponent 0 is dead, 1 of feature 1, 2 of feature 0
    U: Float64Array.of(0, 0, 0, 1, 1, 0),
    inner: new Float64Array(3).fill(4),
    shift: new Float64Array(3),
    outer: new Float64Array(3).fill(1),
    base: new Float64Array(3),
  });
  return {
    features: 2,
    hidden: 2,
    b: new Float64Array(2),
    rectified: true,
    sites: [site('In'), site('Out')],
  };
}

test('a model that is taken apart as it should be has the best of all scores', () => {
  const own = perfect();
  const g = probed(own, 0); // GELU(4 · 0.75) is above 1, GELU(0) is 0
  assert.equal([...g], [0, 0, 1, 0, 1, 0]);
  assert.equal(identityError(g, 3), 0);
  assert.equal(alive(g, 3), [1, 2]);
  assert.equal(directions(own, 0, [1, 2]), { mmcs: 1, ml2r: 1 });
  assert.equal(directions(own, 1, [1, 2]), { mmcs: 1, ml2r: 1 });
  assert.is(misfitOf(own.sites[0]), 0);
  const prepared = prepare(own, [0.75, 0, 0, 0, 0.75, 0.75]);
  assert.is(prepared.x.length, 2);
  let word = 1;
  const drawn = () => {
    word = (word * 16807) % 2147483647;
    return word / 2147483647;
  };
  assert.ok(stochasticError(own, prepared, drawn) < 1e-24);
  assert.ok(adversarialError(own, prepared, drawn) < 1e-24);
});

test('and one that is half as long as it should be has scores by hand', () => {
  const own = perfect();
  own.sites[0].V[4] = 0.5; // of feature 0
  allClose([misfitOf(own.sites[0])], [0.5 / Math.SQRT2], { relative: 1e-12 });
  allClose([directions(own, 0, [1, 2]).ml2r], [0.75], { relative: 1e-12 });
  const open: Masks = { parts: new Float64Array(3).fill(1), rest: 0 };
  allClose([maskedError(own, [0.75, 0], [open, open])], [0.375 ** 2 / 2], { relative: 1e-12 });
  const whole: Masks = { ...open, rest: 1 };
  assert.ok(maskedError(own, [0.75, 0], [whole, open]) < 1e-24, 'what is left makes up for it');
});

test('an attack finds the mask that matters: the rest shut, a half of the output is lost', () => {
  const own = perfect();
  own.sites[0].V[4] = 0.5;
  const prepared = prepare(own, [0.75, 0]);
  const error = adversarialError(own, prepared, () => 0.5);
  allClose([error], [0.375 ** 2 / 2], { relative: 1e-9 });
});

test('slopes of masks are those of the error, by differences', () => {
  for (const identity of [false, true]) {
    const { problem, weights, batch } = instanceOf({ identity });
    const params = Object.fromEntries(
      Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)]),
    );
    const own = decomposedAt(problem, params, 0);
    const { x, g } = prepare(own, batch);
    const masks = g[0].map((parts, k) => ({ parts: Float64Array.from(parts), rest: 0.3 + k / 10 }));
    const slopes = maskSlopes(own, x[0], masks);
    const difference = (move: (by: number) => void) => {
      move(1e-6);
      const high = maskedError(own, x[0], masks);
      move(-2e-6);
      const low = maskedError(own, x[0], masks);
      move(1e-6);
      return (high - low) / 2e-6;
    };
    masks.forEach((mask, k) => {
      const wanted = Array.from(mask.parts, (_, c) =>
        difference((by) => {
          mask.parts[c] += by;
        }),
      );
      allClose(slopes[k].parts, wanted, { absolute: 1e-9 }, `site ${k}`);
      const rest = difference((by) => {
        mask.rest += by;
      });
      allClose([slopes[k].rest], [rest], { absolute: 1e-9 }, `rest of site ${k}`);
    });
  }
});

test('errors of importances are counted by entry', () => {
  const g = Float64Array.of(1, 0, 0.3, 0, 0, 0.85, 0, 0.05); // (2, 4): feature 0 has 0 and 2, feature 1 has 1
  assert.is(identityError(g, 4), 2, '0.3 is another’s, 0.85 is not on');
  assert.is(identityError(g, 4, 0.2), 1);
  assert.is(identityError(g, 4, 0.4), 0);
  const dense = Float64Array.of(1, 0.95, 0.05, 0, 0.2, 0.9, 0.02, 0.3);
  assert.is(denseError(dense, 4, 2), 1, 'the fourth is on once');
  assert.is(denseError(dense, 4, 1), 3);
  assert.is(denseError(dense, 4, 3), 1, 'and no third is on');
});

const SPEC: SpecInput = {
  model: { features: 4, hidden: 2 },
  input: { density: 0.3 },
  training: { steps: 40, batch: 32, learningRate: 0.01 },
  decomposition: { subcomponents: 6, units: 4, training: { steps: 1, batch: 8, learningRate: 0 } },
  replicas: 2,
};

test('before the rest subcomponents make up the weights, and nothing else moves', async () => {
  const of = async (steps: number) => {
    const spec = { ...SPEC, decomposition: { ...SPEC.decomposition!, faithful: { steps } } };
    const [group] = (await trainAll(spec, { engine: 'simd', threads: 1 })).groups;
    return { params: group.params, misfit: partsScoresAt(group.problem, group.params, 1, 64).misfit };
  };
  const [raw, faithful] = [await of(0), await of(400)];
  assert.ok(raw.misfit > 0.3, `${raw.misfit}`);
  assert.ok(faithful.misfit < 0.02, `${faithful.misfit}`);
  for (const name of ['W', 'b', 'innerIn', 'outerOut', 'baseIn', 'shiftOut'])
    assert.equal(faithful.params[name], raw.params[name], name);
  const [model] = (await trainAll({ ...SPEC, decomposition: undefined }, { engine: 'simd' })).groups;
  assert.equal(raw.params.W, model.params.W, 'the model is the one that its spec trains');
  assert.equal(raw.params.b, model.params.b);
});

test('first weights have the deviations of the method', async () => {
  const decomposition = {
    ...SPEC.decomposition!,
    subcomponents: 400,
    units: 16,
    faithful: { steps: 0 },
  };
  const spec = { ...SPEC, replicas: 1, decomposition };
  const [{ params }] = (await trainAll(spec, { engine: 'simd', threads: 1 })).groups;
  const deviation = (name: string) =>
    Math.sqrt(params[name].reduce((sum, value) => sum + value * value, 0) / params[name].length);
  allClose([deviation('VIn')], [1 / 2], { relative: 0.1 }); // four features
  allClose([deviation('VOut')], [1 / Math.SQRT2], { relative: 0.1 });
  allClose([deviation('UIn'), deviation('UOut')], [1 / 20, 1 / 20], { relative: 0.1 });
  allClose([deviation('innerIn'), deviation('outerIn')], [Math.SQRT2, 1 / 4], { relative: 0.05 });
  assert.ok(params.baseIn.every((value) => value === 0));
});

test('a decomposition is refused where its model is not one that it takes apart', () => {
  const wrong = (change: object, field: RegExp) =>
    assert.throws(() => parseSpec({ ...SPEC, ...change }), field);
  wrong(
    { model: { ...SPEC.model, hiddenActivation: 'relu' } },
    /model.hiddenActivation.*identity for a model that is taken apart.*relu/s,
  );
  wrong({ model: { ...SPEC.model, tied: false } }, /model.tied.*true/s);
  wrong({ dictionary: { latents: 3 } }, /decomposition.*none beside a dictionary/s);
  wrong({ decomposition: { subcomponents: 0 } }, /decomposition.subcomponents.*at least 1.*0/s);
  wrong({ decomposition: { subcomponents: 3, power: 3 } }, /decomposition.power/);
});

test.run();
