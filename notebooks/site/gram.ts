/** What each input does to each output: the matrix WᵀW (VᵀW in an untied model) with the bias beside it. */
import type { Params } from '../../sim/family.ts';
import { divergingColor, type Palette, textOn } from './palette.ts';
import { label, picture, rect } from './svg.ts';

const SIZE = 300;

/** couplings (n, n): row j an output, column i an input; b (n). */
export function gramSvg(couplings: ArrayLike<number>, b: ArrayLike<number>, palette: Palette): string {
  const n = b.length;
  const margin = 22;
  const cell = (SIZE - margin) / (n + 1.6);
  const size = cell - 1;
  let body = '';
  const value = (x: number, y: number, v: number) => {
    return n > 8
      ? ''
      : label(
          x + size / 2,
          y + size / 2 + 4,
          v.toFixed(n > 6 ? 1 : 2).replace(/^-(?=[0.]*$)/, ''), // no −0
          textOn(palette, v),
          'text-anchor="middle" font-size="10.5"',
        );
  };
  for (let j = 0; j < n; j++) {
    const y = margin + j * cell;
    body += label(margin - 6, y + cell / 2 + 4, String(j + 1), palette.ink, 'text-anchor="end"');
    body += label(margin + (j + 0.5) * cell, margin - 7, String(j + 1), palette.ink, 'text-anchor="middle"');
    for (let i = 0; i < n; i++) {
      const [x, v] = [margin + i * cell, couplings[j * n + i]];
      body += rect(x, y, size, size, divergingColor(palette, v)) + value(x, y, v);
    }
    const x = margin + (n + 0.5) * cell;
    body += rect(x, y, size, size, divergingColor(palette, b[j])) + value(x, y, b[j]);
  }
  body += label(
    margin + (n + 1) * cell,
    margin - 7,
    'b',
    palette.ink,
    'text-anchor="middle" font-style="italic"',
  );
  const height = margin + n * cell;
  return picture(
    SIZE,
    Math.ceil(height),
    `Matrix of ${n} outputs by ${n} inputs, and the bias`,
    palette,
    body,
  );
}

/** Weight from each input to each output, V Wᵀ with V = W in a tied model: C_ji = Σ_k V_jk W_ik. Shape (n, n). */
export function outputsByInputs({ W, V }: Params, n: number, m: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < m; k++) out[j * n + i] += (V ?? W)[j * m + k] * W[i * m + k];
    }
  }
  return out;
}
