"""What ships of older ways: its figures are those of its weights on test images, and where it is gone or damaged a sentence says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from assets.older import HIDDEN, LEAST, UPPER
from vae_core import data
from vae_core.analysis import boltzmann, methods, older
from vae_core.analysis.methods import Deep, Linear, Restricted
from vae_core.analysis.pictures import of_test_part
from vae_core.base.errors import InputError


def test_the_figures_are_those_of_what_ships() -> None:
    found, pictures = older.load(), of_test_part(data.load_exactly("mnist-10k"))
    pixels = pictures.take(pictures.validation)
    flat = pixels.reshape(len(pixels), -1) / 255
    shape = (1, 28, 28)
    for figures, method in (
        (found.linear, Linear(found.components, shape)),
        (found.restricted, Restricted(found.lower, shape)),
        (found.deep, Deep(found.lower, found.upper, shape)),
    ):
        assert (figures.error, figures.spread.error) == pytest.approx(methods.error(method, pixels), rel=1e-4)
        assert figures.images == len(pixels)
    assert found.linear.rate == pytest.approx(found.components.rate())
    alone = boltzmann.terms(found.lower, found.lower.turned(), 0.0, flat)
    stacked = boltzmann.terms(found.lower, found.upper, 0.0, flat)
    assert found.restricted.distortion == pytest.approx(alone[0].mean(), rel=1e-3)
    assert found.deep.distortion == pytest.approx(stacked[0].mean(), rel=1e-3)
    for figures, machine, (costs, rates), means, certain in (
        (found.restricted, found.lower, alone, flat, found.partition_error[0]),
        (found.deep, found.upper, stacked, found.lower.hidden(flat), found.partition_error[1]),
    ):
        assert figures.spread.distortion == pytest.approx(costs.std(ddof=1) / np.sqrt(2000), rel=1e-3)
        partition, _ = boltzmann.estimate_log_partition(machine, means.mean(axis=0), chains=4, steps=200)
        assert figures.spread.rate == pytest.approx(np.hypot(rates.std(ddof=1) / np.sqrt(2000), certain), rel=1e-3)
        assert figures.rate == pytest.approx(rates.mean() + partition, abs=10)  # nats: with so few steps log Z is only nearly right
    lower, upper = 784 * HIDDEN + 784 + HIDDEN, HIDDEN * UPPER + HIDDEN + UPPER
    assert [each.numbers for each in (found.linear, found.restricted, found.deep)] == [784 * 3 + 2, lower, lower + upper]
    few = boltzmann.pseudo_likelihood(found.lower, (flat[:100] > 0.5).astype(np.float64))
    assert few.mean() == pytest.approx(found.pseudo_likelihood, abs=4 * few.std(ddof=1) / 10)
    assert found.pseudo_likelihood >= LEAST
    assert max(found.partition_error) < 1


def test_what_is_gone_or_damaged_is_said(tmp_path: Path) -> None:
    shutil.copytree(older.FOLDER, tmp_path / "older")
    (file,) = (tmp_path / "older").rglob("*.bin")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    for folder in (tmp_path / "older", tmp_path / "none"):
        with pytest.raises(InputError, match="gone or damaged: install it again"):
            older.load(folder)
