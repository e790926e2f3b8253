"""PyTorch trains our models on our samples; its losses are what tests/torch.test.ts compares ours with.

    python3 -m venv /tmp/venv-torch && /tmp/venv-torch/bin/pip install torch==2.13.0 numpy==2.4.6
    npx tsx bench/peers/exportOracle.ts /tmp/oracle
    /tmp/venv-torch/bin/python bench/peers/torch_oracle.py /tmp/oracle tests/fixtures/torch.json

Nothing here knows our code: models are einsums over stacked weights, gradients are autograd's, updates are
torch.optim's. Trains in float64, whose losses are stored, and in float32, whose distance from them is printed
and stored: it says how far rounding alone takes a run apart. Also stores weights after five updates of each
optimiser on given gradients, and the learning-rate factors of the schedules torch has.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

ACTIVATIONS = {"identity": lambda x: x, "relu": torch.relu}


def optimizer_for(settings, parameters):
    t, lr, wd = settings["training"], settings["learningRate"], settings["weightDecay"]
    if t["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=lr, momentum=t["momentum"], weight_decay=wd)
    kind = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[t["optimizer"]]
    return kind(parameters, lr=lr, betas=(t["beta1"], t["beta2"]), eps=t["epsilon"], weight_decay=wd)


def load(folder, k, part, shape, dtype):
    values = np.fromfile(folder / f"{k}.{part}.f32", dtype="<f4").reshape(shape)
    return torch.tensor(values, dtype=dtype)


def losses_of(folder, k, settings, dtype):
    """Minibatch loss of each instance before each update, (steps, instances)."""
    family, training, count = settings["family"], settings["training"], settings["instances"]
    n, m = family["features"], family["hidden"]
    x = load(folder, k, "x", (training["steps"], count, training["batch"], n), dtype)
    importance = torch.tensor(settings["importance"], dtype=dtype).reshape(count, 1, n)
    W = load(folder, k, "W", (count, n, m), dtype).requires_grad_()
    V = W if family["tied"] else load(folder, k, "V", (count, n, m), dtype).requires_grad_()
    b = torch.zeros(count, n, dtype=dtype, requires_grad=True)
    weights = [W, b] if family["tied"] else [W, V, b]
    optimizer = optimizer_for(settings, weights)
    f, g = ACTIVATIONS[family["hiddenActivation"]], ACTIVATIONS[family["outputActivation"]]
    losses = []
    for batch in x:
        hidden = f(torch.einsum("ibn,inm->ibm", batch, W))
        out = g(torch.einsum("ibm,inm->ibn", hidden, V) + b[:, None])
        target = batch.abs() if family["target"] == "abs" else batch
        loss = (importance * (target - out) ** 2).mean(dim=(1, 2))
        losses.append(loss.detach().double().numpy())
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
    return np.stack(losses)


def updates_of(name, options):
    """Three weights after each of five updates with given gradients."""
    weights = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([weights], lr=0.1, **options)
    history = []
    for gradient in GRADIENTS:
        weights.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        history.append(weights.tolist())
    return history


GRADIENTS = [[1.0, -0.5, 0.0], [0.5, 0.25, 1e-9], [-2.0, 0.1, 0.0], [0.3, 0.0, -1e-3], [0.1, -4.0, 2.0]]
OPTIMIZERS = {
    "adamw": ("AdamW", {"weight_decay": 0.1}),
    "adam": ("Adam", {"weight_decay": 0.1}),
    "adam-betas": ("Adam", {"betas": (0.5, 0.8), "eps": 1e-3}),
    "sgd": ("SGD", {"weight_decay": 0.1}),
    "sgd-momentum": ("SGD", {"momentum": 0.9}),
}


def schedule_factors(steps):
    """Factors of steps 0 … steps − 1 under torch's linear and cosine schedulers."""

    def run(make):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = make(optimizer)
        factors = []
        for _ in range(steps):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return factors

    s = torch.optim.lr_scheduler
    return {
        "linear": run(lambda o: s.LinearLR(o, 1.0, 0.0, steps)),
        "cosine": run(lambda o: s.CosineAnnealingLR(o, steps)),
    }


def main(folder, out):
    peers = {}
    for k in range(len(list(folder.glob("*.json")))):
        settings = json.loads((folder / f"{k}.json").read_text())
        double = losses_of(folder, k, settings, torch.float64)
        single = losses_of(folder, k, settings, torch.float32)
        apart = float(np.max(np.abs(single - double) / np.maximum(double, 1e-30)))
        print(f"{settings['name']}: float32 within {apart:.1e} of float64")
        rounded = [[float(f"{v:.10g}") for v in row] for row in double]
        peers[settings["name"]] = {"float32Apart": apart, "losses": rounded}
    fixture = {
        "torch": torch.__version__,
        "gradients": GRADIENTS,
        "updates": {key: updates_of(*args) for key, args in OPTIMIZERS.items()},
        "schedules": schedule_factors(8),
        "peers": peers,
    }
    out.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")


main(Path(sys.argv[1]), Path(sys.argv[2]))
