/** Maps over density and λ of dictionaries on larger models. */
import type { DensityData } from '../../sim/experiments/saeDensity.ts';
import type { Figure } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { panelGrid, panelTitle, sheet } from '../panels.ts';

export function saeDensityFigure({ densities, sparsities, maps }: DensityData): Figure {
  const panels = panelGrid(1, 2 * maps.length, 0.055, 0);
  const axes = { x: sparsities, y: densities, across: 'sparsity λ', up: 'density' };
  return {
    data: maps.flatMap(({ mmcs, r2 }, k) => [
      heatmap(2 * k, { ...axes, name: 'MMCS', z: mmcs, range: [0.6, 1] }),
      heatmap(2 * k + 1, { ...axes, name: 'R²', z: r2, range: [0.6, 1] }),
    ]),
    layout: sheet(1200, 360, {
      ...Object.assign({}, ...panels.map((panel, k) => cellAxes(k, panel, axes))),
      annotations: maps.flatMap(({ features, hidden }, k) => [
        panelTitle(panels[2 * k], `${features} features in ${hidden}: MMCS`),
        panelTitle(panels[2 * k + 1], 'variance explained <i>R</i>²'),
      ]),
    }),
  };
}
