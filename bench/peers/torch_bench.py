"""Speed of PyTorch on one row: `python torch_bench.py <row> [eager|compiled] [gpu]`. Prints a JSON line per density.

    python3 -m venv /tmp/venv-torch && /tmp/venv-torch/bin/pip install torch==2.13.0 numpy==2.4.6

As the released notebook trains, batched over models: fresh samples each step, einsums as batched matrix
products, autograd, AdamW. `compiled` puts sampling, loss and gradient through torch.compile.
"""

import json
import sys

import torch
from timing import BATCH, measure

row = json.loads(sys.argv[1])
compiled, on_gpu = "compiled" in sys.argv[2:], "gpu" in sys.argv[2:]
if on_gpu and not torch.cuda.is_available():
    sys.exit("this PyTorch finds no GPU")
if on_gpu:
    torch.set_default_device("cuda")
torch.set_num_threads(row["threads"])
count, n, m = row["instances"], row["features"], row["hidden"]

model = row.get("model", "paper")


def normal(*shape):
    return (torch.randn(count, *shape) * (2 / sum(shape)) ** 0.5).requires_grad_()


def zero(size):
    return torch.zeros(count, 1, size, requires_grad=True)


def paper():
    W, b = normal(n, m), zero(n)

    def loss(x):
        out = torch.relu(torch.baddbmm(b, torch.bmm(x, W), W.transpose(1, 2)))
        return ((x - out) ** 2).mean(dim=(1, 2))

    return [W, b], loss


def hidden_bias():
    W, b, c = normal(n, m), zero(n), zero(m)

    def loss(x):
        h = torch.relu(torch.baddbmm(c, x, W))
        out = torch.relu(torch.baddbmm(b, h, W.transpose(1, 2)))
        return ((x - out) ** 2).mean(dim=(1, 2))

    return [W, b, c], loss


def untied_abs():
    W, V, b = normal(n, m), normal(m, n), zero(n)

    def loss(x):
        out = torch.relu(torch.baddbmm(b, torch.relu(torch.bmm(x, W)), V))
        return ((x.abs() - out) ** 2).mean(dim=(1, 2))

    return [W, V, b], loss


def sae():
    latents = row["latents"]
    target = normal(n, m).detach()
    encoder, decoder, latent_bias, bias = normal(m, latents), normal(latents, m), zero(latents), zero(m)

    def loss(x):
        h = torch.bmm(x, target)
        z = torch.relu(torch.baddbmm(latent_bias, h - bias, encoder))
        error = torch.baddbmm(bias, z, decoder) - h
        return (error**2).sum(dim=2).mean(dim=1) + 0.05 * z.sum(dim=2).mean(dim=1)

    return [encoder, decoder, latent_bias, bias], loss


for density in row["densities"]:
    weights, loss = {"paper": paper, "hidden-bias": hidden_bias, "untied-abs": untied_abs, "sae": sae}[model]()
    optimizer = torch.optim.AdamW(weights, lr=1e-3, fused=True)

    def loss_of():
        x = torch.rand(count, BATCH, n)
        if model == "untied-abs":
            x = 2 * x - 1
        x = torch.where(torch.rand(count, BATCH, n) < density, x, 0.0)
        return loss(x).sum()

    if compiled:
        loss_of = torch.compile(loss_of, dynamic=False)

    def run(steps):
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss_of().backward()
            optimizer.step()
        if on_gpu:
            torch.cuda.synchronize()

    rates = measure(count, run)
    print(json.dumps({"density": density, "samplesPerSecond": rates, "note": f"torch {torch.__version__}"}), flush=True)
