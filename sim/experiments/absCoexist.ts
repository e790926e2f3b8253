import { median } from 'mathjs/number';
import { type AbsModel, type AbsSparsityData, absData, absSpec } from './absSparsity.ts';
import { decidedBy, digits, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';

/** The middle one, or the mean of the two in the middle; NaN of none. */
const middle = (values: number[]): number => (values.length > 0 ? Number(median(values)) : Number.NaN);

/** Importance ranks (0 first) of the largest features of the neurons of one kind. */
function ranks({ stacks, semantics }: AbsModel, kind: 'mono' | 'poly'): number[] {
  return stacks.filter((_, k) => semantics[k] === kind).map(([first]) => first.feature);
}

/** Second and third largest |weight| of the polysemantic neurons, over the largest. */
function secondary({ stacks, semantics }: AbsModel): number[] {
  return stacks
    .filter((_, k) => semantics[k] === 'poly')
    .flatMap(([first, ...rest]) => rest.slice(0, 2).map(({ weight }) => Math.abs(weight / first.weight)));
}

/** Of the models at intermediate densities, that in which most neurons are of the rarer of the two kinds. */
export function mixedModel({ models: all }: AbsSparsityData): AbsModel {
  const models = all.filter(({ density }) => density < 1 && density >= 0.01);
  const rarer = (model: AbsModel) => Math.min(ranks(model, 'mono').length, ranks(model, 'poly').length);
  return models.reduce((best, model) => (rarer(model) > rarer(best) ? model : best));
}

function signature(data: AbsSparsityData): Claim[] {
  const model = mixedModel(data);
  const [mono, poly] = [ranks(model, 'mono'), ranks(model, 'poly')];
  const typical = middle(secondary(model));
  return [
    statement(
      'monosemantic and polysemantic neurons coexist',
      'TMS',
      'at least five of each at one density (ours)',
      `density ${model.density}: ${mono.length} and ${poly.length}`,
      Math.min(mono.length, poly.length) >= 5,
    ),
    statement(
      'the important features have the monosemantic ones',
      'TMS',
      'median rank of their largest feature is smaller',
      `${digits(middle(mono))} and ${digits(middle(poly))}`,
      middle(mono) < middle(poly),
    ),
    statement(
      'a polysemantic neuron has one large weight and several small ones',
      'TMS',
      'median of the second and third weight below half of the first (ours)',
      Number.isNaN(typical) ? 'none' : typical.toFixed(2),
      typical < 0.5,
    ),
  ];
}

export const absCoexist: Experiment<AbsSparsityData> = {
  name: 'abs-coexistence',
  id: 'T26',
  paper: 'toy-models',
  section: 'Computation in superposition',
  title: 'Monosemantic and polysemantic neurons side by side',
  caption:
    'The model of the last figure in which both kinds of neurons are most frequent, with signed weights; colour is the ' +
    'rank of the weight: primary feature, secondary features. Important features have neurons of their own; polysemantic ' +
    'neurons have one primary feature and a few secondary ones.',
  seconds: { quick: 1, paper: 5 },
  specs: (scale) => [absSpec(scale)],
  data: absData,
  signature: (data) => decidedBy(0, data.models, signature(data)),
};
