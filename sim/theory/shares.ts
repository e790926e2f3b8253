/** Shares of the hidden space that the members of regular shapes get: the one list for metrics, figures and pages. */

/** A shape whose members all have one feature dimensionality. */
interface Shape {
  share: number; // D_i of each member
  name: string;
  fraction: string; // the share as text
}

/** The shapes that the first paper names, from a dimension of one's own on down. */
export const SHAPES: readonly Shape[] = [
  { share: 1, name: 'alone', fraction: '1' },
  { share: 3 / 4, name: 'tetrahedron', fraction: '3/4' },
  { share: 2 / 3, name: 'triangle', fraction: '2/3' },
  { share: 1 / 2, name: 'digon', fraction: '1/2' },
  { share: 2 / 5, name: 'pentagon', fraction: '2/5' },
  { share: 3 / 8, name: 'square antiprism', fraction: '3/8' },
];

/** The shape whose share D is nearest to, if within `tolerance` of it, or null. */
export function shapeAt(D: number, tolerance = 0.02): Shape | null {
  const nearest = SHAPES.reduce((best, shape) =>
    Math.abs(shape.share - D) < Math.abs(best.share - D) ? shape : best,
  );
  return Math.abs(nearest.share - D) < tolerance ? nearest : null;
}
