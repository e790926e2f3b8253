/**
 * Gradients of a slice of the batch, as `backward` of model.ts, from what the other staged kernels left:
 * dW_jk = Σ x_j dh_k, dV_jk = Σ dy_j h_k, db_j = Σ dy_j; a tied W gets both. Sums run over the samples of slice s:
 * s, s + S, s + 2S, …
 *
 * in   x, dy (I, n + 1, C), h, dh (I, m + 1, C)
 * out  partial: rows of P gradients, the canary (samples seen), laid out by `place` of text.ts
 */
import { type BlockShape, type Kernel, rowsOf } from '../shape.ts';
import { eachSample, integers, ownSum, place, placed } from './text.ts';

/** On webasm, where an index is cheapest flat: j and k become the starts of their rows in x, dy and in h, dh. */
function rowStarts({ family, columns }: BlockShape, r: number): string {
  const start = (row: string, rows: number) => `${row} = (this.thread.z * ${rows} + ${row}) * ${columns};`;
  return `${start(`j${r}`, family.features + 1)} ${start(`k${r}`, family.hidden + 1)}`;
}

/**
 * Sets j and k to the feature and the hidden dimension of the weight in a row of the group. Rows go through the
 * features first, so that a group of webasm that divides n shares its hidden dimension: its h and dh are read once.
 */
function address(shape: BlockShape, r: number): string {
  const { features: n } = shape.family;
  return `
    row = start + ${r};
    ${shape.family.tied ? '' : `if (row >= ${shape.decoder}) { row = row - ${shape.decoder}; }`}
    k${r} = Math.floor((row + 0.5) / ${n});
    j${r} = row - k${r} * ${n};
    ${shape.mode === 'webasm' ? rowStarts(shape, r) : ''}`;
}

/** Whether a whole group has one hidden dimension. */
function shared({ family }: BlockShape, rows: number[]): boolean {
  return family.features % rows.length === 0;
}

/** Adds up the gradients of the weights in the given rows of a group. */
function weightsText(shape: BlockShape, rows: number[]): string {
  const at = (name: string, start: string) =>
    shape.mode === 'webasm' ? `${name}[${start} + s]` : `${name}[this.thread.z][${start}][s]`;
  const once = shared(shape, rows)
    ? `sharedDh = ${at('dh', `k${rows[0]}`)}; sharedH = ${at('h', `k${rows[0]}`)};`
    : '';
  const encoder = (r: number) => `${at('x', `j${r}`)} * ${once ? 'sharedDh' : at('dh', `k${r}`)}`;
  const output = (r: number) => `${at('dy', `j${r}`)} * ${once ? 'sharedH' : at('h', `k${r}`)}`;
  const sum = (term: (r: number) => string) =>
    eachSample(shape, once + rows.map((r) => `sum${r} += ${term(r)};`).join(' '));
  const addresses = rows.map((r) => address(shape, r)).join('');
  if (shape.family.tied) return `${addresses} ${sum((r) => `${encoder(r)} + ${output(r)}`)}`;
  return `${addresses} if (start + ${rows[0]} < ${shape.decoder}) { ${sum(encoder)} } else { ${sum(output)} }`;
}

/** Adds up one row of a group, whatever it is. */
function rowText(shape: BlockShape, r: number): string {
  const { bias, parameters } = shape;
  const alone = (term: string) => eachSample(shape, `sum${r} += ${term};`);
  return `
    if (start + ${r} < ${bias}) { ${weightsText(shape, [r])} }
    else if (start + ${r} < ${parameters}) { j${r} = start + ${r - bias}; ${alone(`dy[this.thread.z][j${r}][s]`)} }
    else if (start + ${r} < ${parameters + 1}) { ${alone(`dh[this.thread.z][${shape.family.hidden}][s]`)} }`;
}

export function weightGradientKernel(shape: BlockShape): Kernel {
  const { bias, decoder, mode, family } = shape;
  const { size } = rowsOf(shape);
  const rows = Array.from({ length: size }, (_, r) => r);
  const each = rows.map((r) => rowText(shape, r)).join('');
  const whole = family.tied
    ? `start < ${bias - size + 1}`
    : `start < ${bias - size + 1} && (start < ${decoder - size + 1} || start >= ${decoder})`;
  const source = `function (x, dy, h, dh) {
    ${place(shape)}
    ${integers(mode, 'start', 'row', ...rows.flatMap((r) => [`j${r}`, `k${r}`]))}
    start = group * ${size};
    let sharedDh = 0; let sharedH = 0; ${rows.map((r) => `let sum${r} = 0;`).join(' ')}
    ${size === 1 ? each : `if (${whole}) { ${weightsText(shape, rows)} } else { ${each} }`}
    return ${ownSum(shape)};
  }`;
  return { source, output: placed(shape) };
}
