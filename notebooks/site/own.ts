/** A visitor's own weights: W and b out of .npy or .safetensors files, and their geometry. Nothing leaves the browser. */
import { featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import { decodeNpy } from '../../sim/store/npy.ts';
import { decodeSafetensors, type TensorData } from '../../sim/store/safetensors.ts';
import { keptInWords, shapesOf } from './words.ts';

interface Tensor {
  shape: readonly number[];
  data: TensorData;
}

/** Weights of one model: a direction a feature, and the bias (zeros where none came). */
export interface OwnModel {
  features: number;
  hidden: number;
  W: Float64Array; // (n, m)
  b: Float64Array; // (n)
  turned: boolean; // the file had W as (m, n)
  first: number; // of so many models the first is shown
}

/** Bytes, and features, that a page draws in no time. */
const LIMIT = { bytes: 64 * 2 ** 20, features: 64 };

/** The tensors of a file by name; an npy file has one, called as the file. */
export function tensorsOf(name: string, bytes: Uint8Array): Record<string, Tensor> {
  if (bytes.length > LIMIT.bytes)
    throw new Error(`${name}: expected at most ${LIMIT.bytes} bytes, got ${bytes.length}`);
  if (/\.safetensors$/i.test(name)) return decodeSafetensors(bytes).tensors;
  if (/\.npy$/i.test(name)) return { [name.replace(/\.npy$/i, '')]: decodeNpy(bytes) };
  throw new Error(`expected .npy or .safetensors, got ${name}`);
}

/** The tensor that is called so, or else the only one of so many axes. */
function pick(tensors: Record<string, Tensor>, names: readonly string[], axes: number): Tensor | null {
  const named = names.find((name) => name in tensors && tensors[name].shape.length === axes);
  if (named) return tensors[named];
  const fitting = Object.values(tensors).filter(({ shape }) => shape.length === axes);
  return fitting.length === 1 ? fitting[0] : null;
}

/** The first model's part of W and b: sweeps store many, (I, n, m) and (I, n). */
function firstOf(tensors: Record<string, Tensor>, axes: 2 | 3): { W: Tensor; b: Tensor | null } | null {
  const W = pick(tensors, ['W', 'weight'], axes);
  if (!W) return null;
  const b = pick(tensors, ['b', 'bias'], axes - 1);
  const part = ({ shape, data }: Tensor): Tensor => {
    const own = shape.slice(axes - 2);
    const length = own.reduce((x, y) => x * y, 1);
    return { shape: own, data: data.subarray(0, length) };
  };
  return { W: part(W), b: b && part(b) };
}

/** One model out of tensors. W may be (n, m) or (m, n): b says which, or else there are more features than dimensions. */
export function modelOf(tensors: Record<string, Tensor>): OwnModel {
  const found = firstOf(tensors, 3) ?? firstOf(tensors, 2); // a sweep's b has two axes, like one model's W
  const got = Object.entries(tensors).map(([name, { shape }]) => `${name} (${shape.join(', ')})`);
  if (!found) throw new Error(`expected W of shape (n, m), got ${got.join(', ') || 'nothing'}`);
  const [rows, columns] = found.W.shape;
  const given = found.b?.shape[0];
  if (given !== undefined && given !== rows && given !== columns) {
    throw new Error(`expected b of ${rows} or ${columns} numbers, got ${given}`);
  }
  const turned = given === undefined ? columns > rows : given !== rows;
  const [features, hidden] = turned ? [columns, rows] : [rows, columns];
  if (features > LIMIT.features)
    throw new Error(`expected at most ${LIMIT.features} features, got ${features}`);
  const at = (i: number, k: number) => (turned ? k * features + i : i * hidden + k);
  const W = Float64Array.from({ length: features * hidden }, (_, e) => found.W.data[at(Math.floor(e / hidden), e % hidden)]); // biome-ignore format: one array
  if (!W.every(Number.isFinite)) throw new Error('expected finite weights, got NaN or infinity');
  const b = found.b ? Float64Array.from(found.b.data) : new Float64Array(features);
  const whole = Object.values(tensors).find(({ shape }) => shape.length === 3);
  return { features, hidden, W, b, turned, first: whole?.shape[0] ?? 1 };
}

/** What is seen of the weights, in words. */
export function ownInWords({ features: n, hidden: m, W, turned, first }: OwnModel): string {
  const D = featureDimensionality({ W }, { features: n, hidden: m });
  const shares = Array.from(D, (share) => share.toFixed(2)).join(', ');
  const notes = [turned && 'W came as (m, n) and was turned', first > 1 && `the first of ${first} models`];
  const told = notes.filter(Boolean).map((note) => ` (${note})`).join(''); // biome-ignore format: one choice
  return `${n} features in ${m} dimensions${told}. ${keptInWords(shapesOf(W, n, m))}. D: ${shares}; together ${D.reduce((sum, share) => sum + share, 0).toFixed(2)}.`; // biome-ignore format: one sentence
}
