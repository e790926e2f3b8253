/**
 * Correlated gates: a matrix of correlations of the normals behind them, and its Cholesky factor, by which independent
 * normals become correlated ones: z = L ε with L Lᵀ = C. The correlation is that of the normals: two gates that are open
 * where normals of correlation ρ lie below Φ⁻¹(p) and Φ⁻¹(q) have the smaller (Φ₂(…; ρ) − pq) / √(p(1 − p) q(1 − q)).
 */
import { SpecError, type SpecIssue, show } from './specError.ts';

/** How a spec gives the matrix: whole, or as the correlation of feature 0 with each other one, these being uncorrelated. */
type Correlation = { hub: number } | number[][];

/** A pivot this far below 0 is what rounding makes of 0. */
const ROUNDING = 1e-9;

/** C (n, n) written out, so that the Cholesky factor of a hub has few entries that are not 0. */
function matrixOf(correlation: Correlation, n: number): number[][] {
  if (Array.isArray(correlation)) return correlation;
  const { hub } = correlation;
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? 1 : i === 0 || j === 0 ? hub : 0)),
  );
}

/** L of C = L Lᵀ by rows, those of the lower triangle one after the other (n (n + 1) / 2); null if C has none. */
function cholesky(C: readonly (readonly number[])[]): Float64Array | null {
  const n = C.length;
  const L = new Float64Array((n * (n + 1)) / 2);
  const row = (i: number) => (i * (i + 1)) / 2;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = C[i][j];
      for (let k = 0; k < j; k++) rest -= L[row(i) + k] * L[row(j) + k];
      const pivot = L[row(j) + j];
      if (i === j && rest < -ROUNDING) return null;
      if (i !== j && pivot === 0 && Math.abs(rest) > Math.sqrt(ROUNDING)) return null;
      L[row(i) + j] = i === j ? Math.sqrt(Math.max(0, rest)) : pivot === 0 ? 0 : rest / pivot;
    }
  }
  return L;
}

/** What is wrong with correlations of n features. */
export function correlationIssues(correlation: Correlation, n: number): SpecIssue[] {
  const issue = (path: string, expected: string, got: unknown): SpecIssue[] => [
    { path: `input.correlation${path}`, expected, got: typeof got === 'string' ? got : show(got) },
  ];
  if (Array.isArray(correlation)) {
    const short = [correlation, ...correlation].find((list) => list.length !== n);
    if (short) return issue('', `model.features = ${n} lists of as many numbers`, `${short.length} entries`);
    for (let i = 0; i < n; i++) {
      if (correlation[i][i] !== 1) return issue(`.${i}.${i}`, '1 on the diagonal', correlation[i][i]);
      const j = correlation[i].findIndex((value, k) => value !== correlation[k][i]);
      if (j >= 0) return issue(`.${i}.${j}`, `${correlation[j][i]} as on the other side`, correlation[i][j]);
    }
  }
  if (cholesky(matrixOf(correlation, n))) return [];
  return issue(
    '',
    'correlations that normals can have together (a matrix without negative eigenvalues)',
    'others',
  );
}

/** The Cholesky factor (n (n + 1) / 2) of a spec's correlations. @throws SpecError */
export function correlationFactor(correlation: Correlation, n: number): Float64Array {
  const issues = correlationIssues(correlation, n);
  if (issues.length > 0) throw new SpecError(issues);
  return cholesky(matrixOf(correlation, n))!;
}
