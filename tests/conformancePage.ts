/** What tests/conformanceChromium.ts runs inside a page. */
import type { Engine } from '../sim/engine.ts';
import { gpuEngine } from '../sim/gpu/engine.ts';
import type { GpuMode } from '../sim/gpu/shape.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { trainAll } from '../sim/train.ts';
import { CASES, deviceThatRan, differences, openFirst } from './conformance.ts';

/** An engine that a page can run. */
export type PageMode = Extract<GpuMode, 'webgl2' | 'webgpu'> | 'simd' | 'reference';

function engineOf(mode: PageMode): Engine {
  if (mode === 'simd') return simd;
  return mode === 'reference' ? reference : gpuEngine(mode);
}

export const caseCount = CASES.length;
export const unavailable = (mode: PageMode) => engineOf(mode).unavailable();
export const device = (mode: PageMode) => deviceThatRan(engineOf(mode));
export const check = (mode: PageMode, index: number) => differences(engineOf(mode), CASES[index]);

/** What `train` makes of a spec on an engine: first and last loss, and the weights of the first group by name. */
export async function trained(spec: object, mode: PageMode) {
  const { groups } = await trainAll(spec as never, { engine: mode });
  const [{ losses, params }] = groups;
  const weights = Object.entries(params).map(([name, values]) => [name, [...values]]);
  return { losses: [...losses], weights: Object.fromEntries(weights) as Record<string, number[]> };
}

/** Opens, runs and closes `count` sessions one after the other. */
export async function soak(mode: PageMode, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await deviceThatRan(engineOf(mode));
}

/** Loses the WebGL context that a session took, and returns the error of its next run. */
export async function loseContext(): Promise<string> {
  const taken: WebGL2RenderingContext[] = [];
  for (const canvas of [OffscreenCanvas, HTMLCanvasElement]) {
    const original = canvas.prototype.getContext as (...args: unknown[]) => unknown;
    canvas.prototype.getContext = function (this: unknown, ...args: unknown[]) {
      const context = original.apply(this, args);
      if (context instanceof WebGL2RenderingContext) taken.push(context);
      return context;
    } as never;
  }
  const session = await openFirst(gpuEngine('webgl2'));
  await session.run(3);
  for (const context of taken) context.getExtension('WEBGL_lose_context')?.loseContext();
  const error = await session.run(6).then(() => 'none', String);
  await session.close();
  return error;
}
