/** The worker behind trainer.ts: holds one session and answers one call at a time. */

import { type EngineName, EngineUnavailableError, type Session } from '../../sim/engine.ts';
import { type Choice, chooseEngine, engineFor } from '../../sim/engines.ts';
import { expandGrid } from '../../sim/grid.ts';
import type { Scores } from '../../sim/metrics/dictionaryScores.ts';
import { initParams } from '../../sim/params.ts';
import { type Problem, rowRange, takeParams, takeRows } from '../../sim/problem.ts';
import { parseSpec } from '../../sim/spec.ts';
import { exactLosses } from '../../sim/theory/exactLoss.ts';
import { references } from './theory.ts';
import type {
  AdvanceCall,
  Advanced,
  Answer,
  Answered,
  Call,
  ExactCall,
  OpenCall,
  Opened,
  ScoreCall,
} from './trainer.ts';

let session: Session | null = null;
let problem: Problem | null = null; // the session's
let why = ''; // how the session's engine was chosen

async function simdOrReference(): Promise<Choice> {
  try {
    const { engine } = await chooseEngine('simd');
    return { engine, why: 'one small model cannot fill a GPU', others: [] };
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    return { engine: (await chooseEngine('reference')).engine, why: error.message, others: [] };
  }
}

function choose(name: EngineName | 'auto', purpose: OpenCall['purpose']): Promise<Choice> {
  return name === 'auto' && purpose === 'one model' ? simdOrReference() : chooseEngine(name);
}

async function open(call: OpenCall): Promise<Opened> {
  await session?.close();
  session = null;
  const spec = parseSpec(call.spec);
  const { groups } = expandGrid(spec);
  const { rows, problem: own, initStd } = groups[call.group ?? 0];
  problem = { ...own, firstStep: call.firstStep };
  const params = call.params ?? initParams(problem, initStd);
  const choice = engineFor(await choose(call.engine, call.purpose), problem);
  why = choice.why;
  const threads = call.purpose === 'one model' ? 1 : 0;
  session = await choice.engine.open(problem, params, {
    lossEvery: spec.record.lossEvery,
    threads,
  });
  return {
    report: { ...session.report, why },
    params,
    group: {
      rows,
      features: own.family.features,
      hidden: own.family.hidden,
      steps: own.training.steps,
      work: groups.map((one) => one.rows.length * one.problem.training.steps),
    },
    references: call.purpose === 'one model' ? references(problem) : [],
  };
}

async function advance({ to }: AdvanceCall): Promise<Advanced> {
  if (!session) throw new Error('nothing is open');
  const { lossSteps, losses } = await session.run(to);
  const [params, diverged] = [await session.read(), await session.diverged()];
  return { report: { ...session.report, why }, params, lossSteps, losses, diverged };
}

async function exact({ part }: ExactCall): Promise<Float64Array> {
  if (!session || !problem) throw new Error('nothing is open');
  const params = await session.read();
  if (!part) return exactLosses(problem, params);
  const rows = rowRange(...part);
  return exactLosses(takeRows(problem, rows), takeParams(params, problem.family, rows));
}

async function score({ samples }: ScoreCall): Promise<Scores[]> {
  if (!session || !problem) throw new Error('nothing is open');
  const [own, params] = [problem, await session.read()];
  const { scoresOf, specimenAt } = await import('../../sim/metrics/dictionaryScores.ts'); // few pages need it
  return Array.from({ length: own.instances }, (_, i) => scoresOf(specimenAt(own, params, i, samples)));
}

function answerTo(call: Call): Promise<Answered> {
  switch (call.kind) {
    case 'open':
      return open(call);
    case 'advance':
      return advance(call);
    case 'exact':
      return exact(call);
    case 'score':
      return score(call);
  }
}

async function answer(call: Call): Promise<Answer['result']> {
  try {
    return { value: await answerTo(call) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Longest that a lock may keep the first answer waiting: where locks are busy, the page trains without. */
const LOCK_PATIENCE = 2_000; // ms
/** Whether this worker holds the lock that it keeps for life: see watch in trainer.ts. */
let held = false;

/** Resolves once the lock is held, or not to be had soon. */
const locked = new Promise<void>((resolve) => {
  if (!navigator.locks) return resolve();
  const hold = () => {
    held = true;
    resolve();
    return new Promise(() => {});
  };
  navigator.locks.request(self.name, hold).catch(() => resolve());
  setTimeout(resolve, LOCK_PATIENCE);
});

self.onmessage = async ({ data }: MessageEvent<Call>) => {
  await locked;
  const result = await answer(data);
  self.postMessage({ result, held } satisfies Answer);
};
