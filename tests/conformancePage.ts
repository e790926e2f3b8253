/** What tests/conformanceChromium.ts runs inside a page. */
import { gpuEngine } from '../sim/gpu/engine.ts';
import type { GpuMode } from '../sim/gpu/shape.ts';
import { CASES, deviceThatRan, differences, openFirst } from './conformance.ts';

export const caseCount = CASES.length;
export const unavailable = (mode: GpuMode) => gpuEngine(mode).unavailable();
export const device = (mode: GpuMode) => deviceThatRan(gpuEngine(mode));
export const check = (mode: GpuMode, index: number) => differences(gpuEngine(mode), CASES[index]);

/** Opens, runs and closes `count` sessions one after the other. */
export async function soak(mode: GpuMode, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await deviceThatRan(gpuEngine(mode));
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
