"""All that is measured, in one table: training, what an interaction costs on the bundled models, memory, and the app in a browser.

Training has the threads that the app gives it, one fewer than there are cores; all else has one. Times are medians.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from statistics import median

import torch

from bench import blur, live, memory, site, snapshots, startup, training
from tests.browser.conftest import executable
from vae_core.analysis import explore, neighbours, projection
from vae_core.runs import catalogue
from vae_core.training import checkpoint


def milliseconds(action: Callable[[], object], *, repeats: int = 30) -> float:
    """Median time of one call, after one call to warm up."""
    action()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return 1000 * median(times)


def interactions() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    for entry in catalogue.models().values():
        if entry.kind == "bundled":
            model = checkpoint.load(entry.folder).model
            z = explore.sample_prior(model.config.latent, 1, seed=0)
            yield f"decode one image: {entry.name}", f"{milliseconds(partial(explore.decode, model, z)):.2f} ms"
    codes = explore.sample_prior(16, 10_000, seed=0)
    yield "PCA of 10,000 x 16 codes", f"{milliseconds(lambda: projection.pca(codes), repeats=5):.0f} ms"
    yield "8 nearest of 10,000 x 16 codes", f"{milliseconds(lambda: neighbours.nearest(codes, codes[0], 8)):.2f} ms"


def show(rows: Iterable[tuple[str, str]]) -> None:
    """Print lines of the table as they are measured."""
    for what, figure in rows:
        print(f"{what:60} {figure}", flush=True)


def main() -> None:
    """Measure and print everything that can be measured here."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
    show(training.rows())
    show(snapshots.rows())
    torch.set_num_threads(1)
    show(interactions())
    show(blur.rows())
    show(memory.rows())
    show(site.rows())
    if executable() is None:
        print("no Chromium: neither the start nor the live pages are measured")
        return
    show(startup.rows())
    show(live.rows())


if __name__ == "__main__":
    main()
