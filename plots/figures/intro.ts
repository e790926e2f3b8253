/** T1: five features in two dimensions over density. */
import type { IntroData } from '../../sim/experiments/intro.ts';
import { arrowAxes, arrows, unitCircle } from '../arrows.ts';
import { importanceBar } from '../bars.ts';
import type { Figure } from '../figure.ts';
import { panelGrid, panelTitle, sheet } from '../panels.ts';

export function introFigure({ panels, strip }: IntroData): Figure {
  const [upper, lower] = panelGrid(2, 1, 0, 0.1, [1], [3, 1.15]);
  const large = panelGrid(1, 3, 0.02, 0).map((panel) => ({ ...panel, y: upper.y }));
  const small = panelGrid(1, strip.length, 0.01, 0).map((panel) => ({ ...panel, y: lower.y }));
  const models = [...panels, ...strip];
  const places = [...large, ...small];
  return {
    data: [
      ...models.flatMap((model, k) => [unitCircle(k), ...arrows(k, model, model.importance)]),
      importanceBar(Math.min(...models[0].importance)),
    ],
    layout: sheet(1000, 480, {
      margin: { l: 16, r: 90, t: 40, b: 16 },
      ...Object.assign({}, ...places.map((panel, k) => arrowAxes(k, panel))),
      annotations: [
        ...panels.map(({ density }, k) =>
          panelTitle(large[k], `<i>S</i> = ${Number((1 - density[0]).toFixed(3))}`, 15),
        ),
        ...strip.map(({ density }, k) =>
          panelTitle(small[k], `1 − <i>S</i> = ${density[0].toPrecision(2)}`, 11),
        ),
      ],
    }),
  };
}
