/**
 * Which phase a Bayesian posterior prefers: of phases with loss L_α and learning coefficient λ_α, that of least free
 * energy F_n = n L_α + λ_α ln n + c_α (Watanabe 2013). As n grows the loss counts ever more, and a phase of lower loss
 * and higher λ takes over from a simpler one.
 */

/** A neighbourhood of a minimum, as a posterior sees it. */
export interface Phase {
  name: string;
  level: number; // L, its expected loss
  lambda: number; // λ
  offset: number; // c: what does not grow with n, such as −ln of the prior there
}

/** F_n of a phase at sample size n. */
export const freeEnergy = ({ level, lambda, offset }: Phase, n: number): number =>
  n * level + lambda * Math.log(n) + offset;

/** The phase of least F_n. */
export const preferredPhase = (phases: readonly Phase[], n: number): Phase =>
  phases.reduce((best, phase) => (freeEnergy(phase, n) < freeEnergy(best, n) ? phase : best));

/** A change of the preferred phase as n grows. */
export interface Transition {
  from: string;
  to: string;
  n: number; // at which both have the same F_n
}

const MOST_HALVINGS = 60;

/** Where the phases preferred at `low` and `high`, two neighbours, exchange their places, by bisection. */
function crossing(phases: readonly Phase[], from: Phase, low: number, high: number): Transition {
  let [below, above] = [low, high];
  for (let k = 0; k < MOST_HALVINGS; k++) {
    const middle = Math.sqrt(below * above);
    if (preferredPhase(phases, middle).name === from.name) below = middle;
    else above = middle;
  }
  return { from: from.name, to: preferredPhase(phases, above).name, n: above };
}

/** All changes of the preferred phase between points `grid` (rising) of n. */
export function phaseTransitions(phases: readonly Phase[], grid: readonly number[]): Transition[] {
  return grid.slice(1).flatMap((high, k) => {
    const from = preferredPhase(phases, grid[k]);
    return preferredPhase(phases, high).name === from.name ? [] : [crossing(phases, from, grid[k], high)];
  });
}
