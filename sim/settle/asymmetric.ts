/**
 * T27 at density 0.5, where a course has the motif: do models that have it keep it there, and is it worth it? Models are
 * trained at density 0.35, where the motif is common, and then on at 0.5, beside others that were at 0.5 all the time.
 */
import { asymmetric, COPIED_DENSITY, copiedText, hasMotif } from '../experiments/asymmetric.ts';
import type { Context } from '../experiments/experiment.ts';
import { onlyGroup } from '../experiments/trained.ts';
import type { Evidence } from '../experiments/verdict.ts';
import { trainAll } from '../train.ts';
import {
  excess,
  type Field,
  fieldOf,
  joined,
  meanLosses,
  modelIn,
  type Polish,
  polished,
  sharedLosses,
} from './polish.ts';
import type { Settled, Watch } from './settled.ts';

const POLISH: Polish = { steps: 6_000, batch: 512, learningRate: 1e-3 };
const REPLICAS = 40;
/** Density at which the motif is common. */
const COMMON_DENSITY = 0.35;

/** A field whose inputs have another density. */
function atDensity({ problem, params }: Field, density: number): Field {
  return {
    problem: { ...problem, density: problem.density.map(() => density) as typeof problem.density },
    params,
  };
}

/** Rows 0 … REPLICAS − 1 of the models trained at one density. */
async function trainedAt(density: number, context: Context, watch: Watch): Promise<Field> {
  const [spec] = asymmetric.specs(context.scale);
  const input = { ...spec.input, density };
  const { engine, threads, signal } = context;
  const result = await trainAll(
    { ...spec, input, sweep: [], replicas: REPLICAS },
    { engine, threads, signal },
    watch,
  );
  return fieldOf(onlyGroup(result), [...new Array(REPLICAS).keys()]);
}

/** Evidence on the claim that the copied exercises' setting shows the motif. */
export async function settleAsymmetric(context: Context, watch: Watch = () => {}): Promise<Settled[]> {
  const moved = atDensity(await trainedAt(COMMON_DENSITY, context, watch), COPIED_DENSITY);
  const own = await trainedAt(COPIED_DENSITY, context, watch);
  const before = [...new Array(REPLICAS).keys()].filter((i) => hasMotif(modelIn(moved, i)));
  const after = await polished(joined(own, moved), POLISH, context);
  const all = [...new Array(2 * REPLICAS).keys()];
  const keep = all.filter((i) => hasMotif(modelIn(after, i)));
  const evidence: Evidence[] = [
    {
      kind: 'trial',
      what: `models with the motif at density ${COMMON_DENSITY}`,
      count: before.length,
      of: REPLICAS,
    },
    {
      kind: 'trial',
      what: `with it after training on at ${COPIED_DENSITY}, those and as many that were there all the time`,
      count: keep.length,
      of: all.length,
    },
  ];
  if (keep.length === 0) {
    evidence.push({ kind: 'exact', what: 'models that keep the motif there', value: 0, least: 1 });
  } else if (keep.length < all.length) {
    const losses = await sharedLosses(after, context);
    const mean = meanLosses(losses);
    const best = (of: number[]) => of.reduce((low, i) => (mean[i] < mean[low] ? i : low));
    const { value, error } = excess(losses, best(keep), best(all.filter((i) => !keep.includes(i))));
    evidence.push({
      kind: 'exact',
      what: 'loss of the best model with the motif there over the best without, minus 1',
      value,
      error,
      most: 0,
    });
  }
  return [{ figure: asymmetric.name, text: copiedText(context.scale), evidence }];
}
