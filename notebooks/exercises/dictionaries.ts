/** Exercises of notebook 10: dictionaries. */
import { cosines, meanMaxCosine } from '../../sim/metrics/dictionary.ts';
import { scoreDictionaries } from '../../sim/metrics/dictionaryScores.ts';
import type { Spec } from '../../sim/spec.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { keepSize, oneSetting } from './specs.ts';

/** The code z ≥ 0 at which (x − z)² + λ z is least, by bisection of its slope 2 (z − x) + λ. */
function cheapestCode(x: number, lambda: number): number {
  let [low, high] = [0, Math.abs(x) + lambda];
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (2 * (middle - x) + lambda < 0) low = middle;
    else high = middle;
  }
  return low;
}

const SPEC = (latents: number, sparsity: number, more = '') => `{
  "model": { "features": 5, "hidden": 2 },
  "input": { "density": 0.05 },
  "training": {
    "steps": 3000, "batch": 256, "learningRate": 0.01,
    "schedule": "cosine", "weightDecay": 0
  },
  "dictionary": {
    "latents": ${latents}, "sparsity": ${sparsity}, "penalty": "unit-norm",
    "training": {
      "steps": 4000, "batch": 256,
      "learningRate": 0.003, "schedule": "last-fifth"
    }
  },
  "replicas": 8${more}
}`;

/** What must stay as it is for the answer to be about dictionaries. */
function demandDictionary(spec: Spec): string | null {
  const { dictionary } = spec;
  if (!dictionary) return 'Keep the field dictionary: it is what is trained on the model.';
  if (dictionary.reads !== 'model') return 'Let the dictionary read the model.';
  if (dictionary.start === 'truth') return 'Starting at the true features is no discovery.';
  if (dictionary.latents > 16) return 'At most 16 latents.';
  if (spec.replicas < 8) return 'Keep 8 replicas: one seed can be lucky.';
  return keepSize(spec, 5, 2) ?? oneSetting(spec);
}

export const dictionaries: Exercise[] = [
  code({
    id: 'cheapest-code',
    title: 'What sparsity takes away',
    dots: 2,
    minutes: 5,
    stub: 'function code(x, lambda) {\n  // the z ≥ 0 that makes (x − z)² + lambda · z smallest\n}',
    probes: [
      [1, 0.2],
      [0.5, 0.1],
      [0.05, 0.4],
      [0.8, 0],
    ],
    expected: cheapestCode,
    solution: 'function code(x, lambda) {\n  return Math.max(0, x - lambda / 2);\n}',
    why: 'The slope 2(z − x) + λ is 0 at z = x − λ/2. Every code is too small by λ/2, which is called shrinkage, and an x below λ/2 is not seen at all.',
    hints: ['Set the derivative by z to 0.', 'A code cannot be negative: what happens at small x?'],
    mistakes: [
      { answer: '(x, lambda) => x - lambda / 2', says: 'code(0.05, 0.4)' },
      { answer: '(x, lambda) => Math.max(0, x - lambda)', says: 'code(1, 0.2)' },
    ],
  }),
  choice({
    id: 'perfect-and-wrong',
    title: 'Perfect reconstruction',
    dots: 2,
    minutes: 3,
    options: {
      a: 'It has found the five features.',
      b: 'Nothing: a few latents that point anywhere can reconstruct a plane.',
      c: 'It has found the most important features.',
    },
    solution: 'b',
    why: 'Any vector of the plane is a sum of three fixed directions with weights of at least 0, if they do not all lie on one side. So R² = 1 is possible with latents that are no feature.',
    hints: [
      'How many directions does it take to reach each point of the plane with weights that are not negative?',
    ],
    mistakes: [
      { answer: 'a', says: 'Three latents suffice for R² = 1, and five features cannot all be among three.' },
      { answer: 'c', says: 'Latents may point between the features and still reconstruct everything.' },
    ],
  }),
  code({
    id: 'mean-max-cosine',
    title: 'Were the features found?',
    dots: 3,
    minutes: 8,
    stub: 'function mmcs(latents, features) {\n  // both lists of [x, y]; one number\n}',
    probes: [
      [
        [
          [1, 0],
          [0, 2],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      [
        [
          [1, 0],
          [-1, 0],
          [0.6, 0.8],
        ],
        [
          [0, 1],
          [2, 0],
        ],
      ],
      [
        [
          [-1, 0],
          [0, -1],
        ],
        [
          [1, 0],
          [1, 1],
        ],
      ],
      [
        [[1, 0]],
        [
          [1, 0],
          [0, 1],
          [-3, 4],
        ],
      ],
    ],
    expected: (latents: number[][], features: number[][]) =>
      meanMaxCosine(cosines(latents.flat(), features.flat(), 2)),
    solution: `function mmcs(latents, features) {
  const cosine = (a, b) =>
    (a[0] * b[0] + a[1] * b[1]) / Math.hypot(...a) / Math.hypot(...b);
  const best = features.map((f) => Math.max(...latents.map((d) => cosine(d, f))));
  return best.reduce((sum, value) => sum + value, 0) / features.length;
}`,
    why: 'For every true feature the latent that points most its way; the mean of those cosines. 1 means that each feature has a latent of its own direction.',
    hints: [
      'Cosine: the dot product over both lengths.',
      'The mean goes over the features, not over the latents.',
    ],
    mistakes: [
      {
        answer:
          '(latents, features) => { const cos = (a, b) => (a[0] * b[0] + a[1] * b[1]) / Math.hypot(...a) / Math.hypot(...b); return latents.map((d) => Math.max(...features.map((f) => cos(d, f)))).reduce((s, v) => s + v, 0) / latents.length; }',
        says: 'mmcs(',
      },
      {
        answer:
          '(latents, features) => features.map((f) => Math.max(...latents.map((d) => d[0] * f[0] + d[1] * f[1]))).reduce((s, v) => s + v, 0) / features.length',
        says: 'mmcs(',
      },
    ],
  }),
  training({
    id: 'find-the-five',
    title: 'Find the five',
    dots: 3,
    minutes: 8,
    stub: SPEC(4, 0.003),
    demand: demandDictionary,
    judge: ({ groups: [{ problem, params }] }) => {
      const scores = scoreDictionaries(problem, params, 1024);
      const whole = scores.filter(({ found }) => found === 1).length;
      const mean = scores.reduce((sum, { r2 }) => sum + r2, 0) / scores.length;
      const said = `${whole} of ${scores.length} dictionaries found all five features; R² ${mean.toFixed(2)} on average.`;
      return { passed: whole >= scores.length / 2, message: said };
    },
    solution: SPEC(8, 0.4),
    why: 'A larger λ makes it dear to build one feature out of two latents, and spare latents keep a feature from being missed. The reconstruction gets worse meanwhile.',
    hints: ['Four latents cannot be five features.', 'Raise the sparsity until R² suffers.'],
    mistakes: [
      { answer: SPEC(8, 0.003), says: 'dictionaries found all five features' },
      { answer: SPEC(24, 0.4), says: 'At most 16 latents.' },
      { answer: SPEC(5, 0.4).replace('"latents"', '"start": "truth", "latents"'), says: 'no discovery' },
    ],
  }),
];
