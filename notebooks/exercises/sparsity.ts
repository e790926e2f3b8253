/** Exercises of notebook 2: sparsity buys superposition. */

import { reluOutputFamily } from '../../sim/family.ts';
import { forward } from '../../sim/model.ts';
import { activeProbability } from '../../sim/theory/linear.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { keepRelu, keepSize, oneSetting } from './specs.ts';
import { bestOf, modelsOf, represented } from './trained.ts';

const PAIR = reluOutputFamily(2, 1);
const ANTIPODAL = { W: Float64Array.of(1, -1), b: new Float64Array(2) };

const pairOutput = (x: number[]) => Array.from(forward(PAIR, ANTIPODAL, x).xHat);
const pairError = (a: number, b: number) =>
  pairOutput([a, b]).reduce((sum, out, i) => sum + (out - [a, b][i]) ** 2, 0);

const FIVE_IN_TWO = (density: string, more = '') => `{
  "model": { "features": 5, "hidden": 2 },
  "input": { "density": ${density}, "importance": { "base": 0.9 } },
  "training": { "steps": 3000, "batch": 256, "learningRate": 0.005${more} },
  "replicas": 4
}`;

export const sparsity: Exercise[] = [
  code({
    id: 'antipodal-output',
    title: 'Two features on one line',
    dots: 1,
    minutes: 3,
    stub: '[ , ]',
    expected: () => pairOutput([0.6, 0]),
    solution: '[0.6, 0]',
    why: 'h = 0.6. Feature 1 reads +h = 0.6. Feature 2 reads −h = −0.6, and the ReLU makes that 0. The negative interference cost nothing.',
    hints: ['h = x₁ − x₂, the first output is ReLU(h), the second ReLU(−h).'],
    mistakes: [
      {
        answer: '[0.6, -0.6]',
        says: 'That is what the linear model gives. Now pass both numbers through the ReLU.',
      },
      { answer: '[0.6, 0.6]', says: 'The second feature points the other way: it reads −h, not h.' },
      { answer: '[0, 0.6]', says: 'x₁ = 0.6 is the active one, and feature 1 points along +h.' },
    ],
  }),
  code({
    id: 'pair-error',
    title: 'The price of a collision',
    dots: 2,
    minutes: 5,
    stub: 'function pairError(a, b) {\n  // squared error, both outputs added, for x = (a, b)\n}',
    probes: [
      [0.7, 0],
      [0, 0.3],
      [0.7, 0.3],
      [0.2, 0.9],
    ],
    expected: pairError,
    solution: 'function pairError(a, b) {\n  return 2 * Math.min(a, b) ** 2;\n}',
    why: 'Take a > b. Then h = a − b, the outputs are (a − b, 0), and both are off by b. With one feature silent the smaller value is 0: no error at all.',
    hints: [
      'Write down h, then both outputs, then both errors, for a > b.',
      'Both outputs are off by the same amount: the smaller value.',
    ],
    mistakes: [
      {
        answer: '(a, b) => Math.min(a, b) ** 2',
        says: 'That is the error of one output. The other output is off too.',
      },
      {
        answer: '(a, b) => a ** 2 + b ** 2',
        says: 'That is the error of a model that says nothing. This one gets a − b through.',
      },
      {
        answer: '(a, b) => 2 * (a - b) ** 2',
        says: 'a − b is what gets through. The error is what does not.',
      },
      {
        answer: '(a, b) => 2 * a * b',
        says: 'Zero when one is silent, as it should be. But try a = b = 1, where both outputs are 0: is that the error with a = 0.7, b = 0.3 too?',
      },
    ],
  }),
  code({
    id: 'how-many-active',
    title: 'How crowded is an input?',
    dots: 2,
    minutes: 4,
    stub: 'function probabilityOf(k, n, p) {\n  // probability that exactly k of n features are active\n}',
    probes: [
      [0, 5, 0.1],
      [1, 5, 0.1],
      [2, 5, 0.1],
      [3, 20, 0.3],
    ],
    expected: (k: number, n: number, p: number) => activeProbability(n, k, p),
    solution: `function probabilityOf(k, n, p) {
  let choose = 1;
  for (let i = 1; i <= k; i++) choose = (choose * (n - k + i)) / i;
  return choose * p ** k * (1 - p) ** (n - k);
}`,
    why: 'It is the binomial distribution. The loss is the average, with these weights, of the loss at k active features. At small p the term k = 1 rules, and there negative interference is free.',
    hints: [
      'First one given set of k features: those active, the others silent.',
      'Then count the sets: n over k.',
    ],
    mistakes: [
      {
        answer: '(k, n, p) => p ** k * (1 - p) ** (n - k)',
        says: 'That is the probability of one given set of k features. How many such sets are there?',
      },
      {
        answer:
          '(k, n, p) => { let c = 1; for (let i = 1; i <= k; i++) c = (c * (n - k + i)) / i; return c * p ** k; }',
        says: 'Exactly k: the other n − k features must be silent.',
      },
      {
        answer:
          '(k, n, p) => { let c = 1; for (let i = 1; i <= k; i++) c = (c * (n - k + i)) / i; return c * (1 - p) ** k * p ** (n - k); }',
        says: 'p is the density, the probability to be active. You have it the other way round.',
      },
    ],
  }),
  training({
    id: 'five-in-two',
    title: 'Five features in two dimensions',
    dots: 3,
    minutes: 6,
    stub: FIVE_IN_TWO('1'),
    demand: (spec) => keepSize(spec, 5, 2) ?? keepRelu(spec) ?? oneSetting(spec),
    judge: (result) => {
      const model = bestOf(modelsOf(result));
      const kept = represented(model);
      const density = model.density[0];
      if (kept === 5) return { passed: true, message: `All five are there at density ${density}.` };
      const message = `At density ${density} the best of your models keeps ${kept} of 5 features. Which way must the density go?`;
      return { passed: false, message };
    },
    solution: FIVE_IN_TWO('0.05'),
    why: 'At density 0.05 two features collide rarely, so five can share a plane: a pentagon.',
    hints: ['Collisions are the price. Make them rarer.', 'Try 0.3, then 0.1, then 0.05.'],
    mistakes: [
      { answer: FIVE_IN_TWO('1'), says: 'keeps 2 of 5 features' },
      { answer: FIVE_IN_TWO('0.3'), says: 'Which way must the density go?' },
      { answer: FIVE_IN_TWO('5'), says: 'input.density: expected' },
      {
        answer: FIVE_IN_TWO('0.05').replace('"hidden": 2', '"hidden": 5'),
        says: 'Keep features at 5 and hidden at 2.',
      },
    ],
  }),
  choice({
    id: 'why-negative-bias',
    title: 'What the bias is for',
    dots: 2,
    minutes: 3,
    options: {
      mean: 'It adds the mean of the feature.',
      noise: 'It holds the output down, so that small interference ends up below 0.',
      scale: 'It makes up for directions that are too short.',
    },
    solution: 'noise',
    why: 'In the pentagon two neighbours overlap by a positive amount. A negative bias pushes that below 0, where the ReLU cuts it; longer directions make up for the bias.',
    hints: [
      'Look at the last column of the matrices above, at density 1 and at 0.003. Which sign has the bias?',
    ],
    mistakes: [
      {
        answer: 'mean',
        says: 'That is so for features the model drops: there the bias is positive. What is its sign in the pentagon?',
      },
      { answer: 'scale', says: 'In the pentagon the directions are longer than 1, not shorter.' },
    ],
  }),
];
