/** The worker behind standing.ts: one question at a time. */
import { standingOf } from './rivals.ts';
import type { Question } from './standing.ts';

self.onmessage = ({ data: { spec, W, b } }: MessageEvent<Question>) => {
  try {
    self.postMessage(standingOf(spec, { W, b }));
  } catch {
    self.postMessage(null); // no exact loss for such a family: nothing is said
  }
};
