/** The story in nine steps: each a state of the playground and two or three sentences. Trained and judged by a test. */
import { defaults, type State } from './state.ts';

interface Step {
  title: string;
  text: string;
  settings: Partial<State>;
}

const PLAIN: Partial<State> = { importance: 1, speed: 'normal' };

export const STORY: readonly Step[] = [
  {
    title: 'A feature',
    text: 'Two features, two dimensions. Each arrow is the direction in which the model stores one of them. There is room, so they stand at right angles and neither disturbs the other. Click feature 1: it alone comes back.',
    settings: { ...PLAIN, features: 2, hidden: 2, density: 0.5, on: [1] },
  },
  {
    title: 'Two in one dimension',
    text: 'Now one dimension for the same two features, and both are active all the time. The model keeps one and gives up the other: it can only guess its mean.',
    settings: { ...PLAIN, features: 2, hidden: 1, density: 1, importance: 0.9 },
  },
  {
    title: 'Sparse, so they share',
    text: 'Make them rare: each is active one time in twenty. They seldom meet, so both fit, one to the left and one to the right. Switch one on: the other gets a negative number, and the ReLU cuts it to nothing.',
    settings: { ...PLAIN, features: 2, hidden: 1, density: 0.05, seed: 2, on: [1] },
  },
  {
    title: 'The pentagon',
    text: 'Five rare features in two dimensions. They repel each other as far as they can. Nobody told the model about pentagons.',
    settings: { ...PLAIN, features: 5, hidden: 2, density: 0.05, speed: 'opening' },
  },
  {
    title: 'The price',
    text: 'Feature 1 is on. Its two neighbours hear a part of it, in red: interference. The two behind it would come out negative, and the ReLU cuts them. While features are rare, that is cheaper than losing three.',
    settings: { ...PLAIN, features: 5, hidden: 2, density: 0.05, on: [1] },
  },
  {
    title: 'The phase change',
    text: 'At density 0.3 the pentagon is too expensive. Four features pair up in two digons, the fifth is given up. Between the two shapes there is no smooth way: drag the density back and the digons stay, while a fresh start finds the pentagon.',
    settings: { ...PLAIN, features: 5, hidden: 2, density: 0.3, importance: 0.9 },
  },
  {
    title: 'Correlated, and collapsed',
    text: 'Three pairs of features that are always active together, often. Each pair falls onto one direction: the model stores what they have in common, their principal component.',
    settings: { ...PLAIN, features: 6, pairs: 'correlated', density: 0.5, seed: 4 },
  },
  {
    title: 'Absolute values',
    text: 'A model can also compute. This one returns |x|, with one hidden unit for the positive and one for the negative part of each feature. With fewer units it computes in superposition, as notebook 7 shows.',
    settings: { ...PLAIN, features: 3, hidden: 6, model: 'abs', density: 0.3 },
  },
  {
    title: 'Why it matters',
    text: 'If a language model stores far more features than it has neurons, single neurons mean several things at once, and reading them one by one must fail. These toys show that it can happen and why; they do not show that a given network does it. Now play: everything here is yours to change.',
    settings: { ...PLAIN, features: 12, hidden: 3, density: 0.02, importance: 0.95 },
  },
];

/** The state of step k, from 1; what a teacher set for the whole page stays. */
export function storyState(k: number, { hide, question, engine }: State): State {
  return { ...defaults, hide, question, engine, ...STORY[k - 1].settings, story: k };
}

/** What a link to a state leaves out: the defaults, or its step of the story, whose number it carries. */
export function baseOf(state: State): State {
  return state.story > 0 ? { ...storyState(state.story, defaults), story: 0 } : defaults;
}

/** The state of a link into the story: the step's, changed by what else the link says. */
export function retold(state: State, hash: string): State {
  const given = [...new URLSearchParams(hash.replace(/^#/, '')).keys()] as (keyof State)[];
  const said = Object.fromEntries(given.map((key) => [key, state[key]]));
  return { ...storyState(state.story, defaults), ...said };
}
