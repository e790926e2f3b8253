/** The playground's inputs: from state to what they show, and from what a visitor does to a changed state. */
import { element } from './page.ts';
import type { Live, State } from './state.ts';

/** Three significant digits: what a slider sets, a link can carry. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

const SLIDERS = {
  density: { toInput: Math.log10, fromInput: (v: number) => 10 ** v, show: (v: number) => String(v) },
  importance: {
    toInput: (v: number) => v,
    fromInput: (v: number) => v,
    show: (v: number) => (v === 1 ? 'all 1' : `1, ${v}, ${(v * v).toFixed(2)}, …`),
  },
  rate: { toInput: Math.log10, fromInput: (v: number) => 10 ** v, show: (v: number) => String(v) },
} satisfies Record<keyof Live, unknown>;

const CHOICES = ['model', 'pairs', 'speed', 'engine'] as const;
const NUMBERS = ['features', 'hidden', 'seed'] as const;
/** Lists of a number a feature, and their least and most. */
const LISTS = { importances: [0, 100], densities: [0.001, 1] } as const;
/** The slider that a list takes the place of. */
const INSTEAD = { importances: 'importance', densities: 'density' } as const;

/** Makes the inputs show a state. */
export function showControls(state: State, live: Live): void {
  for (const [id, { toInput, show }] of Object.entries(SLIDERS)) {
    const value = live[id as keyof Live];
    element<HTMLInputElement>(id).value = String(toInput(value));
    element(id).setAttribute('aria-valuetext', show(value));
    element(`${id}-value`).textContent = show(value);
  }
  for (const id of Object.keys(LISTS) as (keyof typeof LISTS)[]) {
    element<HTMLInputElement>(id).value = state[id].join(', ');
    element<HTMLInputElement>(INSTEAD[id]).disabled = state[id].length > 0;
    if (state[id].length > 0) element(`${INSTEAD[id]}-value`).textContent = 'each its own';
  }
  element<HTMLDetailsElement>('lists').open ||= state.importances.length + state.densities.length > 0;
  for (const id of CHOICES) element<HTMLSelectElement>(id).value = state[id];
  for (const id of NUMBERS) element<HTMLInputElement>(id).value = String(state[id]);
}

/** The number typed into an input, within its bounds; null if it is none. */
function typed(id: string): number | null {
  const { value, min, max } = element<HTMLInputElement>(id);
  const number = Math.round(Number(value));
  if (value === '' || !Number.isFinite(number)) return null;
  return Math.min(Number(max), Math.max(Number(min), number));
}

/** The numbers of a list, within its bounds, or null where one of them is none. Exported for its test. */
export function numbersIn(text: string, [least, most]: readonly [number, number]): number[] | null {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const numbers = words.map(Number);
  if (words.length > 12 || !numbers.every(Number.isFinite)) return null;
  return numbers.map((number) => rounded(Math.min(most, Math.max(least, number))));
}

/** Calls back with what a visitor changes: live settings as they are dragged, others when they are set to a value. */
export function listen(
  onLive: (change: Partial<Live>) => void,
  onChange: (change: Partial<State>) => void,
  onNonsense: () => void,
): void {
  for (const [id, { fromInput }] of Object.entries(SLIDERS)) {
    const input = element<HTMLInputElement>(id);
    input.addEventListener('input', () => onLive({ [id]: rounded(fromInput(Number(input.value))) }));
  }
  for (const id of CHOICES) {
    const select = element<HTMLSelectElement>(id);
    select.addEventListener('change', () => onChange({ [id]: select.value }));
  }
  for (const [id, bounds] of Object.entries(LISTS)) {
    element(id).addEventListener('change', () => {
      const numbers = numbersIn(element<HTMLInputElement>(id).value, bounds);
      if (numbers === null) onNonsense();
      else onChange({ [id]: numbers });
    });
  }
  for (const id of NUMBERS) {
    element(id).addEventListener('change', () => {
      const value = typed(id);
      if (value === null) onNonsense();
      else onChange({ [id]: value });
    });
  }
}
