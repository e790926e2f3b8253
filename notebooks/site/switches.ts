/** The features that a visitor switches on: buttons, the inputs of the diagram, and what one points at. */
import { element } from './page.ts';

function button(i: number, pressed: boolean, toggle: (feature: number) => void): HTMLButtonElement {
  const out = document.createElement('button');
  out.type = 'button';
  out.textContent = String(i);
  out.setAttribute('aria-label', `Feature ${i}`);
  out.setAttribute('aria-pressed', String(pressed));
  out.dataset.feature = String(i);
  out.addEventListener('click', () => toggle(i));
  return out;
}

/** A button for each of n features, those in `on` pressed. The buttons stay, so that focus does. */
export function showSwitches(n: number, on: readonly number[], toggle: (feature: number) => void): void {
  const row = element('switches');
  if (row.childElementCount !== n) {
    row.replaceChildren(...Array.from({ length: n }, (_, i) => button(i + 1, false, toggle)));
  }
  [...row.children].forEach((child, i) => {
    child.setAttribute('aria-pressed', String(on.includes(i + 1)));
  });
}

const featureAt = (target: EventTarget | null) =>
  target instanceof Element ? target.closest('[data-feature]')?.getAttribute('data-feature') : null;

/** Lights up, in all pictures, the feature that one points at or has focused; a cell of the matrix lights two. */
export function lightUp(root: HTMLElement): void {
  const light = (event: Event) => {
    const feature = featureAt(event.target);
    if (feature) root.dataset.lit = feature.split(' ')[0];
    else delete root.dataset.lit;
  };
  root.addEventListener('pointerover', light);
  root.addEventListener('pointerleave', () => delete root.dataset.lit);
  root.addEventListener('focusin', light);
  root.addEventListener('focusout', () => delete root.dataset.lit);
}

/** Lets the inputs of the diagram be clicked. On pointerdown: the picture may be drawn anew before a click ends. */
export function switchable(diagram: HTMLElement, toggle: (feature: number) => void): void {
  diagram.addEventListener('pointerdown', (event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-switch]') : null;
    if (target) toggle(Number(target.getAttribute('data-switch')));
  });
}
