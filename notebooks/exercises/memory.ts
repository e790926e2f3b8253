/** Exercises of notebook 9: memorise or generalise. */
import { featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import { sampleDimensionality } from '../../sim/metrics/samples.ts';
import type { Spec } from '../../sim/spec.ts';
import { collisionProbability, polygonCode } from '../../sim/theory/memorise.ts';
import type { TrainResult } from '../../sim/train.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { freshTable, lossOn } from './memoryLoss.ts';
import { keepSize, oneSetting } from './specs.ts';

/** Share of the plane that each of T samples has which lie evenly on a circle. */
function polygonShare(T: number): number {
  const h = Float64Array.from({ length: 2 * T }, (_, at) => {
    const angle = (2 * Math.PI * Math.floor(at / 2)) / T;
    return at % 2 ? Math.sin(angle) : Math.cos(angle);
  });
  return sampleDimensionality(h, 2)[0];
}

const SAMPLES = (count: number, rate = 0.003, steps = 3000) => `{
  "model": { "features": 500, "hidden": 2 },
  "input": {
    "density": 0.01,
    "samples": {
      "count": ${count}, "unitLength": true, "empty": "redraw"
    }
  },
  "training": {
    "steps": ${steps}, "learningRate": ${rate}, "reduction": "sum",
    "schedule": "cosine", "warmup": 150
  }
}`;

/** What must stay as it is for the losses to be those of the notebook. */
function demandSamples(spec: Spec): string | null {
  const { samples, density } = spec.input;
  if (!samples || !('count' in samples)) return 'Keep input.samples: this model trains on fixed samples.';
  if (!samples.unitLength || samples.empty !== 'redraw' || density !== 0.01) {
    return 'Keep the density at 0.01, samples of length 1, and no empty ones.';
  }
  if (spec.training.reduction !== 'sum') return 'Keep "reduction": "sum", so that losses can be compared.';
  if (spec.replicas > 1) return 'Train one model: no replicas.';
  if (samples.count > 3000 || spec.training.steps > 10_000) {
    return 'Keep to 3,000 samples and 10,000 steps: more takes too long for a check.';
  }
  return keepSize(spec, 500, 2) ?? oneSetting(spec);
}

const FRESH = 1000; // samples of a test loss

/** Losses on the training set and on fresh samples, and features with D of at least 0.15. */
function outcome(result: TrainResult) {
  const { problem, params, losses } = result.groups[0];
  const D = featureDimensionality(params, problem.family);
  return {
    train: losses[losses.length - 1],
    test: lossOn(freshTable(result.spec, FRESH), problem, params),
    large: D.filter((share) => share >= 0.15).length,
  };
}

const LOWER = 0.96; // training loss below that of the features at T = 1,000

export const memory: Exercise[] = [
  code({
    id: 'share-of-a-sample',
    title: 'The share of a sample',
    dots: 1,
    minutes: 3,
    stub: 'function share(T) {\n  // D of each of T samples, evenly on a circle\n}',
    probes: [[3], [5], [12]],
    expected: polygonShare,
    solution: 'function share(T) {\n  return 2 / T;\n}',
    why: 'Shares of a tight frame add up to the number of dimensions, here 2. Samples are counted as features were: a pentagon of samples has D = 2/5 each.',
    hints: ['All samples have the same share. What do the shares add up to?'],
    mistakes: [
      { answer: '(T) => 1 / T', says: 'There are two dimensions to share.' },
      { answer: '(T) => T / 2', says: 'That is the number of samples for each dimension.' },
    ],
  }),
  code({
    id: 'length-of-a-code',
    title: 'How long the arrows must be',
    dots: 3,
    minutes: 8,
    stub: 'function squaredLength(T) {\n  // least |h|^2 for T ≥ 5 samples\n}',
    probes: [[5], [8], [30]],
    expected: (T: number) => polygonCode(T).radius,
    solution: 'function squaredLength(T) {\n  return 1 / (1 - Math.cos((2 * Math.PI) / T));\n}',
    why: 'Its own output must be R² − β = 1, its neighbour’s R² cos(2π/T) − β ≤ 0. Both together: R² (1 − cos(2π/T)) ≥ 1. Nearer neighbours need longer arrows, about T²/20: that is why norms rise with T, and why large sets cannot be stored.',
    hints: [
      'With bias −β a stored sample returns R² − β, and its neighbour R² cos(2π/T) − β.',
      'The first must be 1, the second at most 0. Take β from the first and put it into the second.',
    ],
    mistakes: [
      { answer: '(T) => 1', says: 'Then the neighbour shows through: its output is cos(2π/T), above 0.' },
      {
        answer: '(T) => 1 / (1 + Math.cos((2 * Math.PI) / T))',
        says: 'Look at the sign: nearer neighbours need longer arrows.',
      },
      {
        answer: '(T) => Math.sqrt(1 / (1 - Math.cos((2 * Math.PI) / T)))',
        says: 'That is the length. Its square is asked for.',
      },
    ],
  }),
  code({
    id: 'samples-collide',
    title: 'When two samples collide',
    dots: 2,
    minutes: 5,
    stub: 'function collide(n, p) {\n  // probability that two samples have an active feature in common\n}',
    probes: [
      [500, 0.01],
      [1000, 0.01],
      [20, 0.2],
    ],
    expected: collisionProbability,
    solution: 'function collide(n, p) {\n  return 1 - (1 - p * p) ** n;\n}',
    why: 'One feature is active in both with probability p², in neither of n with (1 − p²)ⁿ. Samples that have nothing in common are orthogonal and can be told apart: here 95 of 100 pairs.',
    hints: ['First: with what probability is one given feature active in both?'],
    mistakes: [
      {
        answer: '(n, p) => n * p * p',
        says: 'That is the mean number of common features. It can be above 1.',
      },
      {
        answer: '(n, p) => 1 - (1 - p) ** n',
        says: 'That is the probability that one sample has any active feature.',
      },
    ],
  }),
  choice({
    id: 'why-worse',
    title: 'Why more data made it worse',
    dots: 2,
    minutes: 4,
    options: {
      reach: 'With more samples the arrows that store them are longer, and they throw fresh samples far off.',
      noise: 'More samples contain more noise, which the model learns.',
      few: 'The model has not seen each feature yet, so it leaves out those that it never saw.',
    },
    solution: 'reach',
    why: 'There is no noise here. A feature that was never seen costs what it costs with the zero output, 1 for all together. A test loss far above 1 takes large outputs where there should be none: the price of a code of many samples, as computed above.',
    hints: ['The zero output has test loss 1. What must a model do to be worse than silent?'],
    mistakes: [
      { answer: 'noise', says: 'Nothing is noisy here: every sample is exactly what it should return.' },
      {
        answer: 'few',
        says: 'Leaving features out cannot cost more than 1, the loss of the zero output.',
      },
    ],
  }),
  training({
    id: 'find-features',
    title: 'From samples to features',
    dots: 2,
    minutes: 5,
    stub: SAMPLES(50),
    demand: demandSamples,
    judge: (result) => {
      const { test, large } = outcome(result);
      const seen = `${large} features with D of at least 0.15, test loss ${test.toFixed(3)}`;
      return large === 5 && test < 1
        ? { passed: true, message: `${seen}: the pentagon of features, and better than silence.` }
        : {
            passed: false,
            message: `${seen}. Five and a test loss below 1 are wanted: how often has it seen each feature?`,
          };
    },
    solution: SAMPLES(1000),
    why: 'At density 0.01 a set of 1,000 samples shows every feature some ten times. Features appear at about that many, whatever the density.',
    hints: [
      'Each feature is in T p of the samples: at T = 50 in half of one.',
      'Some ten times is enough: change "count" only.',
    ],
    mistakes: [
      { answer: SAMPLES(50), says: 'how often has it seen each feature?' },
      { answer: SAMPLES(300), says: 'how often has it seen each feature?' },
      { answer: SAMPLES(20_000), says: 'more takes too long' },
      {
        answer: SAMPLES(1000).replace('0.01', '0.2'),
        says: 'Keep the density at 0.01',
      },
    ],
  }),
  training({
    id: 'memorise-anyway',
    title: 'Lower, and worse',
    dots: 4,
    minutes: 8,
    stub: SAMPLES(1000),
    demand: (spec) => {
      const { samples } = spec.input;
      if (samples && 'count' in samples && samples.count !== 1000) return 'Keep the 1,000 samples.';
      return demandSamples(spec);
    },
    judge: (result) => {
      const { train, test } = outcome(result);
      const seen = `training loss ${train.toFixed(4)}, test loss ${test.toFixed(3)}`;
      if (train < LOWER && test > 1) {
        return { passed: true, message: `${seen}: it knows its samples better, and the world worse.` };
      }
      return {
        passed: false,
        message: `${seen}. Find a training loss below ${LOWER} whose test loss is above 1.`,
      };
    },
    solution: SAMPLES(1000, 0.03),
    why: 'A solution that memorises has the lower training loss, at sets far larger than those where features appear. At a small learning rate the optimiser does not find it. What looks like a change of what is best is a change of what is found.',
    hints: ['The data stay, the model stays. What is left to change?', 'Try ten times the learning rate.'],
    mistakes: [
      { answer: SAMPLES(1000), says: 'Find a training loss below' },
      { answer: SAMPLES(300, 0.03), says: 'Keep the 1,000 samples' },
      { answer: SAMPLES(1000).replace('"sum"', '"mean"'), says: 'Keep "reduction": "sum"' },
    ],
  }),
];
