/** The playground's four pictures of one moment of a training, and the numbers behind each. */

import { couplings } from '../../sim/metrics/couplings.ts';
import { featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import { shapeAt } from '../../sim/theory/shares.ts';
import { captioned } from './caption.ts';
import { diagramSvg, respond, type Wiring } from './diagram.ts';
import { dimensionsSvg } from './dimensions.ts';
import { gramSvg } from './gram.ts';
import { type Curve, lossSvg } from './lossCurve.ts';
import { neuronsSvg } from './neurons.ts';
import type { Palette } from './palette.ts';
import type { Moment } from './run.ts';
import { csv } from './save.ts';
import { familyOf, type State } from './state.ts';
import type { Reference } from './theory.ts';
import { type View, vectorsSvg } from './vectors.ts';
import { keptInWords, shapesOf } from './words.ts';

/** All that the pictures show. */
export interface Scene {
  state: State;
  moment: Moment;
  curve: Curve;
  references: readonly Reference[];
  view: View;
}

export const PANELS = ['directions', 'diagram', 'gram', 'loss', 'dimensions'] as const;
type Panel = (typeof PANELS)[number];

/** Whether rows of W are drawn as arrows; otherwise hidden units are drawn as stacks. */
export function drawsArrows({ hidden, model }: State): boolean {
  return hidden <= 3 && (model === 'relu' || model === 'linear');
}

/** D_i of the features. Shape (n). */
function shares({ state, moment }: Scene): Float64Array {
  return featureDimensionality(moment.params, state);
}

/** The model of a moment and the features switched on. */
export function wiringOf({ state, moment: { params } }: Scene): Wiring {
  const { W, V, b } = params;
  const model = {
    W: Float64Array.from(W),
    b: Float64Array.from(b),
    ...(V && { V: Float64Array.from(V) }),
  };
  const on = state.on.filter((feature) => feature <= state.features).map((feature) => feature - 1);
  return { family: familyOf(state), model, on };
}

/** The hidden layer of the features switched on, or null while there are none. */
function hiddenOf(scene: Scene): Float64Array | null {
  const wiring = wiringOf(scene);
  return wiring.on.length ? respond(wiring).h : null;
}

/** One panel as SVG. */
export function panelSvg(panel: Panel, scene: Scene, palette: Palette): string {
  const { state, moment, curve, references, view } = scene;
  const { features: n, hidden: m } = state;
  switch (panel) {
    case 'directions':
      return drawsArrows(state)
        ? vectorsSvg(moment.params.W, n, m, palette, view, hiddenOf(scene))
        : neuronsSvg(moment.params.W, n, m, palette);
    case 'diagram':
      return diagramSvg(wiringOf(scene), palette);
    case 'gram':
      return gramSvg(
        couplings({ features: n, hidden: m }, { W: moment.params.W, V: moment.params.V }),
        moment.params.b,
        palette,
      );
    case 'loss':
      return lossSvg(curve, references, palette);
    case 'dimensions':
      return dimensionsSvg(shares(scene), palette);
  }
}

/** The numbers behind one panel. Weights have nine digits, enough to tell any two float32 apart. */
export function panelCsv(panel: Panel, scene: Scene): string {
  const { state, moment, curve } = scene;
  const { features: n, hidden: m } = state;
  const rows = <T>(row: (i: number) => T[]) => Array.from({ length: n }, (_, i) => row(i));
  const columns = (name: string, count: number) => Array.from({ length: count }, (_, k) => `${name}${k + 1}`);
  const part = (values: ArrayLike<number>, i: number, width: number) =>
    Array.from({ length: width }, (_, k) => values[i * width + k].toPrecision(9));
  switch (panel) {
    case 'directions':
      return csv(['step', 'feature', ...columns('w', m)], rows((i) => [moment.step, i + 1, ...part(moment.params.W, i, m)])); // biome-ignore format: one table
    case 'diagram': {
      const wiring = wiringOf(scene);
      const { yPre, xHat } = respond(wiring);
      return csv(['feature', 'x', 'before', 'output'], rows((i) => [i + 1, wiring.on.includes(i) ? 1 : 0, part(yPre, i, 1)[0], part(xHat, i, 1)[0]])); // biome-ignore format: one table
    }
    case 'gram': {
      const matrix = couplings({ features: n, hidden: m }, { W: moment.params.W, V: moment.params.V });
      return csv(['output', ...columns('input', n), 'bias'], rows((j) => [j + 1, ...part(matrix, j, n), ...part(moment.params.b, j, 1)])); // biome-ignore format: one table
    }
    case 'loss':
      return csv(['step', 'loss'], curve.points().map(({ step, loss }) => [step, loss.toPrecision(9)])); // biome-ignore format: one table
    case 'dimensions': {
      const D = shares(scene);
      return csv(
        ['feature', 'D', 'shape'],
        rows((i) => [i + 1, D[i].toPrecision(9), shapeAt(D[i])?.name ?? '']),
      );
    }
  }
}

const TITLES: Record<Panel, string> = {
  directions: 'Feature directions: the rows of W',
  diagram: 'The model and its answer: red is interference, dashed boxes are cut by the ReLU',
  gram: 'Weight from each input to each output, and the bias b',
  loss: 'Loss over training; dashed: exact losses of theory',
  dimensions: 'Dimensionality of each feature; dotted: shares in regular shapes',
};

/** The settings, seed and step of a scene, as a picture's legend. */
function legend({ state, moment: { step, live } }: Scene): string {
  const { features, hidden, model, pairs, seed, importances, densities } = state;
  const powers = live.importance === 1 ? 'all importances 1' : `importance ${live.importance}^i`;
  const weights = importances.length > 0 ? `importances ${importances.join(' ')}` : powers;
  const density = densities.length > 0 ? `densities ${densities.join(' ')}` : `density ${live.density}`;
  const groups = pairs === 'none' ? '' : `, ${pairs} pairs`;
  return `${features} features in ${hidden}, model ${model}, ${density}, ${weights}${groups}, learning rate ${live.rate}, seed ${seed}, step ${step}${state.edits.length ? ', settings changed on the way' : ''}`;
}

/** One panel as a picture that stands alone. */
export function panelFile(panel: Panel, scene: Scene, palette: Palette): string {
  return captioned(panelSvg(panel, scene, palette), TITLES[panel], legend(scene), palette);
}

/** A moment in words. */
export function summary(scene: Scene): string {
  const loss = scene.curve.points().at(-1)?.loss;
  const said = Array.from(shares(scene), (d, i) => `feature ${i + 1}: ${shapeAt(d)?.name ?? d.toFixed(2)}`);
  const { features, hidden } = scene.state;
  const kept = keptInWords(shapesOf(scene.moment.params.W, features, hidden));
  return `Step ${scene.moment.step}, loss ${loss?.toPrecision(2) ?? 'unknown'}; ${kept}; ${said.join(', ')}`;
}
