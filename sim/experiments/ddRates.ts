/** The learning rate decides which branch is found: the memorising one has the lower training loss. */
import { noted, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { bySize, type Memory, memoriesOf, SMALL, samplesSpec } from './memorising.ts';

export interface RatesData {
  rates: number[]; // (R)
  memories: Memory[]; // (T, R)
}

const RATES: Record<Scale, number[]> = {
  quick: [1e-3, 3e-3, 1e-2, 3e-2],
  paper: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
};
const COUNTS: Record<Scale, number[]> = { quick: [500, 1000], paper: [500, 1000, 2000] };
const STEPS: Record<Scale, number> = { quick: 10_000, paper: 20_000 };

/** Test loss from which a model has memorised: far above that of the zero output. */
const MEMORISED = 1.1;
const PAPER_RATE = 1e-3;

function sizeClaims(rates: number[], [T, own]: [number, Memory[]]): Claim[] {
  const best = own.reduce((low, model, r) => (model.train < own[low].train ? r : low), 0);
  const usual = own[rates.indexOf(PAPER_RATE)];
  const text = ({ train, test }: Memory) => `train ${train.toFixed(3)}, test ${test.toFixed(3)}`;
  return [
    noted(
      statement(
        `T = ${T}: over learning rates the least training loss belongs to a model that memorises`,
        'DD, update of July 2023; bound on the test loss ours',
        `test loss above ${MEMORISED}`,
        `rate ${rates[best]}: ${text(own[best])}`,
        own[best].test > MEMORISED,
      ),
      `at the paper's rate of 0.001: ${text(usual)}`,
    ),
  ];
}

export const ddRates: Experiment<RatesData> = {
  name: 'dd-rates',
  id: 'D7',
  paper: 'double-descent',
  section: 'Size of model and data',
  title: 'The learning rate and the memorising branch',
  caption:
    'Training loss and test loss over the learning rate. Where the paper finds features, a higher rate ' +
    'finds a solution that memorises: its training loss is lower and its test loss far above that of the zero output. ' +
    'The messy middle is where the optimiser stops finding it.',
  seconds: { quick: 25, paper: 120 },
  specs: (scale) => {
    const spec = samplesSpec(SMALL, 2, COUNTS[scale], STEPS[scale], 1);
    return [{ ...spec, sweep: [...spec.sweep!, { path: 'training.learningRate', values: RATES[scale] }] }];
  },
  data: async ([result], context) => ({
    rates: RATES[context.scale],
    memories: await memoriesOf(result, context),
  }),
  signature: ({ rates, memories }) =>
    bySize(memories).flatMap((own) => (own[0] >= 1000 ? sizeClaims(rates, own) : [])),
};
