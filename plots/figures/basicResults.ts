/** T2 to T4 and T28: WᵀW, bias and norms, a column a model. */
import type { BasicData } from '../../sim/experiments/basicResults.ts';
import type { HiddenPenaltyData } from '../../sim/experiments/hiddenPenalty.ts';
import type { LinearLikeData } from '../../sim/experiments/linearLike.ts';
import type { TrainedModel } from '../../sim/experiments/trained.ts';
import { signedBar, superpositionBar } from '../bars.ts';
import type { Figure } from '../figure.ts';
import { gramAxes, gramHeatmap } from '../gramHeatmap.ts';
import { barAxes, normBars } from '../normBars.ts';
import { panelGrid, panelTitle, sheet } from '../panels.ts';

const SIDE_MARGINS = 154; // px

/** Models side by side, each under its title. */
function modelColumns(models: readonly TrainedModel[], titles: readonly string[], width: number): Figure {
  const columns = models.length;
  const side = ((width - SIDE_MARGINS) * 0.88) / columns; // a square matrix beside its bias
  const panels = panelGrid(2, columns, 0.012, 0.04, new Array(columns).fill(1), [side, 360 - side]);
  const n = models[0].features;
  return {
    data: [
      ...models.flatMap((model, k) => [...gramHeatmap(3 * k, model), normBars(3 * k + 2, model)]),
      signedBar('<i>W</i><sup>T</sup><i>W</i>, <i>b</i>', { y: 0.8, len: 0.4 }),
      superpositionBar({ y: 0.3, len: 0.56 }),
    ],
    layout: sheet(width, 480, {
      margin: { l: 44, r: 110, t: 56, b: 48 },
      bargap: n > 40 ? 0 : 0.15,
      ...Object.assign(
        {},
        ...models.map((_, k) => ({
          ...gramAxes(3 * k, panels[k]),
          ...barAxes(3 * k + 2, panels[columns + k], n, k === 0),
        })),
      ),
      annotations: titles.map((title, k) => panelTitle(panels[k], title)),
    }),
  };
}

export function basicFigure({ linear, relu }: BasicData): Figure {
  const densityTitle = ({ density }: TrainedModel) => `1 − <i>S</i> = ${density[0]}`;
  return modelColumns(
    [linear[0], ...relu],
    [
      'linear<br>any density',
      ...relu.map((model, k) => `${k === 0 ? 'ReLU output<br>' : ''}${densityTitle(model)}`),
    ],
    1200,
  );
}

export function linearLikeFigure({ model }: LinearLikeData): Figure {
  return modelColumns([model], ['linear, 1 − <i>S</i> = 1'], 340);
}

export function hiddenPenaltyFigure({ penalties, models }: HiddenPenaltyData): Figure {
  const titles = models.map(({ loss }, k) => `λ = ${penalties[k]}<br>loss ${loss.toPrecision(2)}`);
  return modelColumns(models, titles, 1000);
}
