/** Rows of the benchmark, what is measured on them, and how: all contenders do the same work on the same row. */

/** Settings that a contender process gets, as JSON, in its first argument. */
export interface Row {
  features: number;
  hidden: number;
  instances: number;
  threads: number;
  densities: number[];
  model?: 'paper' | 'hidden-bias' | 'sae' | 'untied-abs'; // absent: paper
  latents?: number; // of a sparse autoencoder
}

/** What it prints, a line for each density: samples/s of each repetition. */
export interface Measurement {
  density: number;
  samplesPerSecond: number[];
  note: string; // what ran
}

/** One measured cell of the table. */
export interface Result {
  contender: string;
  features: number;
  hidden: number;
  instances: number;
  threads: number;
  density: number;
  best: number; // samples/s
  median: number;
  note: string;
  load: number; // average of the last minute before the row
  run: string; // when the run began
}

export interface Results {
  machine: string;
  node: string;
  missing: Record<string, string>; // contenders that could not take part
  rows: Result[];
}

/** Inputs a step and model. One sample is one model, one input, forward and backward. */
export const BATCH = 1024;
/** Repetitions of a measurement and the seconds that each should take. */
const REPETITIONS = 5;
const SECONDS = 0.18;

/** Times `run`, which does so many steps, until it is warm, then REPETITIONS times; samples/s of each. */
export async function measure(row: Row, run: (steps: number) => unknown): Promise<number[]> {
  const time = async (steps: number) => {
    const started = performance.now();
    await run(steps);
    return (performance.now() - started) / 1000;
  };
  let steps = 1;
  for (let seconds = await time(1); seconds < SECONDS / 2; seconds = await time(steps)) {
    steps = Math.ceil(steps * Math.min(8, SECONDS / Math.max(seconds, 1e-6)));
  }
  const rates: number[] = [];
  for (let k = 0; k < REPETITIONS; k++) rates.push((row.instances * BATCH * steps) / (await time(steps)));
  return rates;
}
