/** Weights of I models in either precision, as metrics read them: Params, or a Model (then I = 1). */
export interface Weights {
  W: ArrayLike<number>; // (I, n, m)
  V: ArrayLike<number> | null; // (I, n, m), null when tied
  b: ArrayLike<number>; // (I, n)
}
