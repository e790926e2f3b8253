/**
 * One trained dictionary as a folder that other tools read, and theirs read in. saelens: cfg.json beside
 * sae_weights.safetensors. dictionary-learning: config.json beside ae.safetensors, whose tensors are those of its
 * ae.pt. d = hidden dimensions, L = latents; their matrices are transposed to ours where a shape below says so.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { DictionaryShape } from '../family.ts';
import { type Scores, scoresOf, specimenAt } from '../metrics/dictionaryScores.ts';
import {
  type DictionaryWeights,
  decodeAll,
  decoderDirections,
  encodeAll,
  type Firing,
} from '../metrics/encode.ts';
import { shapeOf } from '../models/sae.ts';
import { type Params, type Problem, takeParams, takeRows } from '../problem.ts';
import { jsonBytes, StoreError, writeFolder } from './files.ts';
import { storedGroups } from './models.ts';
import type { StoredRun } from './run.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

export const DICTIONARY_LAYOUTS = ['saelens', 'dictionary-learning'] as const;
export type DictionaryLayout = (typeof DICTIONARY_LAYOUTS)[number];

/** A dictionary apart from what it was trained on. Directions have the length with which codes are decoded. */
interface Portable {
  kind: DictionaryShape['kind'];
  active: number; // k of topk and batch-topk
  weights: DictionaryWeights;
  least?: number; // batch-topk: the least code that it keeps on held-out samples
}

/** A dictionary of a stored run: its problem and weights, one instance each. @throws StoreError */
export function dictionaryOf(run: StoredRun, row: number): { problem: Problem; params: Params } {
  for (const { problem, params, rows } of storedGroups(run)) {
    if (!problem.family.dictionary) throw new StoreError('expected a run of dictionaries, got one of models');
    const at = rows.indexOf(row);
    if (at < 0) continue;
    return { problem: takeRows(problem, [at]), params: takeParams(params, problem.family, [at]) };
  }
  throw new StoreError(`row: expected one of the run's ${run.instances} instances, got ${row}`);
}

/** The dictionary of a problem of one instance, ready to leave. */
export function portable(problem: Problem, params: Params): Portable {
  const { kind, ...shape } = shapeOf(problem.family);
  const firing: Firing = { kind, ...shape, active: problem.active[0] };
  const { coded, weights } = specimenAt(problem, params, 0);
  const own = { ...weights, decoder: decoderDirections(weights, firing) };
  const fired = Array.from(coded.z).filter((code) => code > 0);
  const least =
    kind === 'batch-topk' ? fired.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) : undefined;
  return { kind, active: firing.active, weights: own, ...(least !== undefined && { least }) };
}

const tensor = (shape: number[], values: ArrayLike<number>): StoredTensor => ({
  shape,
  data: Float32Array.from(values),
});

/** Mᵀ of M (rows, columns). */
function transposed(values: ArrayLike<number>, columns: number): Float32Array {
  const rows = values.length / columns;
  return Float32Array.from(
    { length: values.length },
    (_, at) => values[(at % rows) * columns + Math.floor(at / rows)],
  );
}

/** ln of the gains of a gated dictionary. @throws StoreError if one is not above 0: these tools keep the logarithm. */
function logGains(gain: ArrayLike<number>): Float32Array {
  const wrong = Array.from(gain).find((value) => !(value > 0));
  if (wrong !== undefined)
    throw new StoreError(`gain: expected above 0, as both layouts keep ln gain, got ${wrong}`);
  return Float32Array.from(gain, Math.log);
}

/** Thresholds of a dictionary that leaves as JumpReLU. */
function thresholds({ weights, least }: Portable, L: number): ArrayLike<number> {
  return weights.threshold ?? new Float32Array(L).fill(least! * (1 - 1e-6)); // kept where above, not at
}

/** c + sign · E b: the encoder's bias where the decoder's is not taken off the input, or the way back. */
function shifted(
  { encoder, encoderBias, decoderBias }: Omit<DictionaryWeights, 'decoder'>,
  sign: number,
): Float64Array {
  const d = decoderBias.length;
  return Float64Array.from(encoderBias, (c, i) => {
    let sum = c;
    for (let k = 0; k < d; k++) sum += sign * encoder[i * d + k] * decoderBias[k];
    return sum;
  });
}

type Files = { config: object; tensors: Record<string, StoredTensor> };

/** What SAELens writes: W_enc (d, L), W_dec (L, d), b_dec (d), and what the architecture adds. */
function asSaelens(own: Portable): Files {
  const { kind, weights } = own;
  const [d, L] = [weights.decoderBias.length, weights.encoderBias.length];
  const architecture = {
    relu: 'standard',
    topk: 'topk',
    'batch-topk': 'jumprelu',
    'jump-relu': 'jumprelu',
    gated: 'gated',
  };
  const config = {
    d_in: d,
    d_sae: L,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: true,
    normalize_activations: 'none',
    reshape_activations: 'none',
    metadata: {},
    architecture: architecture[kind],
    ...(kind === 'topk' && { k: own.active, rescale_acts_by_decoder_norm: false }),
  };
  const shared = {
    W_enc: tensor([d, L], transposed(weights.encoder, d)),
    W_dec: tensor([L, d], weights.decoder),
    b_dec: tensor([d], weights.decoderBias),
  };
  if (kind === 'gated') {
    const gated = {
      b_gate: tensor([L], weights.gateBias!),
      b_mag: tensor([L], weights.encoderBias),
      r_mag: tensor([L], logGains(weights.gain!)),
    };
    return { config, tensors: { ...shared, ...gated } };
  }
  const jumps = kind === 'jump-relu' || kind === 'batch-topk';
  return {
    config,
    tensors: {
      ...shared,
      b_enc: tensor([L], weights.encoderBias),
      ...(jumps && { threshold: tensor([L], thresholds(own, L)) }),
    },
  };
}

/** What dictionary_learning writes: encoder.weight (L, d), decoder.weight (d, L), and biases by class. */
function asDictionaryLearning(own: Portable): Files {
  const { kind, weights, active } = own;
  const [d, L] = [weights.decoderBias.length, weights.encoderBias.length];
  const trainer = (dict_class: string, more: object = {}) => ({
    config: { trainer: { dict_class, activation_dim: d, dict_size: L, ...more } },
  });
  const linear = {
    'encoder.weight': tensor([L, d], weights.encoder),
    'decoder.weight': tensor([d, L], transposed(weights.decoder, d)),
  };
  const bias = tensor([L], weights.encoderBias);
  const center = tensor([d], weights.decoderBias);
  switch (kind) {
    case 'relu':
      return { ...trainer('AutoEncoder'), tensors: { ...linear, 'encoder.bias': bias, bias: center } };
    case 'gated':
      return {
        ...trainer('GatedAutoEncoder'),
        tensors: {
          ...linear,
          decoder_bias: center,
          gate_bias: tensor([L], weights.gateBias!),
          mag_bias: bias,
          r_mag: tensor([L], logGains(weights.gain!)),
        },
      };
    case 'topk':
    case 'batch-topk': {
      const scalar = (data: StoredTensor['data']): StoredTensor => ({ shape: [], data });
      return {
        ...trainer(kind === 'topk' ? 'AutoEncoderTopK' : 'BatchTopKSAE', {
          k: Math.max(1, Math.round(active)),
        }),
        tensors: {
          ...linear,
          'encoder.bias': bias,
          b_dec: center,
          k: scalar(Int32Array.of(Math.max(1, Math.round(active)))),
          threshold: scalar(Float32Array.of(own.least === undefined ? -1 : own.least * (1 - 1e-6))),
        },
      };
    }
    case 'jump-relu':
      return {
        ...trainer('JumpReluAutoEncoder'),
        tensors: {
          W_enc: tensor([d, L], transposed(weights.encoder, d)),
          W_dec: tensor([L, d], weights.decoder),
          b_enc: tensor([L], shifted(weights, -1)),
          b_dec: center,
          threshold: tensor([L], weights.threshold!),
        },
      };
  }
}

const FILES: Record<DictionaryLayout, { config: string; weights: string }> = {
  saelens: { config: 'cfg.json', weights: 'sae_weights.safetensors' },
  'dictionary-learning': { config: 'config.json', weights: 'ae.safetensors' },
};

/** Writes a dictionary in another tool's layout. @throws StoreError */
export function writeDictionary(
  folder: string,
  own: Portable,
  layout: DictionaryLayout,
  force = false,
): void {
  const { config, tensors } = layout === 'saelens' ? asSaelens(own) : asDictionaryLearning(own);
  const names = FILES[layout];
  const files = {
    [names.config]: [jsonBytes(config)],
    [names.weights]: encodeSafetensors(tensors, { format: 'pt' }),
  };
  writeFolder(folder, files, force);
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StoreError(`${file}: cannot be read (${(error as Error).message})`);
  }
}

/** Numbers of a tensor by name. @throws StoreError if it is not there */
function reader(file: string): (name: string) => Float64Array {
  const { tensors } = decodeSafetensors(fs.readFileSync(file));
  return (name) => {
    const found = tensors[name];
    if (found) return Float64Array.from(found.data);
    throw new StoreError(`${file}: expected the tensor ${name}, got ${Object.keys(tensors).join(', ')}`);
  };
}

const KINDS: Record<string, DictionaryShape['kind']> = {
  standard: 'relu',
  topk: 'topk',
  jumprelu: 'jump-relu',
  gated: 'gated',
  AutoEncoder: 'relu',
  GatedAutoEncoder: 'gated',
  AutoEncoderTopK: 'topk',
  BatchTopKSAE: 'jump-relu',
  JumpReluAutoEncoder: 'jump-relu',
};

function kindOf(name: unknown, file: string): DictionaryShape['kind'] {
  const kind = KINDS[String(name)];
  if (kind) return kind;
  throw new StoreError(`${file}: expected one of ${Object.keys(KINDS).join(', ')}, got ${name}`);
}

function fromSaelens(folder: string): Portable {
  const config = readJson(path.join(folder, FILES.saelens.config));
  const get = reader(path.join(folder, FILES.saelens.weights));
  const kind = kindOf(config.architecture, path.join(folder, FILES.saelens.config));
  const center = get('b_dec');
  const L = get('W_dec').length / center.length;
  const shared = {
    encoder: Float64Array.from(transposed(get('W_enc'), L)),
    decoder: get('W_dec'),
    decoderBias: center,
  };
  const gated = kind === 'gated';
  const bias = get(gated ? 'b_mag' : 'b_enc');
  const apart = config.apply_b_dec_to_input === false && !gated;
  const weights: DictionaryWeights = {
    ...shared,
    encoderBias: apart ? shifted({ ...shared, encoderBias: bias }, 1) : bias,
    ...(gated && { gateBias: get('b_gate'), gain: get('r_mag').map(Math.exp) }),
    ...(kind === 'jump-relu' && { threshold: get('threshold') }),
  };
  return { kind, active: typeof config.k === 'number' ? config.k : 1, weights };
}

/** JumpReluAutoEncoder, whose decoder bias is not taken off the input. */
function plainJump(get: (name: string) => Float64Array): DictionaryWeights {
  const decoderBias = get('b_dec');
  const L = get('b_enc').length;
  const own = {
    encoder: Float64Array.from(transposed(get('W_enc'), L)),
    decoderBias,
    encoderBias: get('b_enc'),
  };
  return { ...own, decoder: get('W_dec'), encoderBias: shifted(own, 1), threshold: get('threshold') };
}

function fromDictionaryLearning(folder: string): Portable {
  const file = path.join(folder, FILES['dictionary-learning'].config);
  const trainer = (readJson(file).trainer ?? {}) as Record<string, unknown>;
  const get = reader(path.join(folder, FILES['dictionary-learning'].weights));
  const name = String(trainer.dict_class);
  const kind = kindOf(name, file);
  if (name === 'JumpReluAutoEncoder') return { kind, active: 1, weights: plainJump(get) };
  const center = get(kind === 'gated' ? 'decoder_bias' : kind === 'relu' ? 'bias' : 'b_dec');
  const L = get('encoder.weight').length / center.length;
  const weights: DictionaryWeights = {
    encoder: get('encoder.weight'),
    decoder: Float64Array.from(transposed(get('decoder.weight'), L)),
    encoderBias: get(kind === 'gated' ? 'mag_bias' : 'encoder.bias'),
    decoderBias: center,
    ...(kind === 'gated' && { gateBias: get('gate_bias'), gain: get('r_mag').map(Math.exp) }),
    ...(kind === 'jump-relu' && { threshold: new Float64Array(L).fill(get('threshold')[0]) }),
  };
  return { kind, active: typeof trainer.k === 'number' ? trainer.k : 1, weights };
}

/** Reads a dictionary that either tool has written; the layout is told by its files. @throws StoreError */
export function readDictionary(folder: string): Portable {
  if (fs.existsSync(path.join(folder, FILES.saelens.config))) return fromSaelens(folder);
  if (fs.existsSync(path.join(folder, FILES['dictionary-learning'].config)))
    return fromDictionaryLearning(folder);
  throw new StoreError(`${folder}: expected cfg.json (SAELens) or config.json (dictionary_learning)`);
}

/** Scores of a dictionary on the held-out samples and true features of a problem of one instance. @throws StoreError */
export function scorePortable(own: Portable, problem: Problem, params: Params): Scores {
  const { coded, truth } = specimenAt(problem, params, 0);
  const [d, L] = [own.weights.decoderBias.length, own.weights.encoderBias.length];
  if (d !== coded.size)
    throw new StoreError(`decoder: expected directions of ${coded.size} numbers, got ${d}`);
  const z = encodePortable(own, coded.h);
  const output = decodeAll(
    own.weights,
    { kind: own.kind, active: own.active, latents: L, penalty: 'plain' },
    z,
  );
  const decoder = Float64Array.from(own.weights.decoder);
  return scoresOf({ coded: { ...coded, latents: L, z, output }, weights: own.weights, decoder, truth });
}

/** Codes (N, L) of hidden layers h (N, d), as metrics take them. */
export function encodePortable({ kind, active, weights }: Portable, h: ArrayLike<number>): Float64Array {
  const latents = weights.encoderBias.length;
  return encodeAll(weights, { kind, active, latents, penalty: 'plain' }, h);
}
