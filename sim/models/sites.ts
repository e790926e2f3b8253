/** What the ways of taking a model x′ = g(W h + b), h = Wᵀx, apart have in common: its maps, and how well V and U make them up. */
import type { DecompositionShape } from '../family.ts';
import { column, misfit, type Node } from '../program/ops.ts';
import type { Sizes } from './models.ts';

/** A map of the model that is decomposed: its name, and the lengths of what it reads and writes. */
export interface Site {
  name: 'In' | 'Mid' | 'Out';
  reads: number;
  writes: number;
}

/** Tensors by name. */
export type Tensors = Record<string, Node>;

/** What a family of kind 'parts' says of its decomposition. */
export function partsOf({ decomposition }: Pick<Sizes, 'decomposition'>): DecompositionShape {
  if (decomposition) return decomposition;
  throw new RangeError('decomposition: expected in a family of kind "parts", got none');
}

/** The maps that are decomposed, in the order in which a sample meets them. */
export function sitesOf(sizes: Sizes): Site[] {
  const { features: n, hidden: m } = sizes;
  const middle: Site[] = partsOf(sizes).identity ? [{ name: 'Mid', reads: m, writes: m }] : [];
  return [{ name: 'In', reads: n, writes: m }, ...middle, { name: 'Out', reads: m, writes: n }];
}

/** The slope with which a leaky hard sigmoid goes on where it is flat. */
export const LEAK = 0.01;

/** How far the subcomponents are from making up the maps, a mean over sites of ‖W − VU‖² / ‖W‖². */
export function misfits(sizes: Sizes, { W, I, ...tensors }: Tensors): Node[] {
  const weight = column('faithfulness', 1);
  const sites = sitesOf(sizes);
  return sites.map(({ name }) => {
    const [V, U] = [tensors[`V${name}`], tensors[`U${name}`]];
    if (name === 'Mid') return misfit(I, V, U, 1 / sites.length, weight);
    return name === 'In'
      ? misfit(W, V, U, 1 / sites.length, weight)
      : misfit(W, U, V, 1 / sites.length, weight);
  });
}
