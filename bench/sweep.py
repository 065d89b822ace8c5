"""A sweep on the local queue, by one worker and by as many as there are cores: ``python -m bench.sweep [runs]``, eight unless told."""

from __future__ import annotations

import os
import sys
import tempfile
import time

from vae_core import data
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.runs import directory, many

MODEL = ModelConfig(channels=1, height=28, width=28, latent=10, hidden=(400,))


def seconds(runs: int, workers: int, epochs: int) -> float:
    """How long such a sweep takes, the start of its workers included."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_LOOM_HOME"] = home
        images = data.load("mnist")
        configs = [
            RunConfig(name=f"seed {seed}", data=images.name, model=MODEL, train=TrainConfig(epochs=epochs, seed=seed, threads=1))
            for seed in range(runs)
        ]
        plan = many.planned(configs, {images.name: images})
        began = time.perf_counter()
        folders = many.start(plan, workers)
        while any(directory.status(folder).active for folder in folders):
            time.sleep(0.1)
        took = time.perf_counter() - began
        assert all(directory.status(folder).state == "finished" for folder in folders)
        time.sleep(2)  # the workers look once more for work, and end
        return took


def main() -> None:
    """Print how long each took."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    for workers in (1, many.workers_for(1)):
        print(f"{runs} runs of 784-400-10, 10 epochs of 9,000 images, {workers} at a time: {seconds(runs, workers, 10):.0f} s", flush=True)


if __name__ == "__main__":
    main()
