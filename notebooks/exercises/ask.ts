/** Asks for a verdict in the page: code in a worker with a time limit, choices at once, specs by training. */
import { type TrainResult, trainAll } from '../../sim/train.ts';
import { checkChoice, isVerdict, readSpec } from './check.ts';
import type { Exercise, TrainingExercise, Verdict } from './exercise.ts';

const SECONDS = 3; // a correct answer takes milliseconds

/** A verdict, and the trained models where there are some. */
export interface Answered {
  verdict: Verdict;
  result?: TrainResult;
}

const fail = (message: string): Verdict => ({ passed: false, message });

const NO_WORKER =
  'The check could not start: this page may not start workers here. Reload it and try again. Still so? The web host or an add-on of the browser forbids it: tell your teacher.';

/** Waits second by second, so that a page that is busy itself meanwhile does not count against the answer. */
async function sleep(seconds: number): Promise<void> {
  for (let k = 0; k < seconds; k++) await new Promise((resolve) => setTimeout(resolve, 1000));
}

/** Checks code in a fresh worker; stops it when it takes too long. */
function askWorker(id: string, text: string): Promise<Verdict> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const verdict = new Promise<Verdict>((resolve) => {
    worker.onerror = () => resolve(fail(NO_WORKER));
    worker.onmessage = ({ data }: MessageEvent<'ready' | Verdict>) => {
      if (data !== 'ready') return resolve(data);
      worker.postMessage({ id, text });
      const late = fail(`Stopped after ${SECONDS} seconds. Does a loop never end?`);
      sleep(SECONDS).then(() => resolve(late));
    };
  });
  return verdict.finally(() => worker.terminate());
}

async function askTraining(
  exercise: TrainingExercise,
  text: string,
  onProgress: (fraction: number) => void,
): Promise<Answered> {
  const spec = readSpec(exercise, text);
  if (isVerdict(spec)) return { verdict: spec };
  try {
    const result = await trainAll(spec, {}, (event) => {
      if (event.kind === 'progress') onProgress(event.fraction);
    });
    return { verdict: exercise.judge(result), result };
  } catch (error) {
    return { verdict: fail(error instanceof Error ? error.message : String(error)) };
  }
}

/** Checks an answer to any exercise. Never rejects. */
export async function ask(
  exercise: Exercise,
  text: string,
  onProgress: (fraction: number) => void,
): Promise<Answered> {
  if (exercise.form === 'training') return askTraining(exercise, text, onProgress);
  if (exercise.form === 'choice') return { verdict: checkChoice(exercise, text) };
  return { verdict: await askWorker(exercise.id, text) };
}
