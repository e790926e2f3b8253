/** The engines by name, and how `auto` picks one. */
import { type Engine, type EngineName, EngineUnavailableError } from './engine.ts';

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

/** An engine that can run here, and why it was taken. */
export interface Choice {
  engine: Engine;
  why: string; // for people and for run.json
}

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
    return { engine, why: `${name} was asked for` };
  }
  const { probeAdapter } = await import('./gpu/probe.ts');
  const adapter = await probeAdapter();
  if (adapter && !adapter.software)
    return { engine: await load('webgpu'), why: `auto: ${adapter.description}` };
  const why = adapter ? `the only WebGPU adapter is software (${adapter.description})` : 'no WebGPU adapter';
  return { engine: await load('simd'), why: `auto: ${why}` };
}
