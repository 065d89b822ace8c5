"""run: a function that other schedulers can send away, and that trains nothing twice."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import partial

import pytest

import vae_core
from tests.runs.small import run_config
from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory

pytestmark = pytest.mark.usefixtures("fresh_home")


def test_a_run_that_was_pickled_is_trained_once(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    config = run_config(epochs=1)
    task = pickle.loads(pickle.dumps(partial(vae_core.run, config)))
    folder = task()
    (found,) = directory.listing()
    assert (found.folder, found.config, found.status.state) == (folder, config, "finished")

    assert vae_core.run(config.model_copy(update={"name": "Another name"})) == folder
    other = config.model_copy(update={"train": config.train.model_copy(update={"seed": 1})})
    assert vae_core.run(other) != folder
    changed = replace(digits, pixels=255 - digits.pixels)
    monkeypatch.setattr(data, "load_exactly", lambda name: changed)
    assert vae_core.run(config) != folder
    assert len(directory.listing()) == 3


@pytest.mark.parametrize("file", ["card.json", "weights.safetensors"])
def test_a_run_whose_model_is_damaged_is_trained_again(file: str) -> None:
    config = run_config(epochs=1)
    damaged = vae_core.run(config)
    newest = directory.newest_checkpoint(damaged)
    assert newest is not None
    (newest / file).write_bytes(b"")
    again = vae_core.run(config)
    assert again != damaged
    assert vae_core.run(config) == again


def test_what_cannot_be_trained_leaves_no_run() -> None:
    with pytest.raises(InputError):
        vae_core.run(run_config(data="nowhere"))
    assert directory.listing() == []
