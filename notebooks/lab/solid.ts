/** Feature directions of models with m = 3, drawn like the playground draws them; drag or arrow keys turn one. */
import type { TrainedModel } from '../exercises/trained.ts';
import { DARK, LIGHT } from '../site/palette.ts';
import { turnable, vectorsSvg } from '../site/vectors.ts';
import { element } from './element.ts';

/** A picture of the directions of one model with m ≤ 3 that can be turned. */
export function solid({ W, family }: Pick<TrainedModel, 'W' | 'family'>): HTMLElement {
  const view = { yaw: 0.6, pitch: 0.4 };
  const palette = matchMedia('(prefers-color-scheme: dark)').matches ? DARK : LIGHT;
  const root = element('div', {
    class: 'solid',
    tabindex: 0,
    role: 'group',
    'aria-label': 'Turn with the arrow keys',
  });
  const draw = () => {
    root.innerHTML = vectorsSvg(W, family.features, family.hidden, palette, view);
  };
  turnable(root, view, draw);
  draw();
  return root;
}
