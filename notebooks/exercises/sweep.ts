/** Exercises of notebook 8: your own sweep. */
import { countRows } from '../../sim/axes.ts';
import { axisPoints } from '../../sim/curves.ts';
import { bestReplicas } from '../../sim/metrics/replicas.ts';
import { parseSpec, type Spec } from '../../sim/spec.ts';
import { code, type Exercise, training } from './exercise.ts';

/** Number of models of a sweep whose axes have these lengths. */
function countModels(lengths: number[], replicas: number): number {
  const paths = ['input.density', 'input.importance', 'training.learningRate'];
  const sweep = lengths.map((count, a) => ({ path: paths[a], from: 0.1, to: 0.2, count }));
  const spec = { model: { features: 2, hidden: 1 }, input: { density: 0.1 }, sweep, replicas };
  return countRows(parseSpec(spec));
}

const SWEEP = (axes: string, replicas = 3) => `{
  "model": { "features": 5, "hidden": 2 },
  "input": { "density": 1, "importance": { "base": 0.9 } },
  "training": {
    "steps": 1000, "batch": 256,
    "learningRate": 0.01, "schedule": "cosine"
  },
  "sweep": [
    ${axes}
  ],
  "replicas": ${replicas}
}`;
const DENSITY = `{
      "path": "input.density",
      "from": 1, "to": 0.02, "count": 12, "scale": "log"
    }`;
const BASE = `{
      "path": "input.importance.base",
      "from": 0.5, "to": 1, "count": 8
    }`;

/** What the sweep still lacks. */
function demandSweep(spec: Spec): string | null {
  const density = spec.sweep.find((axis) => 'path' in axis && axis.path === 'input.density');
  if (!density) return 'Sweep the density: one axis needs the path "input.density".';
  if ('from' in density && density.scale !== 'log') {
    return 'Give the density axis "scale": "log": equal ratios, so that the sparse end gets its share.';
  }
  const points = axisPoints(density);
  if (Math.max(...points) / Math.min(...points) < 10) return 'Let the density span a factor of 10 at least.';
  if (spec.sweep.length < 2) return 'Add a second axis: another number of the spec, by its path.';
  if (spec.replicas < 3) return 'Train at least 3 replicas: one seed can be unlucky.';
  if (countRows(spec) * spec.training.steps * spec.training.batch > 1e9) {
    return 'That is more than 10⁹ samples: too long for a check. Take fewer models, steps or samples.';
  }
  return countRows(spec) < 100 ? `That makes ${countRows(spec)} models. Make it 100 or more.` : null;
}

export const sweep: Exercise[] = [
  code({
    id: 'count-models',
    title: 'How many models is that?',
    dots: 1,
    minutes: 2,
    stub: 'function countModels(lengths, replicas) {\n  // lengths: number of points on each axis\n}',
    probes: [
      [[20, 30], 10],
      [[7], 1],
      [[2, 3, 4], 5],
    ],
    expected: countModels,
    solution: `function countModels(lengths, replicas) {
  return lengths.reduce((product, length) => product * length, replicas);
}`,
    why: 'Every combination of the axes is a cell, and each cell is trained once for each replica. 20 × 30 cells with 10 replicas are 6,000 models.',
    hints: ['Every point of one axis is combined with every point of the others.'],
    mistakes: [
      {
        answer: '(lengths, replicas) => lengths.reduce((sum, l) => sum + l, 0) * replicas',
        says: 'The axes are crossed: their lengths multiply.',
      },
      {
        answer: '(lengths) => lengths.reduce((product, l) => product * l, 1)',
        says: 'That is the number of cells. Each has several replicas.',
      },
    ],
  }),
  code({
    id: 'log-axis',
    title: 'An axis of equal ratios',
    dots: 2,
    minutes: 4,
    stub: 'function logAxis(from, to, count) {\n  // list of count numbers\n}',
    probes: [
      [1, 0.01, 3],
      [0.1, 10, 5],
      [1, 0.05, 20],
    ],
    expected: (from: number, to: number, count: number) =>
      axisPoints({ path: 'input.density', from, to, count, scale: 'log' }),
    solution: `function logAxis(from, to, count) {
  return Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));
}`,
    why: 'Each point is the same multiple of the one before. From 1 to 0.01 in three points: 1, 0.1, 0.01.',
    hints: ['The ratio of the last to the first is to/from. Point k has gone k/(count − 1) of the way.'],
    mistakes: [
      {
        answer:
          '(from, to, count) => Array.from({ length: count }, (_, k) => from + (to - from) * (k / (count - 1)))',
        says: 'These are equal steps. Between 1 and 0.01 nearly all of them would lie above 0.1.',
      },
      {
        answer:
          '(from, to, count) => Array.from({ length: count }, (_, k) => from * (to / from) ** (k / count))',
        says: 'The last point should be `to`. There are count − 1 gaps between count points.',
      },
      {
        answer:
          '(from, to, count) => Array.from({ length: count }, (_, k) => from * (to / from) ** ((k + 1) / count))',
        says: 'The first point should be `from`. There are count − 1 gaps between count points.',
      },
    ],
  }),
  code({
    id: 'best-replica',
    title: 'The best seed of each cell',
    dots: 3,
    minutes: 6,
    stub: 'function bestRows(losses, replicas) {\n  // one row number for each cell\n}',
    probes: [
      [[0.3, 0.1, 0.2, 0.5, 0.6, 0.4], 3],
      [[Number.NaN, 0.2, 0.4, Number.NaN], 2],
      [[0.2, 0.1], 1],
    ],
    expected: (losses: number[], replicas: number) => Array.from(bestReplicas(losses, replicas, 1)),
    solution: `function bestRows(losses, replicas) {
  const rows = [];
  for (let first = 0; first < losses.length; first += replicas) {
    let best = first;
    for (let row = first; row < first + replicas; row++) {
      if (losses[row] < losses[best] || Number.isNaN(losses[best])) best = row;
    }
    rows.push(best);
  }
  return rows;
}`,
    why: 'Rows of one cell stand next to each other. A model that diverged has the loss NaN, and NaN < 0.2 is false: without care a broken model wins.',
    hints: [
      'Rows 0 … replicas − 1 are the first cell, and so on.',
      'Every comparison with NaN is false. Start from NaN, and nothing is ever smaller.',
    ],
    mistakes: [
      {
        answer:
          '(losses, replicas) => { const rows = []; for (let f = 0; f < losses.length; f += replicas) { let best = f; for (let r = f; r < f + replicas; r++) if (losses[r] < losses[best]) best = r; rows.push(best); } return rows; }',
        says: 'Right, except where the first model of a cell diverged: no loss is smaller than NaN.',
      },
      {
        answer:
          '(losses, replicas) => { const rows = []; for (let f = 0; f < losses.length; f += replicas) { let best = 0; for (let r = 0; r < replicas; r++) if (losses[f + r] < losses[f + best] || Number.isNaN(losses[f + best])) best = r; rows.push(best); } return rows; }',
        says: 'You count from the start of each cell. Give the row in the whole list.',
      },
      {
        answer:
          '(losses, replicas) => { const rows = []; for (let f = 0; f < losses.length; f += replicas) rows.push(Math.min(...losses.slice(f, f + replicas).filter((l) => !Number.isNaN(l)))); return rows; }',
        says: 'Those are the losses. The row is asked for, to find the model again.',
      },
    ],
  }),
  training({
    id: 'your-sweep',
    title: 'A sweep of your own',
    dots: 4,
    minutes: 10,
    stub: SWEEP('{ "path": "input.density", "from": 1, "to": 0.5, "count": 5 }', 1),
    demand: demandSweep,
    judge: (result) => {
      const models = result.grid.rows;
      const diverged = result.groups.reduce(
        (count, { divergedAt }) => count + divergedAt.filter((step) => step >= 0).length,
        0,
      );
      if (diverged * 2 > models)
        return { passed: false, message: `${diverged} of ${models} models diverged.` };
      return { passed: true, message: `${models} models trained, ${diverged} diverged.` };
    },
    solution: SWEEP(`${DENSITY},\n    ${BASE}`),
    why: 'Two axes, equal ratios in density, three replicas: 288 models.',
    hints: [
      'Any number of the spec can be an axis: "input.importance.base", "model.hidden", "training.learningRate" …',
      'The message says what is missing. Fix one thing at a time.',
    ],
    mistakes: [
      {
        answer: SWEEP('{ "path": "density", "from": 1, "to": 0.02, "count": 12 }'),
        says: 'Sweep the density',
      },
      {
        answer: SWEEP('{ "path": "input.density", "from": 1, "to": 0.02, "count": 12 }'),
        says: '"scale": "log"',
      },
      { answer: SWEEP(DENSITY), says: 'Add a second axis' },
      { answer: SWEEP(`${DENSITY}, ${BASE}`, 1), says: 'Train at least 3 replicas' },
      { answer: SWEEP(`${DENSITY.replace('12', '400')}, ${BASE}`), says: 'more than 10⁹ samples' },
      { answer: SWEEP(`${DENSITY.replace('0.02', '0.5')}, ${BASE}`), says: 'factor of 10' },
      { answer: SWEEP(`${DENSITY.replace('12', '-2')}`), says: 'sweep.0.count: expected' },
    ],
  }),
];
