/** What an exercise is. Answers, solutions and mistakes are texts: what a participant would type into the box. */
import type { Spec } from '../../sim/spec.ts';
import type { TrainResult } from '../../sim/train.ts';

/** What a check says about an answer. */
export interface Verdict {
  passed: boolean;
  message: string;
}

/** A wrong answer that people give, and what it is told. */
interface Mistake {
  answer: string;
  says: string;
}

interface Task {
  id: string;
  title: string;
  dots: 1 | 2 | 3 | 4 | 5; // difficulty
  minutes: number;
  stub: string; // what the box holds before an answer
  solution: string;
  why: string; // shown with the solution
  hints: string[]; // shown one after the other
  mistakes: Mistake[];
}

/** The answer is JavaScript: one function, or one value where there are no probes. */
export interface CodeExercise extends Task {
  form: 'code';
  probes: unknown[][]; // argument lists to try the function on; [] if the answer is a value
  // biome-ignore lint/suspicious/noExplicitAny: each exercise has its own arguments
  expected: (...probe: any[]) => unknown; // computed by sim, not by the solution
  read: (output: unknown) => unknown; // what is compared with the expected; throws where it makes no sense
  tolerance: number; // relative, of every number
  distance?: (output: unknown) => string; // how far a wrong value is, in a sentence
}

/** The answer is the key of one of the options; each wrong one is a listed mistake. */
export interface ChoiceExercise extends Task {
  form: 'choice';
  options: Record<string, string>;
}

/** The answer is a spec in JSON, which is trained and then judged. */
export interface TrainingExercise extends Task {
  form: 'training';
  demand: (spec: Spec) => string | null; // what must be changed before training, or null
  judge: (result: TrainResult) => Verdict;
}

export type Exercise = CodeExercise | ChoiceExercise | TrainingExercise;

/** An exercise whose answer is JavaScript: a value, compared as it is to 1e-6, unless told. */
export function code(
  exercise: Omit<CodeExercise, 'form' | 'tolerance' | 'probes' | 'read'> & Partial<CodeExercise>,
): CodeExercise {
  return { tolerance: 1e-6, probes: [], read: (output) => output, ...exercise, form: 'code' };
}

/** An exercise whose answer is one of some options. */
export function choice(exercise: Omit<ChoiceExercise, 'form' | 'stub'>): ChoiceExercise {
  return { ...exercise, form: 'choice', stub: '' };
}

/** An exercise whose answer is a spec. */
export function training(exercise: Omit<TrainingExercise, 'form'>): TrainingExercise {
  return { ...exercise, form: 'training' };
}
