/** The panel that trains the same settings from a hundred starts at once and shows where they end. */
import { endsOf, endsSvg } from './ends.ts';
import { element, reasonOf, tell } from './page.ts';
import type { Palette } from './palette.ts';
import { type State, specOf } from './state.ts';
import { startTrainer } from './trainer.ts';

const SEEDS = 100;
/** Updates of each model, with a learning rate that falls to nothing, so that the shapes come to rest. */
const STEPS = 6_000;
/** Updates between two pictures. */
const STRETCH = 300;

/** Most features for which the exact losses of a hundred models take no more than a moment. */
const MOST = 7;

/** The settings in force, from a hundred seeds. */
function manySpec(state: State) {
  const { training, record: _, ...spec } = specOf(state, state, STEPS);
  return { ...spec, training: { ...training, schedule: 'cosine' as const }, replicas: SEEDS };
}

const hasExact = ({ model, features }: State) => (model === 'relu' || model === 'linear') && features <= MOST;

const saidAt = ({ density, densities }: State, step: number) =>
  `${SEEDS} seeds at ${densities.length > 0 ? 'their own densities' : `density ${density}`}, ${step === STEPS ? `after ${STEPS.toLocaleString('en')} steps` : `step ${step.toLocaleString('en')} of ${STEPS.toLocaleString('en')}`}`;

let current = 0;

/** Trains a hundred seeds of `state` and shows where they stand, until they have ended or another call comes. */
export async function showEnds(state: State, palette: () => Palette): Promise<void> {
  const call = ++current;
  const trainer = startTrainer();
  tell('ends-said', 'starting');
  try {
    await trainer.open({
      spec: manySpec(state),
      firstStep: 0,
      params: null,
      engine: 'auto',
      purpose: 'many models',
    });
    for (let step = STRETCH; step <= STEPS && call === current; step += STRETCH) {
      const { params } = await trainer.advance(step);
      const losses = step === STEPS && hasExact(state) ? await trainer.exact() : null;
      if (call !== current) return;
      element('ends').innerHTML = endsSvg(endsOf(params.W, losses, state.features, state.hidden), palette());
      tell('ends-said', saidAt(state, step));
    }
  } catch (error) {
    tell('ends-said', `It stopped: ${reasonOf(error)}.`);
  } finally {
    trainer.close();
  }
}

/** Stops what is under way. */
export function stopEnds(): void {
  current++;
}
