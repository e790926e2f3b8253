/**
 * Factorisations X ≈ S D of N samples of d numbers into sparse codes S (N, L) and a dictionary D (L, d) of unit rows:
 *
 *     minimise ½ ‖X − S D‖² + λ Σ |S|
 *
 * in turns over S, a LASSO of every sample by coordinate descent, and over D, least squares (the method of optimal
 * directions, Engan et al. 1999). Float64 and without chance but for the directions to begin with.
 */
import { lengthOf } from '../elementary.ts';

/** Samples: rows (N, d). */
export interface Rows {
  size: number; // d
  values: ArrayLike<number>; // (N, d)
}

/** Codes and dictionary of one λ. */
export interface Factors {
  sparsity: number; // λ
  codes: Float64Array; // (N, L)
  dictionary: Float64Array; // (L, d), unit rows
}

/** A Aᵀ of the rows of A (L, d). Shape (L, L). */
function gram(A: Float64Array, d: number): Float64Array {
  const L = A.length / d;
  const G = new Float64Array(L * L);
  for (let a = 0; a < L; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += A[a * d + k] * A[b * d + k];
      G[a * L + b] = sum;
      G[b * L + a] = sum;
    }
  }
  return G;
}

/** Adds `by` times row `row` of G (L, L) to q. */
function addRow(q: Float64Array, G: Float64Array, row: number, by: number): void {
  const L = q.length;
  for (let b = 0, at = row * L; b < L; b++, at++) q[b] += by * G[at];
}

/** Moves code `a` of z to its best value, the others fixed; q = D (x − Dᵀz) is kept. Returns how far it moved. */
function moveCode(z: Float64Array, q: Float64Array, G: Float64Array, a: number, sparsity: number): number {
  const own = G[a * z.length + a];
  const pull = q[a] + own * z[a];
  const value = pull > sparsity ? (pull - sparsity) / own : pull < -sparsity ? (pull + sparsity) / own : 0;
  const move = value - z[a];
  if (move === 0) return 0;
  z[a] = value;
  addRow(q, G, a, -move);
  return Math.abs(move);
}

/** Coordinate descent over one sample's codes z, from where they stand, over those that are not 0 between full rounds. */
function descend(
  z: Float64Array,
  q: Float64Array,
  G: Float64Array,
  sparsity: number,
  tolerance: number,
): void {
  for (let isFull = true; ; ) {
    let most = 0;
    for (let a = 0; a < z.length; a++) {
      if (isFull || z[a] !== 0) most = Math.max(most, moveCode(z, q, G, a, sparsity));
    }
    if (isFull && most <= tolerance) return;
    isFull = most <= tolerance;
  }
}

/**
 * LASSO codes of every sample for the unit rows of D (L, d): argmin ½ ‖x − Dᵀz‖² + λ ‖z‖₁, from those in `codes`
 * (N, L), which are replaced. No code of a full round moved by more than `tolerance`.
 */
export function lassoCodes(
  { size: d, values: X }: Rows,
  D: Float64Array,
  sparsity: number,
  codes: Float64Array,
  tolerance = 1e-6,
): void {
  const L = D.length / d;
  const G = gram(D, d);
  const q = new Float64Array(L);
  for (let s = 0; s < X.length / d; s++) {
    const z = codes.subarray(s * L, (s + 1) * L);
    for (let a = 0; a < L; a++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += D[a * d + k] * X[s * d + k];
      q[a] = sum;
    }
    for (let a = 0; a < L; a++) if (z[a] !== 0) addRow(q, G, a, -z[a]);
    descend(z, q, G, sparsity, tolerance);
  }
}

/** Replaces the lower half of the positive definite A (L, L) by its Cholesky factor. */
function factor(A: Float64Array, L: number): void {
  for (let i = 0; i < L; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * L + j];
      for (let k = 0; k < j; k++) sum -= A[i * L + k] * A[j * L + k];
      A[i * L + j] = i === j ? Math.sqrt(sum) : sum / A[j * L + j];
    }
  }
}

/** Solves C Cᵀ Y = B of the lower C (L, L) for B (L, d), which Y replaces. */
function substitute(C: Float64Array, B: Float64Array, L: number, d: number): void {
  const reduce = (i: number, k: number, by: number) => {
    for (let c = 0; c < d; c++) B[i * d + c] -= by * B[k * d + c];
  };
  const divide = (i: number) => {
    for (let c = 0; c < d; c++) B[i * d + c] /= C[i * L + i];
  };
  for (let i = 0; i < L; i++) {
    for (let k = 0; k < i; k++) reduce(i, k, C[i * L + k]);
    divide(i);
  }
  for (let i = L - 1; i >= 0; i--) {
    for (let k = i + 1; k < L; k++) reduce(i, k, C[k * L + i]);
    divide(i);
  }
}

/** Weight of staying where they are for directions on which the samples are silent. */
const RIDGE = 1e-9;

/** argmin over D of ‖X − S D‖² + RIDGE ‖D − D₀‖², D₀ the dictionary before: shape (L, d), rows of any length. */
export function leastSquares(
  { size: d, values: X }: Rows,
  S: Float64Array,
  before: Float64Array,
): Float64Array {
  const L = before.length / d;
  const A = new Float64Array(L * L);
  const B = before.map((value) => RIDGE * value);
  for (let a = 0; a < L; a++) A[a * L + a] = RIDGE;
  const on: number[] = [];
  for (let s = 0; s < S.length / L; s++) {
    on.length = 0;
    for (let a = 0; a < L; a++) if (S[s * L + a] !== 0) on.push(a);
    for (const a of on) {
      const z = S[s * L + a];
      for (const b of on) A[a * L + b] += z * S[s * L + b];
      for (let k = 0; k < d; k++) B[a * d + k] += z * X[s * d + k];
    }
  }
  factor(A, L);
  substitute(A, B, L, d);
  return B;
}

/** Squared errors ‖x − Dᵀz‖² of the samples. Shape (N). */
export function squaredErrors({ size: d, values: X }: Rows, { codes, dictionary }: Factors): Float64Array {
  const L = dictionary.length / d;
  const rest = new Float64Array(d);
  return Float64Array.from({ length: X.length / d }, (_, s) => {
    for (let k = 0; k < d; k++) rest[k] = X[s * d + k];
    for (let a = 0; a < L; a++) {
      const z = codes[s * L + a];
      if (z !== 0) for (let k = 0; k < d; k++) rest[k] -= z * dictionary[a * d + k];
    }
    return rest.reduce((sum, value) => sum + value * value, 0);
  });
}

/** Brings the rows of the dictionary to length 1, and the codes to what they stood for. */
function toUnitRows({ codes, dictionary }: Factors, d: number): void {
  const L = dictionary.length / d;
  for (let a = 0; a < L; a++) {
    const row = dictionary.subarray(a * d, (a + 1) * d);
    const length = lengthOf(row);
    for (let k = 0; k < d; k++) row[k] /= length;
    for (let at = a; at < codes.length; at += L) codes[at] *= length;
  }
}

/** Points the latents that code no sample at the samples of largest error, one each. */
function wake(samples: Rows, own: Factors): void {
  const { size: d, values: X } = samples;
  const L = own.dictionary.length / d;
  const fires = new Uint8Array(L);
  own.codes.forEach((z, at) => {
    if (z !== 0) fires[at % L] = 1;
  });
  const silent = [...fires.keys()].filter((a) => fires[a] === 0);
  if (silent.length === 0) return;
  const errors = squaredErrors(samples, own);
  const worst = [...errors.keys()].sort((a, b) => errors[b] - errors[a] || a - b);
  silent.forEach((a, turn) => {
    for (let k = 0; k < d; k++) own.dictionary[a * d + k] = X[worst[turn] * d + k];
    toUnitRows(own, d);
  });
}

/** Turns of codes and dictionary at the first λ, and at each smaller one. */
export interface Turns {
  first: number;
  further: number;
}

/** Tolerance of the codes on the way. */
const ROUGH = 1e-3;

/**
 * Factorisations for falling λ, each from the one before it: turns of LASSO codes and a least-squares dictionary from
 * the unit rows of `start` (L, d), latents that code no sample moved to the samples of largest error, and the codes of
 * the last dictionary to the end.
 */
export function factorise(
  samples: Rows,
  start: Float64Array,
  sparsities: readonly number[],
  turns: Turns,
): Factors[] {
  const d = samples.size;
  const L = start.length / d;
  let own: Factors = {
    sparsity: Number.NaN,
    codes: new Float64Array((samples.values.length / d) * L),
    dictionary: start,
  };
  return sparsities.map((sparsity, at) => {
    for (let turn = 0; turn < (at === 0 ? turns.first : turns.further); turn++) {
      lassoCodes(samples, own.dictionary, sparsity, own.codes, ROUGH);
      own = { sparsity, codes: own.codes, dictionary: leastSquares(samples, own.codes, own.dictionary) };
      toUnitRows(own, d);
      wake(samples, own);
    }
    lassoCodes(samples, own.dictionary, sparsity, own.codes);
    return { sparsity, codes: own.codes.slice(), dictionary: own.dictionary.slice() };
  });
}
