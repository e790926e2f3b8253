/** Exercises of notebook 6: learning dynamics. */
import { expandGrid } from '../../sim/grid.ts';
import { initMoments, optimizerStep } from '../../sim/optimizer.ts';
import { parseSpec, type Spec } from '../../sim/spec.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { keepSize, oneSetting } from './specs.ts';
import { measureModel } from './trained.ts';

/** The optimizer of a spec that says nothing about it. */
const [{ problem: DEFAULT }] = expandGrid(
  parseSpec({ model: { features: 1, hidden: 1 }, input: { density: 1 } }),
).groups;

/** Change of a weight at 0 by the first update of AdamW. */
function firstUpdate(gradient: number, rate: number): number {
  const weights = new Float64Array(1);
  optimizerStep(DEFAULT.training, 0, rate, 0, weights, Float64Array.of(gradient), initMoments(1));
  return weights[0];
}

/**
 * Time at which w² reaches ½ under dw/dt = 4 I v w (1 − w²), by the mid-point rule: no closed form in it.
 */
function timeToHalf(I: number, v: number, u0: number): number {
  const speed = (w: number) => 4 * I * v * w * (1 - w * w);
  const step = 1e-4 / (I * v);
  let w = Math.sqrt(u0);
  let time = 0;
  while (w * w < 0.5) {
    w += step * speed(w + (step / 2) * speed(w));
    time += step;
  }
  return time;
}

const SNAPSHOTS = (snapshots: string, steps = 4000) => `{
  "model": { "features": 6, "hidden": 3 },
  "input": {
    "density": 0.1,
    "sets": [
      { "kind": "correlated", "size": 3 },
      { "kind": "correlated", "size": 3 }
    ]
  },
  "training": {
    "steps": ${steps}, "batch": 1024, "learningRate": 0.003,
    "weightDecay": 0, "init": { "std": 0.02 }
  },
  "record": { "snapshots": ${snapshots} }
}`;

function demandSnapshots({ training, record, replicas }: Spec): string | null {
  if (replicas > 1) return 'Train one model: no replicas.';
  if (training.steps > 20_000) return 'Keep steps at 20,000 or fewer.';
  return record.snapshots.length < 3 ? 'Record at least 3 snapshots.' : null;
}

export const dynamics: Exercise[] = [
  code({
    id: 'first-update',
    title: 'The first step of Adam',
    dots: 2,
    minutes: 5,
    stub: 'function firstUpdate(g, rate) {\n  // change of a weight whose gradient is g ≠ 0\n}',
    probes: [
      [0.5, 0.001],
      [-3, 0.001],
      [0.01, 0.1],
    ],
    expected: firstUpdate,
    tolerance: 1e-4,
    solution: 'function firstUpdate(g, rate) {\n  return -rate * Math.sign(g);\n}',
    why: 'The corrected first moment is g and the root of the corrected second moment is |g|, so every weight moves by the learning rate, however small its gradient. That is why a tiny start does not take for ever.',
    hints: [
      'After one step the first moment is 0.1·g. Correction divides it by 1 − 0.9.',
      'The second moment is 0.001·g², corrected g². Adam divides by its root.',
    ],
    mistakes: [
      {
        answer: '(g, rate) => -rate * g',
        says: 'That is plain gradient descent. Adam divides by the size of g.',
      },
      { answer: '(g, rate) => rate * Math.sign(g)', says: 'Right size, wrong way: the loss should go down.' },
      { answer: '(g, rate) => -rate', says: 'The sign of the gradient still counts.' },
      {
        answer: '(g, rate) => (-rate * 0.1 * g) / Math.sqrt(0.001 * g * g)',
        says: 'Those are the raw moments. Adam corrects them for starting at 0.',
      },
    ],
  }),
  code({
    id: 'time-to-half',
    title: 'Important features first',
    dots: 4,
    minutes: 10,
    stub: 'function timeToHalf(I, v, u0) {\n  // time at which u = w² reaches ½, from u0\n}',
    probes: [
      [1, 0.1, 0.01],
      [0.5, 0.1, 0.01],
      [1, 0.02, 0.001],
    ],
    expected: timeToHalf,
    tolerance: 1e-3,
    solution: `function timeToHalf(I, v, u0) {
  return Math.log((1 - u0) / u0) / (8 * I * v);
}`,
    why: 'u follows a logistic curve, du/dt = 8 I v u (1 − u): slow, then sudden, then done. The wait is inversely proportional to importance, so features come in one after the other, most important first.',
    hints: [
      'With u = w²: du/dt = 2 w · dw/dt. Put in dw/dt.',
      'du/dt = c·u(1 − u) has the solution ln(u/(1 − u)) = c·t + constant.',
      'At u = ½ the left side is 0.',
    ],
    mistakes: [
      {
        answer: '(I, v, u0) => Math.log((1 - u0) / u0) / (4 * I * v)',
        says: 'u = w² grows twice as fast as w: du/dt = 2 w · dw/dt.',
      },
      {
        answer: '(I, v, u0) => Math.log(1 / u0) / (8 * I * v)',
        says: 'Close: that leaves out the 1 − u that slows the growth down near the end.',
      },
      {
        answer: '(I, v, u0) => Math.log(u0 / (1 - u0)) / (8 * I * v)',
        says: 'Negative time: u0/(1 − u0) is below 1. Turn the fraction over.',
      },
      {
        answer: '(I, v, u0) => Math.log((1 - u0) / u0) / (8 * v)',
        says: 'Does importance make no difference? It multiplies the loss, so also the speed.',
      },
    ],
  }),
  choice({
    id: 'why-a-plateau',
    title: 'Why the loss stands still, then falls',
    dots: 3,
    minutes: 4,
    options: {
      rate: 'The learning rate is too small for the rest of the way.',
      saddle:
        'The model sits near a saddle: features that move together must first come apart, and tiny differences take time to grow.',
      minimum: 'It is stuck in a local minimum until noise kicks it out.',
    },
    solution: 'saddle',
    why: 'On the first plateau the three features of a set point the same way. Any small difference between them grows, but exponentially: slow at first, then all at once.',
    hints: [
      'What do the arrows of one set look like on the first plateau? What must change for the loss to fall?',
    ],
    mistakes: [
      {
        answer: 'rate',
        says: 'The loss falls fast before and after the plateau, at the same learning rate.',
      },
      {
        answer: 'minimum',
        says: 'Then the time of the jump would be random. Train other seeds: it depends on the start, and it always comes.',
      },
    ],
  }),
  training({
    id: 'catch-the-jump',
    title: 'Catch it in the act',
    dots: 3,
    minutes: 6,
    stub: SNAPSHOTS('[0, 2000, 4000]'),
    demand: (spec) => keepSize(spec, 6, 3) ?? oneSetting(spec) ?? demandSnapshots(spec),
    judge: (result) => {
      const { problem, snapshots } = result.groups[0];
      const models = snapshots.map(({ step, params }) => ({ step, ...measureModel(problem, params, 0) }));
      const caught = models.filter(({ norms }) => Math.max(...norms) > 0.8 && Math.min(...norms) < 0.7);
      const done = models.some(({ norms }) => Math.min(...norms) > 0.9);
      if (!done)
        return {
          passed: false,
          message: 'The last snapshot comes too early: not all six features have length 1 yet.',
        };
      if (caught.length > 0) {
        return {
          passed: true,
          message: `At step ${caught[0].step} some features are grown and others still wait.`,
        };
      }
      const message = 'No snapshot shows it: one feature longer than 0.8 while another is below 0.7.';
      return { passed: false, message };
    },
    solution: SNAPSHOTS('[0, 200, 500, 700, 900, 4000]'),
    why: 'The curve above shows when: after the first plateau features leave it one by one, and for some hundred steps the model is half-way.',
    hints: [
      'Look at the lengths in the chart above. At which steps do they part?',
      'Try steps 500, 700 and 900.',
    ],
    mistakes: [
      { answer: SNAPSHOTS('[0, 2000, 4000]'), says: 'No snapshot shows it' },
      { answer: SNAPSHOTS('[0, 100, 200]'), says: 'comes too early' },
      { answer: SNAPSHOTS('[0, 4000]'), says: 'Record at least 3 snapshots' },
      { answer: SNAPSHOTS('[0, 700, 9000]'), says: 'record.snapshots.2: expected at most' },
    ],
  }),
];
