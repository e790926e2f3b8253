/** A visitor's own weights: read from the files that NumPy and PyTorch write, turned where they come turned, and named. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelOf, ownInWords, tensorsOf } from '../notebooks/site/own.ts';
import { encodeSafetensors } from '../sim/store/safetensors.ts';

/** An npy file of float32, as NumPy writes it: magic, version 1, header padded to 64 bytes, numbers. */
export function npy(shape: number[], data: number[], order: 'C' | 'F' = 'C'): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': ${order === 'F' ? 'True' : 'False'}, 'shape': (${shape.join(', ')},), }`;
  const head = `\x93NUMPY\x01\x00${String.fromCharCode(118, 0)}${text.padEnd(117)}\n`;
  return Uint8Array.from([...Buffer.from(head, 'latin1'), ...new Uint8Array(Float32Array.from(data).buffer)]);
}

const DIGONS = [1, 0, -1, 0, 0, 1, 0, -1];
const close = (a: ArrayLike<number>, b: number[]) => assert.equal(Array.from(a), b);

test('two digons from an npy file are named, with half a dimension each', () => {
  const model = modelOf(tensorsOf('W.npy', npy([4, 2], DIGONS)));
  close(model.W, DIGONS);
  assert.is(
    ownInWords(model),
    '4 features in 2 dimensions. 4 of 4 kept: two digons. D: 0.50, 0.50, 0.50, 0.50; together 2.00.',
  );
});

test('W as (m, n), as the weight of a linear layer, is turned; so is an array in column order', () => {
  const weight = [1, -1, 0, 0, 0, 0, 1, -1]; // (2, 4)
  const turned = modelOf(tensorsOf('weight.npy', npy([2, 4], weight)));
  close(turned.W, DIGONS);
  assert.ok(turned.turned);
  close(modelOf(tensorsOf('W.npy', npy([4, 2], weight, 'F'))).W, DIGONS);
});

test('b says which side are the features; a sweep shows its first model', () => {
  const f32 = (shape: number[], data: number[]) => ({ shape, data: Float32Array.from(data) });
  const file = (tensors: Parameters<typeof encodeSafetensors>[0]) =>
    Uint8Array.from(Buffer.concat(encodeSafetensors(tensors, {})));
  const wide = modelOf(
    tensorsOf('m.safetensors', file({ weight: f32([2, 3], [1, 0, 0, 0, 1, 0]), bias: f32([2], [1, 2]) })),
  );
  assert.equal([wide.features, wide.hidden], [2, 3]);
  close(wide.b, [1, 2]);
  const sweep = modelOf(tensorsOf('s.safetensors', file({ W: f32([2, 4, 2], [...DIGONS, ...DIGONS.map((v) => 2 * v)]), b: f32([2, 4], [1, 2, 3, 4, 0, 0, 0, 0]) }))); // biome-ignore format: one model
  close(sweep.W, DIGONS);
  close(sweep.b, [1, 2, 3, 4]);
  assert.match(ownInWords(sweep), /the first of 2 models/);
});

test('what cannot be shown says what was expected and what came', () => {
  assert.throws(() => tensorsOf('W.pt', new Uint8Array(4)), /expected \.npy or \.safetensors, got W\.pt/);
  assert.throws(() => tensorsOf('W.npy', Uint8Array.of(1, 2, 3)), /expected an npy file/);
  assert.throws(() => tensorsOf('W.npy', npy([4, 2], [1, 2])), /expected 32 bytes of numbers, got 8/);
  assert.throws(
    () => modelOf(tensorsOf('b.npy', npy([4], [1, 2, 3, 4]))),
    /expected W of shape \(n, m\), got b \(4\)/,
  );
  assert.throws(
    () =>
      modelOf({
        W: { shape: [4, 2], data: Float32Array.from(DIGONS) },
        b: { shape: [3], data: Float32Array.from([0, 0, 0]) },
      }),
    /expected b of 4 or 2 numbers, got 3/,
  );
  assert.throws(
    () => modelOf({ W: { shape: [2, 2], data: Float32Array.from([1, 0, Number.NaN, 1]) } }),
    /finite/,
  );
});

test.run();
