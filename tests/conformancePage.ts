/** What tests/conformanceBrowser.test.ts runs inside a page. */
import { gpuEngine } from '../sim/gpu/engine.ts';
import type { GpuMode } from '../sim/gpu/shape.ts';
import { CASES, deviceThatRan, differences } from './conformance.ts';

export const caseCount = CASES.length;
export const unavailable = (mode: GpuMode) => gpuEngine(mode).unavailable();
export const device = (mode: GpuMode) => deviceThatRan(gpuEngine(mode));
export const check = (mode: GpuMode, index: number) => differences(gpuEngine(mode), CASES[index]);
