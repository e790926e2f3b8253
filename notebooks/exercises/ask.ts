/** Asks for a verdict in the page: code in a worker with a time limit, choices at once, specs by training. */
import type { TrainEvent } from '../../sim/block.ts';
import { type TrainResult, trainAll } from '../../sim/train.ts';
import { checkChoice, isVerdict, readSpec } from './check.ts';
import type { Exercise, TrainingExercise, Verdict } from './exercise.ts';

const SECONDS = 3; // a correct answer takes milliseconds

/** Checks code in a fresh worker; stops it when it takes too long. */
function askWorker(id: string, text: string): Promise<Verdict> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const verdict = new Promise<Verdict>((resolve) => {
    const fail = (message: string) => resolve({ passed: false, message });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => fail('The check could not start. Reload the page and try again.');
    setTimeout(() => fail(`Stopped after ${SECONDS} seconds. Does a loop never end?`), 1000 * SECONDS);
    worker.postMessage({ id, text });
  });
  return verdict.finally(() => worker.terminate());
}

/** A verdict, and the trained models where there are some. */
export interface Answered {
  verdict: Verdict;
  result?: TrainResult;
}

async function askTraining(
  exercise: TrainingExercise,
  text: string,
  onEvent: (event: TrainEvent) => void,
): Promise<Answered> {
  const spec = readSpec(exercise, text);
  if (isVerdict(spec)) return { verdict: spec };
  const result = await trainAll(spec, {}, onEvent);
  return { verdict: exercise.judge(result), result };
}

/** Checks an answer to any exercise. */
export async function ask(
  exercise: Exercise,
  text: string,
  onEvent: (event: TrainEvent) => void,
): Promise<Answered> {
  if (exercise.form === 'training') return askTraining(exercise, text, onEvent);
  if (exercise.form === 'choice') return { verdict: checkChoice(exercise, text) };
  return { verdict: await askWorker(exercise.id, text) };
}
