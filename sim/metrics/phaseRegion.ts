/**
 * What became of one feature, as the phase diagrams colour it: strength of its representation first, then
 * whether it shares its direction.
 */
import { interference } from './interference.ts';
import { type Directions, featureNorms, type Shape } from './norms.ts';

/** What became of a feature: no direction, one that others share, or one of its own. */
export type Region = 'not learned' | 'superposed' | 'dedicated';

/**
 * Half-way marks: a learned feature has norm 1 and a lost one 0; an antipodal partner gives interference 1 and
 * a dedicated dimension 0.
 */
const HALF = 0.5;

/** Region of a feature with this norm and interference. */
export function regionOf(norm: number, superposition: number): Region {
  if (norm < HALF) return 'not learned';
  return superposition < HALF ? 'dedicated' : 'superposed';
}

/**
 * The two colour coordinates of feature `feature` in each instance: (‖W_i‖, interference), each clipped to 1.
 * Shape (I, 2), in [0, 1]. (0, ·) is drawn white, (1, 0) as a dedicated dimension, (1, 1) as superposition.
 */
export function phaseColors(directions: Directions, shape: Shape, feature: number): Float64Array {
  const norms = featureNorms(directions, shape);
  const shared = interference(directions, shape);
  const out = new Float64Array((norms.length / shape.features) * 2);
  for (let row = feature, at = 0; row < norms.length; row += shape.features, at += 2) {
    out[at] = Math.min(1, norms[row]);
    out[at + 1] = Math.min(1, shared[row]);
  }
  return out;
}
