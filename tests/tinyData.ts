/** Data of any experiment from models so small and so briefly trained that all figures take seconds. */

import { onlyEngine } from '../sim/engines.ts';
import type { Context, Experiment } from '../sim/experiments/experiment.ts';
import { simd } from '../sim/simd/engine.ts';
import type { SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';

const STEPS = 12;

/** The same models, trained for a dozen short steps, with fewer replicas and points on every long axis. */
export function shrink(spec: SpecInput): SpecInput {
  const sweep = spec.sweep?.map((axis) =>
    'values' in axis ? axis : { ...axis, count: Math.min(axis.count, 5) },
  );
  const snapshots = spec.record?.snapshots?.filter((step) => step <= STEPS) ?? [];
  return {
    ...spec,
    training: { ...spec.training, steps: STEPS, batch: 16, warmup: 0 },
    ...(spec.dictionary && {
      dictionary: {
        ...spec.dictionary,
        sparsityWarmup: 0,
        training: { ...spec.dictionary.training, steps: STEPS, batch: 16, warmup: 0 },
      },
    }),
    ...(spec.decomposition && {
      decomposition: {
        ...spec.decomposition,
        faithful: { steps: STEPS },
        training: { ...spec.decomposition.training, steps: STEPS, batch: 16, warmup: 0 },
      },
    }),
    sweep,
    replicas: Math.min(spec.replicas ?? 1, 3),
    record: { snapshots: snapshots.length > 0 ? [...new Set([...snapshots, STEPS])] : [] },
  };
}

/** What an experiment makes of shrunken models. */
export async function tinyData(experiment: Experiment): Promise<unknown> {
  const context: Context = { scale: 'quick', engine: onlyEngine(simd), threads: 1 };
  const results = [];
  for (const spec of experiment.specs('quick')) {
    results.push(await trainAll(shrink(spec), { engine: 'simd', threads: 1 }));
  }
  return experiment.data(results, context);
}
