/** Sliders and menus for the cells of a notebook: `view(slider(…))` is the number chosen. */
import { element } from './element.ts';

/** A node that carries a value and says `input` when it changes. */
export type Control<T> = HTMLElement & { value: T };

interface Extent {
  from: number;
  to: number;
  step?: number; // linear scale only
  value: number;
  log?: boolean; // moves in equal ratios
}

/** A slider with its number beside it. */
export function slider(label: string, { from, to, step = 1, value, log = false }: Extent): Control<number> {
  const place = log ? Math.log : (v: number) => v;
  const back = log ? Math.exp : (v: number) => v;
  const range = { min: place(from), max: place(to), step: log ? 'any' : step, value: place(value) };
  const input = element('input', { type: 'range', ...range });
  const number = element('output', { 'aria-live': 'off' }, String(value));
  const root = Object.assign(element('label', { class: 'slider' }, `${label} `, input, number), { value });
  const show = () => {
    number.textContent = String(root.value);
    input.setAttribute('aria-valuetext', number.textContent); // of a log scale, not the logarithm
  };
  input.addEventListener('input', () => {
    root.value = Number(back(input.valueAsNumber).toPrecision(3));
    show();
  });
  show();
  return root;
}

/** A menu of texts. */
export function menu<T extends string>(label: string, options: readonly T[]): Control<T> {
  const select = element('select', {}, ...options.map((option) => element('option', {}, option)));
  const root = Object.assign(element('label', { class: 'slider' }, `${label} `, select), {
    value: options[0],
  });
  select.addEventListener('input', () => {
    root.value = select.value as T;
  });
  return root;
}
