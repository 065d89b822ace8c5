"""Training against the textbook loop, what each interaction costs on the bundled models, and the live pages in a browser. One thread,
medians.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from bench import live
from tests.browser.conftest import executable
from vae_core import catalogue, checkpoint, explore, project
from vae_core.config import ModelConfig, TrainConfig
from vae_core.data import Images
from vae_core.model import VAE
from vae_core.objectives import elbo
from vae_core.train import fit

IMAGES = 12_800
CONFIG = ModelConfig(body="mlp", channels=1, height=28, width=28, latent=20, hidden=(400,))


def milliseconds(action: Callable[[], object], *, repeats: int = 30) -> float:
    """Median time of one call, after one call to warm up."""
    action()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return 1000 * median(times)


def fit_rate(images: Images) -> float:
    """Images a second of `fit`."""
    *_, last = fit(VAE(CONFIG), images, TrainConfig(epochs=2, batch=128, lr=1e-3))
    return last.images_per_second


def loader_rate(images: Images) -> float:
    """Images a second of the loop of most tutorials: a DataLoader that fetches image by image, and Adam."""
    pixels = torch.from_numpy(images.pixels[images.split().train]).float() / 255
    loader = DataLoader(TensorDataset(pixels), batch_size=128, shuffle=True)
    model, generator = VAE(CONFIG), torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    started = time.perf_counter()
    for _ in range(2):
        for (x,) in loader:
            optimiser.zero_grad()
            elbo(model, x, beta=1.0, generator=generator).loss.mean().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return 2 * len(pixels) / (time.perf_counter() - started)


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    noise = np.random.default_rng(0).integers(0, 256, (IMAGES, 1, 28, 28), dtype=np.uint8)
    images = Images("noise", noise)
    pairs = [(fit_rate(images), loader_rate(images)) for _ in range(3)]
    yield "train 784-400-20, batch 128: fit", f"{median(ours for ours, _ in pairs):,.0f} images/s"
    yield "train 784-400-20, batch 128: DataLoader loop", f"{median(theirs for _, theirs in pairs):,.0f} images/s"
    yield "ratio", f"{median(ours / theirs for ours, theirs in pairs):.2f} x"
    for entry in catalogue.models().values():
        if entry.kind == "bundled":
            model = checkpoint.load(entry.folder).model
            z = explore.sample_prior(model.config.latent, 1, seed=0)
            yield f"decode one image: {entry.name}", f"{milliseconds(partial(explore.decode, model, z)):.2f} ms"
    codes = explore.sample_prior(16, 10_000, seed=0)
    yield "PCA of 10,000 x 16 codes", f"{milliseconds(lambda: project.pca(codes), repeats=5):.0f} ms"
    yield "8 nearest of 10,000 x 16 codes", f"{milliseconds(lambda: explore.nearest(codes, codes[0], 8)):.2f} ms"


def main() -> None:
    """Print the table as it is measured."""
    torch.set_num_threads(1)
    for what, figure in rows():
        print(f"{what:52} {figure:>18}", flush=True)
    if executable() is None:
        print("no Chromium: the live pages are not measured")
        return
    for what, figure in live.rows():
        print(f"{what:52} {figure}", flush=True)


if __name__ == "__main__":
    main()
