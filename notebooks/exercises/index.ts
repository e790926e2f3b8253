/** The notebooks in order, each with its exercises. */
import { computation } from './computation.ts';
import { correlation } from './correlation.ts';
import { dictionaries } from './dictionaries.ts';
import { dynamics } from './dynamics.ts';
import type { Exercise } from './exercise.ts';
import { features } from './features.ts';
import { geometry } from './geometry.ts';
import { memory } from './memory.ts';
import { phase } from './phase.ts';
import { sparsity } from './sparsity.ts';
import { sweep } from './sweep.ts';

/** Exercises of each notebook, by the notebook's file name without .html. */
export const exercises: Record<string, Exercise[]> = {
  '1-features': features,
  '2-sparsity': sparsity,
  '3-phase-change': phase,
  '4-geometry': geometry,
  '5-correlation': correlation,
  '6-dynamics': dynamics,
  '7-computation': computation,
  '8-sweep': sweep,
  '9-memory': memory,
  '10-dictionaries': dictionaries,
};

/** The exercise called `id`. */
export function exerciseOf(id: string): Exercise {
  const found = Object.values(exercises)
    .flat()
    .find((exercise) => exercise.id === id);
  if (!found) throw new Error(`exercise: expected the id of an exercise, got "${id}"`);
  return found;
}
