/** Known directions of features, for dictionaries that read no trained model. */
import { lengthOf } from '../elementary.ts';
import { normals, type Stream } from '../random.ts';

/** Takes from `row` what it has of the rows before it, and scales it to length 1. */
function settle(M: Float64Array, row: number, m: number, orthogonal: boolean): void {
  const own = M.subarray(row * m, (row + 1) * m);
  for (let other = 0; orthogonal && other < row; other++) {
    const before = M.subarray(other * m, (other + 1) * m);
    const overlap = own.reduce((sum, value, k) => sum + value * before[k], 0);
    for (let k = 0; k < m; k++) own[k] -= overlap * before[k];
  }
  const length = lengthOf(own);
  for (let k = 0; k < m; k++) own[k] /= length;
}

/** n unit directions in m dimensions, normal and independent, or orthonormal (n ≤ m). Shape (n, m). */
export function modelDirections(key: Stream, n: number, m: number, kind: string): Float32Array {
  const M = normals(key, 0, n * m);
  for (let row = 0; row < n; row++) settle(M, row, m, kind === 'orthonormal');
  return Float32Array.from(M);
}
