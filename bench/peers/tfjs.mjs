/**
 * Speed of TensorFlow.js (wasm, one thread: Node gives it no more) on one row: `node --import tsx tfjs.mjs <row>`.
 * Install with `npm install --prefix bench/peers --no-package-lock`.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { BATCH, measure } from '../row.ts';

const require = createRequire(import.meta.url); // the packages' ES modules do not load in Node
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');

const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
wasm.setWasmPaths(`${folder}/dist/`);
await tf.setBackend('wasm');
await tf.ready();

const row = JSON.parse(process.argv[2]);
const { instances, features: n, hidden: m } = row;
for (const density of row.densities) {
  const W = tf.variable(tf.randomNormal([instances, n, m], 0, Math.sqrt(2 / (n + m))));
  const b = tf.variable(tf.zeros([instances, 1, n]));
  const optimizer = tf.train.adam(1e-3);
  const lossOf = () => {
    const gates = tf.less(tf.randomUniform([instances, BATCH, n]), density);
    const x = tf.mul(tf.randomUniform([instances, BATCH, n]), tf.cast(gates, 'float32'));
    const out = tf.relu(tf.add(tf.matMul(tf.matMul(x, W), W, false, true), b));
    return tf.mul(tf.mean(tf.squaredDifference(x, out)), instances);
  };
  const samplesPerSecond = await measure(row, (steps) => {
    for (let step = 0; step < steps; step++) tf.tidy(() => void optimizer.minimize(lossOf));
  });
  console.log(JSON.stringify({ density, samplesPerSecond, note: `tfjs ${tf.version.tfjs} wasm` }));
}
