/** The phase diagram over any two axes: states, sweeps, metrics and pictures, without the page. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../notebooks/site/fields.ts';
import { LIGHT } from '../notebooks/site/palette.ts';
import { AXES, type AxisName, isAxis, pointsOf, QUANTITIES, sidesOf } from '../notebooks/site/phaseAxes.ts';
import { cellAt, scoresOf, strays, whyNoLines } from '../notebooks/site/phaseCell.ts';
import { phaseCsv, phasePixels, phaseSvg } from '../notebooks/site/phaseMap.ts';
import { along, scaled } from '../notebooks/site/phaseMetrics.ts';
import {
  cellValues,
  type PhaseState,
  phaseDefaults,
  phaseSchema,
  phaseSpec,
  withAxis,
  zoomed,
} from '../notebooks/site/phaseState.ts';
import type { CellModel, Sweep } from '../notebooks/site/phaseTraining.ts';
import { cellInWords } from '../notebooks/site/phaseWords.ts';
import { fromHash, toHash } from '../notebooks/site/url.ts';
import { countRows } from '../sim/axes.ts';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec } from '../sim/spec.ts';

const read = (hash: string) => fromHash(hash, phaseSchema, phaseDefaults, ['question']);

/** All pairs of axes that do not set the same thing. */
const pairs = AXES.flatMap((x) => AXES.map((y) => [x, y] as const)).filter(
  ([x, y]) => x !== y && !(new Set([x, y, 'importance', 'features']).size === 2),
);

test('any two axes make a state that a link carries and a sweep with a row for every model of every cell', () => {
  assert.is(pairs.length, 7 * 6 - 2);
  for (const [x, y] of pairs) {
    const { state, problem } = read(
      `x=${x}&y=${y}&cells=8&replicas=2${[x, y].includes('features') ? '&importance=1' : ''}`,
    );
    assert.is(problem, null, `${x} ${y}`);
    assert.equal(read(toHash(state, phaseDefaults)).state, state, `${x} ${y}`);
    const spec = parseSpec(phaseSpec(state));
    const [columns, rows] = sidesOf(state);
    assert.is(countRows(spec), columns * rows * 2, `${x} ${y}`);
    const grid = expandGrid(spec);
    const last = cellValues(state, columns - 1, rows - 1);
    for (const [axis, name] of [x, y].entries()) {
      const found = grid.axisValues[1 - axis].at(-1)!;
      assert.ok(
        Math.abs(found / last[name] - 1) < 1e-9,
        `${name}: ${found} in the sweep, ${last[name]} in words`,
      );
    }
  }
});

test('a link with an axis that does not fit is refused by name', () => {
  for (const [hash, told] of [
    ['x=rate&y=rate', /^y: expected two axes that differ/],
    ['x=features&y=importance', /^y: expected two axes that differ, and no importance/],
    ['x=features&y=density&importance=2', /^y: .* no importance of its own/],
    ['x=rate&density=[0.01,1]', /^density: expected two ends on an axis, and one number elsewhere/],
    ['density=0.1', /^density: expected two ends on an axis/],
    ['density=[1,0.1]', /^density: expected a lower and a higher end/],
    [
      'density=much',
      /^density: expected a number \(from 0\.001 to 1\) or, on an axis, two of them, the lower first/,
    ],
    ['x=hidden&hidden=[1,7]', /^hidden\.1: Too big: expected number to be <=6/],
    ['x=hidden&hidden=[1.5,3]', /^hidden: expected a number \(0, or whole, from 1 to 6\)/],
    ['decay=1e-9', /^decay: Too small: expected number to be >=0\.001/],
    ['steps=0', /^steps: /],
    ['x=loss', /^x: /],
    ['metric=norm', /^metric: /],
  ] as const) {
    const { state, problem } = read(hash);
    assert.match(problem ?? 'no problem', told, hash);
    assert.equal(state, phaseDefaults);
  }
});

test('every choice of an axis gives a state that can be trained, whatever was chosen before', () => {
  let state: PhaseState = phaseDefaults;
  for (const axis of [...AXES, ...[...AXES].reverse()]) {
    for (const side of ['x', 'y'] as const) {
      state = withAxis(state, side, axis);
      const { error, data } = phaseSchema.safeParse(state);
      assert.is(error && explain(error), undefined, `${side} ${axis}`);
      assert.equal(data, state);
      assert.is(state[side], axis);
    }
  }
  const kept = withAxis(phaseSchema.parse({ density: [0.1, 0.5] }), 'y', 'rate');
  assert.equal(kept.density, [0.1, 0.5], 'an axis that stays keeps its ends');
  assert.is(kept.importance, QUANTITIES.importance.held);
  const turned = withAxis(phaseSchema.parse({ density: [0.1, 0.5] }), 'x', 'importance');
  assert.equal(
    [turned.x, turned.y, turned.density],
    ['importance', 'density', [0.1, 0.5]],
    'axes change places',
  );
});

test('where the number of features changes, the models have one dimension fewer than features', () => {
  const state = phaseSchema.parse({ x: 'density', y: 'features', importance: 1, cells: 8, replicas: 1 });
  const { groups } = expandGrid(parseSpec(phaseSpec(state)));
  assert.equal(
    groups.map(({ problem: { family } }) => [family.features, family.hidden]),
    [[2, 1], [3, 2], [4, 3], [5, 4], [6, 5]], // biome-ignore format: pairs
  );
  assert.equal(cellValues(state, 0, 3), { ...cellValues(state, 0, 0), features: 5, hidden: 4 });
});

test('steps are whole, spread evenly in the logarithm, and zooming keeps to them', () => {
  const state = phaseSchema.parse({ x: 'steps', y: 'density', importance: 1, steps: [1, 1000], cells: 8 });
  assert.equal(pointsOf(state, 'steps'), [1, 3, 7, 19, 52, 139, 373, 1000]); // 1000^(k/7)
  const { steps } = zoomed(state, 2, 4, 0, 7);
  assert.equal(steps, [7, 52]);
  const one = phaseSchema.safeParse(zoomed(state, 2, 2, 0, 7));
  assert.is(one.success, false, 'one column is no axis');
});

/** A model of unit arrows at these angles, degrees. */
function arrows(angles: number[], length = 1, loss = 0.01): CellModel {
  const W = Float32Array.from(
    angles.flatMap((angle) => [
      length * Math.cos((angle * Math.PI) / 180),
      length * Math.sin((angle * Math.PI) / 180),
    ]),
  );
  return { row: 0, features: angles.length, hidden: 2, W, b: new Float32Array(angles.length), loss };
}

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6, `${a}, expected ${b}`);

test('metrics of shapes that are known by hand, models of other sizes between them', () => {
  const pentagon = arrows([0, 72, 144, 216, 288]);
  const digons = arrows([0, 180, 90, 270], 1, 0.02);
  const alone = { ...arrows([0, 90, 0]), W: Float32Array.of(0, 0, 1, 0, 0, 0.8) };
  const models = [pentagon, digons, null, pentagon, alone];
  const shares = scoresOf(models, 'share');
  [2 / 5, 1 / 2, Number.NaN, 2 / 5, 1].forEach((share, k) => {
    if (k !== 2) near(shares[k], share);
  });
  assert.ok(Number.isNaN(shares[2]));
  assert.equal(
    [...scoresOf(models, 'kept')].filter((_, k) => k !== 2),
    [5, 4, 5, 2],
  );
  [1, 1, Number.NaN, 1, 1].forEach((used, k) => {
    if (k !== 2) near(scoresOf(models, 'packing')[k], used);
  });
  near(scoresOf(models, 'norm')[4], 0.8);
  near(scoresOf(models, 'interference')[1], 1);
  near(scoresOf(models, 'interference')[3], 2 * (Math.cos(1.2566370614) ** 2 + Math.cos(2.5132741229) ** 2));
  assert.equal(
    [...scoresOf(models, 'loss')].filter((_, k) => k !== 2),
    [0.01, 0.02, 0.01, 0.01],
  );
});

test('losses are coloured on a logarithmic scale from the least to the most, shares from 0 to 1', () => {
  const models = [0.001, 0.01, 0.1, Number.NaN].map((loss) => ({ ...arrows([0, 90]), loss }));
  const losses = scaled({ models }, 'loss');
  assert.equal(losses.ends, [0.001, 0.1]);
  near(along(losses, 0.01), 0.5);
  assert.ok(Number.isNaN(along(losses, Number.NaN)));
  assert.equal(scaled({ models }, 'share').ends, [0, 1]);
  const same = scaled({ models: [models[0]] }, 'loss').ends;
  assert.ok(same[0] < 0.001 && same[1] > 0.001, 'one and the same number has a scale around it');
});

const sweepOf = (state: PhaseState, models: (CellModel | null)[]) => ({ state, models, share: 1 }) as Sweep;

test('a pixel stands where its cell stands; what has not begun is clear', () => {
  const state = phaseSchema.parse({ x: 'hidden', y: 'features', hidden: [1, 3], features: [2, 3], importance: 1, density: 0.1 }); // biome-ignore format: one state
  assert.equal(sidesOf(state), [3, 2]);
  const models = [null, null, null, null, null, arrows([0, 90, 180])]; // three features in hidden = 3: column 2, row 1
  const pixels = phasePixels(sweepOf(state, models), 'kept', LIGHT);
  const clear = Array.from({ length: 6 }, (_, at) => pixels[4 * at + 3]);
  assert.equal(clear, [0, 0, 255, 0, 0, 0], 'top right');
});

test('pictures carry the names of their axes, and lines of theory only where theory has them', () => {
  const draw = (input: object) => {
    const state = phaseSchema.parse(input);
    return phaseSvg(state, LIGHT, { cell: null, strays: [], scale: null });
  };
  const lines = (svg: string) => svg.split('<polyline').length - 1;
  const usual = draw({});
  assert.match(usual, />density \(1 − sparsity\)</);
  assert.match(usual, />relative importance of feature 2</);
  assert.is(lines(usual), 2);
  const rates = draw({ x: 'rate', y: 'density', importance: 1 });
  assert.match(rates, />learning rate<.*>density \(1 − sparsity\)</s);
  assert.is(lines(rates), 0);
  assert.not.match(rates, />theory</);
  assert.is(lines(draw({ features: 5, hidden: 2 })), 0);
  assert.match(whyNoLines(phaseSchema.parse({ features: 5 }))!, /2 features in 1 dimension and 3 in 2/);
  assert.is(whyNoLines(phaseSchema.parse({ features: 3 })), null);
});

test('with the axes turned, the lines of theory are turned too', () => {
  const state = phaseSchema.parse({ x: 'importance', y: 'density', cells: 9 });
  const svg = phaseSvg(state, LIGHT, { cell: null, strays: [], scale: null });
  const [low] = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) =>
    points.split(' ').map((point) => point.split(',').map(Number)),
  );
  // density 0.4: low boundary 0.8 / (4 − 2) = 0.4. A log axis of 9 cells, values in the middle of their pixels.
  const across = 58 + 480 * ((((Math.log10(0.4) + 1) / 2) * 8 + 0.5) / 9);
  const up = 10 + 480 * (1 - (((Math.log10(0.4) + 2) / 2) * 8 + 0.5) / 9);
  const at = low.reduce((best, point) => (Math.abs(point[1] - up) < Math.abs(best[1] - up) ? point : best));
  assert.ok(Math.abs(at[0] - across) < 3 && Math.abs(at[1] - up) < 2, `${at}, expected ${across}, ${up}`);
});

test('a cell without a closed form says what was kept and that theory is silent; strays are of theory alone', () => {
  const state = phaseSchema.parse({
    x: 'density',
    y: 'rate',
    importance: 1,
    features: 5,
    hidden: 2,
    cells: 8,
  });
  const models = new Array(64).fill(arrows([0, 72, 144, 216, 288]));
  const sweep = sweepOf(state, models);
  const cell = cellAt(sweep, 0, 0)!;
  assert.is(cell.theory, null);
  assert.is(
    cellInWords(state, cell),
    'Density 0.010, learning rate 0.0010: feature 5 is superposed, loss 0.0100. 5 of 5 kept: a pentagon; share of feature 5: 0.40. No closed form is known for 5 features in 2 dimensions.',
  );
  assert.equal(strays(sweep), []);
  const short = phaseSchema.parse({ steps: 10, cells: 8 });
  const bad = new Array(64).fill({ ...arrows([0, 90]), loss: 1 });
  assert.equal(strays(sweepOf(short, bad)), [], 'a training cut short is no stray');
  assert.is(strays(sweepOf(phaseSchema.parse({ cells: 8 }), bad)).length, 64);
});

test('a table has the axes, the size and all numbers of every cell that has begun', () => {
  const state = phaseSchema.parse({
    x: 'rate',
    y: 'hidden',
    features: 5,
    importance: 1,
    density: 0.1,
    cells: 8,
  });
  const models = new Array(32).fill(null);
  models[9] = arrows([0, 72, 144, 216, 288]);
  const [head, row, rest] = phaseCsv(sweepOf(state, models)).split('\n');
  assert.is(head, 'row,rate,hidden,density,importance,features,norm,interference,loss,share,kept,packing');
  const rate = Number((0.001 * 1000 ** (1 / 7)).toPrecision(6));
  assert.is(row, `0,${rate},2,0.1,1,5,1,1.5,0.01,0.4,5,1`);
  assert.is(rest, '');
});

test('the quantities of a diagram say which of them are axes', () => {
  const axes = AXES.filter((axis: AxisName) => isAxis(phaseDefaults, axis));
  assert.equal(axes, ['density', 'importance']);
});

test.run();
