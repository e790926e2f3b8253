/** Weights of I models in either precision, as metrics read them: Params, or a Model (then I = 1). */
export interface Weights {
  W: ArrayLike<number>; // (I, n, m)
  V?: ArrayLike<number>; // (I, n, m), absent when tied
  b: ArrayLike<number>; // (I, n)
}
