/** Everything the phase diagram can be set to, and the sweep it stands for. */
import * as z from 'zod/mini';
import type { SpecInput } from '../../sim/spec.ts';
import { ENGINES } from './state.ts';

const PHASE_HIDEABLE = ['size', 'engine', 'theory', 'cell', 'share'] as const;

const within = (min: number, max: number) => z.number().check(z.gte(min), z.lte(max));
const whole = (min: number, max: number) => z.int().check(z.gte(min), z.lte(max));

/** Two numbers, the second larger. */
const interval = (min: number, max: number) =>
  z
    .tuple([within(min, max), within(min, max)])
    .check(z.refine(([from, to]) => to > from * 1.001, 'expected a lower and a higher end'));

export const phaseSchema = z.strictObject({
  features: z._default(z.union([z.literal(2), z.literal(3)]), 2),
  density: z._default(interval(0.001, 1), [0.01, 1]),
  importance: z._default(interval(0.01, 100), [0.1, 10]),
  cells: z._default(whole(8, 96), 48), // along each side
  replicas: z._default(whole(1, 10), 8), // models in a cell; the best one is shown
  seed: z._default(whole(0, 999_999), 1),
  engine: z._default(z.enum(ENGINES), 'auto'),
  theory: z._default(z.enum(['shown', 'hidden']), 'shown'),
  hide: z._default(z.array(z.enum(PHASE_HIDEABLE)).check(z.maxLength(PHASE_HIDEABLE.length)), []),
  question: z._default(z.string().check(z.maxLength(500)), ''),
});

export type PhaseState = z.output<typeof phaseSchema>;
export const phaseDefaults: PhaseState = phaseSchema.parse({});

export const PHASE_STEPS = 1_000;
export const PHASE_BATCH = 128;

/**
 * The sweep: relative importance of the last feature (outer axis) by density (inner axis), each cell a few
 * models of n features in n − 1 dimensions. A short, fast training: small batch, learning rate 0.06 falling to 0.
 * One model in four ends in a local optimum, half of them where both features matter alike: eight models a cell
 * leave hardly a cell without one that got through.
 */
export function phaseSpec(state: PhaseState): SpecInput {
  const { features, cells: count } = state;
  const along = (path: string, [from, to]: [number, number]) =>
    ({ path, from, to, count, scale: 'log' }) as const;
  return {
    name: 'phase-diagram',
    model: { features, hidden: features - 1 },
    input: { density: 0.1 },
    training: {
      steps: PHASE_STEPS,
      batch: PHASE_BATCH,
      learningRate: 0.06,
      schedule: 'linear',
      weightDecay: 0,
    },
    sweep: [
      along(`input.importance.${features - 1}`, state.importance),
      along('input.density', state.density),
    ],
    replicas: state.replicas,
    seed: state.seed,
    record: { lossEvery: 10 },
  };
}

/** Density of column x and importance of row y of the diagram, both from 0, as the sweep has them. */
export function cellValues(state: PhaseState, x: number, y: number): { density: number; importance: number } {
  const at = ([from, to]: [number, number], k: number) => from * (to / from) ** (k / (state.cells - 1));
  return { density: at(state.density, x), importance: at(state.importance, y) };
}

/** The state zoomed to cells [x0, x1] × [y0, y1]. */
export function zoomed(state: PhaseState, x0: number, x1: number, y0: number, y1: number): PhaseState {
  const inside = (k: number) => Math.min(state.cells - 1, Math.max(0, k));
  const from = cellValues(state, inside(x0), inside(y0));
  const to = cellValues(state, inside(x1), inside(y1));
  const short = (value: number) => Number(value.toPrecision(4));
  return {
    ...state,
    density: [short(from.density), short(to.density)],
    importance: [short(from.importance), short(to.importance)],
  };
}
