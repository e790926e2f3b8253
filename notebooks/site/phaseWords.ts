/** The phase page in words: of a cell, and under an exported picture. */
import type { Region } from '../../sim/metrics/phaseRegion.ts';
import { AXES, heldAt, isAxis, PHASE_BATCH, sidesOf } from './phaseAxes.ts';
import { hasTheory, type PhaseCell } from './phaseCell.ts';
import type { MetricName } from './phaseMetrics.ts';
import { hiddenOf, type PhaseState } from './phaseState.ts';
import type { Sweep } from './phaseTraining.ts';
import { keptInWords, shapesOf } from './words.ts';

/** The regions in the words of the legend. */
const BECOMES: Record<Region, string> = {
  'not learned': 'is not learned',
  superposed: 'is superposed',
  dedicated: 'has a dimension of its own',
};

/** What the axes are called inside a sentence. */
const SHORT = {
  density: 'density',
  importance: 'importance',
  rate: 'learning rate',
  decay: 'weight decay',
  steps: 'steps',
  hidden: 'dimensions',
  features: 'features',
} as const;

const digits = (value: number) => String(Number.isInteger(value) ? value : value.toPrecision(2));
const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

/** A cell: where it is, what its best model has become, and what theory says. */
export function cellInWords(
  { x, y }: PhaseState,
  { values, model, scores, region, theory }: PhaseCell,
): string {
  const { features: n, hidden: m, W } = model;
  const at = [x, y].map((axis) => `${SHORT[axis]} ${digits(values[axis])}`).join(', ');
  const loss = Number.isNaN(scores.loss) ? 'its loss not known yet' : `loss ${scores.loss.toPrecision(3)}`;
  const own = `${capital(at)}: feature ${n} ${BECOMES[region]}, ${loss}.`;
  if (theory)
    return `${own} In theory it ${BECOMES[theory.region]} (${theory.solution}), loss ${theory.loss.toPrecision(3)}.`;
  const where = `${n} features in ${m} ${m === 1 ? 'dimension' : 'dimensions'}`;
  return `${own} ${capital(keptInWords(shapesOf(W, n, m)))}; share of feature ${n}: ${scores.share.toFixed(2)}. No closed form is known for ${where}.`;
}

/** What is held, and how the cells came about: under a picture that stands alone. */
export function legendInWords({ state, step, steps, share }: Sweep, metric: MetricName): string {
  const [columns, rows] = sidesOf(state);
  const held = AXES.filter((axis) => !isAxis(state, axis) && axis !== 'features' && axis !== 'hidden');
  const n = heldAt(state, 'features');
  const model = [
    isAxis(state, 'features') ? '' : `${n} features`,
    isAxis(state, 'hidden') ? '' : isAxis(state, 'features') && state.hidden === 0 ? 'one dimension fewer than features' : `${hiddenOf(state, n)} hidden`, // biome-ignore format: one choice
  ];
  const numbers = held.map((axis) => `${SHORT[axis]} ${heldAt(state, axis)}`);
  const settings = [...model, ...numbers].filter(Boolean).join(', ');
  const lines = hasTheory(n, hiddenOf(state, n)) && metric === 'region' ? ' Dots: strays.' : '';
  const trained = share === 1 ? '' : `, still training: step ${step} of ${steps}`;
  return `${capital(settings)}.${lines} Best of ${state.replicas} models in each of ${columns} × ${rows} cells, batch ${PHASE_BATCH}, seed ${state.seed}${trained}`;
}
