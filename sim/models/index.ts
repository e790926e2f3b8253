/** What a model of one's own is written with: toy-superposition/models. */
export { activate } from '../program/activations.ts';
export { type Evaluation, evaluate, type Named } from '../program/evaluate.ts';
export {
  abs,
  add,
  column,
  crossEntropy,
  digit,
  gelu,
  hardSigmoid,
  l1,
  mat,
  matT,
  misfit,
  mul,
  type Node,
  normalGelu,
  perceptrons,
  relu,
  scale,
  softmax,
  squared,
  sub,
  tanh,
  times,
  uniform,
} from '../program/ops.ts';
export { defineModel, type Model, modelNames, programFor, type Sizes, type Tensor } from './models.ts';
