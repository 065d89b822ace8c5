"""Results of one batch after another, in one place."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tests.conftest import ROOT
from vae_core.model.gathered import gathered

BATCHES = 60
GROWTH = f"""
import resource
import torch
from vae_core.base.config import ModelConfig
from vae_core.model.vae import VAE
from vae_core.training.objectives import average

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

model = VAE(ModelConfig(channels=1, height=64, width=64, latent=8, hidden=(16,)), seed=0)
images = lambda count: (torch.zeros(512, 1, 64, 64, dtype=torch.uint8) for _ in range(count))
average(model, images(2), beta=1, seed=0)
before = most()
average(model, images({BATCHES}), beta=1, seed=0)
print(most() - before)
"""


@pytest.mark.parametrize("sizes", [[3], [2, 2, 2, 1], [1] * 9, [5, 0, 1]])
def test_the_rows_of_all_parts(sizes: list[int]) -> None:
    parts = [torch.rand(size, 4, dtype=torch.float64) for size in sizes]
    found = gathered(iter(parts))
    assert torch.equal(found, torch.cat(parts))
    assert found.dtype == torch.float64
    assert found.untyped_storage().nbytes() == found.nbytes


@pytest.mark.skipif(sys.platform != "linux", reason="its unit is Linux's")
def test_many_batches_take_no_more_than_few() -> None:
    done = subprocess.run([sys.executable, "-c", GROWTH], cwd=ROOT, capture_output=True, check=True)
    assert int(done.stdout) < BATCHES * 512 * 64 * 64 * 4 / 1024 / 10
