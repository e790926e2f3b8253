/** Runs the code of an answer away from the page. Says `ready`, then takes one message and gives one verdict. */
import { checkCode } from './checkCode.ts';
import { exerciseOf } from './index.ts';

addEventListener('message', ({ data }: MessageEvent<{ id: string; text: string }>) => {
  const exercise = exerciseOf(data.id);
  if (exercise.form === 'code') postMessage(checkCode(exercise, data.text));
});
postMessage('ready');
