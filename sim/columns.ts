/**
 * The numbers in which the instances of a group differ. A row of this table is all that a new one takes: grids
 * fill it, sweeps vary it within a group, and blocks, retries and picks carry it along.
 */
import { correlationFactor } from './correlation.ts';
import { densities, perFeature } from './curves.ts';
import type { Family, Gating } from './family.ts';
import { tensorsOf } from './models/models.ts';
import type { Spec } from './spec.ts';
import { treeGates } from './tree.ts';

/** One per-instance number or row of numbers. */
interface Column {
  /** Numbers of one instance. */
  width(family: Family): number;
  /** Fields of a spec that set it; an axis over them stays within a group. */
  path: RegExp;
  /** The numbers of an instance of the (single) spec. */
  of(spec: Spec, family: Family): ArrayLike<number>;
}

const features = ({ features }: Family) => features;
const ofGating =
  (...gatings: Gating[]) =>
  ({ gating, features: n }: Family) =>
    gatings.includes(gating) ? n : 0;
const ofDictionary = ({ dictionary }: Family) => (dictionary ? 1 : 0);
const ofDecomposition = ({ decomposition }: Family) => (decomposition ? 1 : 0);
const tensors = (family: Family) => tensorsOf(family).length;

/** A field that is given once and may be given apart for some tensors. */
function perTensor(field: 'learningRate' | 'weightDecay') {
  return ({ training }: Spec, family: Family) =>
    tensorsOf(family).map(({ name }) => training.perTensor[name]?.[field] ?? training[field]);
}

/** Every column, by the name under which a Problem holds it: rows of `width`, one an instance. */
export const COLUMNS = {
  /** (I, n) probability that the feature's gate opens; in a tree, when that of its parent is open */
  density: {
    width: features,
    path: /^input\.(density|tree\.alone)\b/,
    of: (spec, { features: n }) =>
      spec.input.tree ? treeGates(spec, n).given : densities(spec.input.density, n),
  },
  /** (I, n) of a copula: share λ_i of the common normal in each feature's */
  loading: {
    width: ofGating('copula'),
    path: /^input\.loading\b/,
    of: ({ input }, { gating, features: n }) =>
      gating === 'copula' ? perFeature(input.loading as number, n) : [],
  },
  /** (I, n (n + 1) / 2) of correlated gates: rows of the Cholesky factor of the correlations of their normals */
  factor: {
    width: ({ gating, features: n }) => (gating === 'gaussian' ? (n * (n + 1)) / 2 : 0),
    path: /^input\.correlation\b/,
    of: ({ input: { correlation } }, { features: n }) =>
      correlation ? correlationFactor(correlation, n) : [],
  },
  /** (I, n) of a tree: probability that the gate opens when the parent's is shut */
  alone: {
    width: ofGating('tree'),
    path: /^input\.(density|tree\.alone)\b/,
    of: (spec, { features: n }) => (spec.input.tree ? treeGates(spec, n).alone : []),
  },
  /** (I, 1) of a curve: half the width of a bump, of a curve of length 1 */
  curveWidth: {
    width: ({ gating }) => Number(gating === 'circle' || gating === 'figure-eight'),
    path: /^input\.manifold\.width$/,
    of: ({ input }) => (input.manifold ? [input.manifold.width] : []),
  },
  /** (I, 1) of latent points: the factor s of their logits */
  sharpness: {
    width: ({ gating }) => Number(gating === 'latent'),
    path: /^input\.latent\.sharpness$/,
    of: ({ input }) => (input.latent ? [input.latent.sharpness] : []),
  },
  /** (I, 2) of normal magnitudes: their mean and standard deviation before the clipping at 0 */
  magnitude: {
    width: ({ magnitude }) => (magnitude === 'normal' ? 2 : 0),
    path: /^input\.magnitude\.(mean|sd)$/,
    of: ({ input: { magnitude } }) => (typeof magnitude === 'object' ? [magnitude.mean, magnitude.sd] : []),
  },
  /** (I, n) loss weights I_i */
  importance: {
    width: features,
    path: /^input\.importance\b/,
    of: ({ input }, { features: n }) => perFeature(input.importance, n),
  },
  /** (I, T) for each tensor of the model, in its order */
  learningRate: {
    width: tensors,
    path: /^training\.(learningRate$|perTensor\.\w+\.learningRate$)/,
    of: perTensor('learningRate'),
  },
  /** (I, T) for each tensor of the model, in its order */
  weightDecay: {
    width: tensors,
    path: /^training\.(weightDecay$|perTensor\.\w+\.weightDecay$)/,
    of: perTensor('weightDecay'),
  },
  /** (I) of adamw: strength κ of the pull of the rows of matrices to length 1 */
  unitPull: {
    width: () => 1,
    path: /^training\.unitPull$/,
    of: ({ training }) => [training.unitPull ?? 0],
  },
  /** (I) length of the attack, as a share of the length of the inputs; 0 without one */
  attack: {
    width: () => 1,
    path: /^training\.attack\.length$/,
    of: ({ training }) => [training.attack?.length ?? 0],
  },
  /** (I) of sgld: what it multiplies the gradient by, nβ of a posterior over n samples; 0 for other optimisers */
  inverseTemperature: {
    width: () => 1,
    path: /^training\.langevin\.inverseTemperature$/,
    of: ({ training }) => [training.langevin?.inverseTemperature ?? 0],
  },
  /** (I) of sgld: strength γ of the pull to the weights that it began with */
  localization: {
    width: () => 1,
    path: /^training\.langevin\.localization$/,
    of: ({ training }) => [training.langevin?.localization ?? 0],
  },
  /** (I, 1) λ of a dictionary; width 0 without one, as below */
  sparsity: {
    width: ofDictionary,
    path: /^dictionary\.sparsity$/,
    of: ({ dictionary }) => (dictionary ? [dictionary.sparsity] : []),
  },
  /** (I, 1) latents of a dictionary that fire, k */
  active: {
    width: ofDictionary,
    path: /^dictionary\.active$/,
    of: ({ dictionary }) => (dictionary ? [dictionary.active] : []),
  },
  /** (I, 1) dead latents that an auxiliary loss takes, k of AuxK */
  auxiliaryActive: {
    width: ({ dictionary }) => Number(dictionary?.auxiliary !== undefined),
    path: /^dictionary\.auxiliary\.active$/,
    of: ({ dictionary }) => (dictionary?.auxiliary ? [dictionary.auxiliary.active] : []),
  },
  /** (I, 1) weight of a dictionary's inner errors */
  innerWeight: {
    width: ofDictionary,
    path: /^dictionary\.innerWeight$/,
    of: ({ dictionary }) => (dictionary ? [dictionary.innerWeight] : []),
  },
  /** (I, 1) c of a decomposition; width 0 without one, as below */
  minimality: {
    width: ofDecomposition,
    path: /^decomposition\.minimality$/,
    of: ({ decomposition }) => (decomposition ? [decomposition.minimality] : []),
  },
  /** (I, 1) weight of the frequency of a decomposition's importances; 0 where its method has none */
  frequency: {
    width: ofDecomposition,
    path: /^decomposition\.frequency$/,
    of: ({ decomposition }) =>
      decomposition ? [decomposition.method === 'vpd' ? decomposition.frequency : 0] : [],
  },
  /** (I, 1) weight of a decomposition's errors under masks */
  reconstruction: {
    width: ofDecomposition,
    path: /^decomposition\.reconstruction$/,
    of: ({ decomposition }) => (decomposition ? [decomposition.reconstruction] : []),
  },
  /** (I, 1) weight of what a decomposition leaves of the weights */
  faithfulness: {
    width: ofDecomposition,
    path: /^decomposition\.faithfulness$/,
    of: ({ decomposition }) => (decomposition ? [decomposition.faithfulness] : []),
  },
} satisfies Record<string, Column>;

export type ColumnName = keyof typeof COLUMNS;
export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** The columns of I instances: each (I, width). */
export type Columns = Record<ColumnName, Float64Array>;

/** Columns of I instances of a family, all 0. */
export function emptyColumns(family: Family, instances: number): Columns {
  const columns = COLUMN_NAMES.map((name) => [
    name,
    new Float64Array(instances * COLUMNS[name].width(family)),
  ]);
  return Object.fromEntries(columns);
}
