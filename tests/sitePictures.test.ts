/** The playground's pictures as text, and what they are drawn from. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { captioned } from '../notebooks/site/caption.ts';
import { dimensionsSvg } from '../notebooks/site/dimensions.ts';
import { gramSvg } from '../notebooks/site/gram.ts';
import { lossCurve, lossSvg } from '../notebooks/site/lossCurve.ts';
import { neuronsSvg } from '../notebooks/site/neurons.ts';
import { channels, DARK, divergingColor, LIGHT, textOn } from '../notebooks/site/palette.ts';
import { strays } from '../notebooks/site/phaseCell.ts';
import { phasePixels, phaseSvg } from '../notebooks/site/phaseMap.ts';
import { cellValues, phaseSchema } from '../notebooks/site/phaseState.ts';
import { standingOf } from '../notebooks/site/rivals.ts';
import { csv } from '../notebooks/site/save.ts';
import { specOf, stateSchema } from '../notebooks/site/state.ts';
import { label, picture } from '../notebooks/site/svg.ts';
import { references } from '../notebooks/site/theory.ts';
import { hullEdges, vectorsSvg } from '../notebooks/site/vectors.ts';
import { expandGrid } from '../sim/grid.ts';
import { couplings } from '../sim/metrics/couplings.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { exactLosses } from '../sim/theory/exactLoss.ts';
import { candidateLosses } from '../sim/theory/phase.ts';
import { shapeAt } from '../sim/theory/shares.ts';

const problemOf = (spec: SpecInput) => expandGrid(parseSpec(spec)).groups[0].problem;
const VIEW = { yaw: 0.3, pitch: 0.2 };

test('a saved picture says what it shows, with which settings, seed and step', () => {
  const svg = captioned(picture(420, 230, 'a & b', LIGHT, ''), 'Title <1>', 'word '.repeat(40).trim(), LIGHT);
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 420 (\d+)"/);
  assert.match(svg, />Title &#60;1&#62;</);
  const lines = [...svg.matchAll(/>(word[^<]*)</g)].map(([, text]) => text);
  assert.is(lines.join(' '), 'word '.repeat(40).trim());
  assert.ok(lines.length > 1 && lines.every((line) => line.length * 6.4 <= 404), `${lines.length} lines`);
});

test('names of shapes beside the bars never stand on each other', () => {
  const svg = dimensionsSvg([0.4, 1], LIGHT);
  const heights = [...svg.matchAll(/y="([\d.]+)"[^>]*font-size="11">\d[^<]* \w/g)].map(([, y]) => Number(y));
  assert.ok(heights.length >= 6);
  for (let k = 1; k < heights.length; k++) assert.ok(heights[k] - heights[k - 1] >= 10.9, `${heights}`);
  const over = Number(svg.match(/y="([\d.]+)"[^>]*>1\.00</)![1]);
  assert.ok(over >= 11, 'the number over a bar of 1 is inside the picture');
});

test('the hull of an octahedron has its twelve edges', () => {
  const corners: [number, number, number][] = [
    [1, 0, 0],
    [-1, 0, 0],
    [0, 1, 0],
    [0, -1, 0],
    [0, 0, 1],
    [0, 0, -1], // biome-ignore format: pairs of opposites
  ];
  const edges = hullEdges(corners).filter(([i, j]) => corners[i].some((v, k) => v !== -corners[j][k]));
  assert.is(edges.length, 12);
});

test('pictures hold no number that is not finite, whatever the weights', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e30, 0]) {
    const W = new Float64Array(12).fill(value);
    const curve = lossCurve();
    curve.add(0, value);
    const pictures = [
      vectorsSvg(W, 4, 3, LIGHT, VIEW),
      vectorsSvg(W, 6, 2, DARK, VIEW),
      vectorsSvg(W, 12, 1, DARK, VIEW),
      neuronsSvg(W, 4, 3, LIGHT),
      gramSvg(new Float64Array(16).fill(value), new Float64Array(4), LIGHT),
      dimensionsSvg(new Float64Array(4).fill(value), LIGHT),
      lossSvg(curve, [], LIGHT),
    ];
    for (const svg of pictures) assert.not.match(svg, /(x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*(NaN|Inf)/);
  }
});

test('numbers of features that point the same way stand behind each other, not on each other', () => {
  const svg = vectorsSvg([0, 1, 0, 1, 1, 0], 3, 2, LIGHT, VIEW);
  const heights = [...svg.matchAll(/ y="([\d.]+)"[^>]*font-weight="600"[^>]*>/g)].map(([, y]) => Number(y));
  assert.is(heights.length, 3);
  assert.ok(Math.abs(heights[0] - heights[1]) >= 12, `${heights}`);
});

test('text in a picture is never markup', () => {
  assert.is(label(0, 0, '<b>&"', '#000'), '<text x="0" y="0" fill="#000" >&#60;b&#62;&#38;&#34;</text>');
});

test('the matrix of an untied model is decoder times encoder', () => {
  const W = Float32Array.of(1, 0, 0, 2); // (2, 2)
  const V = Float32Array.of(0, 3, 5, 0);
  assert.equal([...couplings({ features: 2, hidden: 2 }, { W, V })], [0, 6, 5, 0]);
  assert.equal([...couplings({ features: 2, hidden: 2 }, { W })], [1, 0, 0, 4]);
});

test('a loss curve stays bounded and keeps its mean', () => {
  const curve = lossCurve();
  for (let step = 0; step < 100_000; step++) curve.add(step, step % 2);
  const points = curve.points();
  assert.ok(points.length < 600 && points.length >= 300);
  assert.ok(points.slice(1).every(({ loss }) => Math.abs(loss - 0.5) < 1e-9));
});

test('shapes are named by their share of a dimension', () => {
  assert.is(shapeAt(0.39)?.name, 'pentagon');
  assert.is(shapeAt(0.5)?.name, 'digon');
  assert.is(shapeAt(0.45), null);
});

/** WCAG contrast of two colours written #rrggbb or rgb(r g b). */
function contrast(a: string, b: string): number {
  const channels = (color: string) =>
    color.startsWith('#')
      ? color.match(/\w\w/g)!.map((hex) => Number.parseInt(hex, 16))
      : color.match(/\d+/g)!.map(Number);
  const linear = (c: number) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const [low, high] = [a, b]
    .map((color) => channels(color).map(linear))
    .map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    .sort((x, y) => x - y);
  return high / low;
}

test('numbers on the diverging scale read on their colour', () => {
  assert.is(divergingColor(LIGHT, 1), 'rgb(33 102 172)');
  assert.is(divergingColor(LIGHT, -7), 'rgb(178 24 43)');
  assert.is(Math.round(contrast('#ffffff', 'rgb(0 0 0)')), 21);
  for (const palette of [LIGHT, DARK]) {
    for (let v = -1.2; v <= 1.2; v += 0.01) {
      const found = contrast(textOn(palette, v), divergingColor(palette, v));
      assert.ok(found >= 4.5, `${v.toFixed(2)}: ${found.toFixed(2)}`);
    }
  }
});

test('the names of the losses of theory read on the paper', () => {
  const curve = lossCurve();
  curve.add(0, 0.1);
  for (const palette of [LIGHT, DARK]) {
    const svg = lossSvg(
      curve,
      [
        { name: 'pentagon', loss: 0.01 },
        { name: 'two digons', loss: 0.02 },
      ],
      palette,
    );
    for (const [, fill] of svg.matchAll(/<text [^>]*fill="([^"]+)"/g)) {
      assert.ok(contrast(fill, palette.paper) >= 4.5, fill);
    }
  }
});

test('a number that rounds to nothing has no sign', () => {
  const svg = gramSvg(Float64Array.of(-0.001, 0.001, -0.01, 1), [-0.004, -0.5], LIGHT);
  const numbers = [...svg.matchAll(/>(-?\d\.\d\d)</g)].map(([, text]) => text);
  assert.equal(numbers, ['0.00', '0.00', '0.00', '-0.01', '1.00', '-0.50']);
});

test('the phase diagram runs from dense on the left to sparse on the right, as in the paper', () => {
  const state = phaseSchema.parse({ cells: 8, replicas: 1 });
  // cell (7, 0): densest, least important; its second feature has a dimension of its own
  const models = Array.from({ length: 64 }, (_, cell) => ({ row: cell, features: 2, hidden: 1, W: Float32Array.of(0, cell === 7 ? 1 : 0), b: new Float32Array(2), loss: 0 })); // biome-ignore format: one list
  const pixels = phasePixels({ state, models } as never, 'region', LIGHT);
  const [none, own] = [channels(LIGHT.regions['not learned']), channels(LIGHT.regions.dedicated)];
  const colorAt = (column: number, row: number) => [
    ...pixels.slice((row * 8 + column) * 4, (row * 8 + column) * 4 + 3),
  ];
  assert.equal(colorAt(0, 7), [...own], 'bottom left');
  assert.equal(colorAt(7, 7), [...none], 'bottom right');
  const svg = phaseSvg(state, LIGHT, { cell: [7, 0], strays: [], scale: null });
  const tick = (text: string) =>
    Number(svg.match(new RegExp(`<text x="([\\d.]+)"[^>]*text-anchor="middle"[^>]*>${text}<`))![1]);
  assert.ok(tick('1') < tick('0.1') && tick('0.1') < tick('0.01'));
  const [, x, y] = svg.match(/<rect x="([\d.]+)" y="([\d.]+)"[^>]*stroke-width="2"/)!.map(Number);
  assert.equal([x, y], [58, 10 + 480 - 60], 'the chosen cell is marked where its pixel is');
});

test('cells whose best model costs over a tenth more than theory are strays, and each has its dot', () => {
  const state = phaseSchema.parse({ cells: 8, replicas: 2 });
  const models = Array.from({ length: 64 }, (_, cell) => {
    const { density, importance } = cellValues(state, cell % 8, Math.floor(cell / 8));
    const least = Math.min(...candidateLosses(2, density, importance).map(([, cost]) => cost)) / 2;
    return { loss: least * (cell === 13 ? 1.11 : 1.09) };
  });
  assert.equal(strays({ state, models } as never), [13]);
  const svg = phaseSvg(state, LIGHT, { cell: null, strays: [13], scale: null });
  const [, x, y] = svg.match(/<circle cx="([\d.]+)" cy="([\d.]+)"/)!.map(Number);
  assert.equal(
    [x, y],
    [58 + 2.5 * 60, 10 + 480 - 1.5 * 60],
    'column 5 from the sparse end, row 1 from below',
  );
});

test('theory names the cheapest shape: a pentagon when features are rare, digons when they are not', () => {
  const at = (density: number) =>
    references(problemOf({ model: { features: 5, hidden: 2 }, input: { density } }))[0].name;
  assert.is(at(0.02), 'pentagon');
  assert.is(at(0.5), 'two digons');
});

test('a linear model loses the variance of what it drops', () => {
  const spec: SpecInput = {
    model: { features: 3, hidden: 2, outputActivation: 'identity' },
    input: { density: 1 },
  };
  assert.equal(references(problemOf(spec)), [{ name: '2 kept', loss: (1 / 3 - 1 / 4) / 3 }]);
});

test('own importances and densities are the spec, the last one repeated; theory speaks where it still holds', () => {
  const state = stateSchema.parse({
    features: 3,
    model: 'linear',
    importances: [0.2, 1],
    densities: [1, 1, 0.5],
  });
  const spec = parseSpec(specOf(state));
  assert.equal(
    [spec.input.importance, spec.input.density],
    [
      [0.2, 1, 1],
      [1, 1, 0.5],
    ],
  );
  const linear = { model: { features: 3, hidden: 2, outputActivation: 'identity' as const } };
  const least = references(problemOf({ ...linear, input: { density: 1, importance: [0.2, 1, 1] } }));
  assert.is(
    least[0].loss,
    (0.2 * (1 / 3 - 1 / 4)) / 3,
    'the least important is dropped, though it is the first',
  );
  assert.equal(references(problemOf({ ...linear, input: { density: [1, 1, 0.5] } })), []);
  const plane = (input: SpecInput['input']) => ({ model: { features: 5, hidden: 2 }, input });
  assert.equal(references(problemOf(plane({ density: 0.1, importance: [0.1, 1, 1, 1, 1] }))), []);
  const weights = { W: new Float64Array(10).fill(0.5), b: new Float64Array(5) };
  assert.is(standingOf(plane({ density: 0.1, importance: [0.1, 1, 1, 1, 1] }), weights), null);
  assert.is(standingOf(plane({ density: [0.1, 0.1, 0.1, 0.1, 0.2] }), weights), null);
});

test('theory is silent where it has nothing to say', () => {
  const model = { features: 5, hidden: 3 };
  assert.equal(references(problemOf({ model, input: { density: 0.1 } })), []);
  const sets = [{ kind: 'correlated' as const, size: 2 }];
  assert.equal(
    references(problemOf({ model: { features: 4, hidden: 2 }, input: { density: 0.1, sets } })),
    [],
  );
});

test('the exact loss of a model without weights is the mean square of its inputs', () => {
  const problem = problemOf({ model: { features: 2, hidden: 1 }, input: { density: 0.3 }, replicas: 2 });
  const params = { W: new Float32Array(4), b: new Float32Array(4) };
  for (const loss of exactLosses(problem, params)) assert.ok(Math.abs(loss - 0.1) < 1e-12); // p/3
});

test('a table has a header and ends in a newline', () => {
  assert.is(csv(['a', 'b'], [[1, 'x'], [2, 'y']]), 'a,b\n1,x\n2,y\n'); // biome-ignore format: two rows
});

test.run();
