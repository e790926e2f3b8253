"""Reads every file of a sweep folder with the usual libraries and prints what it found as JSON."""
import json
import sys
from pathlib import Path
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from safetensors import safe_open
from safetensors.numpy import load_file

folder = Path(sys.argv[1])


def table(name):
    """A table read from Parquet, after checking that the CSV says the same."""
    parquet = pd.read_parquet(folder / f"{name}.parquet")
    csv = pd.read_csv(folder / f"{name}.csv")
    pd.testing.assert_frame_equal(parquet, csv.astype(parquet.dtypes), check_exact=True)
    return parquet


files = sorted(folder.glob("blocks/*.safetensors"))
blocks = [load_file(file) for file in files]
with safe_open(files[0], "numpy") as first:
    metadata = first.metadata()
arrays = np.load(folder / "weights.npz")
metrics, losses, cells = (table(name) for name in ("metrics", "losses", "cells"))
W = np.concatenate([block["W"] for block in blocks])
assert np.array_equal(W, arrays["W"]) and arrays["W"].dtype == np.float32
print(
    json.dumps(
        {
            "W": W.ravel().tolist(),
            "shape": W.shape,
            "snapshot": np.concatenate([block["W.step6"] for block in blocks]).shape,
            "rows": arrays["rows"].tolist(),
            "format": metadata["format"],
            "metrics": list(metrics.columns),
            "density": metrics["input.density"].tolist(),
            "norm_max": metrics["norm_max"].tolist(),
            "losses": losses["loss"].tolist(),
            "steps": sorted(set(losses["step"])),
            "best": cells["best_row"].tolist(),
            "units": pq.read_schema(folder / "metrics.parquet").metadata[b"capacity"].decode(),
        }
    )
)
