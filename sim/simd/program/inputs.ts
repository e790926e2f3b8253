/** Samples on their way into a program. */
import { unitsOf } from '../../gates.ts';
import type { Node } from '../../program/ops.ts';
import { MASK, SAMPLE_ROUNDS, UNIFORM_SALT, WORDS } from '../../random.ts';
import { GATED_SCALARS } from '../gating.ts';
import { drawUnit, drawUnits, round, startSamples } from '../sampling.ts';
import { READ_SCALARS, readSamples } from '../tables.ts';
import { advance, call, each, func, get, i32, int, set, sweep, v, w } from '../wat.ts';
import { GATE, spaceOf } from './placement.ts';
import { inputOf, type ProgramPlan, uniformOf } from './plan.ts';
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

/** Runs `store` for every number of a node that is drawn: in locals, or at i32 local to. */
function overDrawn({ placement }: ProgramPlan, node: Node, drawn: string[], value: string): string[] {
  const { tiles, size, length, written } = spaceOf(placement, node);
  const group: SampleGroup = { placement, batch: 1, begun: new Set() };
  if (written) return each(length, (j) => [...drawn, set(valueName(group, node, j), value)]).flat();
  const { at } = placement.value.get(node)!;
  return [
    set('to', int(tiles)),
    sweep('to', int(tiles + size * length), size, [...drawn, v.store(get('to'), value, at)]),
  ];
}

/** Statements that draw the uniform numbers of four samples; lanes that hold none get 0. */
function drawUniform(plan: ProgramPlan): string[] {
  const nodes = uniformOf(plan.placement);
  if (nodes.length === 0) return [];
  const { streamA, streamB } = plan.layout;
  const value = w.and(v.mul(v.fromInts(get('b')), v.all(1 / WORDS)), get('isSample'));
  return [
    set('a', v.load(get('group'), streamA)),
    set('b', v.load(get('group'), streamB)),
    set('isSample', w.gt(get('b'), w.all(-1))),
    set('b', w.and(w.xor(get('b'), w.all(UNIFORM_SALT)), w.all(MASK))),
    ...each(SAMPLE_ROUNDS, () => round('a', 'b')).flat(),
    ...nodes.flatMap((node) => overDrawn(plan, node, round('a', 'b'), value)),
  ];
}

/** Statements that draw a group's samples, and move them. */
export function drawGroup(plan: ProgramPlan, x: Node): string[] {
  const { placement, layout, attack } = plan;
  const uniform = drawUniform(plan);
  if (spaceOf(placement, x).written) return [...sampleWritten(plan, x), ...uniform];
  const drawn = call('sample', get('record'), get('group'));
  const word = i32.load(int(layout.word));
  return [
    placement.lists.has(x) ? set(listEnd(placement, x), drawn) : `(drop ${drawn})`,
    attack ? call('attack', get('record'), get('group'), word) : '',
    ...uniform,
  ];
}

/** Statements that set an input of four samples, or what is drawn for them, to 0. */
export function drawNothing(plan: ProgramPlan, x: Node): string[] {
  const { lists } = plan.placement;
  return [...overDrawn(plan, x, [], v.zero), lists.has(x) ? set(listEnd(plan.placement, x), int(0)) : ''];
}
