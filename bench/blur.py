"""The best decoder's image and the coverage of the prior, for as many images as MNIST has to train on. Medians."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import numpy as np

from vae_core.analysis import blur
from vae_core.analysis.coverage import coverage, grid
from vae_core.analysis.posterior import Posterior

IMAGES, LATENT, MANY = 60_000, 16, 64


def seconds(action: Callable[[], object], *, repeats: int) -> float:
    """Median time of one call."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return median(times)


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table.

    The posteriors are of the widths that a KL weight of 1 leaves on MNIST, log σ² about −2.8, their means such that the codes fill the
    prior; what the pictures show does not matter to the time.
    """
    random = np.random.default_rng(0)
    logvar = random.normal(-2.8, 0.5, (IMAGES, LATENT)).astype(np.float32)
    mean = np.sqrt(1 - np.exp(np.minimum(logvar, -0.1))) * random.standard_normal((IMAGES, LATENT), np.float32)
    pixels = random.integers(0, 256, (IMAGES, 1, 28, 28), np.uint8)
    posterior = Posterior(mean, logvar)
    z = blur.draw(posterior, 4096, seed=0)
    images = f"{IMAGES:,} images, K = {LATENT}"

    for count in (1, MANY):
        taken = seconds(partial(blur.ideal, posterior, pixels.__getitem__, z[:count]), repeats=5)
        yield f"x*(z) and N_eff of {count} codes over {images}", f"{1000 * taken:.0f} ms"
    taken = seconds(lambda: blur.mixture(posterior, z[:MANY]), repeats=5)
    yield f"N_eff of {MANY} codes over {images}", f"{1000 * taken:.0f} ms"
    yield f"coverage from 4,096 draws over {images}", f"{seconds(lambda: coverage(posterior), repeats=3):.1f} s"
    places = np.linspace(-4, 4, 200)
    flat = Posterior(mean[:, :2], logvar[:, :2])
    taken = seconds(lambda: grid(flat, places, places), repeats=3)
    yield f"map of 200 x 200 places over {IMAGES:,} images, K = 2", f"{taken:.2f} s"
