"""Full-batch training of x' = ReLU(W W'x + b) on T dense samples, as public replications do it. Prints pairs per second and per CPU second."""
import json
import sys
import time
import torch

n, T, steps, threads = map(int, sys.argv[1:5])
torch.set_num_threads(threads)
torch.manual_seed(0)
x = torch.rand(T, n) * (torch.rand(T, n) < 10 / n)
x = x / x.norm(dim=1, keepdim=True).clamp(min=1e-9)
W = torch.nn.Parameter(torch.randn(2, n) * (2 / (n + 2)) ** 0.5)
b = torch.nn.Parameter(torch.zeros(n))
optimizer = torch.optim.AdamW([W, b], lr=1e-3, weight_decay=0.01)


def update():
    loss = ((torch.relu(x @ W.T @ W + b) - x) ** 2).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


for _ in range(3):
    update()
before = time.perf_counter(), time.process_time()
for _ in range(steps):
    loss = update()
wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
print(json.dumps({"pairs": n * T * steps / cpu, "wall": n * T * steps / wall, "loss": loss.item()}))
