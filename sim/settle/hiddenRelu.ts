/**
 * T22: is the paper's arrangement the best at each density? The best models of the figure, and the best of those that
 * are arranged as the paper shows, are trained on with a falling rate and without weight decay, and then compared on
 * the same million samples. For the sparsest, arrangements of all features in pairs of neurons are made by hand first.
 */
import type { Context } from '../experiments/experiment.ts';
import { countsOf, hiddenRelu, isAs, pairs, REGIMES, regimeText } from '../experiments/hiddenRelu.ts';
import { groupLoss, modelAt, onlyGroup, type TrainedModel } from '../experiments/trained.ts';
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

const POLISH: Polish = { steps: 20_000, batch: 2_048, learningRate: 1e-3 };
/** Best models of each kind that are trained on. */
const KEPT = 4;

/** Instances of one density, best first. */
function ranked(loss: Float64Array, from: number, count: number): number[] {
  const rows = Array.from({ length: count }, (_, k) => from + k).filter((i) => Number.isFinite(loss[i]));
  return rows.sort((a, b) => loss[a] - loss[b]);
}

/** All features in pairs of neurons: feature i on the pair number (i + turn), each weight √½. */
function pairField(field: Field): Field {
  const { features: n, hidden: m } = field.problem.family;
  const codes = Array.from({ length: m }, (_, k) => k).flatMap((k) =>
    Array.from({ length: m - k - 1 }, (_, l) => [k, k + l + 1]),
  );
  const W = new Float32Array(field.params.W.length);
  for (let i = 0; i < field.problem.instances; i++) {
    for (let f = 0; f < n; f++) {
      for (const k of codes[(f + 3 * i) % codes.length]) W[(i * n + f) * m + k] = Math.SQRT1_2;
    }
  }
  return {
    problem: field.problem,
    params: { ...field.params, W, b: new Float32Array(field.params.b.length) },
  };
}

const HARDER = 'superpose settle hidden-relu --scale paper';

/** The paper's arrangement (instance a) against the best other (instance b), as evidence. */
function numbersOf(losses: readonly Float64Array[], a: number, b: number, what: string): Evidence {
  const { value, error } = excess(losses, a, b);
  if (value > 4 * error) {
    return { kind: 'exact', what: `loss of ${what} over the best known, minus 1`, value, error, most: 0 };
  }
  const mean = meanLosses(losses);
  const tried = `the best of another kind against ${what}`;
  return { kind: 'shortfall', what: tried, reached: mean[b], best: mean[a], harder: HARDER };
}

/** Index of the least of some values among `of`. */
const lowest = (values: ArrayLike<number>, of: readonly number[]) =>
  of.reduce((low, i) => (values[i] < values[low] ? i : low));

/** The best polished model that `alike` takes against the best polished of all others; none if there is only one kind. */
function compared(
  after: Field,
  losses: readonly Float64Array[],
  alike: (model: TrainedModel) => boolean,
): Evidence[] {
  const mean = meanLosses(losses);
  const all = [...mean.keys()];
  const as = all.filter((i) => alike(modelIn(after, i)));
  const others = all.filter((i) => !as.includes(i));
  if (as.length === 0 || others.length === 0) return [];
  return [numbersOf(losses, lowest(mean, as), lowest(mean, others), "the paper's arrangement")];
}

/** All features in pairs, made by hand and trained on: its loss against the best known, and whether it stays. */
async function pairEvidence(field: Field, context: Context): Promise<Evidence[]> {
  const count = field.problem.instances;
  const after = await polished(joined(field, pairField(field)), POLISH, context);
  const losses = await sharedLosses(after, context);
  const mean = meanLosses(losses);
  const hand = Array.from({ length: count }, (_, k) => count + k);
  const stay = Math.max(...hand.map((i) => pairs(modelIn(after, i))));
  return [
    numbersOf(losses, lowest(mean, hand), lowest(mean, [...Array(count).keys()]), 'all features in pairs, made by hand and trained on,'), // biome-ignore format: one line
    {
      kind: 'exact',
      what: 'features still in pairs after that training, most of the starts',
      value: stay,
      least: field.problem.family.features,
    },
  ];
}

/** What the loss gains where all weights below −1 are doubled: below 0, their best length is without end. */
async function inhibition(field: Field, context: Context): Promise<Evidence> {
  const doubled = { ...field.params, W: field.params.W.map((w) => (w < -1 ? 2 * w : w)) };
  const both = joined(field, { problem: field.problem, params: doubled });
  const { value, error } = excess(await sharedLosses(both, context), field.problem.instances, 0);
  return { kind: 'exact', what: 'change of the best loss, over itself, when every weight below −1 is doubled', value, error }; // biome-ignore format: one line
}

/** Evidence on every claim of the figure. */
export async function settleHiddenRelu(context: Context, watch: Watch = () => {}): Promise<Settled[]> {
  const [spec] = hiddenRelu.specs(context.scale);
  const { engine, threads, signal } = context;
  const result = await trainAll(spec, { engine, threads, signal }, watch);
  const group = onlyGroup(result);
  const loss = await groupLoss(group, context);
  const { replicas } = result.spec;
  const out: Settled[] = [];
  const put = (text: string, evidence: Evidence[]) => out.push({ figure: hiddenRelu.name, text, evidence });
  for (const [k, regime] of REGIMES.entries()) {
    const order = ranked(loss, k * replicas, replicas);
    const alike = (model: TrainedModel) => isAs(regime, countsOf(model));
    const as = order.filter((i) => alike(modelAt(group, i, 0))).slice(0, KEPT);
    const field = fieldOf(group, [...new Set([...order.slice(0, KEPT), ...as])]);
    const after = await polished(field, POLISH, context);
    const found = compared(after, await sharedLosses(after, context), alike);
    if (k === REGIMES.length - 1) {
      const own = [...(await pairEvidence(fieldOf(group, order.slice(0, KEPT)), context)), await inhibition(fieldOf(group, order.slice(0, 1)), context)]; // biome-ignore format: one line
      put(PAIRS_TEXT, own);
      put(regimeText(regime), [...found, ...own]);
    } else if (found.length > 0) put(regimeText(regime), found);
  }
  return out;
}

const PAIRS_TEXT = 'sparsest: every feature is a pair of neurons, 10 = C(5, 2)';
