"""The memory that training takes: sets of MNIST's size, and a file of 3 GB. Each in a process of its own, one thread.

What is counted is anonymous memory (`RssAnon` and `VmSwap` of Linux): all that the process has for itself. The pages of a mapped file are
not: the system drops them when it needs the room, and reads them again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.format import open_memmap

from vae_core import data
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.data import Images, ImportChoices
from vae_core.runs import directory
from vae_core.runs.execute import execute

MODEL = ModelConfig(body="mlp", channels=1, height=28, width=28, latent=20, hidden=(400,))
LARGE_BYTES = 3 * 2**30
SPARE_BYTES = 2**30  # of the disk, left free
SAMPLED_SECONDS = 0.01


class Cost(NamedTuple):
    """What a run took.

    Attributes:
        before: MB, after imports.
        peak: MB, from before the set was opened to after the model was saved.
        steps: steps made.
        images_per_second: of training alone.
    """

    before: float
    peak: float
    steps: int
    images_per_second: float


def megabytes() -> float:
    """Anonymous memory of this process, now."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "VmSwap:"))) / 1024


@contextmanager
def sampled() -> Iterator[list[float]]:
    """`megabytes` every 10 ms while the block runs."""
    seen, done = [megabytes()], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLED_SECONDS):
            seen.append(megabytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def measure(file: Path | None, batch: int) -> Cost:
    """Train for an epoch on 60,000 random images in memory, or for a tenth of one on those of a file; then judge and save the model."""
    torch.set_num_threads(1)
    with sampled() as seen:
        before = seen[0]
        if file is None:
            images = Images("noise", np.random.default_rng(0).integers(0, 256, (70_000, 1, 28, 28), np.uint8), test_start=60_000)
        else:
            images = data.read_path(file, ImportChoices()).images
        name = data.save_imported(images, "bench")
        run = directory.create(RunConfig(name="bench", data=name, model=MODEL, train=TrainConfig(epochs=1, batch=batch)), state="running")
        for made in execute(run, images):
            record = made
            if file is not None:
                directory.request_stop(run)
    return Cost(before, max(seen), record.step, record.images_per_second)


def write_large(path: Path) -> None:
    """Random pictures of 28 × 28 pixels."""
    block = np.random.default_rng(0).integers(0, 256, (20_000, 28, 28), np.uint8)
    pixels = open_memmap(path, mode="w+", dtype=np.uint8, shape=(LARGE_BYTES // (28 * 28), 28, 28))
    for start in range(0, len(pixels), len(block)):
        part = pixels[start : start + len(block)]
        part[:] = block[: len(part)]
    pixels.flush()


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    if sys.platform != "linux":
        yield "memory", "not measured: only Linux tells what a process has for itself"
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LATENT_LOOM_HOME"] = str(Path(folder) / "home")

        def cost(file: Path | None, batch: int) -> Cost:
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                return process.submit(measure, file, batch).result()

        for batch in (128, 512):
            held = cost(None, batch)
            added = f"adds {held.peak - held.before:,.0f} MB to {held.before:,.0f} MB"
            yield f"train on 60,000 images of 28 x 28, batch {batch}", f"{added}; {held.images_per_second:,.0f} images/s"
        if shutil.disk_usage(folder).free < LARGE_BYTES + SPARE_BYTES:
            yield "train on a file of 3 GB", f"not measured: {folder} has no room for it"
            return
        large = Path(folder) / "large.npy"
        write_large(large)
        mapped = cost(large, 512)
        yield (
            f"train on a file of 3 GB, batch 512, {mapped.steps} steps",
            f"{mapped.peak:,.0f} MB at the most; {mapped.images_per_second:,.0f} images/s",
        )


if __name__ == "__main__":
    for line in rows():
        print(*line, sep=": ", flush=True)
