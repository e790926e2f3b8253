/** The kernel's own samples, for holding them against features.ts bit for bit. */

import { mapTensors, type Params, type Problem } from '../sim/problem.ts';
import { assemble, drawnAt, kernelText, layoutFor } from '../sim/simd/kernel.ts';
import type { KernelKind } from '../sim/simd/layout.ts';
import { recordBytes, scratchBytes } from '../sim/simd/records.ts';
import { tablesOf } from '../sim/table.ts';

function zeroParams({ family, instances }: Problem): Params {
  return mapTensors(family, (_, size) => new Float32Array(instances * size));
}

/**
 * The samples that instance `row` sees at step `step` and that are not all zero, in batch order. Shape
 * (survivors, n). A program's kernel with few features keeps them in
 * registers and cannot be asked.
 */
export async function drawSurvivors(
  problem: Problem,
  row: number,
  step: number,
  shape: KernelKind,
): Promise<Float32Array> {
  const n = problem.family.features;
  const layout = layoutFor(problem, shape);
  const scratch = new Uint8Array(scratchBytes(problem, layout));
  const tables = problem.source && tablesOf(problem);
  const rows = Int32Array.of(row);
  const record = new Uint8Array(recordBytes(problem, zeroParams(problem), layout, rows, tables));
  const memory = new WebAssembly.Memory({ initial: Math.ceil((scratch.length + record.length) / 65536) });
  new Uint8Array(memory.buffer).set(scratch);
  new Uint8Array(memory.buffer).set(record, scratch.length);
  const { exports } = await WebAssembly.instantiate(await assemble(kernelText(problem, layout)), {
    env: { memory },
  });
  const { draw, sample } = exports as Record<string, (...args: number[]) => number>;
  const place = drawnAt(problem, layout);
  if (!place) throw new RangeError(`shape: expected a kernel that keeps its samples in memory, got ${shape}`);
  const count = draw(layout.records, problem.firstStep + step);
  const samples = new Float32Array(count * n);
  for (let s = 0; s < count; s++) {
    if (s % 4 === 0) sample(layout.records, 4 * s);
    for (let i = 0; i < n; i++) {
      samples[s * n + i] = new Float32Array(memory.buffer, place.start + i * place.step, 4)[s % 4];
    }
  }
  return samples;
}
