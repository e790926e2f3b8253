/** Starting points of the playground, each with the picture it leads to. */
import { defaults, type State } from './state.ts';

export interface Preset {
  name: string;
  settings: Partial<State>;
  picture: { W: number[]; m: number; stacks?: boolean }; // stacks: drawn as hidden units, not as arrows
  note?: string;
}

/** k rows at equal angles, the first pointing up. (k, 2) */
function ring(k: number): number[] {
  return Array.from({ length: k }, (_, i) => i).flatMap((i) => {
    const angle = Math.PI / 2 + (2 * Math.PI * i) / k;
    return [1.1 * Math.cos(angle), 1.1 * Math.sin(angle)];
  });
}

/** Each of the rows (k, 2) twice in a row, the second a little shorter, so that both are seen. (2k, 2) */
function twice(rows: number[]): number[] {
  return rows.flatMap((x, at) => (at % 2 ? [rows[at - 1], x, 0.9 * rows[at - 1], 0.9 * x] : []));
}

export const PRESETS: readonly Preset[] = [
  { name: 'Pentagon', settings: {}, picture: { W: ring(5), m: 2 } },
  {
    name: 'Digons',
    settings: { features: 4, density: 0.1 },
    picture: { W: [1, 0.3, -1, -0.3, 0.3, -1, -0.3, 1], m: 2 },
  },
  {
    name: 'Triangle',
    settings: { features: 3, density: 0.55, importance: 1, seed: 7 },
    picture: { W: ring(3), m: 2 },
    note: 'Three features in two dimensions, just below density 4/7. Much sparser, a digon and a dimension of its own win',
  },
  {
    name: 'Octahedron',
    settings: { features: 6, hidden: 3, density: 0.05, importance: 1 },
    picture: { W: [1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1], m: 3 },
  },
  {
    name: 'Correlated pairs',
    settings: { features: 4, pairs: 'correlated', density: 0.1, importance: 1 },
    picture: { W: [1, 0.2, -0.2, 1, -1, -0.2, 0.2, -1], m: 2 },
  },
  {
    name: 'Collapse to PCA',
    settings: { features: 6, pairs: 'correlated', density: 0.5, importance: 1, seed: 4 },
    picture: { W: twice(ring(3)), m: 2 },
    note: 'Each pair of features lies on one line, its principal component',
  },
  {
    name: 'Privileged basis',
    settings: { features: 5, hidden: 3, model: 'relu-hidden', density: 0.3, importance: 0.75 },
    picture: { W: [0, 1, 0, -0.8, 0, 0.9, 0.9, 0, 0.9, 0.8, 0, -0.6], m: 3, stacks: true },
  },
  {
    name: 'Absolute value',
    settings: { features: 3, hidden: 6, model: 'abs', density: 0.3, importance: 1 },
    picture: {
      W: [1, -1, 0, 0, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0, 0, 0, 1, -1],
      m: 6,
      stacks: true,
    },
  },
];

/** A preset's state; what a teacher set for the whole page stays. */
export function presetState(preset: Preset, from: State): State {
  const { hide, question, engine, speed, view, picture, slider } = from;
  const pace = speed === 'opening' ? 'normal' : speed; // one has seen it open
  return { ...defaults, hide, question, engine, view, picture, slider, speed: pace, ...preset.settings };
}
