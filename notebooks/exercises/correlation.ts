/** Exercises of notebook 5: correlated features. Texts count features from 1, as the pictures do. */

import { type Family, type FeatureSet, reluOutputFamily } from '../../sim/family.ts';
import { featureCosine } from '../../sim/metrics/gram.ts';
import type { Spec } from '../../sim/spec.ts';
import { exactLoss } from '../../sim/theory/exactLoss.ts';
import { visitPatterns } from '../../sim/theory/patterns.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { CLEAN_TRAINING, keepSize, oneSetting } from './specs.ts';
import { bestOf, modelsOf, represented } from './trained.ts';

/** A linear model of one set of features in one dimension. */
function setFamily(set: FeatureSet): Family {
  return { ...reluOutputFamily(set.size, 1), outputActivation: 'identity', bias: false, sets: [set] };
}

/** Probability that the first feature of a set of density p is active. */
function featureDensity(kind: FeatureSet['kind'], size: number, p: number): number {
  let probability = 0;
  visitPatterns(setFamily({ kind, size }), new Float64Array(size).fill(p), 0, (active, weight) => {
    if (active.includes(0)) probability += weight;
  });
  return probability;
}

/** Loss, summed over both features, of a correlated pair that is stored as its sum. */
function mergeCost(p: number): number {
  const half = Math.SQRT1_2;
  const model = { W: Float64Array.of(half, half), b: new Float64Array(2) };
  return 2 * exactLoss(setFamily({ kind: 'correlated', size: 2 }), model, [p, p], [1, 1]).loss;
}

const TWO_SETS = (sets: string) => `{
  "model": { "features": 4, "hidden": 2 },
  "input": {
    "density": 0.1,
    "sets": ${sets}
  },
  ${CLEAN_TRAINING(3000)},
  "replicas": 8
}`;
const pairs = (kind: string, count: number) => {
  const set = `{ "kind": "${kind}", "size": 2 }`;
  return `[${Array(count).fill(set).join(', ')}]`;
};

function twoSets({ input }: Spec): string | null {
  if (input.sets.length === 0) return 'Say which features belong together: "sets" is still empty.';
  if (input.sets.length === 2 && input.sets.every(({ size }) => size === 2)) return null;
  return 'You need two sets of two features each.';
}

const THREE_PAIRS = (density: string, kind = 'correlated') => `{
  "model": { "features": 6, "hidden": 2 },
  "input": {
    "density": ${density},
    "sets": [
      ${Array(3).fill(`{ "kind": "${kind}", "size": 2 }`).join(',\n      ')}
    ]
  },
  ${CLEAN_TRAINING(3000)},
  "replicas": 16
}`;

function keepPairs({ input }: Spec): string | null {
  const kept =
    input.sets.length === 3 && input.sets.every(({ kind, size }) => kind === 'correlated' && size === 2);
  return kept ? null : 'Keep the three correlated pairs: change the density only.';
}

export const correlation: Exercise[] = [
  code({
    id: 'set-density',
    title: 'How often is one of them active?',
    dots: 1,
    minutes: 3,
    stub: "function featureDensity(kind, size, p) {\n  // kind is 'correlated' or 'anticorrelated'\n}",
    probes: [
      ['correlated', 2, 0.2],
      ['anticorrelated', 2, 0.2],
      ['anticorrelated', 5, 0.4],
    ],
    expected: featureDensity,
    solution: `function featureDensity(kind, size, p) {
  return kind === 'correlated' ? p : p / size;
}`,
    why: 'A correlated set is on with probability p, and then all its members are. An anticorrelated set picks one of its members.',
    hints: ['With probability p the set is on. What does a given member do then?'],
    mistakes: [
      {
        answer: '(kind, size, p) => p',
        says: 'Right for the correlated set. An anticorrelated one turns on a single member of the set.',
      },
      {
        answer: '(kind, size, p) => p / size',
        says: 'Right for the anticorrelated set. A correlated one turns on all its members together.',
      },
      {
        answer: "(kind, size, p) => (kind === 'correlated' ? p ** size : p / size)",
        says: 'The members of a correlated set share one coin: p, not one coin each.',
      },
    ],
  }),
  choice({
    id: 'place-for-a-friend',
    title: 'Where should friends go?',
    dots: 2,
    minutes: 4,
    options: {
      opposite: 'Features of one set point opposite ways; orthogonal ones come from different sets.',
      orthogonal: 'Features of one set are orthogonal; opposite ones come from different sets.',
      any: 'It makes no difference.',
    },
    solution: 'orthogonal',
    why: 'Opposite features clash when both are active. Friends are always active together, so they are kept apart, and each shares its line with a stranger.',
    hints: ['Two features on one line cost something only when both are active. Who should share a line?'],
    mistakes: [
      {
        answer: 'opposite',
        says: 'Friends are always active together. On one line they would clash every time.',
      },
      {
        answer: 'any',
        says: 'Count how often both features of a line are active, for friends and for strangers.',
      },
    ],
  }),
  training({
    id: 'exclusive-pairs',
    title: 'Features that exclude each other',
    dots: 2,
    minutes: 5,
    stub: TWO_SETS('[]'),
    demand: (spec) => keepSize(spec, 4, 2) ?? oneSetting(spec) ?? twoSets(spec),
    judge: (result) => {
      const model = bestOf(modelsOf(result));
      const angles = [featureCosine(model, model.family, 0, 1), featureCosine(model, model.family, 2, 3)];
      if (Math.max(...angles) < -0.9) {
        return { passed: true, message: 'In both sets the two features point opposite ways.' };
      }
      const [a, b] = angles.map((c) =>
        Number.isNaN(c) ? 'undefined (one is not represented)' : c.toFixed(2),
      );
      const message = `The cosine between features 1 and 2 is ${a}, between 3 and 4 it is ${b}. Both should be −1.`;
      return { passed: false, message };
    },
    solution: TWO_SETS(pairs('anticorrelated', 2)),
    why: 'Two features that are never active together can share a line for free: the loss falls to 0.',
    hints: [
      'A set is written { "kind": "…", "size": 2 }. There are two kinds.',
      'Which kind of set never has two members active?',
    ],
    mistakes: [
      { answer: TWO_SETS('[]'), says: '"sets" is still empty' },
      { answer: TWO_SETS(pairs('correlated', 2)), says: 'Both should be −1' },
      { answer: TWO_SETS(pairs('anticorrelated', 1)), says: 'You need two sets' },
      { answer: TWO_SETS(pairs('exclusive', 2)), says: 'input.sets.0.kind: expected one of' },
    ],
  }),
  code({
    id: 'merge-cost',
    title: 'Storing only the sum',
    dots: 4,
    minutes: 7,
    stub: 'function mergeCost(p) {\n  // squared error of both outputs (a + b)/2, on average\n}',
    probes: [[1], [0.3], [0.05]],
    expected: mergeCost,
    solution: 'function mergeCost(p) {\n  return p / 12;\n}',
    why: 'Both outputs are off by (a − b)/2, together (a − b)²/2. The mean of (a − b)² is 1/12 + 1/12 = 1/6. That happens with probability p. Dropping one feature instead costs p/3 − p²/4, four times as much when p is small.',
    hints: [
      'With the pair on, output 1 should be a and is (a + b)/2. How far off is it?',
      'a and b are independent with variance 1/12 each. So the mean of (a − b)² is …',
    ],
    mistakes: [
      { answer: '(p) => p / 24', says: 'That is the error of one output. There are two.' },
      { answer: '(p) => p / 6', says: 'That is the mean of (a − b)². Each output is off by half of a − b.' },
      { answer: '() => 1 / 12', says: 'That is the cost when the pair is on. How often is that?' },
      { answer: '(p) => p / 3', says: 'That is the cost of dropping a feature. Here something comes back.' },
    ],
  }),
  training({
    id: 'one-merged-pair',
    title: 'Half-way to principal components',
    dots: 3,
    minutes: 6,
    stub: THREE_PAIRS('0.5'),
    demand: (spec) => keepSize(spec, 6, 2) ?? oneSetting(spec) ?? keepPairs(spec),
    judge: (result) => {
      const model = bestOf(modelsOf(result));
      const merged = [0, 2, 4].filter((i) => featureCosine(model, model.family, i, i + 1) > 0.95).length;
      const density = model.density[0];
      if (merged === 1 && represented(model) === 6) {
        return { passed: true, message: `One pair of three has merged at density ${density}.` };
      }
      const message = `At density ${density} ${merged} of the 3 pairs have merged. You want exactly one.`;
      return { passed: false, message };
    },
    solution: THREE_PAIRS('0.1'),
    why: 'Around density 0.1 one pair has collapsed onto its sum while the others still hold their members apart. Denser, the second follows, then the third: the model ends up close to principal components.',
    hints: [
      'Dense inputs merge pairs, sparse ones keep them apart.',
      'Move the slider of the picture above first.',
    ],
    mistakes: [
      { answer: THREE_PAIRS('0.5'), says: '3 of the 3 pairs have merged' },
      { answer: THREE_PAIRS('0.02'), says: '0 of the 3 pairs have merged' },
      { answer: THREE_PAIRS('0.1', 'anticorrelated'), says: 'Keep the three correlated pairs' },
    ],
  }),
];
