/**
 * Forward and backward in one kernel for small models: a thread computes the samples of its slice anew and sums its
 * group of rows, so that of a sample only the inputs reach memory. The text is unrolled over features and hidden
 * dimensions; what an empty sample adds is computed once and counted. Matches `backward` of model.ts.
 *
 * in   params (I, P + 1), x (I, n + 1, C), lossWeight (I, n + 1)
 * out  partial: rows of P gradients, the loss, the canary (samples seen), laid out by `place` of text.ts
 */
import { type BlockShape, type Kernel, rowsOf } from '../shape.ts';
import { activation, eachSample, ownSum, penaltyGradient, place, placed, target } from './text.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const lines = (count: number, text: (i: number) => string) => range(count).map(text).join('\n');

/** h_k, y_j, error_j = y_j − t_j and dy_j = 2 w_j error_j g'(y_j). */
function forwardText(shape: BlockShape): string {
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
      error${j} = y${j} - ${target(shape, `x${j}`)}; dy${j} = ${slope}twice${j} * error${j};`;
  });
  return hidden + output;
}

/** dh_k: the gradient at hidden dimension k. */
function hiddenGradientText({ family, penalized }: BlockShape, k: number): string {
  const { features: n, hidden: m } = family;
  const V = family.tied ? 'w' : 'v';
  const sum = range(n).map((f) => `dy${f} * ${V}${f * m + k}`);
  if (penalized) sum.push(penaltyGradient(`h${k}`, 'penalty'));
  const slope = family.hiddenActivation === 'relu' ? `h${k} <= 0 ? 0 : ` : '';
  return `dh${k} = ${slope}${sum.join(' + ')};`;
}

function lossText({ family, penalized }: BlockShape): string {
  const { features: n, hidden: m } = family;
  const penalty = penalized ? range(m).map((k) => `penalty * Math.abs(h${k})`) : [];
  return [
    `0.5 * (${range(n)
      .map((j) => `twice${j} * error${j} * error${j}`)
      .join(' + ')})`,
    ...penalty,
  ].join(' + ');
}

/** What a sample adds to a row of the gradient, and the hidden dimension whose gradient that takes, or −1. */
function rowText(shape: BlockShape, row: number): [text: string, hidden: number] {
  const { family, bias, decoder, parameters } = shape;
  const m = family.hidden;
  if (row > parameters) return ['', -1];
  if (row === parameters) return [lossText(shape), -1];
  if (row >= bias) return [`dy${row - bias}`, -1];
  const weight = !family.tied && row >= decoder ? row - decoder : row;
  const [j, k] = [Math.floor(weight / m), weight % m];
  if (family.tied) return [`x${j} * dh${k} + dy${j} * h${k}`, k];
  return row < decoder ? [`x${j} * dh${k}`, k] : [`dy${j} * h${k}`, -1];
}

/** Adds what a sample adds to the rows of a thread's group. */
function groupText(shape: BlockShape, group: number): string {
  const { size } = rowsOf(shape);
  const rows = range(size).map((r) => rowText(shape, group * size + r));
  const hidden = new Set(rows.map(([, k]) => k).filter((k) => k >= 0));
  const gradients = [...hidden].map((k) => hiddenGradientText(shape, k));
  return [...gradients, ...rows.map(([text], r) => (text ? `sum${r} += ${text};` : ''))].join('\n');
}

/** A binary tree of comparisons that ends in the text of a group. */
function pickGroup(shape: BlockShape, from: number, to: number): string {
  if (to - from === 1) return groupText(shape, from);
  const middle = (from + to) >> 1;
  return `if (group < ${middle}) { ${pickGroup(shape, from, middle)} } else { ${pickGroup(shape, middle, to)} }`;
}

/** Everything of the instance that a thread keeps in variables, and the variables of a sample. */
function variables(shape: BlockShape): string {
  const { mode, family, decoder, bias } = shape;
  const { features: n, hidden: m } = family;
  const keep = (name: string, value: string) =>
    `const ${name} = ${value}${mode === 'webasm' ? ' + lane0' : ''};`;
  const load = (name: string, at: number) => (i: number) =>
    keep(`${name}${i}`, `params[this.thread.z][${at + i}]`);
  return [
    mode === 'webasm' ? 'const lane0 = this.thread.x * 0;' : '',
    lines(n * m, load('w', 0)),
    family.tied ? '' : lines(n * m, load('v', decoder)),
    family.bias ? lines(n, load('b', bias)) : '',
    lines(n, (j) => keep(`twice${j}`, `2 * lossWeight[this.thread.z][${j}]`)),
    keep('penalty', `lossWeight[this.thread.z][${n}]`),
    lines(n, (j) => `let x${j} = 0; let y${j} = 0; let error${j} = 0; let dy${j} = 0;`),
    lines(m, (k) => `let h${k} = 0; let dh${k} = 0;`),
    lines(rowsOf(shape).size, (r) => `let sum${r} = 0;`),
    'let empty = 0;',
  ].join('\n');
}

/** Adds up the samples of a slice; an empty one is only counted. */
function samplesText(shape: BlockShape): string {
  const { features: n, magnitude } = shape.family;
  const { size, groups } = rowsOf(shape);
  const learn = `${forwardText(shape)} ${pickGroup(shape, 0, groups - 1)}`;
  const length = range(n).map((j) => (magnitude === 'signed' ? `Math.abs(x${j})` : `x${j}`));
  const sample = `
    ${lines(n, (j) => `x${j} = x[this.thread.z][${j}][s];`)}
    if (${length.join(' + ')} === 0) { empty += 1; } else { ${learn} }`;
  return `
    ${learn}
    ${lines(size, (r) => `const zero${r} = sum${r}; sum${r} = 0;`)}
    ${eachSample(shape, sample)}
    if (empty > 0) { ${lines(size, (r) => `sum${r} += empty * zero${r};`)} }`;
}

export function fusedKernel(shape: BlockShape): Kernel {
  const { groups } = rowsOf(shape);
  const source = `function (params, x, lossWeight) {
    ${place(shape)}
    ${variables(shape)}
    if (group === ${groups - 1}) { ${eachSample(shape, `sum0 += x[this.thread.z][${shape.family.features}][s];`)} }
    else { ${samplesText(shape)} }
    return ${ownSum(shape)};
  }`;
  return { source, output: placed(shape) };
}
