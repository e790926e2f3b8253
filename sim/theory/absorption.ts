/**
 * Absorption, exactly: a parent f0 and a child f1 of magnitude 1 on orthonormal axes, read by two latents. Where the
 * child never comes alone, the cheapest code for both is one latent along f0 + f1, and the parent's latent is silent.
 */
import {
  axisCosine,
  type BestDictionary,
  bestDictionary,
  type Dictionary,
  encode,
  plain,
  type Support,
  startAt,
} from './dictionary.ts';

/** How often parent and child come. */
interface Kinship {
  parent: number; // probability of f0
  child: number; // probability of f1
  alone: number; // q, share of the child's appearances without its parent
}

/** The published setting: parent 1/4, child 1/20 (Chanin et al. 2024). */
export const PUBLISHED: Omit<Kinship, 'alone'> = { parent: 0.25, child: 0.05 };

/** The four inputs (0,0), (1,0), (0,1), (1,1). */
export function kinshipSupport({ parent, child, alone }: Kinship): Support {
  const both = (1 - alone) * child;
  const probability = [1 - parent - alone * child, parent - both, alone * child, both];
  return {
    size: 2,
    probability: Float64Array.from(probability),
    points: Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1),
  };
}

/** What the best dictionary makes of the parent. */
interface ParentFate extends BestDictionary {
  response: number; // the parent latent's code of f0 + f1 over that of f0: 0 = absorbed, 1 = clean
  childCosine: number; // cos(child latent's decoder, f0)
}

const half = Math.SQRT1_2;
/** Clean, absorbed, and the two ways between. */
const STARTS = [
  [1, 0, 0, 1],
  [1, 0, half, half],
  [1, -0.3, 0.3, 1],
  [1, -1, half, half],
];

/** What a dictionary of two latents makes of the parent, whose latent is the one nearest to it. */
export function fateOf(dictionary: Dictionary): Pick<ParentFate, 'response' | 'childCosine'> {
  const parent = axisCosine(dictionary, 0, 0) >= axisCosine(dictionary, 1, 0) ? 0 : 1;
  const code = (h: number[]) => encode(dictionary, Float64Array.from(h))[parent];
  return {
    response: code([1, 1]) / code([1, 0]),
    childCosine: axisCosine(dictionary, 1 - parent, 0),
  };
}

/** The exact optimum of two latents at sparsity λ. */
export function parentFate(kinship: Kinship, sparsity: number): ParentFate {
  const starts = STARTS.map((directions) => startAt(directions, 2));
  const best = bestDictionary(kinshipSupport(kinship), plain(2, sparsity), starts);
  return { ...best, ...fateOf(best.dictionary) };
}
