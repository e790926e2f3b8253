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
  CLOSED,
  chosen,
  eachSample,
  gate,
  magnitude,
  penaltyGradient,
  round,
  rounds,
  stream,
  target,
  UNIT,
  xor,
} from './text.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const lines = (count: number, text: (i: number) => string) => range(count).map(text).join('\n');

/** Draws the values of unit k. */
function unitText(shape: Shape, k: number): string {
  const { mode, units } = shape;
  const { kind, start, size } = units[k];
  const at = (row: number) => `g${row + k}`;
  const value = (v: string) => magnitude(shape, v);
  if (kind === 'independent') return `${round(mode)} x${start} = ${gate(units.length, at, value, '0')};`;
  const members = lines(size, (member) => {
    const own = value(`(${UNIT})`);
    const drawn = kind === 'correlated' ? own : `(picked === ${member} ? ${own} : 0)`;
    return `${round(mode)} x${start + member} = v < ${CLOSED} ? ${drawn} : 0;`;
  });
  return `${round(mode)} v = ${gate(units.length, at, (v) => v, CLOSED)}; picked = ${chosen(size)}; ${members}`;
}

/** On cpu a branch is cheaper than the draws of an empty sample; elsewhere neighbours seldom agree on it. */
function skipEmpty({ units, family }: Shape, draws: string): string {
  const zeros = lines(family.features, (j) => `x${j} = 0;`);
  return `if (u0 < g${3 * units.length}) { ${zeros} } else { ${draws} }`;
}

/** Draws x0 … x(n − 1). */
function drawText(shape: Shape): string {
  const { mode, units } = shape;
  const draws = lines(units.length, (k) => unitText(shape, k));
  return `
    a = key[i][0]; b = key[i][1];
    b = ${xor(mode, 'b', 'words[s]')};
    ${rounds(mode, SAMPLE_ROUNDS)}
    u0 = u;
    ${mode === 'cpu' ? skipEmpty(shape, draws) : draws}`;
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
    const slope = outputActivation === 'relu' ? `y${j} <= 0 ? 0 : ` : '';
    return `y${j} = ${sum}; ${activation(outputActivation, `y${j}`)}
      e${j} = y${j} - ${target(shape, `x${j}`)}; d${j} = ${slope}c${j} * e${j};`;
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
      .join(' + ')}) + ${penaltyGradient(`h${k}`, `c${n}`)};
    sum += x${j} * ${family.hiddenActivation === 'relu' ? `(h${k} <= 0 ? 0 : g)` : 'g'};`;
}

/** What row z adds for one sample: a parameter's gradient; the last is the loss. */
function rowText(shape: Shape, z: number): string {
  const { family, bias, decoder, parameters } = shape;
  const { features: n, hidden: m } = family;
  if (z === parameters) {
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
  const { mode, instances, slices, parameters } = shape;
  const source = `function (params, key, words, gates, lossWeight) {
    const i = this.thread.z;
    const z = this.thread.y;
    ${stream(mode)}
    ${variables(shape)}
    let v = 0; let picked = 0; let g = 0; let sum = 0;
    if (z === ${parameters}) { ${eachSample(shape, 'sum += key[i][2];')} }
    else {
      ${eachSample(
        shape,
        `
          ${drawText(shape)}
          ${forwardText(shape)}
          ${pickRow(shape, 0, parameters + 1)}`,
      )}
    }
    return sum;
  }`;
  return { source, output: [slices, parameters + 2, instances] };
}
