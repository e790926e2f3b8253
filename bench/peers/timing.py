"""Timing of the Python peers, the same as bench/row.ts."""

import math
import time

BATCH = 1024
REPETITIONS = 5
SECONDS = 0.18


def measure(instances, run):
    """Times run(steps) until it is warm, then REPETITIONS times; samples/s of each."""

    def timed(steps):
        started = time.perf_counter()
        run(steps)
        return time.perf_counter() - started

    timed(1)
    steps = 1
    while (seconds := timed(steps)) < SECONDS / 2:
        steps = math.ceil(steps * min(8, SECONDS / max(seconds, 1e-6)))
    return [instances * BATCH * steps / timed(steps) for _ in range(REPETITIONS)]
