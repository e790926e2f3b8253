/** Parts of the specs in training exercises: text they share, and what they must keep, said in words. */
import type { Spec } from '../../sim/spec.ts';

/** A training that ends in a clean minimum: the rate falls to 0 and nothing pulls on the weights. */
export const CLEAN_TRAINING = (steps: number) => `"training": {
    "steps": ${steps}, "batch": 512, "learningRate": 0.01,
    "schedule": "cosine", "weightDecay": 0
  }`;

/** What is wrong with the size of the model, or null. */
export function keepSize({ model }: Spec, features: number, hidden: number): string | null {
  const kept = model.features === features && model.hidden === hidden;
  return kept ? null : `Keep features at ${features} and hidden at ${hidden}.`;
}

/** What is wrong where the output has no ReLU any more, or null. */
export function keepRelu({ model }: Spec): string | null {
  if (model.outputActivation === 'relu') return null;
  return 'Keep the ReLU at the output: without it the model is linear.';
}

/** What is wrong with a sweep where one setting is asked for, or null. */
export function oneSetting({ sweep }: Spec): string | null {
  return sweep.length > 0 ? 'One setting is enough here: leave out the sweep.' : null;
}
