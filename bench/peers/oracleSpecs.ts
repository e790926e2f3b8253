/**
 * The five configurations of other people's toy-model code that an independent framework trains beside us: same
 * initial weights, same samples, first 50 losses. Batches are small so that the comparison is quick.
 */
import type { SpecInput } from '../../sim/spec.ts';

const STEPS = 50;
const densities = (count: number) => ({
  path: 'input.density',
  from: 1,
  to: 1 / 20,
  count,
  scale: 'log' as const,
});
const SEVEN = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];

export const oracleSpecs: Record<string, SpecInput> = {
  // Anthropic's notebook: the introduction and the figure of norms; the JAX replica: geometry and basic results
  '10×(5,2)': {
    model: { features: 5, hidden: 2 },
    input: { density: 1, importance: { base: 0.9 } },
    training: { batch: 64, steps: STEPS },
    sweep: [densities(10)],
    seed: 1,
  },
  '20×(100,20)': {
    model: { features: 100, hidden: 20 },
    input: { density: 1, importance: { from: 1, to: 0.01 } },
    training: { batch: 32, steps: STEPS },
    sweep: [densities(20)],
    seed: 2,
  },
  '20×(200,20)': {
    model: { features: 200, hidden: 20 },
    input: { density: 1 },
    training: { batch: 32, steps: STEPS },
    sweep: [densities(20)],
    seed: 3,
  },
  '7×(20,5)': {
    model: { features: 20, hidden: 5 },
    input: { density: 1, importance: { base: 0.7 } },
    training: { batch: 64, steps: STEPS, weightDecay: 1e-4 },
    sweep: [{ path: 'input.density', values: SEVEN }],
    seed: 4,
  },
  // ARENA's computation in superposition: Adam, untied, ReLU hidden layer, inputs in [−1, 1), target |x|
  'abs 7×(100,40)': {
    model: { features: 100, hidden: 40, hiddenActivation: 'relu', tied: false },
    input: { density: 1, importance: { base: 0.8 }, magnitude: 'signed', target: 'abs' },
    training: { batch: 32, steps: STEPS, optimizer: 'adam', weightDecay: 0 },
    sweep: [{ path: 'input.density', values: SEVEN }],
    seed: 5,
  },
};
