/**
 * Runs tests/*.test.ts, each file in a process of its own, two at a time. `tests/run.ts model grid` runs the
 * files whose names contain one of the words. Prints what each file did and, last, the totals. A file that drives a
 * browser and fails is run once more, and both are printed. Fails if a test fails, if a file crashes, hangs or runs
 * no test, or, with SUPERPOSE_REQUIRE=all, if anything is skipped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { builtBy } from './built.ts';

const FOLDER = import.meta.dirname;
/** A file takes two minutes at most where nothing else runs: this is for one that hangs, not for one that is slow. */
const TIMEOUT = 1_200_000; // ms
/** How long the output of a file that has ended may stay open. */
const LEFTOVER = 5_000; // ms

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  output: string;
  seconds: number;
}

const running = new Set<ChildProcess>();

/** Ends a test file and whatever it started, which is in its process group. */
function kill(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // nothing of the group is left
  }
}

/** Runs one test file to its end and returns its exit code (null if killed) and all it printed. */
function execute(file: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(FOLDER, file)], {
      env: { ...process.env, NO_COLOR: '1', SUPERPOSE_TEST_RUN: String(process.pid) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own
    });
    running.add(child);
    const timer = setTimeout(() => kill(child), TIMEOUT);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('exit', (_code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      if (signal) output += `\nkilled by ${signal}`;
      kill(child);
      setTimeout(() => {
        child.stdout.destroy(); // what left the group may hold the pipes open
        child.stderr.destroy();
      }, LEFTOVER).unref();
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const child of running) kill(child);
    process.exit(1);
  });
}
process.on('exit', () => rmSync(builtBy(process.pid), { recursive: true, force: true }));

function skipLines(output: string): string[] {
  return output.split('\n').filter((line) => line.includes('SKIP'));
}

/** The number that uvu printed behind `label`, or NaN if the file never came so far. */
function printed(output: string, label: string): number {
  return Number(output.match(new RegExp(`^ +${label}: +(\\d+)$`, 'm'))?.[1] ?? Number.NaN);
}

async function runFile(file: string): Promise<Outcome> {
  const started = performance.now();
  const { code, output } = await execute(file);
  const seconds = (performance.now() - started) / 1000;
  const [total, passed, unrun] = ['Total', 'Passed', 'Skipped'].map((label) => printed(output, label));
  const skipped = Math.max(unrun, skipLines(output).length);
  const problem = problemOf(code, total + skipped > 0, total === passed);
  return {
    passed: passed || 0,
    failed: (total - passed || 0) + (problem ? 1 : 0),
    skipped: skipped || 0,
    output: output + problem,
    seconds,
  };
}

/** What is wrong with a file besides tests that failed. */
function problemOf(code: number | null, ran: boolean, allPassed: boolean): string {
  if (!ran) return `\nno test ran to its end: exit code ${code}, or test.run() is missing`;
  return code !== 0 && allPassed ? `\nall tests passed, but the file ended with exit code ${code}` : '';
}

function report(file: string, { passed, failed, skipped, output, seconds }: Outcome): void {
  const skips = skipped ? `, ${skipped} skipped` : '';
  console.log(`${failed ? 'FAIL' : 'ok  '} ${file}  ${passed} passed${skips}, ${seconds.toFixed(1)} s`);
  const shown = failed ? output.split('\n') : skipLines(output);
  for (const line of shown) console.log(`     ${line}`);
}

/** A browser with its processes, on a busy machine, fails once in some hundred files for no fault of the page. */
const IN_BROWSER = /\.browser\.test\.ts$/;

/** Runs a file, and one that drives a browser once more if it failed: all that failed first is printed and told. */
async function runTwice(file: string): Promise<Outcome> {
  const first = await runFile(file);
  if (first.failed === 0 || !IN_BROWSER.test(file)) return first;
  report(file, first);
  console.log(`     runs once more: what counts is whether it fails again`);
  return runFile(file);
}

/** Runs every file, as many at a time as there are cores, at most two. */
async function runAll(files: string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = [...files];
  const lane = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const outcome = await runTwice(file);
      outcomes.push(outcome);
      report(file, outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return outcomes;
}

const words = process.argv.slice(2);
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.test.ts') && (words.length === 0 || words.some((w) => name.includes(w))))
  .sort();
const outcomes = await runAll(files);
const sum = (field: 'passed' | 'failed' | 'skipped') => outcomes.reduce((all, own) => all + own[field], 0);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
const mayNotSkip = process.env.SUPERPOSE_REQUIRE === 'all' && skipped > 0;
process.exitCode = failed > 0 || mayNotSkip || passed + skipped === 0 ? 1 : 0;
