/**
 * Writes what torch_oracle.py trains on: for each oracle spec its weights and samples as float32 and a JSON
 * with the settings. `tsx bench/peers/exportOracle.ts <folder>`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawBatch } from '../../sim/features.ts';
import { expandGrid } from '../../sim/grid.ts';
import { initParams } from '../../sim/params.ts';
import type { Problem } from '../../sim/problem.ts';
import { parseSpec } from '../../sim/spec.ts';
import { oracleSpecs } from './oracleSpecs.ts';

/** Samples of all steps. Shape (steps, I, batch, n). */
function samplesOf(problem: Problem): Float32Array {
  const size = problem.training.batch * problem.family.features;
  const out = new Float32Array(problem.training.steps * problem.instances * size);
  for (let step = 0, at = 0; step < problem.training.steps; step++) {
    for (let row = 0; row < problem.instances; row++, at += size) out.set(drawBatch(problem, row, step), at);
  }
  return out;
}

const [folder = 'runs/oracle'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
Object.entries(oracleSpecs).forEach(([name, spec], k) => {
  const [{ problem, initStd }] = expandGrid(parseSpec(spec)).groups;
  const { family, training, instances, importance, learningRate, weightDecay } = problem;
  const params = initParams(problem, initStd);
  const columns = {
    importance: Array.from(importance),
    learningRate: learningRate[0],
    weightDecay: weightDecay[0],
  };
  writeFileSync(join(folder, `${k}.json`), JSON.stringify({ name, instances, family, training, ...columns }));
  writeFileSync(join(folder, `${k}.W.f32`), params.W);
  if (params.V) writeFileSync(join(folder, `${k}.V.f32`), params.V);
  writeFileSync(join(folder, `${k}.x.f32`), samplesOf(problem));
});
