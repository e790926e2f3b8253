"""A sweep folder as a phase diagram: python phase_diagram.py <folder> <picture.png>"""
import sys
from pathlib import Path
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from safetensors.numpy import load_file

folder, picture = Path(sys.argv[1]), sys.argv[2]
metrics = pd.read_parquet(folder / "metrics.parquet").set_index("row")
blocks = [load_file(file) for file in sorted(folder.glob("blocks/*.safetensors"))]
rows, W = (np.concatenate([block[name] for block in blocks]) for name in ("rows", "W"))
norm = np.linalg.norm(W, axis=2)  # (models, n): W is (models, n, m), row i is the direction of feature i
shared = ((W[:, -1:] @ W.transpose(0, 2, 1)) ** 2).sum((1, 2)) / np.maximum(norm[:, -1], 1e-6) ** 2 - norm[:, -1] ** 2
metrics.loc[rows, ["norm", "interference"]] = np.stack([norm[:, -1], shared], 1).clip(0, 1)
x, y = metrics.columns[:2]  # the axes of the sweep come first
best = metrics.loc[metrics.groupby([x, y])["held_out_loss"].idxmin()]  # of the replicas
learned, superposed = (best.pivot(index=y, columns=x, values=name) for name in ("norm", "interference"))
blue, orange, white = (np.array(rgb) / 255 for rgb in ((28, 95, 168), (217, 96, 10), (255, 255, 255)))
mix = lambda a, b, t: a + (b - a) * np.asarray(t)[..., None]
plt.pcolormesh(learned.columns, learned.index, mix(white, mix(blue, orange, superposed), learned))
plt.gca().set(xscale="log", yscale="log", xlabel=x, ylabel=y, title="blue dedicated, orange superposed, white not learned")
plt.savefig(picture, dpi=150)
