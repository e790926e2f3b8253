/** A figure's own models trained several times as long: which claims then hold, and at what loss. */
import { heldOutLoss } from '../evaluate.ts';
import type { Context, Experiment } from '../experiments/experiment.ts';
import type { Evidence } from '../experiments/verdict.ts';
import type { SpecInput } from '../spec.ts';
import { parseSpec } from '../spec.ts';
import { type TrainResult, trainAll } from '../train.ts';
import type { Settled, Watch } from './settled.ts';

/** A spec with so many times the steps. */
function lengthened(input: SpecInput, times: number): SpecInput {
  const { steps } = parseSpec(input).training;
  return { ...input, training: { ...input.training, steps: times * steps } };
}

/** Mean held-out loss over all models of some results. */
async function meanLoss(results: readonly TrainResult[], { engine, threads }: Context): Promise<number> {
  const losses: number[] = [];
  for (const { groups } of results) {
    for (const { problem, params } of groups) {
      losses.push(...(await heldOutLoss(engine, problem, params, 65_536, threads)));
    }
  }
  const finite = losses.filter(Number.isFinite);
  return finite.reduce((sum, loss) => sum + loss, 0) / finite.length;
}

/** Results and claims of an experiment with so many times the steps. */
async function judgedAfter(experiment: Experiment, times: number, context: Context, watch: Watch) {
  const results: TrainResult[] = [];
  for (const input of experiment.specs(context.scale)) {
    const { threads, signal } = context;
    results.push(
      await trainAll(lengthened(input, times), { engine: context.engine, threads, signal }, watch),
    );
  }
  const data = await experiment.data(results, context);
  return { loss: await meanLoss(results, context), claims: experiment.signature(data, context.scale) };
}

/** Evidence on the claims that fail after the figure's own steps and hold after `times` as many. */
export async function settleLonger(
  experiment: Experiment,
  times: number,
  context: Context,
  watch: Watch = () => {},
): Promise<Settled[]> {
  const own = await judgedAfter(experiment, 1, context, watch);
  const long = await judgedAfter(experiment, times, context, watch);
  return own.claims.flatMap((claim, k) => {
    const after = long.claims[k];
    if (claim.holds || !after.holds) return [];
    const evidence: Evidence = {
      kind: 'shortfall',
      what: `${times} times the steps, where it holds with ${after.measured}; mean held-out loss of all models`,
      reached: own.loss,
      best: long.loss,
      harder: `superpose settle ${experiment.name} --times ${times}`,
    };
    return [{ figure: experiment.name, text: claim.text, evidence: [evidence] }];
  });
}
