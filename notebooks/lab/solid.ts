/** Feature directions of models with m ≤ 3, drawn like the playground draws them. */
import { showTurnable, turnable, vectorsSvg } from '../site/vectors.ts';
import { element } from './element.ts';
import { pagePalette } from './standalone.ts';

/** What is drawn: a model with m ≤ 3, n = features, m = hidden. */
interface Directions {
  W: ArrayLike<number>; // (n, m)
  family: { features: number; hidden: number };
}

/** A picture of the directions of one model; one in space can be turned. */
export function solid({ W, family: { features: n, hidden: m } }: Directions): HTMLElement {
  const view = { yaw: 0.6, pitch: 0.4 };
  const root = element('div', { class: 'solid' });
  showTurnable(root, m === 3);
  const draw = () => {
    root.innerHTML = vectorsSvg(W, n, m, { ...pagePalette(), paper: 'none' }, view); // the page's own shade shows
  };
  if (m === 3) turnable(root, view, draw);
  draw();
  return root;
}
