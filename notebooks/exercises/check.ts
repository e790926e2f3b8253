/** The checks of choices and of specs: an answer's text in, pass or fail and a sentence out. Code: see checkCode.ts. */
import { parseSpec, type Spec } from '../../sim/spec.ts';
import { SpecError, show } from '../../sim/specError.ts';
import type { ChoiceExercise, TrainingExercise, Verdict } from './exercise.ts';

/** A verdict that an answer is not right yet. */
export const fail = (message: string): Verdict => ({ passed: false, message });
export const NOTHING = fail('Nothing here yet. Type an answer, then check it.');

/** Compares a choice with the right one. */
export function checkChoice(exercise: ChoiceExercise, key: string): Verdict {
  if (key === exercise.solution) return { passed: true, message: exercise.why };
  const mistake = exercise.mistakes.find(({ answer }) => answer === key);
  return fail(mistake?.says ?? 'Choose one of the answers.');
}

/** The spec that an answer holds, or what is wrong with it. */
export function readSpec(exercise: TrainingExercise, text: string): Spec | Verdict {
  if (text.trim() === '') return NOTHING;
  try {
    const spec = parseSpec(JSON.parse(text));
    const demand = exercise.demand(spec);
    return demand === null ? spec : fail(demand);
  } catch (error) {
    if (error instanceof SpecError) return fail(error.message);
    return fail(`This is not JSON: ${error instanceof Error ? error.message : show(error)}.`);
  }
}

/** Tells a verdict from a spec. */
export function isVerdict(value: Spec | Verdict): value is Verdict {
  return 'passed' in value;
}
