/** The activations of model.ts as operations. */
import type { Activation } from '../family.ts';
import { LEAK } from '../model.ts';
import { abs, gelu, type Node, relu, tanh } from './ops.ts';

/** f(a_j) of every entry. */
export function activate(activation: Activation, a: Node): Node {
  switch (activation) {
    case 'identity':
      return a;
    case 'relu':
      return relu(a);
    case 'gelu':
      return gelu(a);
    case 'leaky-relu':
      return relu(a, LEAK);
    case 'tanh':
      return tanh(a);
    case 'abs':
      return abs(a);
  }
}
