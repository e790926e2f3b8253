/** The worker behind trainer.ts: holds one session and answers one call at a time. */
import { type EngineName, EngineUnavailableError, type Session } from '../../sim/engine.ts';
import { type Choice, chooseEngine } from '../../sim/engines.ts';
import { expandGrid } from '../../sim/grid.ts';
import { initParams } from '../../sim/params.ts';
import { parseSpec } from '../../sim/spec.ts';
import type { AdvanceCall, Advanced, Answer, Call, OpenCall, Opened } from './trainer.ts';

let session: Session | null = null;

async function simdOrReference(): Promise<Choice> {
  try {
    const { engine } = await chooseEngine('simd');
    return { engine, why: 'one small model cannot fill a GPU' };
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    return { engine: (await chooseEngine('reference')).engine, why: error.message };
  }
}

function choose(name: EngineName | 'auto', purpose: OpenCall['purpose']): Promise<Choice> {
  return name === 'auto' && purpose === 'one model' ? simdOrReference() : chooseEngine(name);
}

async function open(call: OpenCall): Promise<Opened> {
  await session?.close();
  session = null;
  const { problem: own, initStd } = expandGrid(parseSpec(call.spec)).groups[0];
  const problem = { ...own, firstStep: call.firstStep };
  const params = call.params ?? initParams(problem, initStd);
  const { engine, why } = await choose(call.engine, call.purpose);
  const threads = call.purpose === 'one model' ? 1 : 0;
  session = await engine.open(problem, params, { lossEvery: parseSpec(call.spec).record.lossEvery, threads });
  return { report: { ...session.report, why }, params };
}

async function advance({ to }: AdvanceCall): Promise<Advanced> {
  if (!session) throw new Error('nothing is open');
  const { lossSteps, losses } = await session.run(to);
  return { lossSteps, losses, params: await session.read(), diverged: await session.diverged() };
}

async function answer(call: Call): Promise<Answer> {
  try {
    return { value: call.kind === 'open' ? await open(call) : await advance(call) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

self.onmessage = async ({ data }: MessageEvent<Call>) => self.postMessage(await answer(data));
