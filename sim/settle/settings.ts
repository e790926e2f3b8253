/**
 * Under which settings a statement appears: a figure's models trained again with one setting changed at a time, and how
 * many of them show it.
 */
import { asymmetric, DENSITIES, hasMotif } from '../experiments/asymmetric.ts';
import { dimensionsPerFeature } from '../experiments/dimensionsPerFeature.ts';
import type { Context, Experiment } from '../experiments/experiment.ts';
import { geometrySpec } from '../experiments/geometry.ts';
import { countsOf, hiddenRelu, isAs, REGIMES } from '../experiments/hiddenRelu.ts';
import { digonsOf, intro, isPentagon } from '../experiments/intro.ts';
import { modelAt, onlyGroup, type TrainedModel } from '../experiments/trained.ts';
import { dimensionsPerFeature as dStarOf } from '../metrics/dimensionality.ts';
import { plateau } from '../metrics/lines.ts';
import { parseSpec, type SpecInput } from '../spec.ts';
import { type TrainResult, trainAll } from '../train.ts';
import type { Watch } from './settled.ts';

/** So many of so many models show a statement under one setting. */
export interface Tried {
  figure: string;
  statement: string;
  setting: string;
  count: number;
  of: number;
}

/** What is kept: a trial, and when and by which command it was made. */
export interface KeptTried extends Tried {
  date: string; // YYYY-MM-DD
  command: string;
}

type Training = NonNullable<SpecInput['training']>;
type Setting = (spec: SpecInput) => SpecInput;

/** What is counted of a figure's models, cell by cell of its sweep. */
interface Subject {
  spec: SpecInput; // with the replicas that are counted
  settings: Record<string, Setting>;
  count(result: TrainResult): Omit<Tried, 'figure' | 'setting'>[];
}

/** A spec with other fields of training, which may follow from its steps. */
const training =
  (edit: (steps: number) => Training): Setting =>
  (spec) => ({ ...spec, training: { ...spec.training, ...edit(parseSpec(spec).training.steps) } });

const importance =
  (base: number): Setting =>
  (spec) => ({ ...spec, input: { ...spec.input, importance: { base } } });

const SHORTER = { 'a quarter of the steps': training((steps) => ({ steps: steps / 4 })) };
const LONGER = { 'four times the steps': training((steps) => ({ steps: 4 * steps })) };
const FALLING = { 'rate falling to 0 along a cosine': training(() => ({ schedule: 'cosine' })) };
const CONSTANT = { 'constant rate': training(() => ({ schedule: 'constant' })) };
const UNDECAYED = { 'no weight decay': training(() => ({ weightDecay: 0 })) };
const STACKED = { 'small start, of a stacked tensor': training(() => ({ init: 'stacked' })) };
const XAVIER = { 'Xavier start of each model': training(() => ({ init: 'per-model' })) };
const EQUAL = { 'equal importance': importance(1) };
const OWN = { "the figure's own": (spec: SpecInput) => spec };

/** Models of cell k of a sweep. */
function cell(result: TrainResult, k: number): TrainedModel[] {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  return Array.from({ length: replicas }, (_, r) => modelAt(group, k * replicas + r, 0));
}

/** How many models of cell k a test takes. */
function taken(result: TrainResult, k: number, statement: string, test: (model: TrainedModel) => boolean) {
  const models = cell(result, k);
  return { statement, count: models.filter(test).length, of: models.length };
}

const isDigons = (model: TrainedModel) => {
  const { kept, antipodal } = digonsOf(model);
  return kept === 4 && antipodal === 4;
};

/** T1: the first spec of the figure at S = 0.8 and 0.9. */
const introSubject: Subject = {
  spec: { ...intro.specs('quick')[0], sweep: [{ path: 'input.density', values: [0.2, 0.1] }], replicas: 100 },
  settings: { ...OWN, ...SHORTER, ...LONGER, ...FALLING, ...UNDECAYED, ...STACKED, ...EQUAL },
  count: (result) => [
    taken(result, 0, 'S = 0.8: two antipodal pairs, the fifth feature lost', isDigons),
    taken(result, 1, 'S = 0.9: a pentagon', isPentagon),
  ],
};

/** T8: whole sweeps of the sparsity, a replica each, on whose levels D* sticks at 1/2 as often as in the notebook. */
const stickingSubject: Subject = {
  spec: { ...geometrySpec('quick'), replicas: 5 },
  settings: { ...OWN, ...SHORTER, ...CONSTANT, ...UNDECAYED, ...XAVIER },
  count(result) {
    const { params, problem } = onlyGroup(result);
    const dStar = dStarOf(params, problem.family); // (levels · replicas)
    const { replicas } = result.spec;
    const own = (r: number) => dStar.filter((_, i) => i % replicas === r);
    const sticks = Array.from({ length: replicas }, (_, r) => plateau(own(r)).holds);
    return [{ statement: 'D* sticks at 1/2 on 3 of 20 levels', count: sticks.filter(Boolean).length, of: replicas }]; // biome-ignore format: one line
  },
};

/** T22: models that are arranged as the paper shows, at each of its densities. */
const regimesSubject: Subject = {
  spec: { ...hiddenRelu.specs('quick')[0], replicas: 40 },
  settings: { ...OWN, ...SHORTER, ...LONGER, ...CONSTANT, ...UNDECAYED, ...STACKED, ...EQUAL },
  count: (result) =>
    REGIMES.map(
      (regime, k) =>
      taken(result, k, `density ${regime.density}: neurons as in the paper`, (model) => isAs(regime, countsOf(model))), // biome-ignore format: one line
    ),
};

/** T27: models that have the motif, at each density of the figure. */
const motifSubject: Subject = {
  spec: { ...asymmetric.specs('quick')[0], replicas: 40 },
  settings: { ...OWN, ...SHORTER, ...FALLING, ...UNDECAYED, ...STACKED },
  count: (result) => DENSITIES.map((density, k) => taken(result, k, `density ${density}: the asymmetric motif`, hasMotif)), // biome-ignore format: one line
};

export const SUBJECTS: Readonly<Record<string, Subject>> = {
  [intro.name]: introSubject,
  [dimensionsPerFeature.name]: stickingSubject,
  [hiddenRelu.name]: regimesSubject,
  [asymmetric.name]: motifSubject,
};

/** Experiments whose settings can be tried. */
export const triable: readonly string[] = Object.keys(SUBJECTS);

/** Every setting of one of `triable`, one after the other. */
export async function trySettings(
  { name }: Pick<Experiment, 'name'>,
  { engine, threads, signal }: Context,
  watch: Watch = () => {},
): Promise<Tried[]> {
  const { spec, settings, count } = SUBJECTS[name];
  const out: Tried[] = [];
  for (const [setting, edit] of Object.entries(settings)) {
    const result = await trainAll(edit(spec), { engine, threads, signal }, watch);
    out.push(...count(result).map((one) => ({ figure: name, setting, ...one })));
  }
  return out;
}
