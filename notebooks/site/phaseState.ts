/** Everything the phase diagram can be set to, and the sweep it stands for. */
import * as z from 'zod/mini';
import type { SpecInput } from '../../sim/spec.ts';
import { hide, question, seed, whole, within } from './fields.ts';
import { AXES, type AxisName, heldAt, isAxis, PHASE_BATCH, pointsOf, QUANTITIES } from './phaseAxes.ts';
import { ENGINES } from './state.ts';

const PHASE_HIDEABLE = ['axes', 'held', 'size', 'metric', 'engine', 'theory', 'cell', 'share'] as const;

/** What the colour of a cell can say. */
export const METRICS = ['region', 'loss', 'share', 'kept', 'packing'] as const;

/** A quantity as a state has it: the number at which it stands or, of an axis, its two ends. */
function quantity(axis: AxisName) {
  const { least, most, held, whole: isWhole } = QUANTITIES[axis];
  const end = isWhole ? whole(least, most) : within(least, most);
  const rising = z.refine<[number, number]>(
    ([from, to]) => to > from * 1.001,
    'expected a lower and a higher end',
  );
  const range = `${isWhole ? 'whole, ' : ''}from ${least} to ${most}`;
  const error = `expected a number${held < least ? ` (${held}, or ` : ' ('}${range}) or, on an axis, two of them, the lower first`;
  return z.optional(z.union([end, z.literal(held), z.tuple([end, end]).check(rising)], { error }));
}

const linked = z.strictObject({
  x: z._default(z.enum(AXES), 'density'),
  y: z._default(z.enum(AXES), 'importance'),
  density: quantity('density'),
  importance: quantity('importance'),
  rate: quantity('rate'),
  decay: quantity('decay'),
  steps: quantity('steps'),
  hidden: quantity('hidden'), // 0: one fewer than features
  features: quantity('features'),
  cells: z._default(whole(8, 96), 48), // along each side whose numbers are not whole
  replicas: z._default(whole(1, 10), 8), // models in a cell; the best one is shown
  metric: z._default(z.enum(METRICS), 'region'),
  seed: seed(),
  engine: z._default(z.enum(ENGINES), 'auto'),
  theory: z._default(z.enum(['shown', 'hidden']), 'shown'),
  hide: hide(PHASE_HIDEABLE),
  question: question(),
});

type Linked = z.output<typeof linked>;
type Quantities = Record<AxisName, number | [number, number]>;
export type PhaseState = Omit<Linked, AxisName> & Quantities;

/** A quantity where nobody said: an axis has its usual ends, another one its usual number. */
function usual(axis: AxisName, axes: Pick<PhaseState, 'x' | 'y'>): number | [number, number] {
  const { held, ends } = QUANTITIES[axis];
  return isAxis(axes, axis) ? [...ends] : held;
}

/** All quantities, each by its name. */
const quantitiesBy = (of: (axis: AxisName) => number | [number, number]) =>
  Object.fromEntries(AXES.map((axis) => [axis, of(axis)])) as Quantities;

/** The state of a link, its quantities filled in. */
const filled = (state: Linked): PhaseState => ({
  ...state,
  ...quantitiesBy((axis) => state[axis] ?? usual(axis, state)),
});

/** Whether a quantity is what the axes make of it: two ends on an axis, one number elsewhere. */
const fitting = (axis: AxisName) =>
  z.refine<PhaseState>((state) => isAxis(state, axis) === Array.isArray(state[axis]), {
    path: [axis],
    error: 'expected two ends on an axis, and one number elsewhere',
  });

/** Two axes that are one, or an importance of the last feature where the number of features changes. */
function clash({ x, y, importance }: PhaseState): boolean {
  return x === y || (importance !== 1 && (x === 'features' || y === 'features'));
}

const apart = z.refine<PhaseState>((state) => !clash(state), {
  path: ['y'],
  error: 'expected two axes that differ, and no importance of its own for the last feature where the number of features changes', // biome-ignore format: one sentence
});

export const phaseSchema = z.pipe(
  linked,
  z.pipe(z.transform(filled), z.custom<PhaseState>().check(...AXES.map(fitting), apart)),
);

export const phaseDefaults: PhaseState = phaseSchema.parse({});

/** The state with another axis in place of `side`'s; what no longer fits goes back to what is usual. */
export function withAxis(state: PhaseState, side: 'x' | 'y', axis: AxisName): PhaseState {
  const other = side === 'x' ? 'y' : 'x';
  const next = { ...state, [side]: axis, [other]: state[other] === axis ? state[side] : state[other] };
  const sized = isAxis(next, 'features');
  if (sized && next[other] === 'importance') next[other] = 'density';
  const fits = (name: AxisName) =>
    isAxis(next, name) === Array.isArray(state[name]) && !(sized && name === 'importance');
  return { ...next, ...quantitiesBy((name) => (fits(name) ? state[name] : usual(name, next))) };
}

const PATHS: Readonly<Record<AxisName, (features: number) => string>> = {
  density: () => 'input.density',
  importance: (n) => `input.importance.${n - 1}`,
  rate: () => 'training.learningRate',
  decay: () => 'training.weightDecay',
  steps: () => 'training.steps',
  hidden: () => 'model.hidden',
  features: () => 'model.features',
};

function axisOf(state: PhaseState, axis: AxisName) {
  const path = PATHS[axis](heldAt(state, 'features'));
  const value = state[axis];
  if (QUANTITIES[axis].whole || typeof value === 'number') return { path, values: pointsOf(state, axis) };
  return { path, from: value[0], to: value[1], count: state.cells, scale: 'log' as const };
}

/** Hidden dimensions of models of n features. */
export function hiddenOf(state: PhaseState, features: number): number {
  return heldAt(state, 'hidden') || features - 1;
}

/** m = n − 1 where n runs along an axis. */
function linkedHidden(state: PhaseState): Pick<SpecInput, 'linked'> {
  if (!isAxis(state, 'features') || state.hidden !== 0) return {};
  const values = pointsOf(state, 'features').map((n) => n - 1);
  return { linked: [{ path: 'model.hidden', along: [state.y === 'features' ? 0 : 1], values }] };
}

/**
 * The sweep: y (outer axis) by x (inner axis), each cell a few models. A short, fast training: small batch, learning rate
 * 0.06 falling to 0 where nobody says otherwise. One model in four ends in a local optimum, half of them where both
 * features matter alike: eight models a cell leave hardly a cell without one that got through.
 */
export function phaseSpec(state: PhaseState): SpecInput {
  const [features, r] = [heldAt(state, 'features'), heldAt(state, 'importance')];
  const last = isAxis(state, 'importance') || r === 1 ? 1 : [...new Array(features - 1).fill(1), r];
  return {
    name: 'phase-diagram',
    model: { features, hidden: hiddenOf(state, features) },
    input: { density: heldAt(state, 'density'), importance: last },
    training: {
      steps: heldAt(state, 'steps'),
      batch: PHASE_BATCH,
      learningRate: heldAt(state, 'rate'),
      schedule: 'linear',
      weightDecay: heldAt(state, 'decay'),
    },
    sweep: [axisOf(state, state.y), axisOf(state, state.x)],
    ...linkedHidden(state),
    replicas: state.replicas,
    seed: state.seed,
    record: { lossEvery: 10 },
  };
}

/** The quantities of cell (x, y), both from 0 at the lower ends, as the sweep has them. */
export function cellValues(state: PhaseState, x: number, y: number): Record<AxisName, number> {
  const own = AXES.map((axis) => {
    const at = axis === state.x ? x : axis === state.y ? y : -1;
    return [axis, at < 0 ? heldAt(state, axis) : pointsOf(state, axis)[at]] as const;
  });
  const values = Object.fromEntries(own) as Record<AxisName, number>;
  return { ...values, hidden: values.hidden || values.features - 1 };
}

/** The state zoomed to cells [x0, x1] × [y0, y1]. */
export function zoomed(state: PhaseState, x0: number, x1: number, y0: number, y1: number): PhaseState {
  const short = (value: number) => Number(value.toPrecision(4));
  const part = (axis: AxisName, from: number, to: number): [number, number] => {
    const points = pointsOf(state, axis);
    const inside = (k: number) => short(points[Math.min(points.length - 1, Math.max(0, k))]);
    return [inside(from), inside(to)];
  };
  return { ...state, [state.x]: part(state.x, x0, x1), [state.y]: part(state.y, y0, y1) };
}
