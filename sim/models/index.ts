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
  l1,
  mat,
  matT,
  mul,
  type Node,
  relu,
  scale,
  softmax,
  squared,
  sub,
  tanh,
} from '../program/ops.ts';
export { defineModel, type Model, modelNames, programFor, type Sizes, type Tensor } from './models.ts';
