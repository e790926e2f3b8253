/** Runs a contender in a process of its own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Contender } from './contenders.ts';
import type { Measurement, Row } from './row.ts';

const TIMEOUT = 90_000; // ms a row; torch.compile takes most of it where cores are busy

/** Runs a contender on a row and calls `onMeasurement` for each line it prints. Resolves to what went wrong. */
export function execute(
  contender: Contender,
  row: Row,
  onMeasurement: (own: Measurement) => void,
): Promise<string> {
  const [program, ...args] = contender.command(row);
  return new Promise((resolve) => {
    const child = spawn(program, args, { timeout: TIMEOUT, killSignal: 'SIGKILL' });
    let complaint = '';
    child.stderr.on('data', (text) => {
      complaint = `${complaint}${text}`.slice(-2000);
    });
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{')) onMeasurement(JSON.parse(line));
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? '' : `${signal ?? `exit ${code}`} ${complaint}`),
    );
  });
}
