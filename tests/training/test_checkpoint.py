"""checkpoint: what is saved comes back to the bit, and a crash leaves whole checkpoints only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load as load_arrays

from tests.model.test_vae import HIDDEN, images, seeded, small
from tests.training.checkpoints import WEIGHTS, card, codes, kept, saved, saved_as_half
from vae_core.base.config import Body
from vae_core.base.storage import sha256
from vae_core.model.vae import VAE
from vae_core.training.checkpoint import (
    load,
    pack,
    read_card,
    save,
    unpack,
)
from vae_core.training.objectives import elbo


@pytest.mark.parametrize("body", HIDDEN)
@pytest.mark.parametrize("variational", [True, False])
@pytest.mark.parametrize("packed", [False, True])
def test_a_model_comes_back_to_the_bit(tmp_path: Path, body: Body, variational: bool, packed: bool) -> None:
    config = small(body, channels=3, variational=variational)
    model, x = VAE(config, seed=1), images(config)
    save(tmp_path / "model", model, card(config), codes(config))
    found = unpack(pack(tmp_path / "model"), "model.zip") if packed else load(tmp_path / "model")
    before, after = model(x, seeded()), found.model(x, seeded())
    assert torch.equal(after.posterior.mean, before.posterior.mean)
    assert torch.equal(after.posterior.logvar, before.posterior.logvar)
    assert torch.equal(after.params, before.params)
    assert found.card == card(config)
    assert found.codes is not None
    assert kept(found.codes) == kept(codes(config))
    assert found.weights_hash == sha256((tmp_path / "model" / WEIGHTS).read_bytes())
    assert not found.model.training
    assert not any(parameter.requires_grad for parameter in found.model.parameters())


@pytest.mark.parametrize("likelihood", ["gaussian", "logistic"])
@pytest.mark.parametrize("sigma_is", ["learned", "optimal"])
def test_a_sigma_that_training_found_comes_back(tmp_path: Path, likelihood: str, sigma_is: str) -> None:
    if (likelihood, sigma_is) == ("logistic", "optimal"):
        return
    config = small(likelihood=likelihood, sigma_is=sigma_is)
    model, x = VAE(config, seed=1), images(config)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1, fused=True)
    for _ in range(3):
        elbo(model, x, beta=1, generator=seeded()).loss.mean().backward()
        optimiser.step()
    save(tmp_path / "model", model, card(config))
    found = load(tmp_path / "model").model
    untrained = VAE(config, seed=1).eval().likelihood.nll(x, 1 - x)
    assert torch.equal(found.likelihood.nll(x, 1 - x), model.eval().likelihood.nll(x, 1 - x))
    assert not torch.isclose(found.likelihood.nll(x, 1 - x), untrained, rtol=1e-3).any()


def test_codes_and_their_labels_are_optional(tmp_path: Path) -> None:
    save(tmp_path / "none", VAE(small()), card(small()))
    assert load(tmp_path / "none").codes is None
    save(tmp_path / "bare", VAE(small()), card(small()), codes(small(), labels=False))
    found = load(tmp_path / "bare").codes
    assert found is not None
    assert found.labels is None


def test_loading_leaves_the_global_generator_alone(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    before = torch.get_rng_state()
    load(tmp_path / "model")
    assert torch.equal(torch.get_rng_state(), before)


def test_unpacking_and_saving_again_gives_the_same_file(tmp_path: Path) -> None:
    data = pack(saved(tmp_path / "model"))
    found = unpack(data, "model.zip")
    save(tmp_path / "again", found.model, found.card, found.codes)
    assert pack(tmp_path / "again") == data


def test_weights_kept_as_float16_come_back_as_float32_and_are_packed_and_saved_as_they_were(tmp_path: Path) -> None:
    whole, folder = saved(tmp_path / "whole"), saved_as_half(tmp_path / "half")
    assert {array.dtype for array in load_arrays((folder / WEIGHTS).read_bytes()).values()} == {np.dtype(np.float16)}
    assert (folder / WEIGHTS).stat().st_size < 0.6 * (whole / WEIGHTS).stat().st_size
    data = pack(folder)
    for found in (load(folder), unpack(data, "half.zip")):
        for name, tensor in load(whole).model.state_dict().items():
            assert torch.equal(found.model.state_dict()[name], tensor.half().float())
        assert {tensor.dtype for tensor in found.model.state_dict().values()} == {torch.float32}
        assert found.half
    save(tmp_path / "again", found.model, found.card, found.codes, half=found.half)
    assert pack(tmp_path / "again") == data
    assert not load(whole).half


def test_nothing_is_rounded_on_the_way_to_the_disk(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds numbers that float16 does not"):
        save(tmp_path / "model", VAE(small(), seed=1), card(small()), half=True)
    assert os.listdir(tmp_path) == []


def test_the_card_alone(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    (tmp_path / "model" / WEIGHTS).unlink()
    assert read_card(tmp_path / "model") == card(small())


def test_other_people_may_read_a_saved_model(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        saved(tmp_path / "model")
    finally:
        os.umask(mask)
    for path in (tmp_path / "model").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_checkpoint_is_never_changed_in_place(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    before = pack(folder)
    with pytest.raises(FileExistsError):
        save(folder, VAE(small(), seed=2), card(small()))
    assert pack(folder) == before
    assert os.listdir(tmp_path) == ["model"]
