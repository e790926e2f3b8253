/**
 * The experiment specification: one JSON document that says which models to train, on what, how, over which
 * axes, and what to record. The border has two doors: `parseSpec` checks the document, and `expandGrid` (grid.ts) what
 * its axes and curves come to in each cell. Behind both nothing is checked again.
 */
import { z } from 'zod';
import { axisIssues, logIssues } from './axisIssues.ts';
import { correlationIssues } from './correlation.ts';
import { readDocument } from './document.ts';
import { OPTIMIZERS } from './family.ts';
import { modelNames, modelOf, tensorsOf } from './models/models.ts';
import { DIGIT_BASE, digitOf, shiftDigits } from './program/ops.ts';
import { HELD_OUT_STEP, WORDS } from './random.ts';
import { decompositionIssues, decompositionSchema } from './specDecomposition.ts';
import { dictionaryIssues, dictionarySchema } from './specDictionary.ts';
import { SpecError, type SpecIssue, show, valueAt } from './specError.ts';
import { kept, nonNegative, positive, weight } from './specNumbers.ts';
import { type Stage, stagesOf } from './stages.ts';

/** Largest number of instances one spec may expand to: rows key the generator with a 24-bit word. */
export const MAX_INSTANCES = WORDS;
const MAX_FEATURES = 65_536;
const MAX_HIDDEN = 4_096;
const MAX_CORRELATED = 512; // features whose correlations are given one by one
const MAX_AXES = 8;
const MAX_WEIGHTS = 2 ** 26; // n·m of one model: 256 MiB of float32

const count = (max: number) => z.int().min(1).max(max);

/** Value i of n is scale · base^i. */
const powerCurve = z
  .strictObject({ base: positive, scale: nonNegative.default(1) })
  .describe('feature i gets scale · base^i, i = 0 … n − 1');

/** Value i of n runs geometrically from `from` at i = 0 to `to` at i = n − 1. */
const spanCurve = z
  .strictObject({ from: positive, to: positive })
  .describe('feature i gets from · (to/from)^(i/(n − 1))');

const perFeature = (value: z.ZodNumber) =>
  z.union([value, z.array(value).min(1).max(MAX_FEATURES), powerCurve, spanCurve]);

const activation = z.enum(['identity', 'relu', 'gelu', 'leaky-relu', 'tanh', 'abs']);

const model = z.strictObject({
  kind: z
    .string()
    .max(100)
    .default('toy')
    .refine((name) => modelNames().includes(name), { error: () => `one of ${modelNames().join(', ')}` })
    .describe(
      'which model of sim/models: toy is h = f(Wᵀx + c), x′ = g(V h + b); attention one layer of heads on skip trigrams; ' +
        'residual-mlp x + M x + V f(Wᵀx + c) + b, which is to be x + g(x); circuit the toy model, which is to be g(A x + v)',
    ),
  features: count(MAX_FEATURES).describe('n, input features; of attention the tokens'),
  hidden: count(MAX_HIDDEN).describe('m, hidden dimensions; of attention the heads'),
  hiddenActivation: activation.default('identity').describe('f'),
  outputActivation: activation.default('relu').describe('g'),
  tied: z.boolean().default(true).describe('decoder = transposed encoder'),
  bias: z.boolean().default(true).describe('output bias b, learned from 0'),
  hiddenBias: z.boolean().default(false).describe('hidden bias c, learned from 0'),
  embedding: count(MAX_FEATURES)
    .optional() // absent, so that specs without it keep their hash
    .describe(
      'd of residual-mlp, at least n: features are embedded along random unit directions E of d dimensions, so that ' +
        'M = E Eᵀ − I; absent = along its axes, M = 0',
    ),
  circuit: z
    .strictObject({
      blocks: count(MAX_FEATURES).describe('blocks along the diagonal of A, n / blocks features each'),
      density: z.number().min(0).max(1).describe('probability that an entry within a block is not 0'),
      shift: z.number().min(-1e6).max(1e6).describe('v, the same for every output'),
      seed: z
        .int()
        .min(0)
        .max(2 ** 48 - 1)
        .default(0)
        .describe('models of a spec share A'),
    })
    .optional()
    .describe('of circuit: the layer g(A x + v) to compute; entries of A uniform on [0, 1)'),
});

const featureSet = z.strictObject({
  kind: z.enum(['correlated', 'anticorrelated']),
  size: z.int().min(2).max(MAX_FEATURES),
});

/** Densities that are not given one by one. */
const densityRules = [
  z
    .strictObject({ exactly: z.int().min(0).max(MAX_FEATURES) })
    .describe('exactly so many features are active, any of them as likely as any other'),
  z
    .strictObject({ exponent: z.number().min(0).max(100), expected: positive })
    .describe('p_i falls as (i + 1)^−exponent, and so many features are expected to be active'),
] as const;

const probability = z.number().min(0).max(1);
const share = z.number().min(-1).max(1);

const filePath = z.string().min(1).max(4096);
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
  .optional() // filled in when the file is read
  .describe('of the bytes that are meant; what a run or sweep read is written here');

const batches = z
  .enum(['full', 'drawn'])
  .default('full')
  .describe('all samples at every step, or training.batch of them, each drawn from all');

const samples = z.union([
  z.strictObject({
    count: count(1 << 20).describe('T, samples drawn once'),
    seed: z
      .int()
      .min(0)
      .max(2 ** 48 - 1)
      .default(0)
      .describe('cells of one replica share their samples'),
    unitLength: z.boolean().default(false).describe('every sample is divided by its length'),
    empty: z.enum(['keep', 'redraw']).default('keep').describe('samples in which nothing is active'),
    batches,
    repeats: z
      .array(z.number().min(0).max(1e9))
      .max(1 << 20)
      .default([])
      .describe('how often each of the first samples counts in a full batch; the others once'),
  }),
  z.strictObject({
    values: z
      .array(z.array(z.number()).min(1).max(MAX_FEATURES))
      .min(1)
      .max(1 << 20),
    batches,
  }),
  z.strictObject({
    file: filePath.describe('.json, .npy, .safetensors or .parquet of (samples, features)'),
    sha256,
    batches,
  }),
]);

const input = z.strictObject({
  density: z
    .union([...perFeature(probability).options, ...densityRules])
    .describe(
      '1 − sparsity: probability that a feature is active; for a feature in a set, that its set is; for one with a ' +
        'parent, that it is when its parent is. Drawn as a multiple of 2^-24 (6e-8); refused where that is off by more ' +
        'than 5 %',
    ),
  importance: perFeature(weight).default(1).describe('loss weight I_i of each feature'),
  magnitude: z
    .union([
      z.enum(['unit', 'signed', 'one']),
      z.strictObject({ mean: z.number().min(-1e6).max(1e6), sd: z.number().min(0).max(1e6) }),
    ])
    .default('unit')
    .describe(
      'an active value is uniform on [0, 1), or on [-1, 1), or 1, or normal with a mean and sd and clipped at 0',
    ),
  target: z.enum(['x', 'abs']).default('x').describe('reconstruct x or |x|'),
  sets: z
    .array(featureSet)
    .max(MAX_FEATURES)
    .default([])
    .describe(
      'sets over the first features, in order: correlated = all or none; anticorrelated = at most one',
    ),
  loading: z
    .union([share, z.array(share).min(1).max(MAX_FEATURES)])
    .optional()
    .describe(
      'λ_i of a Gaussian copula: behind the gates of features i and j stand normals with a correlation of λ_i λ_j',
    ),
  correlation: z
    .union([
      z.strictObject({ hub: share }),
      z.array(z.array(share).min(1).max(MAX_CORRELATED)).max(MAX_CORRELATED),
    ])
    .optional()
    .describe(
      'of the normals behind the gates, a Gaussian copula: a matrix (n, n), or hub = that of feature 0 with each ' +
        'other one, these being uncorrelated; gates themselves correlate less',
    ),
  tree: z
    .strictObject({
      parents: z
        .array(z.int().min(-1).max(MAX_FEATURES))
        .min(1)
        .max(MAX_FEATURES)
        .describe('the parent of each feature, a feature before it, or −1'),
      exclusive: z.boolean().default(false).describe('at most one child of a parent is active'),
      alone: z
        .union([probability, z.array(probability).min(1).max(MAX_FEATURES)])
        .default(0)
        .describe(
          'probability that a feature with a parent is active when its parent is not; with rates total the share of ' +
            'its activity without the parent',
        ),
      rates: z
        .enum(['given', 'total'])
        .default('given')
        .describe('density is the probability given the parent, or that of being active at all'),
    })
    .optional()
    .describe('features that need another'),
  manifold: z
    .strictObject({
      curve: z.enum(['circle', 'figure-eight']),
      width: z
        .number()
        .positive()
        .max(0.5)
        .describe('half the width of a bump cos(π d/(2 width)), of a curve of length 1'),
    })
    .optional()
    .describe(
      'features evenly along a curve, active around a random point of it; density is that of a point',
    ),
  latent: z
    .strictObject({
      shape: z.enum(['circle', 'figure-eight', 'sphere']).describe('on which points and features lie'),
      sharpness: z.number().min(0).max(1e4).default(10).describe('s of σ(s w_j·u)'),
      points: z
        .enum(['places', 'uniform'])
        .default('places')
        .describe('points are the places of the features, or any'),
    })
    .optional()
    .describe(
      'a sample has a point u, and feature j at w_j is active with probability σ(s w_j·u); density is that of a ' +
        'point. Kernels take it with input.samples only',
    ),
  trigrams: z
    .strictObject({
      destinations: count(MAX_FEATURES).describe(
        'K, last tokens that a source before them decides the next of',
      ),
      length: z
        .int()
        .min(2)
        .max(DIGIT_BASE - 1)
        .default(8)
        .describe('tokens of a sequence, the last one with them'),
    })
    .optional()
    .describe(
      'skip trigrams over model.features tokens, for attention: 0 the source, 1 … K destinations, K + 1 … 2K what ' +
        'follows each of them behind a source, the rest noise; density is the probability of a source',
    ),
  samples: samples
    .optional()
    .describe('fixed samples, drawn once or given; absent = fresh samples at every step'),
});

const decayRate = z.number().min(-1e30).max(1e30);

const noise = nonNegative
  .optional() // absent, so that specs without it keep their hash
  .describe(
    'standard deviation of normal noise on these weights, on every tensor that is trained; absent = 0',
  );

const vector = z.array(z.number()).min(1);
/** Of a tensor, or of K of them: lists as deep as its shape. */
const tensorValues = z.union([vector, z.array(vector).min(1), z.array(z.array(vector).min(1)).min(1)]);

const training = z.strictObject({
  batch: count(1 << 20).default(1024),
  steps: count(HELD_OUT_STEP - 1).default(10_000),
  optimizer: z
    .enum(OPTIMIZERS)
    .default('adamw')
    .describe('sgld samples weights near those that it begins with, at the temperature of langevin'),
  learningRate: nonNegative
    .default(1e-3)
    .describe('a float32 weight does not feel a step below 3e-8 of its size'),
  weightDecay: decayRate
    .default(0.01)
    .describe(
      'decoupled for adamw, added to the gradient otherwise; below 0 (growth) for adamw only, whose ' +
        'learningRate · weightDecay of a step is carried out to 6e-8, and refused below that',
    ),
  unitPull: nonNegative
    .optional() // absent, so that specs without it keep their hash
    .describe(
      'κ of a pull of every row of W and V to length 1, adamw only: a row w gains −learningRate · κ w (1 − 1/‖w‖) at each ' +
        'step, beside the decay; refused where learningRate · κ is below 6e-8',
    ),
  perTensor: z
    .record(
      z.string().max(100),
      z.strictObject({ learningRate: nonNegative.optional(), weightDecay: decayRate.optional() }),
    )
    .default({})
    .describe('learning rate and weight decay of single tensors, by name, in place of the common ones'),
  beta1: kept.default(0.9),
  beta2: kept.default(0.999),
  epsilon: positive.default(1e-8),
  momentum: kept.default(0).describe('sgd only'),
  schedule: z
    .enum(['constant', 'linear', 'cosine', 'cosine-to-tenth', 'quarter-cosine', 'last-fifth'])
    .default('constant'),
  warmup: z.int().min(0).default(0).describe('steps of linear warm-up'),
  clip: nonNegative
    .default(0)
    .describe('largest norm of the gradient over all weights, scaled down beyond it; 0 = no limit'),
  reduction: z
    .enum(['mean', 'sum'])
    .default('mean')
    .describe('of the squared errors over the features; over the batch it is the mean'),
  attack: z
    .strictObject({
      kind: z
        .enum(['feature', 'gradient'])
        .describe('along the rows of V Wᵀ, a feature in turn, or along the gradient of the loss'),
      length: nonNegative.describe('as a share of the length of the inputs'),
      of: z
        .enum(['mean', 'own'])
        .default('mean')
        .describe('the mean length of the inputs, or the own length of each'),
    })
    .optional()
    .describe('adversarial training: the model is shown x moved by a vector, and must return x'),
  langevin: z
    .strictObject({
      inverseTemperature: nonNegative.describe(
        'nβ: the loss counts so many times; n / ln n for a learning coefficient from n samples',
      ),
      localization: nonNegative.default(0).describe('γ of a pull γ (w − w*) to the first weights w*'),
    })
    .optional() // absent, so that specs without it keep their hash
    .describe('of sgld alone: weights w ← w − ε/2 (nβ ∇L + γ (w − w*)) + √ε N(0, 1), ε the learning rate'),
  hiddenPenalty: nonNegative.default(0).describe('λ of a penalty λ Σ_k |h_k| on the hidden layer'),
  init: z
    .union([
      z.enum(['per-model', 'stacked']),
      z.strictObject({ std: nonNegative }),
      z.strictObject({
        from: filePath.describe('a run folder, or a .safetensors file of tensors by name or of a state dict'),
        sha256,
        noise,
      }),
      z.strictObject({
        values: z
          .record(z.string().max(100), tensorValues)
          .describe('tensors by name, such as W of n lists of m numbers and b of n numbers'),
        noise,
      }),
    ])
    .default('per-model')
    .describe(
      'normal weights: per-model = Xavier for each model; stacked = the rule a (instances, n, m) tensor gets; ' +
        'or given ones, from a file or as values: of one model, of as many as replicas, or of as many as rows',
    ),
});

/** Of a dictionary: Adam without decay, as published ones are trained. */
const dictionaryTraining = training.extend({
  optimizer: training.shape.optimizer.unwrap().default('adam'),
  weightDecay: training.shape.weightDecay
    .unwrap()
    .default(0)
    .describe(
      'decoupled for adamw, whose learningRate · weightDecay of a step is refused below 6e-8; added to the gradient otherwise',
    ),
});

/** Of a decomposition: AdamW without decay, cosine; normal first weights in units of their own deviations. */
const decompositionTraining = training.extend({
  batch: training.shape.batch.unwrap().default(4096),
  weightDecay: training.shape.weightDecay.unwrap().default(0),
  schedule: training.shape.schedule.unwrap().default('cosine'),
  init: z
    .strictObject({ std: nonNegative })
    .default({ std: 1 })
    .describe('normal first weights, times the deviation that the method gives each tensor'),
});

/** Of vpd: twice the steps, clipped, cosine to a tenth. */
const adversarialTraining = decompositionTraining.extend({
  steps: training.shape.steps.unwrap().default(20_000),
  schedule: training.shape.schedule.unwrap().default('cosine-to-tenth'),
  clip: training.shape.clip
    .unwrap()
    .default(1)
    .describe('largest norm of the gradient of all V and U, and of that of all perceptrons; 0 = no limit'),
});

const axisPath = z
  .string()
  .max(200, { abort: true }) // an expression over millions of characters overflows the stack
  .regex(
    /^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/,
    'a dotted path such as "input.density" or "input.importance.1"',
  );

/** Names under which tables have other columns, so that no axis may take them. */
export const TABLE_COLUMNS = [
  ...['row', 'replica', 'loss', 'diverged_at', 'first_diverged_at', 'retry_learning_rate'],
  ...['norm_mean', 'norm_max', 'fraction_represented', 'interference_mean', 'interference_max'],
  ...['capacity', 'dimensions_per_feature', 'cell', 'replicas', 'diverged', 'best_row', 'step'],
  ...['mmcs', 'found', 'mcc', 'mcc_of_features', 'norm_ratio', 'uniqueness', 'decoder_cosine', 'precision'],
  ...['identity_error', 'identity_error_02', 'dense_error', 'live_in', 'live_mid', 'live_out', 'ml2r'],
  ...['mmcs_out', 'ml2r_out', 'misfit', 'stochastic_error', 'adversarial_error'],
  ...['trigram_loss', 'rest_excess', 'excess'],
  ...['recall', 'f1', 'l0', 'true_l0', 'r2', 'dead_share', 'shrinkage', 'effective_features'],
  ...['', '_min', '_q25', '_median', '_q75', '_max'].map((which) => `held_out_loss${which}`),
];

const axisName = z
  .string()
  .max(100, { abort: true })
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'a name of letters, digits and _, such as "density"')
  .refine((name) => !TABLE_COLUMNS.includes(name), 'a name that no column of the tables has');

const listed = { values: z.array(z.number()).min(1).max(MAX_INSTANCES) };
const spanned = {
  from: z.number(),
  to: z.number(),
  count: count(MAX_INSTANCES),
  scale: z.enum(['linear', 'log']).default('linear'),
};

const axis = z
  .union([
    z.strictObject({ path: axisPath, ...listed }),
    z.strictObject({ path: axisPath, ...spanned }),
    z.strictObject({ name: axisName, ...listed }),
    z.strictObject({ name: axisName, ...spanned }),
  ])
  .describe(
    'an axis of the sweep: any numeric field of the spec, by its path; or a name of its own, for linked fields',
  );

const linkedField = z
  .strictObject({
    path: axisPath,
    along: z
      .array(z.int().min(0).lt(MAX_AXES))
      .min(1)
      .max(MAX_AXES)
      .describe('the axes it follows: their places in sweep, from 0, ascending'),
    values: z
      .array(z.number())
      .min(1)
      .max(MAX_INSTANCES)
      .describe('a number for each point of these axes together, the first of them outermost'),
  })
  .describe('a numeric field that follows axes');

const gridSchema = z.strictObject({
  grid: z.record(axisName, z.union([listed.values, z.strictObject(spanned)])),
});

const record = z.strictObject({
  lossEvery: count(HELD_OUT_STEP).default(100).describe('record the loss at every k-th step'),
  snapshots: z
    .array(z.int().min(0).max(HELD_OUT_STEP))
    .max(10_000)
    .default([])
    .describe('keep W and b when so many updates are done'),
});

const text = z.string().max(500);

/** What a spec is called that gives itself no name. */
export const DEFAULT_NAME = 'experiment';

const specSchema = z
  .strictObject({
    $schema: text.optional(),
    name: text.default(DEFAULT_NAME),
    description: z.string().max(5_000).default(''),
    model,
    input,
    training: training.prefault({}),
    dictionary: dictionarySchema(dictionaryTraining.prefault({})).optional(), // absent, so that specs without it keep their hash
    decomposition: decompositionSchema(
      decompositionTraining.prefault({}),
      adversarialTraining.prefault({}),
    ).optional(),
    sweep: z.array(axis).max(MAX_AXES).default([]),
    linked: z
      .array(linkedField)
      .max(MAX_FEATURES)
      .optional() // absent, not empty, so that specs without it keep their hash
      .describe('fields that follow axes: what a function of the grid becomes'),
    replicas: count(MAX_INSTANCES)
      .default(1)
      .describe('models with the same settings and other random numbers'),
    seed: z
      .int()
      .min(0)
      .max(2 ** 48 - 1)
      .default(0),
    record: record.prefault({}),
  })
  .describe('One experiment: thousands of toy models of superposition trained side by side.');

/** A checked spec with every default filled in. */
export type Spec = z.output<typeof specSchema>;
/** A spec as a person writes it. */
export type SpecInput = z.input<typeof specSchema>;
/** One axis of a sweep: a list of numbers, or a linear or logarithmic range, for the field at `path`. */
export type Axis = z.output<typeof axis>;
/** A field whose numbers follow axes: one for each of their points, the first axis outermost. */
export type LinkedField = z.output<typeof linkedField>;
/** Axes by name, each a list of its points or {from, to, count, scale}. */
export type GridAxes = Readonly<
  Record<
    string,
    readonly number[] | Readonly<{ from: number; to: number; count: number; scale?: 'linear' | 'log' }>
  >
>;
export type PerFeature = Spec['input']['importance'];
export type Density = Spec['input']['density'];
/** Weights that a spec gives: a file's, or its own. */
type GivenInit = Exclude<Spec['training']['init'], string | { std: number }>;

const TYPE_WORDS: Record<string, string> = {
  int: 'an integer',
  number: 'a finite number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${issue.origin === 'array' ? ' entries' : ''}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_value':
      return `one of ${issue.values.map((v) => JSON.stringify(v)).join(', ')}`;
    case 'unrecognized_keys':
      return 'only known keys';
    case 'invalid_key':
      return issue.issues.map(expectation).join(', and ');
    default:
      return issue.message;
  }
}

/** The alternative of a union that came closest: the one whose complaints lie deepest, then are fewest. */
function closest(errors: z.core.$ZodIssue[][]): z.core.$ZodIssue[] {
  const depth = (issues: z.core.$ZodIssue[]) => issues.reduce((most, i) => Math.max(most, i.path.length), 0);
  return [...errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
}

/** Complaints that a value is none of some, with those of other alternatives about the same field. */
function joined(near: z.core.$ZodIssue[], all: z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return near.map((own) => {
    if (own.code !== 'invalid_value') return own;
    const same = all.filter((other) => other.path.join('.') === own.path.join('.'));
    const values = same.flatMap((other) => (other.code === 'invalid_value' ? other.values : []));
    return { ...own, values: [...new Set(values)] };
  });
}

/** What people write who mean the opposite of the density. A dictionary's sparsity is a field of its own. */
const SPARSITY = /^sparsit(y|ies)$/i;

function describeIssue(issue: z.core.$ZodIssue, root: unknown, base: PropertyKey[]): SpecIssue[] {
  const path = [...base, ...issue.path];
  const got = valueAt(root, path);
  if (issue.code === 'invalid_union') {
    const near = joined(closest(issue.errors), issue.errors.flat());
    if (typeof got === 'object' && got !== null && near.length > 0) {
      return near.flatMap((inner) => describeIssue(inner, root, path));
    }
    return [{ path: path.join('.'), expected: unionExpectation(issue.errors), got: show(got) }];
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: show([...path, key].join('.')).slice(1, -1),
      expected: SPARSITY.test(key) ? `no such key; density = 1 − ${key}` : 'no such key',
      got: show(valueAt(root, [...path, key])),
    }));
  }
  return [{ path: path.join('.'), expected: expectation(issue), got: show(got) }];
}

function unionExpectation(errors: z.core.$ZodIssue[][]): string {
  const all = errors.map((issues) => (issues[0] ? expectation(issues[0]) : '')).filter(Boolean);
  return [...new Set(all)].join(', or ');
}

function parseAs<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const document = readDocument(value);
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw new SpecError(result.error.issues.flatMap((issue) => describeIssue(issue, document, [])));
}

/**
 * Checks every field of a spec by itself and fills in the defaults.
 * @throws SpecError naming every field that is wrong, what was expected there and what came.
 */
export function parseFields(value: unknown): Spec {
  if (typeof value !== 'function') return parseAs(specSchema, value);
  const expected = 'an object, such as overGrid(axes, function) makes';
  throw new SpecError([{ path: '', expected, got: 'a function' }]);
}

/**
 * Checks a spec and fills in its defaults. Accepts any value; unknown keys are errors.
 * @throws SpecError naming every field that is wrong, what was expected there and what came.
 */
export function parseSpec(value: unknown): Spec {
  const spec = parseFields(value);
  const issues = [...crossChecks(spec), ...axisIssues(spec)];
  if (issues.length > 0) throw new SpecError(issues);
  return spec;
}

/** Axes by name as those of a spec. @throws SpecError */
export function parseGridAxes(value: unknown): Axis[] {
  const { grid } = parseAs(gridSchema, { grid: value });
  const sweep = Object.entries(grid).map(([name, axis]) =>
    Array.isArray(axis) ? { name, values: axis } : { name, ...axis },
  );
  const issues = sweep.flatMap((axis) => logIssues(axis, `grid.${axis.name}`));
  if (issues.length > 0) throw new SpecError(issues);
  return sweep;
}

/** The issue with a field, if it does not hold. */
function unless(holds: boolean, path: string, expected: string, got: unknown): SpecIssue[] {
  return holds ? [] : [{ path, expected, got: show(got) }];
}

/** A density or importance that is a list must have an entry for each feature. */
function checkList({ model, input, sweep, linked }: Spec, field: 'density' | 'importance'): SpecIssue[] {
  const value = input[field];
  if (!Array.isArray(value)) return [];
  const swept = [...sweep, ...(linked ?? [])].some((a) => 'path' in a && a.path === 'model.features');
  return unless(
    value.length === model.features && !swept,
    `input.${field}`,
    `a list of model.features = ${model.features} numbers`,
    swept ? 'a list while model.features is swept' : `${value.length} numbers`,
  );
}

function checkSize({ features, hidden }: Spec['model']): SpecIssue[] {
  const expected = `features × hidden of at most ${MAX_WEIGHTS}`;
  return unless(features * hidden <= MAX_WEIGHTS, 'model.hidden', expected, features * hidden);
}

function checkSets({ model: { features }, input: { sets } }: Spec): SpecIssue[] {
  const inSets = sets.reduce((sum, set) => sum + set.size, 0);
  const expected = `sizes that sum to at most model.features = ${features}`;
  return unless(inSets <= features, 'input.sets', expected, inSets);
}

/** At most one rule says which gates open together, and lists have an entry for each feature. */
function checkGating({ model: { features }, input }: Spec): SpecIssue[] {
  const { sets, loading, correlation, tree, manifold, latent, trigrams, density } = input;
  const exactly = typeof density === 'object' && 'exactly' in density ? density.exactly : undefined;
  const rules = {
    sets: sets.length > 0 || undefined,
    loading,
    correlation,
    tree,
    manifold,
    latent,
    trigrams,
    'density.exactly': exactly,
  };
  const named = Object.entries(rules).flatMap(([name, rule]) =>
    rule === undefined ? [] : [`input.${name}`],
  );
  const lists = { loading, 'tree.parents': tree?.parents, 'tree.alone': tree?.alone };
  const expected = `a list of model.features = ${features} numbers`;
  return [
    ...unless(named.length < 2, named[1] ?? '', `nothing beside ${named[0]}`, 'both'),
    ...Object.entries(lists).flatMap(([name, list]) =>
      unless(!Array.isArray(list) || list.length === features, `input.${name}`, expected, list),
    ),
    ...(tree?.parents ?? []).flatMap((parent, i) =>
      unless(parent < i, `input.tree.parents.${i}`, `a feature before ${i}, or −1`, parent),
    ),
    ...unless(
      (exactly ?? 0) <= features,
      'input.density.exactly',
      `at most model.features = ${features}`,
      exactly,
    ),
    ...unless(
      !(manifold || latent || trigrams) || typeof density === 'number',
      'input.density',
      `one number for ${manifold ? 'a curve' : latent ? 'latent points' : 'skip trigrams'}`,
      density,
    ),
    ...(correlation ? correlationIssues(correlation, features) : []),
  ];
}

/** A residual MLP has features that are independent directions of its stream, and a target of its own. */
function checkResidual({ model: { kind, features, embedding }, input: { target } }: Spec): SpecIssue[] {
  if (kind !== 'residual-mlp') {
    return unless(embedding === undefined, 'model.embedding', 'none but for residual-mlp', embedding);
  }
  const least = `at least model.features = ${features}, so that the directions are independent`;
  return [
    ...unless((embedding ?? features) >= features, 'model.embedding', least, embedding),
    ...unless(target === 'x', 'input.target', 'x: residual-mlp is to compute x + g(x)', target),
  ];
}

/** A circuit is for models of that kind, its blocks all of one size. */
function checkCircuit({ model: { kind, features, circuit }, input: { target } }: Spec): SpecIssue[] {
  if (kind !== 'circuit') return unless(!circuit, 'model.circuit', 'none but for circuit', circuit);
  const blocks = circuit?.blocks ?? 1;
  return [
    ...unless(circuit !== undefined, 'model.circuit', 'blocks, density and shift, for circuit', 'none'),
    ...unless(
      features % blocks === 0,
      'model.circuit.blocks',
      `a divisor of model.features = ${features}`,
      blocks,
    ),
    ...unless(target === 'x', 'input.target', 'x: circuit is to compute g(A x + v)', target),
  ];
}

/** Whether a sample is a sequence, with one last token and one that follows. */
function isSequence(sample: readonly number[]): boolean {
  const are = (place: number) => sample.reduce((sum, x) => sum + digitOf(x, place), 0);
  const isCode = (x: number) => Number.isInteger(x) && x >= 0 && shiftDigits(x, 3) < 1;
  return sample.every(isCode) && are(1) === 1 && are(2) === 1 && are(0) > 0;
}

/**
 * Skip trigrams are for attention, and attention is for them, with a token for each destination and what follows, or for
 * sequences that are given.
 */
function checkTrigrams({ model: { kind, features }, input: { trigrams, samples } }: Spec): SpecIssue[] {
  const isHeads = kind === 'attention';
  const isGiven = samples !== undefined && !('count' in samples);
  const expected = isHeads
    ? 'skip trigrams for attention, or input.samples that are given'
    : 'none but for attention';
  const tokens = 1 + 2 * (trigrams?.destinations ?? 0);
  const given = isHeads && samples && 'values' in samples ? samples.values : [];
  const off = given.findIndex((sample) => !isSequence(sample));
  const sequence = 'counts below 16, 16 more for one last token and 256 more for one that follows';
  return [
    ...unless(
      isHeads ? Boolean(trigrams) || isGiven : !trigrams,
      'input.trigrams',
      expected,
      trigrams ?? 'none',
    ),
    ...unless(off < 0, `input.samples.values.${off}`, sequence, given[off]),
    ...unless(
      features >= tokens,
      'model.features',
      `at least 1 + 2 · destinations = ${tokens} tokens`,
      features,
    ),
  ];
}

/** Warm-ups lie within their training, snapshots within the last. */
function checkSteps(spec: Spec): SpecIssue[] {
  const stages = stagesOf(spec);
  const { path: last, training } = stages[stages.length - 1];
  const rise = spec.dictionary?.sparsityWarmup ?? 0;
  return [
    ...stages.flatMap(({ path, training: { steps, warmup } }) =>
      unless(warmup < steps, `${path}.warmup`, `fewer than ${path}.steps = ${steps}`, warmup),
    ),
    ...unless(
      rise <= training.steps,
      'dictionary.sparsityWarmup',
      `at most ${last}.steps = ${training.steps}`,
      rise,
    ),
    ...spec.record.snapshots.flatMap((step, k) =>
      unless(
        step <= training.steps,
        `record.snapshots.${k}`,
        `at most ${last}.steps = ${training.steps}`,
        step,
      ),
    ),
  ];
}

/** Rates of single tensors name tensors that the stage has; only AdamW's decay may be growth, or end at length 1. */
function checkTensors({ path, family, training }: Stage): SpecIssue[] {
  const { perTensor, weightDecay, unitPull = 0, optimizer } = training;
  const names = tensorsOf(family).map(({ name }) => name);
  const decays = [
    [`${path}.weightDecay`, weightDecay] as const,
    ...Object.entries(perTensor).map(
      ([name, own]) => [`${path}.perTensor.${name}.weightDecay`, own.weightDecay] as const,
    ),
  ];
  return [
    ...Object.keys(perTensor).flatMap((name) =>
      unless(
        names.includes(name),
        `${path}.perTensor.${name}`,
        `a tensor of the model: ${names.join(', ')}`,
        name,
      ),
    ),
    ...decays.flatMap(([at, value = 0]) =>
      unless(value >= 0 || optimizer === 'adamw', at, `at least 0 for ${optimizer}`, value),
    ),
    ...unless(
      unitPull === 0 || optimizer === 'adamw',
      `${path}.unitPull`,
      `none for ${optimizer}: it is decoupled from the gradient, as AdamW's decay is`,
      unitPull,
    ),
  ];
}

/** Fixed samples have the features of the model, and repeats only where all of them are taken. */
function checkSamples({ model: { features }, input: { samples } }: Spec): SpecIssue[] {
  if (!samples) return [];
  if ('values' in samples) {
    return samples.values.flatMap((row, t) =>
      unless(
        row.length === features,
        `input.samples.values.${t}`,
        `model.features = ${features} numbers`,
        `${row.length} numbers`,
      ),
    );
  }
  if (!('count' in samples)) return [];
  const { repeats, count, batches } = samples;
  const path = 'input.samples.repeats';
  return [
    ...unless(repeats.length <= count, path, `at most ${count} entries`, `${repeats.length} entries`),
    ...unless(repeats.length === 0 || batches === 'full', path, 'none where batches are drawn', repeats),
  ];
}

/** What a spec says of weights that are given, null where they are drawn. */
export function givenInit(init: Spec['training']['init']): GivenInit | null {
  return typeof init === 'object' && !('std' in init) ? init : null;
}

/** Models begin with the weights of others, dictionaries as their own `start` says. */
function checkInit({ dictionary, training: { init: models } }: Spec): SpecIssue[] {
  if (!dictionary) return [];
  const { init } = dictionary.training;
  const noise = givenInit(models)?.noise ?? 0;
  return [
    ...unless(!givenInit(init), 'dictionary.training.init', 'no weights of others for a dictionary', init),
    ...unless(
      noise === 0 || dictionary.reads !== 'stored',
      'training.init.noise',
      'none on models that a dictionary reads as they are',
      noise,
    ),
  ];
}

/** A temperature is given for sgld, and for nothing else. */
function checkLangevin({ path, training: { optimizer, langevin } }: Stage): SpecIssue[] {
  const expected = optimizer === 'sgld' ? 'an inverseTemperature, for sgld' : `none for ${optimizer}`;
  return unless((optimizer === 'sgld') === Boolean(langevin), `${path}.langevin`, expected, langevin);
}

/** An attack needs a model that says what it is shown. */
function checkAttack({ model, input, training: { attack } }: Spec): SpecIssue[] {
  const possible = !attack || modelOf(model).canBeAttacked === true;
  return [
    ...unless(possible, 'training.attack', `no attack on a model of kind ${model.kind}`, attack),
    ...unless(!attack || !input.samples, 'training.attack', 'no attack on fixed samples', attack),
  ];
}

/** What a schema cannot say: fields that must agree with each other. */
export function crossChecks(spec: Spec): SpecIssue[] {
  return [
    ...stagesOf(spec).flatMap(checkTensors),
    ...stagesOf(spec).flatMap(checkLangevin),
    ...checkAttack(spec),
    ...checkSamples(spec),
    ...checkInit(spec),
    ...checkSize(spec.model),
    ...checkList(spec, 'density'),
    ...checkList(spec, 'importance'),
    ...checkSets(spec),
    ...checkGating(spec),
    ...checkTrigrams(spec),
    ...checkResidual(spec),
    ...checkCircuit(spec),
    ...checkSteps(spec),
    ...dictionaryIssues(spec),
    ...decompositionIssues(spec),
  ];
}

/** The JSON Schema (draft 2020-12) of a spec as a person writes it, for editors. */
export function specJsonSchema(): object {
  return z.toJSONSchema(specSchema, { io: 'input' });
}
