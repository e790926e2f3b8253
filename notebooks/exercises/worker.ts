/** Runs the code of an answer away from the page. One message in, one verdict out. */
import { checkCode } from './check.ts';
import { exerciseOf } from './index.ts';

addEventListener('message', ({ data }: MessageEvent<{ id: string; text: string }>) => {
  const exercise = exerciseOf(data.id);
  if (exercise.form === 'code') postMessage(checkCode(exercise, data.text));
});
