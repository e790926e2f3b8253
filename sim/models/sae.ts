/**
 * A sparse autoencoder that reads h = Wᵀx, the hidden layer of a model whose weights W stay as they are:
 * z = f(E (h − b) + c), ĥ = b + Σ_i z_i d_i, with d_i the rows of D. L latents, m hidden dimensions.
 */
import { lengthOf } from '../elementary.ts';
import type { DictionaryShape, Family } from '../family.ts';
import {
  add,
  column,
  count,
  div,
  gate,
  hold,
  jump,
  l1,
  largest,
  largestOfBatch,
  mat,
  matT,
  mul,
  type Node,
  norms,
  param,
  relu,
  squared,
  sub,
  tanh,
} from '../program/ops.ts';
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

/** Tensors that mask latents beyond each prefix. */
function prefixNames({ prefixes, drawnPrefixes }: DictionaryShape): string[] {
  return Array.from({ length: drawnPrefixes?.count ?? prefixes.length }, (_, k) => `prefix${k}`);
}

function tensors(sizes: Sizes): Tensor[] {
  const { features: n, hidden: m } = sizes;
  const own = shapeOf(sizes);
  const { latents: L, kind, decoderBias } = own;
  const random = (name: string): Tensor => ({ name, shape: [L, m], init: 'normal', trained: true });
  return [
    zeros('W', [n, m], false),
    random('encoder'),
    random('decoder'),
    zeros('encoderBias', [L]),
    zeros('decoderBias', [m], decoderBias),
    ...(kind === 'jump-relu' ? [zeros('threshold', [L])] : []),
    ...(kind === 'gated' ? [zeros('gain', [L]), zeros('gateBias', [L])] : []),
    ...prefixNames(own).map((name) => zeros(name, [L], false)), // 1 for the latents within, 0 beyond
    ...(own.auxiliary ? [zeros('dead', [L], false)] : []), // 1 for those that do not fire
  ];
}

/** Scales every row of M (rows, d) to a length. */
function setLengths(M: Float32Array, d: number, length: number): void {
  for (let from = 0; from < M.length; from += d) {
    const row = M.subarray(from, from + d);
    const scale = length / lengthOf(row);
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

type Tensors = Record<string, Node>;

/** Codes z (L) from projections e = E (h − b), and what sparsity costs; `lengths` are those of the decoder's rows. */
function fire(own: DictionaryShape, e: Node, { encoderBias, threshold }: Tensors, lengths: Node) {
  const a = add(e, encoderBias);
  const [lambda, k] = [column('sparsity', 1), column('active', 1)];
  switch (own.kind) {
    case 'topk':
      return { z: largest(a, k), losses: [] };
    case 'batch-topk':
      return { z: largestOfBatch(a, k), losses: [] };
    case 'jump-relu':
      return {
        z: jump(a, threshold, own.bandwidth),
        losses: [count(a, threshold, own.bandwidth, lambda)],
      };
    default: {
      const z = relu(a);
      return { z, losses: [penaltyOf(own, z, lengths)] };
    }
  }
}

/** λ times what the codes z weigh. */
function penaltyOf({ penalty }: DictionaryShape, z: Node, lengths: Node): Node {
  const lambda = column('sparsity', 1);
  if (penalty === 'plain' || penalty === 'unit-norm') return l1(z, 1, lambda);
  const weighted = mul(z, lengths);
  return l1(penalty === 'tanh' ? tanh(weighted) : weighted, 1, lambda);
}

/**
 * Gated codes: the gate π = e + gateBias opens or shuts, the magnitude is ReLU(gain · e + c). ReLU(π) bears the penalty
 * and must reconstruct too, by a decoder that this error does not move (Rajamanoharan et al. 2024).
 */
function fireGated(own: DictionaryShape, e: Node, h: Node, tensors: Tensors, lengths: Node) {
  const { gain, gateBias, encoderBias, decoder, decoderBias } = tensors;
  const still = ({ name, shape }: Node) => param(name, shape, false);
  const pi = add(e, gateBias);
  const open = relu(pi);
  const directions = still(decoder);
  const alone = own.penalty === 'unit-norm' ? div(open, norms(directions)) : open;
  return {
    z: gate(relu(add(mul(e, gain), encoderBias)), pi),
    losses: [
      penaltyOf(own, open, lengths),
      squared(sub(add(matT(directions, alone), still(decoderBias)), h)),
    ],
  };
}

/**
 * What dead latents lose by not reconstructing the error that the others leave: α ‖(h − ĥ) − Dᵀz‖², the error held
 * still, z the k largest of the dead (Gao et al. 2024).
 */
function auxiliaryLoss(own: DictionaryShape, e: Node, left: Node, tensors: Tensors, lengths: Node): Node[] {
  if (!own.auxiliary) return [];
  const { encoderBias, decoder, dead } = tensors;
  const z = largest(mul(add(e, encoderBias), dead), column('auxiliaryActive', 1));
  const codes = own.penalty === 'unit-norm' ? div(z, lengths) : z;
  return [squared(add(matT(decoder, codes), hold(left)), own.auxiliary.weight)];
}

/** Losses of a sample: ‖h − ĥ‖² of the whole, of every prefix with the inner weight, and what sparsity costs. */
function losses(family: Family, tensors: Tensors, x: Node): Node[] {
  const own = shapeOf(family);
  const { W, encoder, decoder, decoderBias } = tensors;
  const h = matT(W, x);
  const e = mat(encoder, sub(h, decoderBias));
  const lengths = norms(decoder);
  const { z, losses: rest } =
    own.kind === 'gated' ? fireGated(own, e, h, tensors, lengths) : fire(own, e, tensors, lengths);
  const codes = own.penalty === 'unit-norm' ? div(z, lengths) : z;
  const error = (from: Node) => sub(add(matT(decoder, from), decoderBias), h);
  const inner = prefixNames(own).map((name) =>
    squared(error(mul(codes, tensors[name])), 1, column('innerWeight', 1)),
  );
  const left = error(codes);
  return [squared(left), ...inner, ...rest, ...auxiliaryLoss(own, e, left, tensors, lengths)];
}

export const sae: Model = { name: 'sae', tensors, losses, start };
