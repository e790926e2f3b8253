/** T13 to T17: directions coloured by set over density, and WᵀW of two large sets. */
import type { CollapseData } from '../../sim/experiments/collapse.ts';
import type { CorrelatedTripleData } from '../../sim/experiments/correlatedTriple.ts';
import type { LocalBasisData } from '../../sim/experiments/localBasis.ts';
import type { PairsData } from '../../sim/experiments/pairs.ts';
import type { TrainedModel } from '../../sim/experiments/trained.ts';
import { arrowAxes, arrows, unitCircle } from '../arrows.ts';
import { signedBar } from '../bars.ts';
import type { Figure } from '../figure.ts';
import { gramMatrix, matrixAxes } from '../gramHeatmap.ts';
import { CURVES, INK } from '../palette.ts';
import { panelGrid, panelTitle, sheet } from '../panels.ts';

/** Rows of models with two hidden dimensions; features 2k and 2k + 1 have colour k unless told otherwise. */
function arrowRows(rows: readonly { models: TrainedModel[]; labels: string[]; colors: string[] }[]): Figure {
  const columns = rows[0].models.length;
  const panels = panelGrid(rows.length, columns, 0.01, 0.16);
  const width = Math.min(1100, 40 + 170 * columns);
  const all = rows.flatMap(({ models, colors }) => models.map((model) => ({ model, colors })));
  return {
    data: all.flatMap(({ model, colors }, k) => [
      unitCircle(k),
      ...arrows(k, model, model.importance, colors),
    ]),
    layout: sheet(width, 40 + rows.length * (width / columns + 40), {
      margin: { l: 20, r: 20, t: 64, b: 16 },
      ...Object.assign({}, ...panels.map((panel, k) => arrowAxes(k, panel))),
      annotations: all.map(({ model }, k) => {
        const label = rows[Math.floor(k / columns)].labels[k % columns];
        const density = `1 − <i>S</i> = ${Number(model.density[0].toPrecision(2))}`;
        return panelTitle(panels[k], label ? `${label}<br>${density}` : density, 12);
      }),
    }),
  };
}

const pairColors = (n: number) => Array.from({ length: n }, (_, i) => CURVES[Math.floor(i / 2)]);

export function pairsFigure({ models }: PairsData): Figure {
  return arrowRows([{ models, labels: ['a colour a pair'], colors: pairColors(models[0].features) }]);
}

export function collapseFigure({ models, collapsed, exact }: CollapseData): Figure {
  const labels = collapsed.map((count, k) => `${count} collapsed<br>exact: ${exact[k]}`);
  return arrowRows([{ models, labels, colors: pairColors(6) }]);
}

export function correlatedTripleFigure({ models, independent }: CorrelatedTripleData): Figure {
  return arrowRows([
    { models, labels: ['three pairs'], colors: pairColors(6) },
    { models: independent, labels: ['independent'], colors: new Array(6).fill(INK) },
  ]);
}

export function localBasisFigure({ model }: LocalBasisData): Figure {
  const [panel] = panelGrid(1, 1, 0, 0);
  const middle = model.features / 2 - 0.5;
  const line = { type: 'line', line: { color: INK, width: 1 } };
  const full = { from: -0.5, to: model.features - 0.5 };
  return {
    data: [gramMatrix(0, model), signedBar('<i>W<sub>i</sub></i>·<i>W<sub>j</sub></i>')],
    layout: sheet(500, 440, {
      margin: { l: 24, r: 100, t: 48, b: 16 },
      ...matrixAxes(0, panel),
      shapes: [
        { ...line, x0: middle, x1: middle, y0: full.from, y1: full.to },
        { ...line, x0: full.from, x1: full.to, y0: middle, y1: middle },
      ],
      annotations: [panelTitle(panel, '<i>W</i><sup>T</sup><i>W</i>, two sets of ten')],
    }),
  };
}
