import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldOutLoss } from '../sim/evaluate.ts';
import { type Family, reluOutputFamily, type VpdShape } from '../sim/family.ts';
import { drawBatch, drawUniform, firstSources } from '../sim/features.ts';
import {
  importances,
  type Masks,
  maskedError,
  maskSlopes,
  misfitOf,
  prepare,
  type SiteParts,
} from '../sim/metrics/parts.ts';
import { decomposedAt, partsScoresAt } from '../sim/metrics/partsScores.ts';
import { ascentClocks, missing } from '../sim/models/adversarialParts.ts';
import { clocksFor, programFor, tensorsOf } from '../sim/models/models.ts';
import { columnsAt, type Params } from '../sim/problem.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import * as ops from '../sim/program/ops.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { advance, problemOf, weightsOf } from './decomposing.ts';

const SHAPE: VpdShape = {
  method: 'vpd',
  identity: false,
  subcomponents: 6,
  units: 5,
  frequencyScale: 50,
  sharpness: { from: 0.7, to: 0.1 },
  adversary: { share: 0.5, ascents: 2, learningRate: 0.1, warmup: 0.5, beta1: 0.3, beta2: 0.9 },
  faithful: { steps: 0, learningRate: 0.01, weightDecay: 0 },
};
const COLUMNS = ['minimality', 'frequency', 'reconstruction', 'faithfulness'];

/** A decomposition with random float32 weights whose importances lie within (0, 1), and a batch of 11 samples. */
function instanceOf(
  shape: Partial<VpdShape>,
  sizes: [number, number] = [4, 2],
  outputActivation: 'relu' | 'identity' = 'relu',
) {
  const own = { ...SHAPE, ...shape };
  const family: Family = {
    ...reluOutputFamily(...sizes),
    ...{ outputActivation, kind: 'parts', decomposition: own },
  };
  const problem = problemOf(family, { batch: 11, steps: 9 }, { frequency: Float64Array.of(0.02) });
  const weights = weightsOf(family, (name, z) =>
    Math.fround(/^base/.test(name) ? 0.5 + z / 20 : /^outer/.test(name) ? z / 20 : z / 3),
  );
  const program = programFor(family, problem.training);
  return { problem, weights, program, sources: firstSources(problem, 0, ops.sourceWidth(program)) };
}

type Own = ReturnType<typeof instanceOf>;

/** Loss, gradients and sources of a step, which leaves those that it is given as they are. */
function run({ problem, weights, program, sources }: Own, step = 3) {
  const columns = columnsAt(problem, COLUMNS, 0);
  const batch = Float64Array.from(drawBatch(problem, 0, step));
  const drawn = drawUniform(problem, 0, step, ops.drawnBy(program));
  const clocks = clocksFor(problem.family, problem.training, step);
  const moved = sources.slice();
  const moment = { clocks, sources: moved };
  return {
    ...evaluate(program, weights, columns, batch, batch, undefined, drawn, moment),
    moved,
    batch,
    drawn,
    clocks,
  };
}

for (const shape of [{}, { identity: true }, { adversary: { ...SHAPE.adversary, ascents: 0, share: 1 } }]) {
  test(`gradients by differences: ${JSON.stringify(shape)}`, () => {
    const own = instanceOf(shape);
    const { gradients } = run(own);
    const trained = tensorsOf(own.problem.family).filter((tensor) => tensor.trained);
    assert.equal(Object.keys(gradients).sort(), trained.map(({ name }) => name).sort());
    // Sources climb slopes of the weights that nothing is handed back through: they are held at what this step makes of them.
    const still = heldSources(own);
    for (const { name } of trained) {
      const values = own.weights[name];
      const slopes = Array.from(values, (value, k) => {
        const lossAt = (moved: number) => {
          values[k] = moved;
          return run(still).loss;
        };
        const slope = (lossAt(value + 1e-6) - lossAt(value - 1e-6)) / 2e-6;
        values[k] = value;
        return slope;
      });
      allClose(gradients[name], slopes, { absolute: 1e-8, relative: 1e-6 }, name);
    }
  });
}

/** Where every source stands in the row of a place. */
function startsOf(program: ops.Program): Map<string, number> {
  const starts = new Map<string, number>();
  let next = 0;
  for (const { name, size } of ops.sourcesOf(program)) {
    starts.set(name, next);
    next += size;
  }
  return starts;
}

/** The same with sources that are where the ascents before the loss bring them, and that do not climb. */
function heldSources(own: Own): Own {
  const { problem } = own;
  const shape = problem.family.decomposition as VpdShape;
  const { climbed } = byHand(own);
  const still = { ...shape, adversary: { ...shape.adversary, ascents: 0 } };
  const family = { ...problem.family, decomposition: still };
  const sources = own.sources.slice();
  const program = programFor(family, problem.training);
  const [from, to] = [startsOf(own.program), startsOf(program)];
  climbed.forEach((numbers, t) => {
    for (const { name, size } of ops.sourcesOf(program))
      sources.set(
        numbers.slice(from.get(name)!, from.get(name)! + size),
        t * 3 * numbers.length + to.get(name)!,
      );
  });
  return { ...own, problem: { ...problem, family }, program, sources };
}

/** Uniform numbers of a sample by the names of the program's nodes. */
function named({ program }: Own, drawn: Float32Array, t: number): Map<string, ArrayLike<number>> {
  const out = new Map<string, ArrayLike<number>>();
  let at = t * ops.drawnBy(program);
  for (const { name, size } of program.nodes.filter(({ op }) => op === 'uniform')) {
    out.set(name, drawn.subarray(at, at + size));
    at += size;
  }
  return out;
}

/** The maps that are masked, for a number in [0, 1). */
function routed(u: number, sites: number): number[] {
  if (sites === 2) return [[0], [1], [0, 1], [0, 1]][Math.floor(4 * u)];
  return [[0], [0, 1], [1], [1, 2], [2], [0, 2]][Math.floor(9 * u)] ?? [0, 1, 2];
}

/** Everything that a step does, by the loops of the scores, which know nothing of programs: sources (Adam by hand) and loss. */
function byHand(own: Own, step = 3) {
  const { problem, weights, program, sources } = own;
  const { adversary, frequencyScale } = problem.family.decomposition as VpdShape;
  const params: Params = Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)]),
  );
  const taken = decomposedAt(problem, params, 0);
  const batch = drawBatch(problem, 0, step);
  const n = problem.family.features;
  const samples = batch.length / n;
  const drawn = drawUniform(problem, 0, step, ops.drawnBy(program));
  const { gamma, ...rates } = clocksFor(problem.family, problem.training, step);
  const C = taken.sites[0].base.length;
  const width = taken.sites.length * (C + 1);
  const { beta1, beta2, ascents, share } = adversary;
  const starts = startsOf(program);
  const place = (site: number, c: number) => {
    const { name } = taken.sites[site];
    return c < C ? starts.get(`source${name}`)! + c : starts.get(`rest${name}`)!;
  };
  const after: Float64Array[] = [];
  const climbed: number[][] = [];
  const means = taken.sites.map(() => new Float64Array(C));
  let loss = 0;
  const psis: Float64Array[][] = [];
  for (let t = 0; t < samples; t++) {
    const x = batch.subarray(t * n, (t + 1) * n);
    const g = importancesOf(taken, x);
    const state = sources.slice(t * 3 * width, (t + 1) * 3 * width);
    const numbers = named(own, drawn, t);
    const isAttacked = numbers.get('adversarial')![0] < share;
    const masksOf = (s: (k: number, c: number) => number): Masks[] =>
      g.map((own, k) => ({ parts: own.map((gc, c) => gc + (1 - gc) * s(k, c)), rest: s(k, C) }));
    const source = (k: number, c: number) => state[place(k, c)];
    const climb = (counts: number, k: number) => {
      const slopes = maskSlopes(taken, x, masksOf(source));
      slopes.forEach(({ parts, rest }, site) => {
        for (let c = 0; c <= C; c++) {
          const d = (counts * (c < C ? parts[c] * (1 - g[site][c]) : rest)) / samples;
          const at = place(site, c);
          state[width + at] = beta1 * state[width + at] + (1 - beta1) * d;
          state[2 * width + at] = beta2 * state[2 * width + at] + (1 - beta2) * d * d;
          const root = Math.sqrt(state[2 * width + at]) * rates[`correct${k}`];
          const moved = state[at] + (rates[`rate${k}`] * state[width + at]) / (root + 1e-8);
          state[at] = moved < 0 ? 0 : moved > 1 ? 1 : moved;
        }
      });
    };
    for (let k = 0; k < ascents; k++) climb(1, k);
    climbed.push([...state.subarray(0, width)]);
    const open: Masks = { parts: new Float64Array(C).fill(1), rest: 1 };
    const lot = (k: number, c: number) => {
      const { name } = taken.sites[k];
      if (isAttacked) return source(k, c);
      return c < C ? numbers.get(`mask${name}`)![c] : numbers.get(`rest${name}`)![0];
    };
    const chosen = isAttacked
      ? taken.sites.map((_, k) => k)
      : routed(numbers.get('choice')![0], taken.sites.length);
    const masks = masksOf(lot).map((own, k) => (chosen.includes(k) ? own : open));
    loss += (0.8 * maskedError(taken, x, masks)) / samples;
    climb(isAttacked ? 1 : 0, ascents);
    after.push(state);
    const psi = g.map((own) => own.map((gc) => gc ** 2 / (gc ** 2 + gamma ** 2)));
    psis.push(psi);
    psi.forEach((own, k) => {
      own.forEach((value, c) => {
        means[k][c] += value / samples;
      });
    });
  }
  for (const f of means.flatMap((own) => [...own]))
    loss += 0.07 * f + 0.02 * f * Math.log2(1 + frequencyScale * f);
  const misfit = taken.sites.reduce((sum, site) => sum + misfitOf(site) ** 2 / taken.sites.length, 0);
  return { loss: loss + 0.3 * misfit, after, climbed };
}

/** Importances of every site for a sample, from the float64 loops. */
function importancesOf(taken: ReturnType<typeof decomposedAt>, x: ArrayLike<number>): Float64Array[] {
  const { x: kept, g } = prepare(taken, Float64Array.from(x));
  if (kept.length > 0) return g[0];
  return taken.sites.map((site) => importances(site, new Float64Array(site.reads)));
}

for (const [identity, output] of [
  [false, 'relu'],
  [true, 'relu'],
  [true, 'identity'],
] as const) {
  test(`a step is what plain loops say, loss and sources: ${output}${identity ? ', with the identity between' : ''}`, () => {
    const own = instanceOf({ identity }, [4, 2], output);
    const wanted = byHand(own);
    const { loss, moved } = run(own);
    allClose([loss], [wanted.loss], { relative: 1e-7 });
    allClose(
      moved,
      wanted.after.flatMap((state) => [...state]),
      { absolute: 1e-9, relative: 1e-6 },
    );
    assert.ok(
      moved.some((value, at) => at % (moved.length / 11) < 14 && (value === 0 || value === 1)),
      'some are cut',
    );
  });
}

test('a source climbs by Adam, and is cut to [0, 1]', () => {
  const s = ops.source(3, 's', 0.01, 0.99);
  const [d, rate, correct] = [ops.column('d', 3), ops.clock('rate'), ops.clock('correct')];
  const program = ops.programOf([ops.climb(s, d, rate, correct)]);
  const sources = Float64Array.of(0.5, 0.995, 0.002, 0, 0, 0, 0, 0, 0);
  const moment = { clocks: { rate: 0.01 / 0.99, correct: 10 }, sources }; // of the first ascent: 1/(1 − β1), 1/√(1 − β2)
  evaluate(
    program,
    {},
    { d: [2, 3, -1] },
    new Float64Array(1),
    new Float64Array(1),
    undefined,
    undefined,
    moment,
  );
  allClose(sources.subarray(0, 3), [0.51, 1, 0], { absolute: 1e-9 }); // steps of the rate, cut at 1 and 0
  allClose(sources.subarray(3, 6), [1.98, 2.97, -0.99], { relative: 1e-12 });
  allClose(sources.subarray(6, 9), [0.04, 0.09, 0.01], { relative: 1e-12 });
});

test('maps are chosen as often as they should be', () => {
  for (const [sites, cells] of [
    [2, 4],
    [3, 9],
  ]) {
    const u = ops.uniform(1, 'choice');
    const off = missing(sites, u);
    const counts = new Map<string, number>();
    for (let cell = 0; cell < cells; cell++) {
      const offs = off.map((node) => {
        const { loss } = evaluate(
          ops.programOf([ops.squared(node)]),
          {},
          {},
          new Float64Array(1),
          undefined,
          undefined,
          Float64Array.of((cell + 0.5) / cells),
        );
        return loss;
      });
      assert.ok(offs.every((value) => value === 0 || value === 1));
      const key = offs.join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // k of the maps with probability 1/sites each, every choice of k as likely: in cells of 1/4, or of 1/9
    const wanted =
      sites === 2
        ? { '01': 1, '10': 1, '00': 2 }
        : { '011': 1, '101': 1, '110': 1, '001': 1, '010': 1, '100': 1, '000': 3 };
    assert.equal(Object.fromEntries([...counts].sort()), Object.fromEntries(Object.entries(wanted).sort()));
  }
});

test('γ runs along its line, the rate of the sources rises, and their ascents are counted through', () => {
  const at = (step: number) =>
    ascentClocks({ ...SHAPE, sharpness: { from: 1, to: 0.01 } }, { steps: 101 }, step);
  allClose([at(0).gamma, at(50).gamma, at(100).gamma], [1, 0.505, 0.01], { relative: 1e-12 });
  assert.equal(Object.keys(at(0)), ['gamma', 'rate0', 'correct0', 'rate1', 'correct1', 'rate2', 'correct2']);
  allClose([at(0).rate0, at(0).correct0], [0.1 / 50.5 / 0.7, 1 / Math.sqrt(0.1)], { relative: 1e-12 });
  allClose([at(1).rate2], [(2 * 0.1) / 50.5 / (1 - 0.3 ** 6)], { relative: 1e-12 }); // the sixth ascent of all
  allClose([at(99).rate1], [0.1], { relative: 1e-12 });
});

test('smooth counts and frequencies, by hand', () => {
  const psi = ops.saturate(ops.column('g', 3), ops.clock('gamma'));
  const moment = { clocks: { gamma: 0.5 }, sources: new Float64Array(0) };
  const lossOf = (node: ops.Node, batch: number) =>
    evaluate(
      ops.programOf([node]),
      {},
      { g: [0, 0.5, 1], w: [2] },
      new Float64Array(batch),
      undefined,
      undefined,
      undefined,
      moment,
    ).loss;
  allClose([lossOf(ops.l1(psi), 1)], [0.5 + 0.8], { relative: 1e-12 });
  const x = ops.input(1); // of four samples 0, 0, 1, 1 the mean is a half
  const program = ops.programOf([ops.frequent(x, 6, ops.column('w', 1))]);
  const { loss } = evaluate(program, {}, { w: [2] }, Float64Array.of(0, 0, 1, 1));
  allClose([loss], [2 * 0.5 * 2], { relative: 1e-12 }); // 2 · ½ log2(1 + 6 · ½)
});

for (const [sizes, shape] of [
  [[5, 2], { subcomponents: 20, units: 50 }],
  [[4, 2], {}],
  [[5, 2], { subcomponents: 5, identity: true, units: 4 }],
  [[12, 9], { subcomponents: 11, identity: true, units: 30 }],
  [[3, 3], { subcomponents: 3, units: 2 }],
] as [[number, number], Partial<VpdShape>][]) {
  test(`simd loses and moves as the interpreter: (${sizes}) ${JSON.stringify(shape)}`, async () => {
    const { problem } = instanceOf(shape, sizes);
    const own = {
      ...problem,
      density: problem.density.map(() => 0.2), // many samples in which nothing is active
      training: { ...problem.training, optimizer: 'sgd' as const, batch: 26, clip: 0.05 },
      learningRate: problem.learningRate.map(() => 0.3),
    };
    const [fast, exact] = [await advance(simd, own, 6), await advance(reference as typeof simd, own, 6)];
    allClose(fast.losses, exact.losses, { relative: 1e-5 });
    for (const [name, wanted] of Object.entries(exact.after)) {
      const moved = Math.max(...wanted.map((value, k) => Math.abs(value - exact.params[name][k])));
      allClose(fast.after[name], wanted, { absolute: 2e-6 + 3e-4 * moved }, name);
    }
  });
}

test('subcomponents and perceptrons are clipped apart', async () => {
  const { problem } = instanceOf({});
  const own = {
    ...problem,
    training: { ...problem.training, optimizer: 'sgd' as const, clip: 1e-3 },
    learningRate: problem.learningRate.map(() => 1),
  };
  for (const engine of [simd, reference as typeof simd]) {
    const { params, after } = await advance(engine, own, 1);
    const moved = (names: RegExp) =>
      Math.sqrt(
        Object.keys(after)
          .filter((name) => names.test(name))
          .flatMap((name) => Array.from(after[name], (value, k) => (value - params[name][k]) ** 2))
          .reduce((sum, value) => sum + value, 0),
      );
    allClose([moved(/^[VU]/), moved(/^(inner|outer|shift|base)/)], [1e-3, 1e-3], { relative: 2e-3 });
  }
});

const SPEC: SpecInput = {
  model: { features: 4, hidden: 2 },
  input: { density: 0.3 },
  training: { steps: 40, batch: 32, learningRate: 0.01 },
  decomposition: { method: 'vpd', subcomponents: 6, units: 8, training: { steps: 30, batch: 18 } },
  replicas: 5,
};

test('the same bytes on any number of threads, and again', async () => {
  const of = async (threads: number) =>
    (await trainAll(SPEC, { engine: 'simd', threads })).groups.map(({ params, losses }) => ({
      params,
      losses,
    }));
  const one = await of(1);
  assert.equal(await of(1), one);
  assert.equal(await of(3), one);
  const [{ params }] = (await trainAll({ ...SPEC, replicas: 2 }, { engine: 'simd', threads: 1 })).groups;
  assert.equal(
    params.VIn,
    one[0].params.VIn.subarray(0, params.VIn.length),
    'models do not depend on others',
  );
});

test('first weights have the deviations of the method', async () => {
  const decomposition = {
    ...SPEC.decomposition!,
    ...{
      subcomponents: 300,
      units: 100,
      faithful: { steps: 0 },
      training: { steps: 1, batch: 8, learningRate: 0 },
    },
  } as SpecInput['decomposition'];
  const [{ params }] = (await trainAll({ ...SPEC, replicas: 1, decomposition }, { engine: 'simd' })).groups;
  const deviation = (name: string) =>
    Math.sqrt(params[name].reduce((sum, value) => sum + value * value, 0) / params[name].length);
  allClose([deviation('VIn'), deviation('VOut')], [1 / 2, 1 / Math.SQRT2], { relative: 0.1 });
  allClose([deviation('UIn'), deviation('UOut')], Array(2).fill(1 / Math.sqrt(300)), { relative: 0.1 });
  allClose([deviation('innerIn'), deviation('innerOut')], [Math.sqrt(2 / 4), 1], { relative: 0.15 }); // √2 over √reads
  allClose([deviation('outerIn'), deviation('outerOut')], [0.1, 0.1], { relative: 0.05 });
  assert.ok([...params.baseIn, ...params.shiftIn].every((value) => value === 0));
});

test('importances of a perceptron that reads the input of its map', () => {
  const site: SiteParts = {
    ...{ name: 'In', method: 'vpd', reads: 2, writes: 1 },
    map: new Float64Array(2),
    V: new Float64Array(2),
    U: new Float64Array(1),
    inner: Float64Array.of(10, 0, 0, 10, 1, 1), // GELU of 10 v0, 10 v1, v0 + v1 − 100
    shift: Float64Array.of(0, 0, -100),
    outer: Float64Array.of(0.05, 0, 7, 0, 0.2, 7),
    base: Float64Array.of(0.1, -0.5),
  };
  allClose(importances(site, [1, 0.2]), [0.6, 0], { absolute: 1e-6 }); // 0.05 · 10 + 0.1; 0.2 · 2 − 0.5 is cut
  allClose(importances(site, [3, 1]), [1, 1], { absolute: 1e-6 });
});

test('a frequency is one of numbers that a sample alone decides', () => {
  const weight = ops.column('w', 1);
  assert.throws(
    () => ops.frequent(ops.mul(ops.input(2), ops.uniform(2, 'mask')), 3, weight),
    /frequent: expected numbers of the sample alone, got those of uniform mask/,
  );
  assert.throws(
    () => ops.climb(ops.input(2), ops.input(2), ops.clock('a'), ops.clock('b')),
    /expected a source, got input/,
  );
});

test('the held-out loss is that of where γ ends', async () => {
  const [{ problem, params }] = (await trainAll(SPEC, { engine: 'simd', threads: 1 })).groups;
  const lossFrom = (from: number) => {
    const own = problem.family.decomposition as VpdShape;
    const family = { ...problem.family, decomposition: { ...own, sharpness: { from, to: 0.01 } } };
    return heldOutLoss(simd, { ...problem, family }, params);
  };
  assert.equal(await lossFrom(1), await lossFrom(0.2));
});

test('fields are checked, with what is expected', () => {
  const { decomposition } = parseSpec(SPEC);
  assert.is(decomposition!.training.schedule, 'cosine-to-tenth');
  assert.is(decomposition!.training.clip, 1);
  assert.equal((decomposition as { adversary: unknown }).adversary, {
    ...{ share: 0.5, ascents: 2, learningRate: 0.01, warmup: 0.025, beta1: 0.01, beta2: 0.99 },
  });
  const bare = parseSpec({ ...SPEC, decomposition: { method: 'vpd', subcomponents: 3 } }).decomposition!;
  assert.equal([bare.units, bare.minimality, bare.faithfulness], [50, 8e-4, 1]);
  assert.equal([bare.training.steps, bare.training.batch, bare.faithful.weightDecay], [20_000, 4096, 0]);
  const wrong = (change: object, field: RegExp) =>
    assert.throws(
      () => parseSpec({ ...SPEC, decomposition: { method: 'vpd', subcomponents: 3, ...change } }),
      field,
    );
  wrong({ power: 1 }, /decomposition.power: expected no such key, got 1/);
  wrong({ adversary: { share: 2 } }, /decomposition.adversary.share: expected at most 1, got 2/);
  wrong({ sharpness: { to: 0 } }, /decomposition.sharpness.to: expected at least 1e-30, got 0/);
  wrong({ method: 'apd' }, /decomposition.method: expected one of "spd", "vpd", got "apd"/);
  assert.throws(
    () => parseSpec({ ...SPEC, input: { ...SPEC.input, samples: { count: 9 } } }),
    /input.samples: expected none for vpd/,
  );
  assert.throws(
    () => parseSpec({ ...SPEC, model: { ...SPEC.model, outputActivation: 'tanh' } }),
    /model.outputActivation: expected relu or identity for vpd.*got "tanh"/,
  );
});

test('every number of it can be an axis', async () => {
  const axes = [
    'minimality',
    'frequency',
    'frequencyScale',
    'sharpness.to',
    'adversary.share',
    'adversary.ascents',
  ];
  for (const path of axes) {
    const sweep = [
      { path: `decomposition.${path}`, values: [0.25, 1].map((x) => (path.endsWith('ascents') ? 4 * x : x)) },
    ];
    const { groups } = await trainAll({ ...SPEC, replicas: 1, sweep }, { engine: 'simd', threads: 1 });
    const all = groups.flatMap(({ problem, params }) =>
      Array.from({ length: problem.instances }, (_, i) => partsScoresAt(problem, params, i, 64)),
    );
    assert.is(all.length, 2, path);
    assert.is.not(all[0].stochastic_error, all[1].stochastic_error, path);
  }
});

test('three features in three dimensions have a subcomponent each, in every seed', async () => {
  const spec: SpecInput = {
    model: { features: 3, hidden: 3 },
    input: { density: 0.2 },
    training: { steps: 1500, batch: 512, learningRate: 0.01, weightDecay: 0 },
    decomposition: {
      method: 'vpd',
      subcomponents: 6,
      training: { steps: 2000, batch: 256, learningRate: 3e-3 },
    },
    replicas: 3,
  };
  const [{ problem, params }] = (await trainAll(spec, { engine: 'simd', threads: 1 })).groups;
  for (const i of [0, 1, 2]) {
    const { identity_error, live_in, live_out, misfit } = partsScoresAt(problem, params, i, 128);
    assert.equal([identity_error, live_in, live_out], [0, 3, 3]);
    assert.ok(misfit < 0.01);
  }
});

test.run();
