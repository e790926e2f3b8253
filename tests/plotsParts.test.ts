import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arrows } from '../plots/arrows.ts';
import { dimensionalityDots, dStarLine } from '../plots/dimensionality.ts';
import { graphTraces } from '../plots/featureGraph.ts';
import { gramHeatmap } from '../plots/gramHeatmap.ts';
import { cutMarks, cutStacks, neuronStackTraces } from '../plots/neuronStack.ts';
import { normBars } from '../plots/normBars.ts';
import { CURVES, colorAt, IMPORTANCE, mix, SIGNED, SUPERPOSITION } from '../plots/palette.ts';
import { inPanel, inset, panelAxes, panelGrid, sheet } from '../plots/panels.ts';
import { phaseColor, phaseMap } from '../plots/phaseDiagram.ts';
import { hullEdges, project } from '../plots/polytope.ts';
import { REGION_COLORS } from '../plots/regions.ts';

/** Features at 0°, 180° and 90°, the last of half length, and one that is lost. */
const planar = { row: 7, features: 4, hidden: 2, W: [1, 0, -1, 0, 0, 0.5, 0, 0], b: [0, 0.1, -0.2, 0.5] };

const rgb = (color: string): number[] =>
  color.startsWith('#')
    ? [1, 3, 5].map((k) => Number.parseInt(color.slice(k, k + 2), 16))
    : color.match(/\d+/g)!.map(Number);

/** Lightness that an eye sees, 0 black to 255 white. */
const lightness = (color: string) => {
  const [r, g, b] = rgb(color);
  return 0.299 * r + 0.587 * g + 0.114 * b;
};

test('WᵀW is drawn row by row with the bias beside it', () => {
  const [matrix, bias] = gramHeatmap(2, planar);
  assert.equal(matrix.z, [[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 0.25, 0], [0, 0, 0, 0]]); // biome-ignore format: a matrix
  assert.equal([matrix.xaxis, matrix.yaxis, bias.xaxis], ['x3', 'y3', 'x4']);
  assert.equal(bias.z, [[0], [0.1], [-0.2], [0.5]]);
  assert.equal([matrix.zmin, matrix.zmax], [-1, 1]); // white, the middle of the scale, is 0
});

test('norm bars have the length of each direction and the colour of its superposition', () => {
  const bars = normBars(0, planar);
  assert.equal(bars.x, [1, 1, 0.5, 0]);
  assert.equal((bars.marker as { color: number[] }).color, [1, 1, 0, 0]);
});

test('arrows lead from the origin to W_i, the most important darkest', () => {
  const drawn = arrows(0, planar, [1, 0.8, 0.6, 0.4]);
  assert.equal(drawn.map(({ x, y }) => [(x as number[])[1], (y as number[])[1]]), [[1, 0], [-1, 0], [0, 0.5], [0, 0]]); // biome-ignore format: points
  const colors = drawn.map(({ line }) => lightness((line as { color: string }).color));
  assert.equal(
    colors,
    [...colors].sort((a, b) => a - b),
  );
  assert.match(drawn[2].hovertemplate as string, 'instance 7');
});

test('the phase map puts the cell of density d and importance r at x = d, y = r', () => {
  const map = phaseMap(0, {
    x: [0, -1],
    y: [-1, 0, 1],
    norm: [0, 0, 1, 0, 1, 1],
    superposition: [0, 0, 0, 0, 1, 0],
    hover: (i, j) => `${i},${j}`,
  });
  const z = map.z as number[][];
  assert.is(z.length, 3);
  assert.is(z[0].length, 2);
  assert.ok(z[1][1] > z[2][0], 'superposed is coded above dedicated');
  assert.is(z[0][0], z[0][1]);
  assert.equal((map.text as string[][])[2], ['0,2', '1,2']);
});

test('the three regions have their own colours: white, blue, orange', () => {
  assert.equal(rgb(phaseColor(0, 0)), rgb(REGION_COLORS['not learned']));
  assert.equal(rgb(phaseColor(0, 1)), rgb(REGION_COLORS['not learned']));
  assert.equal(rgb(phaseColor(1, 0)), rgb(REGION_COLORS.dedicated));
  assert.equal(rgb(phaseColor(1, 1)), rgb(REGION_COLORS.superposed));
});

test('importance darkens evenly, so that it survives a black-and-white print', () => {
  const values = Array.from({ length: 11 }, (_, k) => lightness(colorAt(IMPORTANCE, k / 10)));
  for (let k = 1; k < values.length; k++) assert.ok(values[k - 1] - values[k] > 5, `step ${k}`);
});

test('signed numbers are white at 0 and of opposite hue on both sides', () => {
  assert.equal(rgb(colorAt(SIGNED, 0.5)), [255, 255, 255]);
  const [red, , blue] = rgb(colorAt(SIGNED, 1));
  assert.ok(blue > red);
  const [otherRed, , otherBlue] = rgb(colorAt(SIGNED, 0));
  assert.ok(otherRed > otherBlue);
});

/** How a colour looks without the long- or middle-wave receptor (Viénot et al. 1999, linear in sRGB). */
function deuteranope(color: string): number[] {
  const [r, g, b] = rgb(color);
  return [0.292 * r + 0.708 * g, 0.292 * r + 0.708 * g, -0.022 * r + 0.022 * g + b];
}
const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, k) => value - b[k]));

test('regions and the first four curves stay apart for the red-green blind', () => {
  for (const set of [Object.values(REGION_COLORS), CURVES.slice(0, 4)]) {
    for (const [i, a] of set.entries()) {
      for (const b of set.slice(i + 1)) {
        assert.ok(distance(deuteranope(a), deuteranope(b)) > 40, `${a} and ${b}`);
      }
    }
  }
});

test('colours are clipped at the ends of their scale and mixed between', () => {
  assert.is(colorAt(SUPERPOSITION, 3), colorAt(SUPERPOSITION, 1));
  assert.is(colorAt(SUPERPOSITION, -1), colorAt(SUPERPOSITION, 0));
  assert.is(mix('#000000', '#ffffff', 0.2), 'rgb(51,51,51)');
});

test('the hull of a cube has its twelve edges and no diagonals', () => {
  const cube = Array.from({ length: 8 }, (_, k) => [k & 1, (k >> 1) & 1, k >> 2].map((bit) => 2 * bit - 1));
  const edges = hullEdges(cube);
  assert.is(edges.length, 12);
  for (const [i, j] of edges) assert.is(cube[i].filter((value, k) => value !== cube[j][k]).length, 1);
});

test('projection keeps lengths: sheet and depth are a rotation of space', () => {
  for (const point of [
    [1, 0, 0],
    [0, 1, 0],
    [1, -2, 3],
  ]) {
    // biome-ignore format: points
    assert.ok(Math.abs(Math.hypot(...project(point)) - Math.hypot(...point)) < 1e-12);
  }
  assert.equal(project([0.3, 0.4]), [0.3, 0.4, 0]);
});

test('a feature graph draws each edge once and each feature where its cluster is', () => {
  const graph = {
    level: 0,
    clusters: [
      { name: 'digon', features: [0, 3] },
      { name: 'single', features: [2] },
    ],
    edges: [[0, 3, 0.9], [1, 2, 0.4]] as [number, number, number][], // biome-ignore format: a list
  };
  const [edges, nodes] = graphTraces(1, graph); // feature 1 is not represented: its edge is left out
  assert.is((edges.x as unknown[]).filter((value) => value === null).length, 1);
  assert.equal(nodes.text, ['feature 0: digon', 'feature 3: digon', 'feature 2: single']);
});

test('neuron stacks put the largest weight at the axis and leave out the thin ones', () => {
  const stacks = [
    [{ feature: 1, weight: -1 }, { feature: 0, weight: 0.5 }],
    [{ feature: 2, weight: 1 }, { feature: 3, weight: 0.01 }],
  ]; // biome-ignore format: two neurons
  const [largest, second, ...rest] = neuronStackTraces(0, stacks, String, 7);
  assert.equal(largest.y, [-1, 1]);
  assert.equal(second.y, [0.5, 0]);
  assert.equal(rest, []);
  assert.match(String(largest.hovertemplate), 'instance 7');
  assert.equal(neuronStackTraces(0, stacks, String, 7, true)[0].y, [1, 1]);
});

test('a stack beyond the range is named with its height at the edge that cuts it; others are not', () => {
  const stacks = [
    [{ feature: 0, weight: -8 }, { feature: 1, weight: -3.2 }, { feature: 2, weight: 1 }],
    [{ feature: 0, weight: 4.9 }],
  ]; // biome-ignore format: two neurons
  const cut = cutStacks(stacks, [-5, 5]);
  assert.equal(cut, [{ neuron: 0, height: -11.2 }]);
  const [mark] = cutMarks(2, cut, [-5, 5]) as Record<string, unknown>[];
  assert.equal([mark.text, mark.x, mark.y, mark.xref, mark.yanchor], ['−11.2', 0, -5, 'x3', 'bottom']);
});

test('dimensionalities stand at their level, the line D* in between', () => {
  const levels = { features: 2, hidden: 1, sparsity: [1, 10], dStar: [1, 0.5], D: [[1, 0], [0.5, 0.5]], norms: [[1, 0.2], [1, 1]] }; // biome-ignore format: one line
  assert.equal(dStarLine(0, levels, true).y, [1, 0.5]);
  const [unlearned, dots] = dimensionalityDots(0, levels);
  assert.equal([unlearned.y, dots.y], [[0], [1, 0.5, 0.5]]);
  const [x, own] = [dots.x, unlearned.x] as number[][];
  assert.ok(Math.max(x[0], own[0]) < Math.min(x[1], x[2]), 'levels do not mix');
  assert.ok(own[0] > x[0], 'a feature stands at its place in the level, learned or not');
});

test('panels fill the sheet from the top left, without overlap', () => {
  const [first, second, third] = panelGrid(2, 2, 0.2, 0.1, [3, 1]);
  assert.equal(
    first.x.map((value) => Number(value.toFixed(9))),
    [0, 0.6],
  );
  assert.equal(
    second.x.map((value) => Number(value.toFixed(9))),
    [0.8, 1],
  );
  assert.ok(third.y[1] < first.y[0]);
  assert.equal(inset({ x: [0, 0.5], y: [0.5, 1] }, [0, 0.5], [0.5, 1]), { x: [0, 0.25], y: [0.75, 1] });
});

test('pair of axes k is x, y for 0 and x3, y3 for 2, anchored to each other', () => {
  assert.equal(inPanel(0, { type: 'bar' }), { type: 'bar', xaxis: 'x', yaxis: 'y' });
  const axes = panelAxes(2, { x: [0, 1], y: [0, 0.5] }, {}, {});
  assert.equal([axes.xaxis3.anchor, axes.yaxis3.anchor, axes.yaxis3.domain], ['y3', 'x3', [0, 0.5]]);
});

test('a sheet has whole pixels', () => {
  const { width, height } = sheet(640.2, 433.6, {});
  assert.equal([width, height], [640, 434]);
});

test.run();
