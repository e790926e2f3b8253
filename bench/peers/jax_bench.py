"""Speed of JAX on one row: `python jax_bench.py <row> [gpu]`. Prints a JSON line per density.

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

if "gpu" in sys.argv[2:] and jax.default_backend() != "gpu":
    sys.exit("this JAX finds no GPU")

count, n, m = row["instances"], row["features"], row["hidden"]
optimizer = optax.adamw(1e-3, weight_decay=0.01)


model = row.get("model", "paper")
latents = row.get("latents", 0)
SHAPES = {
    "paper": {"W": (n, m), "b": (n,)},
    "hidden-bias": {"W": (n, m), "b": (n,), "c": (m,)},
    "untied-abs": {"W": (n, m), "V": (m, n), "b": (n,)},
    "sae": {"encoder": (m, latents), "decoder": (latents, m), "c": (latents,), "b": (m,)},
}[model]


def start(shape, key):
    if len(shape) == 1:
        return jnp.zeros((count, *shape))
    return jax.random.normal(key, (count, *shape)) * (2 / sum(shape)) ** 0.5


target = jax.random.normal(jax.random.key(2), (n, m)) * (2 / (n + m)) ** 0.5


def loss_on(w, x):
    if model == "paper":
        return jnp.mean((x - jax.nn.relu(x @ w["W"] @ w["W"].T + w["b"])) ** 2)
    if model == "hidden-bias":
        return jnp.mean((x - jax.nn.relu(jax.nn.relu(x @ w["W"] + w["c"]) @ w["W"].T + w["b"])) ** 2)
    if model == "untied-abs":
        return jnp.mean((jnp.abs(x) - jax.nn.relu(jax.nn.relu(x @ w["W"]) @ w["V"] + w["b"])) ** 2)
    h = x @ target
    z = jax.nn.relu((h - w["b"]) @ w["encoder"] + w["c"])
    error = z @ w["decoder"] + w["b"] - h
    return jnp.mean(jnp.sum(error**2, axis=1)) + 0.05 * jnp.mean(jnp.sum(z, axis=1))


def loss_of(weights, key, density):
    gates, values = jax.random.split(key)
    x = jax.random.uniform(values, (BATCH, n))
    if model == "untied-abs":
        x = 2 * x - 1
    x = jnp.where(jax.random.uniform(gates, (BATCH, n)) < density, x, 0.0)
    return loss_on(weights, x)


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
    keys = jax.random.split(jax.random.key(0), len(SHAPES))
    weights = {name: start(shape, key) for (name, shape), key in zip(SHAPES.items(), keys)}
    carry = weights, optimizer.init(weights), jax.random.key(1)

    def run(steps):
        jax.block_until_ready(train(carry, steps, density))

    rates = measure(count, run)
    print(json.dumps({"density": density, "samplesPerSecond": rates, "note": f"jax {jax.__version__}"}), flush=True)
