/** The engines by name, and how `auto` picks one. */
import { type Engine, type EngineName, EngineRefusedError, EngineUnavailableError } from './engine.ts';
import type { Problem } from './problem.ts';

async function load(name: EngineName): Promise<Engine> {
  switch (name) {
    case 'simd':
      return (await import('./simd/engine.ts')).simd;
    case 'reference':
      return (await import('./reference.ts')).reference;
    case 'webgpu':
    case 'webgl2':
    case 'webasm':
    case 'cpu':
      return (await import('./gpu/engine.ts')).gpuEngine(name);
  }
}

/** Who does the arithmetic, on how many threads, and until when: what everything that trains takes. */
export interface Running {
  engine?: EngineName | 'auto' | Choice; // default auto; a choice made before is not made again
  threads?: number; // CPU engines; 0 or absent = all cores
  signal?: AbortSignal; // stops the work within a second; what is finished stays
}

/** An engine that can run here, and why it was taken: made once, and passed on. */
export interface Choice {
  engine: Engine;
  why: string; // for people and for run.json
  /** What takes the problems that the engine refuses, fastest first; empty for an engine asked for by name. */
  others: Engine[];
}

/** Why an engine cannot train all of some problems, or null. */
export function refusal(engine: Engine, problems: readonly Problem[]): string | null {
  for (const problem of problems) {
    const reason = engine.refuses(problem);
    if (reason !== null) return reason;
  }
  return null;
}

/**
 * The engine of a choice that trains problems: the first that refuses none of them, and why that one.
 * @throws EngineRefusedError if there is none.
 */
export function engineFor(
  { engine, why, others }: Choice,
  ...problems: Problem[]
): { engine: Engine; why: string } {
  const reasons = [why];
  for (const own of [engine, ...others]) {
    const reason = refusal(own, problems);
    if (reason === null) return { engine: own, why: reasons.join('; ') };
    reasons.push(`${own.name} refuses: ${reason}`);
  }
  throw new EngineRefusedError(engine.name, refusal(engine, problems)!);
}

/** An engine as a choice that leaves nothing else. */
export const onlyEngine = (engine: Engine): Choice => ({
  engine,
  why: `${engine.name} was asked for`,
  others: [],
});

/**
 * The engine called `name`; `auto` takes WebGPU where there is a hardware adapter, else SIMD. A software
 * adapter is never picked by auto.
 * @throws EngineUnavailableError if an engine asked for by name cannot run here.
 */
export async function chooseEngine(name: EngineName | 'auto'): Promise<Choice> {
  if (name !== 'auto') {
    const engine = await load(name);
    const reason = await engine.unavailable();
    if (reason) throw new EngineUnavailableError(name, reason);
    return onlyEngine(engine);
  }
  const { probeAdapter } = await import('./gpu/probe.ts');
  const adapter = await probeAdapter();
  const [simd, reference] = [await load('simd'), await load('reference')];
  if (adapter && !adapter.software) {
    return { engine: await load('webgpu'), why: `auto: ${adapter.description}`, others: [simd, reference] };
  }
  const why = adapter ? `the only WebGPU adapter is software (${adapter.description})` : 'no WebGPU adapter';
  return { engine: simd, why: `auto: ${why}`, others: [reference] };
}

/** The choice that an option names, made now if it was not made before; none is auto. */
export async function settle(engine: Running['engine'] = 'auto'): Promise<Choice> {
  return typeof engine === 'string' ? chooseEngine(engine) : engine;
}
