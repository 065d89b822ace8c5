"""The peak of memory of every analysis that is over pairs of images: 300 MB at 10,000 images, whatever the number of dimensions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_core.analysis.blur import draw, ideal
from vae_core.analysis.coverage import coverage
from vae_core.analysis.decomposition import aggregate
from vae_core.analysis.fidelity import MOST, fidelity
from vae_core.analysis.neighbours import neighbours_kept
from vae_core.analysis.posterior import Posterior
from vae_core.model.gaussian import DiagonalGaussian

BOUND = 300  # MB
IMAGES = 10_000
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is told by Linux alone")


def megabytes(field: str) -> float:
    """A figure of this process, VmRSS for what it has or VmHWM for the most that it had."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return float(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def peak(work: Callable[[], object]) -> float:
    """Megabytes that this process had more than before, at most, while it worked."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before = megabytes("VmRSS")
    work()
    return megabytes("VmHWM") - before


def posterior(latent: int) -> Posterior:
    random = np.random.default_rng(0)
    mean, logvar = random.standard_normal((2, IMAGES, latent), dtype=np.float32)
    return Posterior(mean, logvar - 2)


def in_parts(known: Posterior) -> object:
    """The cost is one code's at a time: so many show whether memory grows with them."""
    q = DiagonalGaussian(*(torch.from_numpy(part).double() for part in known))
    return aggregate(q, q.sample(torch.Generator().manual_seed(0))[: 2_000 // known.mean.shape[1]])


def averaged(known: Posterior) -> object:
    pixels = np.zeros((IMAGES, 1, 28, 28), np.uint8)
    return ideal(known, pixels.__getitem__, draw(known, 64, seed=0))


ANALYSES: dict[str, Callable[[Posterior], object]] = {
    "parts of the KL": in_parts,
    "coverage": lambda known: coverage(known, draws=64),
    "best decoder": averaged,
    "neighbours": lambda known: neighbours_kept(known.mean, known.mean[:, :2]),
    "samples": lambda known: fidelity(known.mean[:MOST], known.mean[-MOST:]),
}


@pytest.mark.slow
@pytest.mark.parametrize("latent", [16, 128])
@pytest.mark.parametrize("name", ANALYSES)
def test_no_analysis_over_pairs_of_images_takes_more(name: str, latent: int) -> None:
    share = 0.5 if name == "neighbours" else 1.0  # of the images and of the bound: all would take seconds
    known = posterior(latent).of(np.arange(int(share * IMAGES)))
    assert peak(lambda: ANALYSES[name](known)) < share * BOUND


def test_the_peak_is_that_of_what_was_freed_again() -> None:
    assert peak(lambda: np.ones(2**24)) > 100  # 128 MB
