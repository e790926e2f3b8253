/**
 * The batch, as `drawSample` of features.ts: thread (s, j, i) reaches feature j's draws along sample s's stream.
 *
 * in   key (I, 3) step keys, or the states of the last stage of checkpoint.ts if there is one; gates (I, 3U + 1)
 * out  x (I, n + 1, C) values; row n passes the canary on; x = sample, y = feature, z = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';
import { pathOf } from './checkpoint.ts';
import { CLOSED, chosen, gate, integers, magnitude, UNIT } from './text.ts';

/** Draws of a sample that come before the gate draw of unit k, not counting u0. */
function drawsBefore({ units }: BlockShape, k: number): number {
  let draws = 0;
  for (const unit of units.slice(0, k)) draws += unit.kind === 'independent' ? 1 : 1 + unit.size;
  return draws;
}

/** Draws of a sample, not counting u0. */
export const drawsOf = (shape: BlockShape): number => drawsBefore(shape, shape.units.length);

/** Where feature j stands: its unit, the draws to skip, and its place in its set. */
function address(shape: BlockShape): string {
  const sets = shape.family.sets.length;
  const covered = shape.family.sets.reduce((sum, set) => sum + set.size, 0);
  const branches = shape.units.slice(0, sets).map(
    (unit, k) => `if (j >= ${unit.start}) { if (j < ${unit.start + unit.size}) {
      unit = ${k}; skip = ${drawsBefore(shape, k)}; member = j - ${unit.start}; size = ${unit.size};
      together = ${unit.kind === 'correlated' ? 1 : 0};
    } }`,
  );
  return `
    ${integers(shape.mode, 'unit')} unit = this.thread.y - ${covered - sets};
    let skip = j - ${covered} + ${drawsBefore(shape, sets)};
    let member = -1; let size = 0; let together = 0;
    ${branches.join('\n')}`;
}

/** A member of a set draws its value after the gate of the set. */
function memberText(shape: BlockShape, reach: (index: string) => string): string {
  if (shape.family.sets.length === 0) return '';
  return `
    if (member >= 0) {
      ${reach('skip + 1 + member')}
      if (together > 0) { v = v < ${CLOSED} ? ${UNIT} : ${CLOSED}; }
      else { v = v < ${CLOSED} ? (member === ${chosen('size')} ? ${UNIT} : ${CLOSED}) : ${CLOSED}; }
    }`;
}

export function sampleKernel(shape: BlockShape): Kernel {
  const { mode, units, instances, columns } = shape;
  const n = shape.family.features;
  const { source: from, canary, begin, reach } = pathOf(mode, drawsOf(shape));
  const source = `function (${from}, gates) {
    if (this.thread.y === ${n}) { return ${canary}; }
    const j = this.thread.y;
    ${begin}
    ${address(shape)}
    ${reach('skip')}
    let v = 0;
    v = ${gate(
      units.length,
      (row) => `gates[this.thread.z][unit + ${row}]`,
      (open) => open,
      CLOSED,
    )};
    ${memberText(shape, reach)}
    return v < ${CLOSED} ? ${magnitude(shape, 'v')} : 0;
  }`;
  return { source, output: [columns, n + 1, instances] };
}
