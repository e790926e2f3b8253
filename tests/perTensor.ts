/** A number of each instance, given to all tensors of its model: the column (I, T) of learning rates or decays. */
import type { Family } from '../sim/family.ts';
import { tensorsOf } from '../sim/models/models.ts';

export function perTensor(family: Family, values: ArrayLike<number>): Float64Array {
  const tensors = tensorsOf(family).length;
  return Float64Array.from({ length: values.length * tensors }, (_, at) => values[Math.floor(at / tensors)]);
}
