/** A process to be failed, cut, stopped and killed: `sweep`, `merge` or `train` into a folder, as the command line does. */
import path from 'node:path';
import { exitCodeOf, messageOf } from '../sim/cli/exit.ts';
import type { SpecInput } from '../sim/spec.ts';
import { writeRun } from '../sim/store/run.ts';
import { mergeSweeps } from '../sim/sweep/merge.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { finish, trainAll } from '../sim/train.ts';

const [job, json, folder] = process.argv.slice(2);
const spec: SpecInput = JSON.parse(json);
const note = (text: string) => process.stderr.write(`${text}\n`);

async function runSweep(): Promise<void> {
  const options = { engine: 'simd', threads: 1, blockInstances: 5, resume: true } as const;
  const { trained } = await finish(
    sweep(spec, folder, { ...options, formats: ['csv', 'parquet', 'npz'] }),
    (event) => {
      if (event.kind === 'note') note(event.text);
    },
  );
  note(`trained ${trained}`);
}

async function runTrain(): Promise<void> {
  const result = await trainAll(spec, { engine: 'simd', threads: 1 });
  const heldOut = result.groups.map(({ rows }) => Float64Array.from(rows));
  const timeless = { seconds: 0, samples: 0, samplesPerSecond: 0, started: new Date(0) };
  writeRun(folder, { ...result, ...timeless, heldOut, complete: true }, true);
}

const JOBS: Record<string, () => Promise<unknown>> = {
  sweep: runSweep,
  train: runTrain,
  merge: () => mergeSweeps([path.join(path.dirname(folder), 'parts')], folder),
};

try {
  await JOBS[job]();
} catch (error) {
  note(messageOf(error));
  process.exitCode = exitCodeOf(error); // and the process must come to its end by itself
}
