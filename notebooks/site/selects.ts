/** Selects whose ids are fields of a page's state. */
import { element } from './page.ts';

/** Makes a select show a value; one that it does not offer, out of a link, becomes an option. */
export function showSelect(id: string, value: string | number): void {
  const select = element<HTMLSelectElement>(id);
  const text = String(value);
  if (![...select.options].some((option) => option.value === text)) select.add(new Option(text, text));
  select.value = text;
}

/** Makes selects show the fields of a state that they are called after. */
export function showSelects<K extends string>(
  ids: readonly K[],
  state: Readonly<Record<K, string | number>>,
): void {
  for (const id of ids) showSelect(id, state[id]);
}

/** Calls back with the field and the value that a visitor chooses: a number where it is one. */
export function offerSelects<K extends string>(
  ids: readonly K[],
  chosen: (id: K, value: string | number) => void,
): void {
  for (const id of ids) {
    const select = element<HTMLSelectElement>(id);
    select.addEventListener('change', () => {
      const number = Number(select.value);
      chosen(id, Number.isNaN(number) ? select.value : number);
    });
  }
}
