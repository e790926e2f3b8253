/** Probabilities of the gates of a hierarchy: given that the parent's gate is open, and given that it is shut. */
import { densities, perFeature } from './curves.ts';
import type { Spec } from './spec.ts';

/** P(open | parent open), and P(open | parent shut); of a feature without a parent P(open), and 0. Both (n). */
interface TreeGates {
  given: Float64Array;
  alone: Float64Array;
}

const ratio = (share: number, whole: number): number => (share === 0 ? 0 : share / whole);

/**
 * The gates of a spec's tree. With rates total, density r_i is how often feature i is active at all and a_i the share of
 * that without its parent, so that P(open | parent open) = r_i (1 − a_i)/r_parent and P(open | parent shut) =
 * r_i a_i/(1 − r_parent): how often a child is active does not depend on how strict the hierarchy is.
 */
export function treeGates({ input: { tree, density } }: Spec, n: number): TreeGates {
  const own = densities(density, n);
  const alone = perFeature(tree!.alone, n);
  if (tree!.rates === 'given') return { given: own, alone };
  return {
    given: own.map((r, i) => {
      const parent = tree!.parents[i];
      return parent < 0 ? r : ratio(r * (1 - alone[i]), own[parent]);
    }),
    alone: own.map((r, i) => {
      const parent = tree!.parents[i];
      return parent < 0 ? 0 : ratio(r * alone[i], 1 - own[parent]);
    }),
  };
}
