/**
 * Speed of jax-js (wasm: it has no other backend in Node) on one row: `node --import tsx jaxjs.mjs <row>`. Install with
 * `npm install --prefix bench/peers --no-package-lock`. One jitted step: batched samples, gradient and AdamW.
 */
import { blockUntilReady, defaultDevice, grad, init, jit, nn, numpy as np, random } from '@jax-js/jax';
import { BATCH, measure } from '../row.ts';

await init('wasm');
defaultDevice('wasm');

const row = JSON.parse(process.argv[2]);
const { instances, features: n, hidden: m } = row;

/** Sum of all models' losses. */
function lossOf([W, b], x) {
  const out = nn.relu(np.matmul(np.matmul(x.ref, W.ref), np.swapaxes(W, 1, 2)).add(b));
  return np
    .square(x.sub(out))
    .sum()
    .mul(1 / (BATCH * n));
}

/** AdamW of one tensor; its three arrays are given up. */
function adamw(weights, first, second, gradient, correct1, correct2) {
  const m1 = first.mul(0.9).add(gradient.ref.mul(0.1));
  const m2 = second.mul(0.999).add(np.square(gradient).mul(0.001));
  const move = m1.ref.mul(correct1).div(np.sqrt(m2.ref).mul(correct2).add(1e-8));
  return [weights.mul(1 - 1e-5).sub(move.mul(1e-3)), m1, m2];
}

const stepOf = (density) =>
  jit((W, b, W1, W2, b1, b2, key, correct1, correct2) => {
    const [gateKey, valueKey, next] = np.split(random.split(key, 3), 3).map((k) => k.reshape([2]));
    const shape = [instances, BATCH, n];
    const gates = np.less(random.uniform(gateKey, shape), density);
    const x = np.where(gates, random.uniform(valueKey, shape), 0);
    const [dW, db] = grad(lossOf)([W.ref, b.ref], x);
    const own = adamw(W, W1, W2, dW, correct1.ref, correct2.ref);
    return [own, adamw(b, b1, b2, db, correct1, correct2), next];
  });

for (const density of row.densities) {
  const step = stepOf(density);
  const zeros = (...shape) => np.zeros(shape);
  let W = [random.normal(random.key(0), [instances, n, m]).mul(Math.sqrt(2 / (n + m)))];
  W.push(zeros(instances, n, m), zeros(instances, n, m));
  let b = [zeros(instances, 1, n), zeros(instances, 1, n), zeros(instances, 1, n)];
  let key = random.key(1);
  let done = 0;
  const samplesPerSecond = await measure(row, async (steps) => {
    for (let k = 0; k < steps; k++, done++) {
      const correct1 = np.array(1 / (1 - 0.9 ** (done + 1)));
      const correct2 = np.array(1 / Math.sqrt(1 - 0.999 ** (done + 1)));
      [W, b, key] = step(W[0], b[0], W[1], W[2], b[1], b[2], key, correct1, correct2);
    }
    await blockUntilReady(W[0].ref);
  });
  console.log(JSON.stringify({ density, samplesPerSecond, note: 'jax-js 0.1.25 wasm' }));
}
