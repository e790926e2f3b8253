/**
 * Sampling, forward and backward in one kernel for small models: each thread draws its slice of the batch
 * itself, so nothing of a sample ever reaches memory, and sums one row of the gradient. The generator text is
 * unrolled over features and hidden dimensions. Matches `drawSample` of features.ts and `backward` of model.ts.
 *
 * in   params (I, P + 1), key (I, 3) step keys, words (C), gates (I, 3U + 1), lossWeight (I, n + 1)
 * out  partial (I, P + 2, S): gradients, the canary (samples seen), the loss;
 *      x = slice, y = parameter, z = instance
 */
import { SAMPLE_ROUNDS } from '../../random.ts';
import type { Kernel, Shape } from '../shape.ts';
import {
  activation,
  chosen,
  GATE,
  gate,
  magnitude,
  round,
  rounds,
  STREAM,
  target,
  UNIT,
  xor,
} from './text.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const lines = (count: number, text: (i: number) => string) => range(count).map(text).join('\n');

/** Draws x0 … x(n − 1). */
function drawText(shape: Shape): string {
  const { mode, units } = shape;
  const set = (j: number, condition: string, v: string) =>
    `if (open > 0) { ${condition} { x${j} = ${magnitude(shape, v)}; } }`;
  const unitText = units.map((unit, k) => {
    const opened = round(mode) + gate(units.length, (row) => `g${row + k}`);
    if (unit.kind === 'independent') return opened + set(unit.start, '', 'v');
    const members = lines(unit.size, (member) => {
      const condition = unit.kind === 'correlated' ? '' : `if (picked === ${member})`;
      return round(mode) + set(unit.start + member, condition, `(${UNIT})`);
    });
    return `${opened} picked = ${chosen(unit.size)}; ${members}`;
  });
  return `
    a = key[i][0]; b = key[i][1];
    b = ${xor(mode, 'b', 'words[sample]')};
    ${rounds(mode, SAMPLE_ROUNDS)}
    u0 = u;
    ${lines(shape.family.features, (j) => `x${j} = 0;`)}
    if (u0 >= g${3 * units.length}) { ${unitText.join('\n')} }`;
}

/** h_k, y_j and d_j = w_j (y_j − t_j) g'(y_j). */
function forwardText(shape: Shape): string {
  const { features: n, hidden: m, hiddenActivation, outputActivation, bias } = shape.family;
  const V = shape.family.tied ? 'w' : 'v';
  const dot = (count: number, term: (i: number) => string) => range(count).map(term).join(' + ');
  const hidden = lines(
    m,
    (k) => `h${k} = ${dot(n, (j) => `w${j * m + k} * x${j}`)}; ${activation(hiddenActivation, `h${k}`)}`,
  );
  const output = lines(n, (j) => {
    const sum = dot(m, (k) => `${V}${j * m + k} * h${k}`) + (bias ? ` + b${j}` : '');
    const slope = outputActivation === 'relu' ? `if (y${j} <= 0) { d${j} = 0; }` : '';
    return `y${j} = ${sum}; ${activation(outputActivation, `y${j}`)}
      e${j} = y${j} - ${target(shape, `x${j}`)}; d${j} = c${j} * e${j}; ${slope}`;
  });
  return hidden + output;
}

/** Adds x_j g to sum; g is the gradient at hidden dimension k. */
function encoderText({ family }: Shape, j: number, k: number): string {
  const { features: n, hidden: m } = family;
  const V = family.tied ? 'w' : 'v';
  return `
    g = 2 * (${range(n)
      .map((f) => `d${f} * ${V}${f * m + k}`)
      .join(' + ')});
    if (h${k} > 0) { g += c${n}; }
    if (h${k} < 0) { g -= c${n}; }
    ${family.hiddenActivation === 'relu' ? `if (h${k} <= 0) { g = 0; }` : ''}
    sum += x${j} * g;`;
}

/** What row z of the output adds for one sample. */
function rowText(shape: Shape, z: number): string {
  const { family, bias, decoder, parameters } = shape;
  const { features: n, hidden: m } = family;
  if (z === parameters) return 'sum += key[i][2];';
  if (z > parameters) {
    const penalty = range(m).map((k) => `c${n} * Math.abs(h${k})`);
    return `sum += ${[...range(n).map((j) => `c${j} * e${j} * e${j}`), ...penalty].join(' + ')};`;
  }
  if (z >= bias) return `sum += 2 * d${z - bias};`;
  const row = !family.tied && z >= decoder ? z - decoder : z;
  const [j, k] = [Math.floor(row / m), row % m];
  const encodes = family.tied || z < decoder;
  const decodes = family.tied || z >= decoder;
  return (encodes ? encoderText(shape, j, k) : '') + (decodes ? `sum += 2 * d${j} * h${k};` : '');
}

/** A binary tree of comparisons that ends in the text of row z. */
function pickRow(shape: Shape, from: number, to: number): string {
  if (to - from === 1) return rowText(shape, from);
  const middle = (from + to) >> 1;
  return `if (z < ${middle}) { ${pickRow(shape, from, middle)} } else { ${pickRow(shape, middle, to)} }`;
}

/** Everything of the instance that a thread keeps in variables, and the variables of a sample. */
function variables(shape: Shape): string {
  const { family, decoder, bias } = shape;
  const { features: n, hidden: m } = family;
  const load = (name: string, at: number) => (i: number) => `const ${name}${i} = params[i][${at + i}];`;
  return [
    lines(n * m, load('w', 0)),
    family.tied ? '' : lines(n * m, load('v', decoder)),
    family.bias ? lines(n, load('b', bias)) : '',
    lines(n + 1, (j) => `const c${j} = lossWeight[i][${j}];`),
    lines(3 * shape.units.length + 1, (row) => `const g${row} = gates[i][${row}];`),
    lines(n, (j) => `let x${j} = 0; let y${j} = 0; let e${j} = 0; let d${j} = 0;`),
    lines(m, (k) => `let h${k} = 0;`),
  ].join('\n');
}

export function fusedKernel(shape: Shape): Kernel {
  const { instances, slices, batch, parameters } = shape;
  const source = `function (params, key, words, gates, lossWeight) {
    const i = this.thread.z;
    const z = this.thread.y;
    ${STREAM} ${GATE}
    ${variables(shape)}
    let u0 = 0; let picked = 0; let g = 0; let sum = 0;
    for (let t = 0; t < ${Math.ceil(batch / slices)}; t++) {
      const sample = t * ${slices} + this.thread.x;
      if (sample < ${batch}) {
        ${drawText(shape)}
        ${forwardText(shape)}
        ${pickRow(shape, 0, parameters + 2)}
      }
    }
    return sum;
  }`;
  return { source, output: [slices, parameters + 2, instances] };
}
