/** Exercises of notebook 3: the phase change, with the algebra. */

import { regionOf } from '../../sim/metrics/phaseRegion.ts';
import type { Spec } from '../../sim/spec.ts';
import {
  bestSolution,
  candidateLosses,
  inputVariance,
  regionBoundaries,
  TRIPLE_POINT,
} from '../../sim/theory/phase.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { keepRelu, keepSize, oneSetting } from './specs.ts';
import { bestOf, modelsOf } from './trained.ts';

const lossOf = (p: number, r: number, solution: string) =>
  candidateLosses(2, p, r).find(([name]) => name === solution)![1];

const TWO_IN_ONE = (density: string, importance: string) => `{
  "model": { "features": 2, "hidden": 1 },
  "input": { "density": ${density}, "importance": [1, ${importance}] },
  "training": {
    "steps": 3000, "batch": 512,
    "learningRate": 0.01, "schedule": "cosine"
  },
  "replicas": 6
}`;

function keepInput({ input }: Spec): string | null {
  if (input.density === 0) return 'At density 0 nothing is ever active: there is nothing to learn.';
  const importance = Array.isArray(input.importance) ? input.importance : [];
  if (importance[0] !== 1) return 'Keep the first importance at 1.';
  return importance[1] === 0.3 ? null : 'Keep the second importance at 0.3: change the density only.';
}

export const phase: Exercise[] = [
  code({
    id: 'ignore-cost',
    title: 'What it costs to ignore a feature',
    dots: 2,
    minutes: 5,
    stub: 'function ignoreCost(p) {\n  // mean of (x − b)² with the best constant b\n}',
    probes: [[1], [0.5], [0.1]],
    expected: inputVariance,
    solution: 'function ignoreCost(p) {\n  return p / 3 - p ** 2 / 4;\n}',
    why: 'The best constant is the mean, b = p/2, and the error left is the variance: the mean of x² is p/3, the square of the mean is p²/4.',
    hints: [
      'Which constant b makes the mean of (x − b)² smallest?',
      'The mean of x is p·½. The mean of x² is p times the integral of v² from 0 to 1.',
    ],
    mistakes: [
      { answer: '(p) => p / 3', says: 'That is with b = 0. A constant above 0 does better: which one?' },
      {
        answer: '(p) => p / 12',
        says: 'A uniform number has variance 1/12, but x is also 0 or not: that varies too.',
      },
      { answer: '(p) => p / 3 - p ** 2 / 2', says: 'The mean is p/2. Subtract its square, p²/4.' },
    ],
  }),
  code({
    id: 'pair-cost',
    title: 'What it costs to share a dimension',
    dots: 3,
    minutes: 6,
    stub: 'function pairCost(p, r) {\n  // importances 1 and r, directions +1 and −1\n}',
    probes: [
      [1, 1],
      [0.5, 0.3],
      [0.1, 2],
    ],
    expected: (p: number, r: number) => lossOf(p, r, 'extra in a pair'),
    solution: 'function pairCost(p, r) {\n  return ((1 + r) * p ** 2) / 6;\n}',
    why: 'Both are active with probability p². Then each output is off by the smaller value, and the mean of min(a, b)² over two uniform numbers is 1/6.',
    hints: [
      'The error is 0 unless both are active. How often is that?',
      'In notebook 2: both outputs are off by min(a, b). Now one counts 1, the other r.',
      'The smaller of two uniform numbers has density 2(1 − z). Integrate z² · 2(1 − z) from 0 to 1.',
    ],
    mistakes: [
      {
        answer: '(p, r) => (1 + r) / 6',
        says: 'That is the cost when both are active. How often is that?',
      },
      {
        answer: '(p, r) => p ** 2 / 3',
        says: 'You count both outputs with importance 1. One of them has importance r.',
      },
      {
        answer: '(p, r) => ((1 + r) * p ** 2) / 3',
        says: '1/3 is the mean of a², one uniform number squared. You need the smaller of two.',
      },
      { answer: '(p, r) => ((1 + r) * p) / 6', says: 'A collision needs both at once: p², not p.' },
    ],
  }),
  code({
    id: 'lower-boundary',
    title: 'Where the extra feature comes in',
    dots: 3,
    minutes: 6,
    stub: 'function lowerBoundary(p) {\n  // r at which ignoring the extra feature and sharing cost the same\n}',
    probes: [[0.1], [0.3], [0.5]],
    expected: (p: number) => regionBoundaries(2, p).low,
    solution: 'function lowerBoundary(p) {\n  return (2 * p) / (4 - 5 * p);\n}',
    why: 'Set r(p/3 − p²/4) = (1 + r)p²/6, multiply by 12/p and solve: r(4 − 3p) = 2p(1 + r), so r = 2p/(4 − 5p). At p = 0.1 a feature of importance 0.057 is worth a place.',
    hints: [
      'Ignoring the extra costs r(p/3 − p²/4). Sharing costs (1 + r)p²/6.',
      'Multiply both sides by 12/p, then bring all r to one side.',
    ],
    mistakes: [
      {
        answer: '(p) => (2 * p) / (4 - 3 * p)',
        says: 'On the right stands 1 + r, not 1: there is an r on both sides.',
      },
      {
        answer: '(p) => (4 - 5 * p) / (2 * p)',
        says: 'Upside down: this is the upper boundary, where the extra feature takes over.',
      },
      {
        answer: '(p) => p / (2 - 2 * p)',
        says: 'That is without the −p²/4: ignoring a feature costs p/3 − p²/4, because its output learns the mean.',
      },
    ],
  }),
  code({
    id: 'triple-point',
    title: 'Where superposition ends',
    dots: 2,
    minutes: 4,
    stub: '',
    expected: () => TRIPLE_POINT.density,
    tolerance: 1e-3,
    solution: '4 / 7',
    why: 'The lower boundary is 2p/(4 − 5p), the upper one its inverse. They meet where both are 1: 2p = 4 − 5p. Denser than 4/7, a pair never wins.',
    hints: ['The region of superposition lies between r and 1/r. When is there nothing in between?'],
    mistakes: [
      { answer: '4 / 5', says: 'There the denominator is 0. The region has closed before that.' },
      { answer: '1 / 2', says: 'Put p = 1/2 into the boundary: it gives 2/3, so the region is still open.' },
      { answer: '16 / 147', says: 'That is the loss at this point. Which density is it?' },
    ],
  }),
  code({
    id: 'best-of-three',
    title: 'Colour the diagram',
    dots: 3,
    minutes: 6,
    stub: "function best(p, r) {\n  // 'ignore extra', 'ignore another' or 'extra in a pair'\n}",
    probes: [
      [0.1, 0.01],
      [0.1, 0.5],
      [0.1, 40],
      [0.3, 0.2],
      [0.3, 3],
      [0.8, 0.9],
      [0.8, 1.1],
    ],
    expected: (p: number, r: number) => bestSolution(2, p, r).solution,
    solution: `function best(p, r) {
  const variance = p / 3 - p ** 2 / 4;
  const losses = {
    'ignore extra': r * variance,
    'ignore another': variance,
    'extra in a pair': ((1 + r) * p ** 2) / 6,
  };
  return Object.keys(losses).reduce((a, b) => (losses[b] < losses[a] ? b : a));
}`,
    why: 'The optimum is the lowest of three smooth curves. Where two cross, the winner changes at once: a first-order phase change.',
    hints: [
      'Compute the three losses and return the name of the smallest.',
      'Ignoring the first feature (importance 1) costs p/3 − p²/4.',
    ],
    mistakes: [
      {
        answer:
          "(p, r) => { const low = (2 * p) / (4 - 5 * p); return r < low ? 'ignore extra' : r > 1 / low ? 'ignore another' : 'extra in a pair'; }",
        says: 'Right below p = 4/7. Above it the boundaries have crossed, and a pair never wins.',
      },
      {
        answer:
          "(p, r) => { const v = p / 3 - p * p / 4; return r * v < ((1 + r) * p * p) / 6 ? 'ignore extra' : 'extra in a pair'; }",
        says: 'You compare two of three. When r is large it is the other feature that should go.',
      },
    ],
  }),
  training({
    id: 'into-superposition',
    title: 'Cross the line',
    dots: 2,
    minutes: 5,
    stub: TWO_IN_ONE('0.8', '0.3'),
    demand: (spec) => keepSize(spec, 2, 1) ?? keepRelu(spec) ?? oneSetting(spec) ?? keepInput(spec),
    judge: (result) => {
      const { norms, interference, density } = bestOf(modelsOf(result));
      const region = regionOf(norms[1], interference[1]);
      if (region === 'superposed') return { passed: true, message: 'The second feature shares the line.' };
      const message = `At density ${density[0]} the second feature is ${region}. Theory says r = 0.3 lies above the boundary 2p/(4 − 5p) for p < 12/35 = 0.34.`;
      return { passed: false, message };
    },
    solution: TWO_IN_ONE('0.1', '0.3'),
    why: 'At p = 0.1 the boundary is r = 0.057, and 0.3 lies well above it.',
    hints: ['For which p is 2p/(4 − 5p) below 0.3?'],
    mistakes: [
      { answer: TWO_IN_ONE('0.8', '0.3'), says: 'the second feature is not learned' },
      { answer: TWO_IN_ONE('0.8', '1'), says: 'Keep the second importance at 0.3' },
      { answer: TWO_IN_ONE('0', '0.3'), says: 'At density 0 nothing is ever active' },
    ],
  }),
  choice({
    id: 'blurry-corner',
    title: 'Why trained models blur the corner',
    dots: 3,
    minutes: 3,
    options: {
      wrong: 'The theory holds only for one active feature.',
      close: 'Near the corner all solutions cost almost the same, so the seed decides where training ends.',
      noise: 'The corner lies at high density, where gradients are noisier.',
    },
    solution: 'close',
    why: 'At p = 4/7 and r = 1 all three cost 16/147. Near it the gaps are tiny, and each is a local minimum of its own.',
    hints: ['Compute the three losses at p = 4/7, r = 1.'],
    mistakes: [
      {
        answer: 'wrong',
        says: 'The algebra above has the case of both active: that is where 1/6 came from.',
      },
      {
        answer: 'noise',
        says: 'The other dense cells are sharp. What is special here is how close the three losses are.',
      },
    ],
  }),
];
