/** How far a training is, how fast it goes and how long it still takes. */

/** Where a training stands. Rates and times are over the whole of it, by the clock. */
export interface Progress {
  kind: 'progress';
  group: number; // of the grid, from 0
  step: number; // updates done in the current block
  steps: number; // of the current block
  instances: number; // instances of the whole training
  instancesDone: number; // those that are finished
  fraction: number; // of all samples
  loss: number; // mean of the last recorded losses of the current block; NaN before the first
  samplesPerSecond: number; // since the start; one sample = one model, one input, forward and backward
  seconds: number; // since the start
  etaSeconds: number; // to the end, at this rate
}

type MeterFields = 'fraction' | 'samplesPerSecond' | 'seconds' | 'etaSeconds';

/** Clock of a whole training: how many samples are done, and what that says about the rest. */
export interface Meter {
  started: number; // ms
  samples: number; // of all
  done: number;
}

/** Progress at a point of the training, by the clock. */
export function progress(meter: Meter, at: Omit<Progress, 'kind' | MeterFields>): Progress {
  const seconds = (performance.now() - meter.started) / 1000;
  const samplesPerSecond = meter.done / Math.max(seconds, 1e-9);
  const etaSeconds = (meter.samples - meter.done) / Math.max(samplesPerSecond, 1e-9);
  return {
    kind: 'progress',
    ...at,
    fraction: meter.done / meter.samples,
    samplesPerSecond,
    seconds,
    etaSeconds,
  };
}
