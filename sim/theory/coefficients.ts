/**
 * Exact answers for Langevin dynamics: what nβ E[L(w) − L(w*)] is under exp(−nβ L(w) − γ/2 |w − w*|²) where the loss is
 * simple. As nβ grows over γ each tends to the learning coefficient λ of its loss.
 */

/** L = Σ_k (w_k − w*_k)² over d weights, λ = d/2: d/2 · 2nβ / (2nβ + γ). */
export function squaresExcess(d: number, inverseTemperature: number, localization: number): number {
  return (d * inverseTemperature) / (2 * inverseTemperature + localization);
}

/**
 * The same for a chain of step size ε, which is no longer small: every weight is an autoregressive process of factor
 * 1 − ε (nβ + γ/2), whose variance is ε / (1 − factor²).
 */
export function squaresExcessOfSteps(
  d: number,
  inverseTemperature: number,
  localization: number,
  stepSize: number,
): number {
  const factor = 1 - stepSize * (inverseTemperature + localization / 2);
  return (d * inverseTemperature * stepSize) / (1 - factor * factor);
}

/** The same before the chain, which began at the minimum, has forgotten that: after so many steps it is 1 − factor^(2 steps) of it. */
export function squaresExcessAt(
  d: number,
  inverseTemperature: number,
  localization: number,
  stepSize: number,
  steps: number,
): number {
  const factor = 1 - stepSize * (inverseTemperature + localization / 2);
  const settled = squaresExcessOfSteps(d, inverseTemperature, localization, stepSize);
  return settled * (1 - factor ** (2 * steps));
}

/** Points of the midpoint rule below. */
const POINTS = 20_000;

/**
 * L = u² v², the normal crossing at 0, λ = ½ with multiplicity 2: over v the integrals are Gaussian,
 *
 *     nβ E[u² v²] = ∫ ½ nβu² s(u)^(−3/2) e^(−γu²/2) du / ∫ s(u)^(−1/2) e^(−γu²/2) du,   s = nβu² + γ/2,
 *
 * taken over t = asinh(u √(2nβ/γ)), where both are smooth. It tends to ½ only as 1 / ln(nβ/γ²).
 */
export function crossingExcess(inverseTemperature: number, localization: number): number {
  const unit = Math.sqrt(localization / (2 * inverseTemperature));
  const end = Math.asinh(12 / Math.sqrt(localization) / unit); // beyond u = 12/√γ the weight is below e^(−72)
  let [above, below] = [0, 0];
  for (let k = 0; k < POINTS; k++) {
    const t = ((k + 0.5) / POINTS) * end;
    const u = unit * Math.sinh(t);
    const s = inverseTemperature * u * u + localization / 2;
    const weight = (Math.exp((-localization * u * u) / 2) * unit * Math.cosh(t)) / Math.sqrt(s);
    above += (weight * inverseTemperature * u * u) / (2 * s);
    below += weight;
  }
  return above / below;
}
