/**
 * A sparse autoencoder that reads h = Wᵀx, the hidden layer of a model whose weights W stay as they are:
 * z = f(E (h − b) + c), ĥ = b + Σ_i z_i d_i, with d_i the rows of D. L latents, m hidden dimensions.
 */
import type { DictionaryShape, Family } from '../family.ts';
import { add, column, l1, mat, matT, type Node, relu, squared, sub } from '../program/ops.ts';
import type { Model, Sizes, Tensor } from './models.ts';

const zeros = (name: string, shape: number[], trained = true): Tensor => ({
  name,
  shape,
  init: 'zero',
  trained,
});

/** What a family of kind 'sae' says of its dictionary. */
export function shapeOf({ dictionary }: Pick<Sizes, 'dictionary'>): DictionaryShape {
  if (dictionary) return dictionary;
  throw new RangeError('dictionary: expected in a family of kind "sae", got none');
}

function tensors(sizes: Sizes): Tensor[] {
  const { features: n, hidden: m } = sizes;
  const { latents: L, kind, decoderBias, prefixes } = shapeOf(sizes);
  const random = (name: string): Tensor => ({ name, shape: [L, m], init: 'normal', trained: true });
  return [
    zeros('W', [n, m], false),
    random('encoder'),
    random('decoder'),
    zeros('encoderBias', [L]),
    zeros('decoderBias', [m], decoderBias),
    ...(kind === 'jump-relu' ? [zeros('threshold', [L])] : []),
    ...(kind === 'gated' ? [zeros('gain', [L]), zeros('gateBias', [L])] : []),
    ...prefixes.map((_, k) => zeros(`prefix${k}`, [L], false)), // 1 for the latents within, 0 beyond
  ];
}

/** Scales every row of M (rows, d) to a length. */
function setLengths(M: Float32Array, d: number, length: number): void {
  for (let from = 0; from < M.length; from += d) {
    const row = M.subarray(from, from + d);
    const scale = length / Math.hypot(...row);
    for (let k = 0; k < d; k++) row[k] *= scale;
  }
}

/** First weights, where they are not simply normal or 0; W is in place already. */
function start(weights: Record<string, Float32Array>, sizes: Sizes): void {
  const { hidden: m } = sizes;
  const own = shapeOf(sizes);
  const { W, encoder, decoder } = weights;
  if (own.start === 'truth') decoder.set(W.subarray(0, decoder.length));
  setLengths(decoder, m, own.startNorm);
  if (own.start === 'untied') setLengths(encoder, m, own.startNorm);
  else encoder.set(decoder);
  weights.threshold?.fill(own.threshold);
  weights.gain?.fill(1);
  own.prefixes.forEach((latents, k) => {
    weights[`prefix${k}`].fill(1, 0, latents);
  });
}

/** Losses of a sample. */
function losses(family: Family, tensors: Record<string, Node>, x: Node): Node[] {
  const { W, encoder, decoder, encoderBias, decoderBias } = tensors;
  const h = matT(W, x);
  const z = relu(add(mat(encoder, sub(h, decoderBias)), encoderBias));
  return [squared(sub(add(matT(decoder, z), decoderBias), h)), l1(z, 1, column('sparsity', 1))];
}

export const sae: Model = { name: 'sae', tensors, losses, start };
