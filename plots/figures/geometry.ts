/** T8 and T9: hidden dimensions per feature, feature dimensionality and feature graphs, over sparsity. */
import type { FeatureGeometryData } from '../../sim/experiments/featureGeometry.ts';
import type { Levels } from '../../sim/experiments/geometry.ts';
import { dimensionalityDots, dStarLine, shapeLines } from '../dimensionality.ts';
import { graphTraces, shapeLegend } from '../featureGraph.ts';
import type { Figure } from '../figure.ts';
import { BARE, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SPARSITY_AXIS = {
  type: 'log',
  title: { text: '1/(1 − <i>S</i>)', standoff: 4 },
  tickvals: [1, 2, 3, 5, 10, 20, 30, 50, 100],
};
const D_STAR = '<i>D</i>* = <i>m</i>/‖<i>W</i>‖²<sub>F</sub>';

const sizes = ({ features, hidden }: Levels) => `<i>n</i> = ${features}, <i>m</i> = ${hidden}`;

export function dimensionsPerFeatureFigure(levels: Levels): Figure {
  const [panel] = panelGrid(1, 1, 0, 0);
  const { shapes, annotations } = shapeLines(0);
  const marks = (text: object) =>
    ['1 ', '1/2'].some((name) => (text as { text: string }).text.startsWith(name));
  return {
    data: [dStarLine(0, levels, true)],
    layout: sheet(760, 420, {
      margin: { l: 64, r: 130, t: 48, b: 56 },
      ...panelAxes(0, panel, SPARSITY_AXIS, { title: { text: D_STAR }, range: [0, 1.1] }),
      shapes: shapes.filter((line) => [1, 0.5].includes((line as { y0: number }).y0)),
      annotations: [
        ...annotations.filter(marks),
        panelTitle(panel, `dimensions per feature, ${sizes(levels)}`),
      ],
    }),
  };
}

export function featureGeometryFigure({ levels, graphs }: FeatureGeometryData): Figure {
  const [upper, lower] = panelGrid(2, 1, 0, 0.17, [1], [2, 1]);
  const small = panelGrid(1, graphs.length, 0.02, 0).map((panel) => ({ ...panel, y: lower.y }));
  const { shapes, annotations } = shapeLines(0);
  return {
    data: [
      ...dimensionalityDots(0, levels),
      dStarLine(0, levels, false),
      ...graphs.flatMap((graph, k) => graphTraces(k + 1, graph)),
      ...shapeLegend(),
    ],
    layout: sheet(1100, 760, {
      margin: { l: 64, r: 140, t: 48, b: 24 },
      ...panelAxes(0, upper, SPARSITY_AXIS, {
        title: { text: 'feature dimensionality <i>D<sub>i</sub></i>; line: <i>D</i>*' },
        range: [-0.02, 1.05],
      }),
      ...Object.assign(
        {},
        ...small.map((panel, k) =>
          panelAxes(k + 1, panel, BARE, { ...BARE, scaleanchor: `x${k + 2}`, scaleratio: 1 }),
        ),
      ),
      shapes,
      showlegend: true,
      legend: { x: 1.01, y: lower.y[1], yanchor: 'top', font: { size: 10 } },
      annotations: [
        ...annotations,
        panelTitle(upper, `feature dimensionality, ${sizes(levels)}`),
        ...graphs.map(({ level }, k) =>
          panelTitle(small[k], `1/(1 − <i>S</i>) = ${levels.sparsity[level].toPrecision(2)}`, 11),
        ),
      ],
    }),
  };
}
