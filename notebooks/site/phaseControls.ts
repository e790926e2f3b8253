/** The axes of the phase diagram and what is held beside them, as controls. */
import { element } from './page.ts';
import { AXES, type AxisName, endsOf, heldAt, isAxis, QUANTITIES } from './phaseAxes.ts';
import { type PhaseState, withAxis } from './phaseState.ts';
import { showSelect } from './selects.ts';

const SIDES = ['x', 'y'] as const;
const ENDS = ['from', 'to'] as const;
/** What is typed where it is held; the size of the models is chosen. */
const TYPED = ['density', 'importance', 'rate', 'decay', 'steps'] as const;
const CHOSEN = ['features', 'hidden'] as const;

const typed = (id: string) => element<HTMLInputElement>(id);

/** Makes the controls show a state. */
export function showAxes(state: PhaseState): void {
  for (const side of SIDES) {
    showSelect(side, state[side]);
    endsOf(state, state[side]).forEach((end, k) => {
      typed(`${side}-${ENDS[k]}`).value = String(end);
    });
  }
  for (const axis of [...TYPED, ...CHOSEN]) element(axis).closest('label')!.hidden = isAxis(state, axis);
  for (const axis of TYPED) typed(axis).value = String(heldAt(state, axis));
  for (const axis of CHOSEN) if (!isAxis(state, axis)) showSelect(axis, heldAt(state, axis));
  typed('importance').disabled = isAxis(state, 'features'); // there is no one last feature
}

/** A number as it was typed; what is none is left as text, for the check of the state to name. */
function numberIn(id: string): unknown {
  const { value } = typed(id);
  return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value);
}

/** Calls back with the state that a visitor asks for, not yet checked. */
export function offerAxes(state: () => PhaseState, changed: (next: unknown) => void): void {
  for (const side of SIDES) {
    const select = element<HTMLSelectElement>(side);
    select.append(...AXES.map((axis) => new Option(QUANTITIES[axis].name, axis)));
    select.addEventListener('change', () => changed(withAxis(state(), side, select.value as AxisName)));
    const both = () => ENDS.map((end) => numberIn(`${side}-${end}`));
    for (const end of ENDS)
      typed(`${side}-${end}`).addEventListener('change', () =>
        changed({ ...state(), [state()[side]]: both() }),
      );
  }
  for (const axis of [...TYPED, ...CHOSEN])
    element(axis).addEventListener('change', () => changed({ ...state(), [axis]: numberIn(axis) }));
}
