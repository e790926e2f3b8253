/** Exercises of notebook 7: computation in superposition. */
import { type Family, reluOutputFamily } from '../../sim/family.ts';
import { forward } from '../../sim/model.ts';
import type { Spec } from '../../sim/spec.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { CLEAN_TRAINING, oneSetting } from './specs.ts';
import { bestOf, modelsOf } from './trained.ts';

/** n features in, m ReLU neurons, |x| out. */
function absFamily(features: number, hidden: number, outputActivation: Family['outputActivation']): Family {
  return {
    ...reluOutputFamily(features, hidden),
    hiddenActivation: 'relu',
    outputActivation,
    tied: false,
    bias: false,
    magnitude: 'signed',
    target: 'abs',
  };
}

/** What neurons, given as [encode, decode] pairs, make of some values of one feature. */
function neuronOutputs(neurons: unknown): number[] {
  const pairs = Array.isArray(neurons) ? neurons : [];
  if (
    pairs.length === 0 ||
    !pairs.every((p) => Array.isArray(p) && p.every(Number.isFinite) && p.length === 2)
  ) {
    throw new TypeError('expected a list of neurons, each a pair [encode, decode] of numbers');
  }
  const family = absFamily(1, pairs.length, 'identity');
  const column = (side: 0 | 1) => Float64Array.from(pairs, (pair) => pair[side]);
  const model = { W: column(0), V: column(1), b: new Float64Array(1) };
  return [-0.8, -0.2, 0, 0.5, 1].map((x) => forward(family, model, [x]).xHat[0]);
}

/** The neuron of the asymmetric motif, and its partner. */
const PARTNER = { W: Float64Array.of(1), V: Float64Array.of(1), b: new Float64Array(1) }; // reads x₁ alone
const ASYMMETRIC = { W: Float64Array.of(2, -0.5), V: Float64Array.of(0.5, 2), b: new Float64Array(2) };
const asymmetricOutput = (x: number[]) =>
  Array.from(forward(absFamily(2, 1, 'identity'), ASYMMETRIC, x).xHat);

const ABS = (hidden: number, more: string) => `{
  "model": { "features": 3, "hidden": ${hidden}, "tied": false${more} },
  "input": { "density": 0.3, "magnitude": "signed", "target": "abs" },
  ${CLEAN_TRAINING(3000)},
  "replicas": 8
}`;
const RELU = ', "hiddenActivation": "relu"';

function keepTask({ model, input }: Spec): string | null {
  if (model.features !== 3) return 'Keep features at 3.';
  if (model.hidden > 6) return 'Six neurons are enough.';
  const kept = input.target === 'abs' && input.magnitude === 'signed';
  return kept ? null : 'Keep the task: signed inputs, target |x|.';
}

export const computation: Exercise[] = [
  code({
    id: 'absolute-value',
    title: '|x| from ReLUs',
    dots: 2,
    minutes: 4,
    stub: '[[ , ]]',
    read: neuronOutputs,
    expected: () => [0.8, 0.2, 0, 0.5, 1],
    solution: '[[1, 1], [-1, 1]]',
    why: '|x| = ReLU(x) + ReLU(−x). Each feature needs two neurons, one for each sign.',
    hints: ['One neuron is silent for negative x. A second one can take over.', '|x| = ReLU(x) + ReLU(…)'],
    mistakes: [
      { answer: '[[1, 1]]', says: 'Right for positive x. For negative x nothing comes out.' },
      {
        answer: '[[1, 1], [1, 1]]',
        says: 'Both neurons react to positive x. One should react to negative x.',
      },
      {
        answer: '[[1, 1], [-1, -1]]',
        says: 'That gives x itself: the second neuron sees the size of a negative x, but you subtract it.',
      },
    ],
  }),
  choice({
    id: 'why-aligned',
    title: 'Why neurons matter now',
    dots: 2,
    minutes: 4,
    options: {
      space: 'The hidden layer has more dimensions than before.',
      basis: 'The ReLU acts on each hidden number by itself, so turning the hidden space changes the model.',
      loss: 'The loss rewards weights that are 0 or 1.',
    },
    solution: 'basis',
    why: 'Without it, W can be turned by any rotation and computes the same. With a ReLU in the hidden layer the axes, the neurons, are special. We call such a basis privileged.',
    hints: ['Take a rotation R. Is ReLU(R h) the same as R ReLU(h)?'],
    mistakes: [
      { answer: 'space', says: 'It has exactly as many. What is new is what happens inside it.' },
      { answer: 'loss', says: 'The loss looks at outputs only; it knows no single weight.' },
    ],
  }),
  training({
    id: 'learn-abs',
    title: 'Let it learn |x|',
    dots: 3,
    minutes: 6,
    stub: ABS(3, ''),
    demand: (spec) => keepTask(spec) ?? oneSetting(spec),
    judge: (result) => {
      const { loss, family } = bestOf(modelsOf(result));
      if (loss < 0.001) return { passed: true, message: `Solved: the loss is ${loss.toExponential(1)}.` };
      const cause =
        family.hiddenActivation === 'identity'
          ? 'Without a ReLU in the hidden layer the model cannot bend.'
          : 'How many neurons do three absolute values need?';
      return { passed: false, message: `The best loss is ${loss.toFixed(3)}. ${cause}` };
    },
    solution: ABS(6, RELU),
    why: 'Six ReLU neurons, two for each feature. Look at the weights: every neuron serves one sign of one feature.',
    hints: ['The model needs something that bends: "hiddenActivation".', 'Two neurons for each feature.'],
    mistakes: [
      { answer: ABS(3, ''), says: 'cannot bend' },
      { answer: ABS(6, ''), says: 'cannot bend' },
      { answer: ABS(3, RELU), says: 'How many neurons' },
      { answer: ABS(6, ', "hiddenActivation": "ReLU"'), says: 'model.hiddenActivation: expected one of' },
    ],
  }),
  code({
    id: 'asymmetric-neuron',
    title: 'One neuron, two jobs',
    dots: 3,
    minutes: 6,
    stub: 'function outputs(x1, x2) {\n  // return [y1, y2]\n}',
    probes: [
      [1, 0],
      [0, -1],
      [0, 1],
      [0.5, 0.4],
    ],
    expected: (x1: number, x2: number) => asymmetricOutput([x1, x2]),
    solution: `function outputs(x1, x2) {
  const h = Math.max(0, 2 * x1 - 0.5 * x2);
  return [0.5 * h, 2 * h];
}`,
    why: 'For x₁ = 1 output 1 is right but output 2 gets 4, far too much. For x₂ = −1 output 2 is right and output 1 gets only ¼. All the damage is on one side.',
    hints: ['First the neuron, with its ReLU. Then each output is a weight times the neuron.'],
    mistakes: [
      {
        answer: '(x1, x2) => [0.5 * (2 * x1 - 0.5 * x2), 2 * (2 * x1 - 0.5 * x2)]',
        says: 'The neuron has a ReLU: it never goes below 0.',
      },
      {
        answer: '(x1, x2) => { const h = Math.max(0, 0.5 * x1 + 2 * x2); return [2 * h, -0.5 * h]; }',
        says: 'You read with the decoder and wrote with the encoder.',
      },
      {
        answer: '(x1, x2) => { const h = Math.max(0, 2 * x1 - 0.5 * x2); return [h, h]; }',
        says: 'Each output has its own weight on the neuron: ½ and 2.',
      },
    ],
  }),
  code({
    id: 'inhibit',
    title: 'The partner that keeps order',
    dots: 3,
    minutes: 5,
    stub: '',
    expected: () => -asymmetricOutput([1, 0])[1] / forward(absFamily(1, 1, 'identity'), PARTNER, [1]).h[0],
    solution: '-4',
    why: 'At x₁ = 1 the first neuron puts 4 on output 2. A partner that is 1 there must take away at least 4, and the ReLU at the output hides any excess. Large positive interference has become harmless negative interference.',
    hints: ['How much too much is on output 2 when x₁ = 1, x₂ = 0?'],
    mistakes: [
      { answer: '4', says: 'Right size. It must take away, not add.' },
      { answer: '-1', says: 'That leaves 3 on output 2, which should show 0.' },
      { answer: '-2', says: 'The decoder weight is 2, but the neuron itself is 2 there as well.' },
    ],
  }),
];
