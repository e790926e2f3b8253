/** Specs of any experiment made so small and so brief that all figures take seconds. */
import type { SpecInput } from '../sim/spec.ts';

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
