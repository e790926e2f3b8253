"""Speed of PyTorch on one row: `python torch_bench.py <row> [eager|compiled]`. Prints a JSON line per density.

    python3 -m venv /tmp/venv-torch && /tmp/venv-torch/bin/pip install torch==2.13.0 numpy==2.4.6

As the released notebook trains, batched over models: fresh samples each step, einsums as batched matrix
products, autograd, AdamW. `compiled` puts sampling, loss and gradient through torch.compile.
"""

import json
import sys

import torch
from timing import BATCH, measure

row = json.loads(sys.argv[1])
compiled = sys.argv[2:] == ["compiled"]
torch.set_num_threads(row["threads"])
count, n, m = row["instances"], row["features"], row["hidden"]

for density in row["densities"]:
    W = (torch.randn(count, n, m) * (2 / (n + m)) ** 0.5).requires_grad_()
    b = torch.zeros(count, 1, n, requires_grad=True)
    importance = torch.ones(count, 1, n)
    optimizer = torch.optim.AdamW([W, b], lr=1e-3, fused=True)

    def loss_of():
        x = torch.rand(count, BATCH, n)
        x = torch.where(torch.rand(count, BATCH, n) < density, x, 0.0)
        out = torch.relu(torch.baddbmm(b, torch.bmm(x, W), W.transpose(1, 2)))
        return (importance * (x - out) ** 2).mean(dim=(1, 2)).sum()

    if compiled:
        loss_of = torch.compile(loss_of, dynamic=False)

    def run(steps):
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss_of().backward()
            optimizer.step()

    rates = measure(count, run)
    print(json.dumps({"density": density, "samplesPerSecond": rates, "note": f"torch {torch.__version__}"}), flush=True)
