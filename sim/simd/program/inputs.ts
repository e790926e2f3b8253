/** Samples on their way into a program. */
import { unitsOf } from '../../gates.ts';
import type { Node } from '../../program/ops.ts';
import { GATED_SCALARS } from '../gating.ts';
import { drawUnit, drawUnits, startSamples } from '../sampling.ts';
import { READ_SCALARS, readSamples } from '../tables.ts';
import { advance, call, each, func, get, i32, int, set, sweep, v, w } from '../wat.ts';
import { GATE, spaceOf } from './placement.ts';
import { inputOf, type ProgramPlan } from './plan.ts';
import { listEnd, type SampleGroup, valueName } from './row.ts';

/** The gate at `gate`. */
const gateAt = (gate: string) => ({
  floor: v.load(gate, GATE.floor),
  open: v.load(gate, GATE.open),
  scale: v.load(gate, GATE.scale),
});

/** Draws four samples of a short input into locals. */
function sampleWritten({ family, layout, placement }: ProgramPlan, x: Node): string[] {
  const group: SampleGroup = { placement, batch: layout.batch, begun: new Set() };
  return [
    ...startSamples(layout),
    ...unitsOf(family).flatMap((unit, k) =>
      drawUnit(family, unit, layout, {
        ...gateAt(int(placement.gates + k * GATE.size)),
        store: (j, value) => [set(valueName(group, x, unit.start + j), value)],
      }),
    ),
  ];
}

/** $sample(record, group) → end of the list of active features: draws four samples into the tiles. */
export function sample(plan: ProgramPlan, x: Node): string {
  const { family, layout, placement, source } = plan;
  const { tiles, size } = spaceOf(placement, x);
  const { at } = placement.value.get(x)!;
  const list = placement.lists.get(x);
  const append = list === undefined ? [] : [
    i32.store(get('listed'), get('tile'), list),
    set('listed', i32.add(get('listed'), i32.shl(w.any(get('x')), int(2)))),
  ]; // biome-ignore format: one block
  const result = { type: 'i32', value: get('listed') };
  if (source) {
    const body = readSamples(layout, drawnAt(plan)!, [...append, advance('tile', size)]);
    const scalars = ['tile', 'listed', ...READ_SCALARS];
    return func('sample', ['record', 'group'], scalars, [set('tile', int(tiles)), ...body], result);
  }
  return func(
    'sample',
    ['record', 'group'],
    ['tile', 'gate', 'runEnd', 'listed', ...GATED_SCALARS],
    [
      ...startSamples(layout),
      set('tile', int(tiles)),
      set('gate', int(placement.gates)),
      ...drawUnits(family, layout, GATE.size, {
        ...gateAt(get('gate')),
        store: (_, value) => [
          set('x', value),
          v.store(get('tile'), get('x'), at),
          ...append,
          advance('tile', size),
        ],
      }),
    ],
    result,
  );
}

/** Where $sample leaves feature 0 of four samples, and the bytes to the next feature; null where they stay in locals. */
export function drawnAt({ placement }: ProgramPlan): { start: number; step: number } | null {
  const x = inputOf(placement);
  if (!x || spaceOf(placement, x).written) return null;
  const { tiles, size } = spaceOf(placement, x);
  return { start: tiles + placement.value.get(x)!.at, step: size };
}

/** Statements that draw a group's samples, and move them. */
export function drawGroup(plan: ProgramPlan, x: Node): string[] {
  const { placement, layout, attack } = plan;
  if (spaceOf(placement, x).written) return sampleWritten(plan, x);
  const drawn = call('sample', get('record'), get('group'));
  const word = i32.load(int(layout.word));
  return [
    placement.lists.has(x) ? set(listEnd(placement, x), drawn) : `(drop ${drawn})`,
    attack ? call('attack', get('record'), get('group'), word) : '',
  ];
}

/** Statements that set an input of four samples to 0. */
export function drawNothing({ placement }: ProgramPlan, x: Node): string[] {
  const { tiles, size, length, written } = spaceOf(placement, x);
  const group: SampleGroup = { placement, batch: 1, begun: new Set() };
  if (written) return each(length, (i) => set(valueName(group, x, i), v.zero));
  return [
    set('tile', int(tiles)),
    sweep('tile', int(tiles + size * length), size, [
      v.store(get('tile'), v.zero, placement.value.get(x)!.at),
    ]),
    placement.lists.has(x) ? set(listEnd(placement, x), int(0)) : '',
  ];
}
