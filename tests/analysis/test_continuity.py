"""Changes over a step against a linear decoder, where a step of length l along u changes the picture by |W u|·l."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.test_objectives import optimum
from vae_core.analysis.continuity import changes

CODES = np.random.default_rng(0).normal(size=(4000, 2)).astype(np.float32)


@pytest.mark.parametrize("length", [1.0, 0.25])
def test_steps_of_a_linear_decoder(length: float) -> None:
    """On average over directions the squared change is l²·|W|²/K per value, and never outside the singular values of W."""
    model = optimum(1.0, 2).model
    up = model.decoder[0]
    assert isinstance(up, nn.Linear)
    weight = up.weight.detach().numpy()
    found = changes(model, CODES, length=length)
    assert np.square(found).mean() == pytest.approx(length**2 * np.square(weight).sum() / 2 / len(weight), rel=0.02)
    sizes = np.linalg.svd(weight, compute_uv=False) * length / np.sqrt(len(weight))
    assert sizes.min() * 0.999 <= found.min() <= found.max() <= sizes.max() * 1.001


def test_a_decoder_that_draws_one_picture_never_changes_it() -> None:
    model = optimum(1.0, 2).model
    flat = type(model)(model.config).double()
    with torch.no_grad():
        for parameter in flat.decoder.parameters():
            parameter.zero_()
    assert not changes(flat, CODES).any()
