/** Exercises of notebook 1: what a feature is, and why linear models stop at m. */
import { type Family, reluOutputFamily } from '../../sim/family.ts';
import { forward } from '../../sim/model.ts';
import { activeProbability, linearLossTerms } from '../../sim/theory/linear.ts';
import { choice, code, type Exercise } from './exercise.ts';

/** A model of the linear family with weight rows W and no bias. */
function linear(W: number[][]): [Family, { W: Float64Array; b: Float64Array }] {
  const relu = reluOutputFamily(W.length, W[0].length);
  const family: Family = { ...relu, outputActivation: 'identity', bias: false };
  return [family, { W: Float64Array.from(W.flat()), b: new Float64Array(W.length) }];
}

const W3 = [
  [1, 0],
  [0, 0.8],
  [-0.6, 0.3],
];
const TRIANGLE = [
  [1, 0],
  [-0.5, 0.8],
  [-0.5, -0.9],
];

export const features: Exercise[] = [
  code({
    id: 'all-silent',
    title: 'How often is nothing there?',
    dots: 1,
    minutes: 2,
    stub: 'function allSilent(n, p) {\n  // probability that none of n features is active\n}',
    probes: [
      [5, 1],
      [5, 0.05],
      [20, 0.1],
    ],
    expected: (n, p) => activeProbability(n, 0, p),
    solution: 'function allSilent(n, p) {\n  return (1 - p) ** n;\n}',
    why: 'Each feature is silent with probability 1 − p, and the features are independent. With n = 20 and p = 0.1 that is 0.12; with n = 5 and p = 0.05 it is 0.77. Sparse inputs are mostly zeros.',
    hints: [
      'One feature is silent with probability 1 − p.',
      'The features are independent: multiply. In JavaScript a power is written a ** b.',
    ],
    mistakes: [
      {
        answer: '(n, p) => p ** n',
        says: 'That is the probability that all n are active. Silent has probability 1 − p.',
      },
      {
        answer: '(n, p) => 1 - p ** n',
        says: 'That is the probability that at least one is silent. Here all n must be silent.',
      },
      {
        answer: '(n, p) => 1 - n * p',
        says: 'Probabilities of independent events multiply; n·p is the mean number of active features.',
      },
    ],
  }),
  code({
    id: 'reconstruct',
    title: 'Down to m numbers and back',
    dots: 2,
    minutes: 5,
    stub: 'function reconstruct(W, x) {\n  // W[i] is the direction of feature i, a list of m numbers; x is a list of n numbers\n  // return the list x̂ of n numbers\n}',
    probes: [
      [W3, [1, 0, 0]],
      [W3, [0, 0.5, 1]],
      [TRIANGLE, [0.2, 0.9, 0.4]],
    ],
    expected: (W: number[][], x: number[]) => Array.from(forward(...linear(W), x).xHat),
    solution: `function reconstruct(W, x) {
  const m = W[0].length;
  const h = Array(m).fill(0);
  for (let i = 0; i < W.length; i++) {
    for (let k = 0; k < m; k++) h[k] += x[i] * W[i][k];
  }
  return W.map((row) => row.reduce((sum, w, k) => sum + w * h[k], 0));
}`,
    why: 'First h = Σ_i x_i W_i, a sum of directions. Then output j asks how much of direction W_j is in h: x̂_j = W_j · h. Feature i leaks into output j by W_i · W_j.',
    hints: [
      'Two steps: build h, a list of m numbers, then read every feature off it.',
      'h is the sum of x[i] times the row W[i].',
      'Output j is the dot product of W[j] and h.',
    ],
    mistakes: [
      {
        answer: '(W, x) => W[0].map((_, k) => W.reduce((sum, row, i) => sum + row[k] * x[i], 0))',
        says: 'That is h, the m hidden numbers. Now read each of the n features off it.',
      },
      {
        answer: '(W, x) => W.map((row, i) => row.reduce((sum, w) => sum + w * w, 0) * x[i])',
        says: 'You let each feature reach only its own output. Through h, feature i reaches output j by W_i · W_j.',
      },
      {
        answer:
          '(W, x) => W.map((row) => Math.max(0, row.reduce((sum, w, k) => sum + w * W.reduce((s, r, i) => s + r[k] * x[i], 0), 0)))',
        says: 'That has a ReLU at the output. The linear model lets negative numbers through.',
      },
    ],
  }),
  code({
    id: 'linear-loss',
    title: 'Benefit and interference',
    dots: 3,
    minutes: 6,
    stub: 'function linearLoss(W, I) {\n  // W[i] is the direction of feature i, I[i] its importance\n}',
    probes: [
      [W3, [1, 0.7, 0.49]],
      [TRIANGLE, [1, 1, 1]],
      [
        [[1], [-1]],
        [1, 0.5],
      ],
    ],
    expected: (W: number[][], I: number[]) => {
      const terms = linearLossTerms(...linear(W), I);
      return terms.benefit + terms.interference;
    },
    solution: `function linearLoss(W, I) {
  const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  let loss = 0;
  for (let i = 0; i < W.length; i++) {
    for (let j = 0; j < W.length; j++) {
      const target = i === j ? 1 : 0;
      loss += I[j] * (target - dot(W[i], W[j])) ** 2;
    }
  }
  return loss;
}`,
    why: 'Both sums say one thing: the matrix of all W_i · W_j should be the identity. The diagonal gives the benefit of representing a feature, the rest the price that the others pay.',
    hints: [
      'Write a small dot product first: (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0).',
      'Loop over all pairs (i, j). Where i = j the dot product should be 1, elsewhere 0.',
    ],
    mistakes: [
      {
        answer:
          '(W, I) => { const dot = (a, b) => a.reduce((s, v, k) => s + v * b[k], 0); let loss = 0; W.forEach((u, i) => W.forEach((v, j) => { loss += I[j] * dot(u, v) ** 2; if (i === j) loss += I[j] * (1 - dot(u, u)) ** 2; })); return loss; }',
        says: 'Your interference includes i = j. A feature does not interfere with itself.',
      },
      {
        answer:
          '(W, I) => { const dot = (a, b) => a.reduce((s, v, k) => s + v * b[k], 0); let loss = 0; W.forEach((u, i) => W.forEach((v, j) => { if (j >= i) loss += I[j] * ((i === j) - dot(u, v)) ** 2; })); return loss; }',
        says: 'You count each pair once. Feature i disturbs j and j disturbs i: the sum runs over i ≠ j, both ways.',
      },
      {
        answer:
          '(W, I) => { const dot = (a, b) => a.reduce((s, v, k) => s + v * b[k], 0); let loss = 0; W.forEach((u, i) => W.forEach((v, j) => { loss += I[j] * ((i === j) - (i === j ? Math.sqrt(dot(u, u)) : dot(u, v))) ** 2; })); return loss; }',
        says: 'The benefit has ‖W_i‖², not ‖W_i‖: on the way down and on the way up the feature is multiplied by W_i.',
      },
    ],
  }),
  code({
    id: 'lowest-linear-loss',
    title: 'The best a linear model can do',
    dots: 3,
    minutes: 5,
    stub: 'function lowestLinearLoss(I, m) {\n  // I: importances, in any order; m: hidden dimensions\n}',
    probes: [
      [[1, 0.7, 0.49, 0.343], 2],
      [[0.2, 1, 0.5], 1],
      [[1, 1, 1, 1, 1], 2],
    ],
    expected: (I: number[], m: number) =>
      [...I].sort((a, b) => b - a).reduce((sum, value, i) => (i < m ? sum : sum + value), 0),
    solution: `function lowestLinearLoss(I, m) {
  const byImportance = [...I].sort((a, b) => b - a);
  return byImportance.slice(m).reduce((sum, value) => sum + value, 0);
}`,
    why: 'Give the m most important features orthogonal directions of length 1: they cost nothing. Every other feature gets W_i = 0 and costs I_i. Sharing a direction never pays, at any density.',
    hints: [
      'A feature with its own direction of length 1 costs 0. A feature with W_i = 0 costs I_i.',
      'Only m features can have directions orthogonal to each other. Which ones do you drop?',
    ],
    mistakes: [
      {
        answer: '(I, m) => [...I].sort((a, b) => b - a).slice(0, m).reduce((s, v) => s + v, 0)',
        says: 'That adds up the features you keep. The loss comes from those you drop.',
      },
      {
        answer: '(I, m) => I.slice(m).reduce((s, v) => s + v, 0)',
        says: 'You keep the first m of the list, but the list need not be sorted. Keep the most important.',
      },
      {
        answer: '(I, m) => I.reduce((s, v) => s + v, 0) * (1 - m / I.length)',
        says: 'That drops an average feature. The best model chooses: it drops the least important.',
      },
    ],
  }),
  choice({
    id: 'linear-and-density',
    title: 'Does sparsity help a linear model?',
    dots: 2,
    minutes: 3,
    options: {
      more: 'It keeps more features, the sparser the inputs are.',
      same: 'It keeps m features at every density.',
      fewer: 'It keeps fewer features: rare features are not worth it.',
    },
    solution: 'same',
    why: 'With independent features the expected loss is Var(x) times the two sums above. Density only changes the factor Var(x) = p/3 − p²/4, so the best W is the same at every density.',
    hints: ['Where does p appear in the expected loss of a linear model?'],
    mistakes: [
      {
        answer: 'more',
        says: 'Train the linear model at p = 0.01 above and count the long bars. What would have to change in the loss?',
      },
      {
        answer: 'fewer',
        says: 'All features get rarer together. What counts is how one compares with another, and that stays.',
      },
    ],
  }),
];
