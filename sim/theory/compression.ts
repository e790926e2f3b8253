/**
 * Nonlinear compression of two dense numbers into one (appendix of the paper): x, y ~ U[0, 1] are stored as
 * t = (⌊Zx⌋ + y) / Z and read back as y' = Zt − ⌊Zt⌋, x' = (⌊Zt⌋ + edge) / Z. Neurons cannot jump, so both floors
 * climb to the next step over the last `epsilon` of each cell: steep segments of width ε in units of a cell.
 * The paper does not say where a segment sits, nor what is read off for x': the lower edge of the cell, ⌊Zt⌋/Z, as
 * the formula reads, or its middle. `edge` is that place in the cell: 0 the lower edge, ½ the middle.
 */

/** ⌊u⌋ that climbs linearly from k to k + 1 over [k + 1 − ε, k + 1], flat in the last cell, on [0, Z]. */
export function steepFloor(u: number, Z: number, epsilon: number): number {
  const k = Math.min(Math.floor(u), Z - 1);
  const climb = epsilon > 0 && k < Z - 1 ? Math.max(0, (u - (k + 1 - epsilon)) / epsilon) : 0;
  return k + climb;
}

/** Squared errors of one pair, summed over x and y. */
export function pairError(x: number, y: number, Z: number, epsilon: number, edge = 0.5): number {
  const t = steepFloor(Z * x, Z, epsilon) + y; // Z t
  const level = steepFloor(t, Z, epsilon);
  return (x - (level + edge) / Z) ** 2 + (y - (t - level)) ** 2;
}

/** Two-point Gauss–Legendre nodes on [0, 1], exact to degree 3. */
const NODES = [0.5 - Math.sqrt(3) / 6, 0.5 + Math.sqrt(3) / 6];

/** ∫ f over [from, to] where f is a cubic at most. */
function integrate(f: (x: number) => number, from: number, to: number): number {
  return ((to - from) / 2) * (f(from + (to - from) * NODES[0]) + f(from + (to - from) * NODES[1]));
}

/** ∫ over y in [0, 1] of the error at x, exact: split where the decoder bends. */
function errorOverY(x: number, Z: number, epsilon: number, edge: number): number {
  const start = steepFloor(Z * x, Z, epsilon); // Z t runs over [start, start + 1]
  const cell = Math.floor(start);
  const bends = [cell + 1 - epsilon, cell + 1, cell + 2 - epsilon].map((t) => t - start);
  const cuts = [0, ...bends.filter((y) => y > 0 && y < 1), 1];
  let sum = 0;
  for (let c = 1; c < cuts.length; c++) {
    sum += integrate((y) => pairError(x, y, Z, epsilon, edge), cuts[c - 1], cuts[c]);
  }
  return sum;
}

/** Panels on each flat and each steep part of x; the error there is a smooth function with two kinks at most. */
const PANELS = 200;

/**
 * Expected squared error, summed over x and y, of the scheme with Z levels and steep segments of width epsilon
 * in [0, 1], to about 1e-7. At ε = 0 it is 1 / (12 Z²) with the middle read off, 1 / (3 Z²) with the lower edge.
 */
export function compressionError(Z: number, epsilon: number, edge = 0.5): number {
  let sum = 0;
  for (let k = 0; k < Z; k++) {
    for (const [from, to] of [
      [k, k + 1 - epsilon],
      [k + 1 - epsilon, k + 1],
    ]) {
      const width = (to - from) / PANELS;
      for (let p = 0; p < PANELS && width > 0; p++) {
        const start = (from + p * width) / Z;
        sum += integrate((x) => errorOverY(x, Z, epsilon, edge), start, start + width / Z);
      }
    }
  }
  return sum;
}

/** Expected squared error of the linear schemes, keep x and guess y, or keep the mean of both: 1/12, summed. */
export const LINEAR_ERROR = 1 / 12;
