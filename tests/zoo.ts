/**
 * Models that only tests know, each a short file's worth: together they use every operation, every way in which loops
 * hand numbers on, and square, short and long matrices. `double` is the claim of the design: a new model is a list of
 * tensors and a loss, and trains on every engine that does not refuse.
 */
import { defineModel, type Model, type Tensor } from '../sim/models/models.ts';
import {
  abs,
  add,
  column,
  hardSigmoid,
  l1,
  mat,
  matT,
  misfit,
  mul,
  normalGelu,
  perceptrons,
  relu,
  scale,
  squared,
  sub,
  tanh,
  times,
  uniform,
} from '../sim/program/ops.ts';

const tensor = (name: string, ...shape: number[]): Tensor => ({ name, shape, init: 'normal', trained: true });
const frozen = (name: string, ...shape: number[]): Tensor => ({ ...tensor(name, ...shape), trained: false });

/** x' = tanh(V ReLU(Wᵀx) + b) with an L1 on h. */
export const double: Model = {
  name: 'double',
  tensors: ({ features: n, hidden: m }) => [tensor('W', n, m), tensor('V', n, m), tensor('b', n)],
  losses({ features: n }, { W, V, b }, x) {
    const h = relu(matT(W, x));
    return [squared(sub(tanh(add(mat(V, h), b)), x), 1 / n, column('importance', n)), l1(h, 0.01)];
  },
};

/** A sparse autoencoder of 2n latents on the hidden layer of a model that stays as it is. */
const dictionary: Model = {
  name: 'dictionary',
  tensors: ({ features: n, hidden: m }) => [
    frozen('target', n, m),
    tensor('encoder', 2 * n, m),
    tensor('decoder', 2 * n, m),
    tensor('latentBias', 2 * n),
    tensor('bias', m),
  ],
  losses(_, { target, encoder, decoder, latentBias, bias }, x) {
    const h = matT(target, x);
    const z = relu(add(mat(encoder, sub(h, bias)), latentBias));
    return [l1(z, 0.05), squared(sub(add(matT(decoder, z), bias), h))];
  },
};

/** Two layers of one width with a way past the second: h' = h + ReLU(U h + c). */
const residual: Model = {
  name: 'residual',
  tensors: ({ features: n, hidden: m }) => [
    tensor('W', n, m),
    tensor('U', m, m),
    tensor('c', m),
    tensor('V', n, m),
  ],
  losses(_, { W, U, c, V }, x) {
    const h = relu(matT(W, x), 0.1);
    const deeper = add(h, relu(add(mat(U, h), c)));
    return [squared(sub(mat(V, deeper), x), 0.25)];
  },
};

/** Gates: h = tanh(Aᵀx) ∘ Bᵀx, an output times a column, and a loss on |output|. */
const gated: Model = {
  name: 'gated',
  tensors: ({ features: n, hidden: m }) => [tensor('A', n, m), tensor('B', n, m), tensor('V', n, m)],
  losses({ features: n }, { A, B, V }, x) {
    const h = mul(tanh(matT(A, x)), matT(B, x));
    const output = mul(scale(mat(V, h), 0.7), column('importance', n));
    return [squared(sub(output, x)), l1(sub(abs(output), x), 0.1, column('importance', n))];
  },
};

/** Encodes what a first pass leaves over: a product of a vector with a slope, and rows that a later loop needs again. */
const leftover: Model = {
  name: 'leftover',
  tensors: ({ features: n, hidden: m }) => [tensor('W', n, m), tensor('V', n, m), tensor('b', n)],
  losses(_, { W, V, b }, x) {
    const first = relu(add(mat(V, matT(W, x)), b));
    const rest = sub(x, first);
    const again = mat(V, matT(W, rest));
    const most = matT(W, first); // first is 0 in many rows, and needed elsewhere too
    return [squared(sub(again, rest)), squared(sub(most, matT(W, x)), 0.3), squared(b, 0.02)];
  },
};

/** A vector of weights that a matrix multiplies, and a decoder by columns: rows are hidden units. */
const turned: Model = {
  name: 'turned',
  tensors: ({ features: n, hidden: m }) => [
    tensor('E', m, n),
    tensor('D', m, n),
    tensor('K', m, m),
    tensor('v', m),
  ],
  losses(_, { E, D, K, v }, x) {
    const z = relu(add(mat(E, x), mat(K, v)));
    return [squared(sub(matT(D, z), x)), l1(z, 0.03), squared(v, 0.1)];
  },
};

/**
 * Parts of a frozen matrix under random masks: a perceptron for each says how much of it may be taken away, and all of
 * them together must make up the matrix.
 */
const masked: Model = {
  name: 'masked',
  tensors: ({ features: n, hidden: m }) => [
    frozen('target', n, m),
    tensor('V', 2 * n, n),
    tensor('U', 2 * n, m),
    tensor('inner', 2 * n, 3),
    tensor('shift', 2 * n, 3),
    tensor('outer', 2 * n, 3),
    tensor('gain', 1),
  ],
  losses({ features: n, hidden: m }, { target, V, U, inner, shift, outer, gain }, x) {
    const s = mat(V, x);
    const open = hardSigmoid(perceptrons(s, inner, shift, outer), 0.1, 0);
    const drawn = uniform(2 * n, 'mask');
    const some = mul(times(sub(add(drawn, open), mul(drawn, open)), uniform(1, 'rest')), s);
    const h = add(matT(U, some), uniform(m, 'noise'));
    return [
      squared(sub(normalGelu(h), times(matT(target, x), gain)), 1 / m),
      l1(open, 0.05),
      misfit(target, V, U, 0.3, column('localization', 1)),
    ];
  },
};

export const ZOO: Model[] = [double, dictionary, residual, gated, leftover, turned, masked];
for (const model of ZOO) defineModel(model);
