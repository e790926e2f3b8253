"""Speed of JAX on one row: `python jax_bench.py <row>`. Prints a JSON line per density.

    python3 -m venv /tmp/venv-jax && /tmp/venv-jax/bin/pip install jax==0.10.2 optax==0.2.8

One model's loss, vmapped over models; steps are scanned inside one jitted call, so that Python costs nothing.
"""

import json
import os
import sys

row = json.loads(sys.argv[1])
os.sched_setaffinity(0, range(row["threads"]))  # before XLA counts the cores

import jax
import jax.numpy as jnp
import optax
from timing import BATCH, measure

count, n, m = row["instances"], row["features"], row["hidden"]
optimizer = optax.adamw(1e-3, weight_decay=0.01)


def loss_of(weights, key, density):
    gates, values = jax.random.split(key)
    x = jax.random.uniform(values, (BATCH, n))
    x = jnp.where(jax.random.uniform(gates, (BATCH, n)) < density, x, 0.0)
    out = jax.nn.relu(x @ weights["W"] @ weights["W"].T + weights["b"])
    return jnp.mean((x - out) ** 2)


gradients_of = jax.vmap(jax.grad(loss_of), in_axes=(0, 0, None))


@jax.jit
def train(carry, steps, density):
    def step(_, carry):
        weights, state, key = carry
        key, own = jax.random.split(key)
        gradients = gradients_of(weights, jax.random.split(own, count), density)
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates), state, key

    return jax.lax.fori_loop(0, steps, step, carry)


for density in row["densities"]:
    start = jax.random.normal(jax.random.key(0), (count, n, m)) * (2 / (n + m)) ** 0.5
    weights = {"W": start, "b": jnp.zeros((count, n))}
    carry = weights, optimizer.init(weights), jax.random.key(1)

    def run(steps):
        jax.block_until_ready(train(carry, steps, density))

    rates = measure(count, run)
    print(json.dumps({"density": density, "samplesPerSecond": rates, "note": f"jax {jax.__version__}"}), flush=True)
