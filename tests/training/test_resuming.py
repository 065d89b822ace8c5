"""train: training that was stopped goes on as if it had not been."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.resuming import begin, fingerprint, put_down, take_up
from tests.training.test_train import SMALL, untimed
from vae_core import data
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.training import precision
from vae_core.training.train import Record, Training
from vae_core.training.training_state import Unusable


@pytest.fixture(scope="module")
def digits() -> Images:
    return data.load("digits")


CONV = SMALL.model_copy(update={"body": "conv", "hidden": (4, 8)})
KINDS: dict[str, tuple[ModelConfig, dict[str, object]]] = {
    "plain": (SMALL, {}),
    "linear": (SMALL.model_copy(update={"body": "linear", "hidden": ()}), {"schedule": "cyclical", "cycles": 2}),
    "conv": (CONV, {"schedule": "linear"}),
    "deterministic": (SMALL.model_copy(update={"variational": False}), {}),
    "capacity": (SMALL.model_copy(update={"likelihood": "continuous_bernoulli"}), {"capacity": 5.0}),
    "free bits": (CONV, {"free_bits": 0.5}),
    "total correlation": (SMALL, {"tc": 3.0}),
    "static": (SMALL, {"binarise": "static"}),
    "stochastic": (CONV, {"binarise": "stochastic"}),
    "learned sigma": (SMALL.model_copy(update={"likelihood": "logistic", "sigma_is": "learned"}), {}),
    "every weight": (SMALL.model_copy(update={"beta_range": (0.1, 4.0)}), {}),
    "every weight, free": (SMALL.model_copy(update={"beta_range": (0.1, 4.0), "widths": "free"}), {}),
    "every pair": (SMALL.model_copy(update={"beta_range": (0.1, 4.0), "split": True, "widths": "free"}), {}),
    "optimal sigma": (CONV.model_copy(update={"likelihood": "gaussian", "sigma_is": "optimal"}), {}),
}
EPOCHS, PER_EPOCH, PER_RECORD = 2, 29, 3
"""Of batches of 50 of the 1439 training images of the digits."""


def all_steps(training: Training) -> Iterator[tuple[Record | None, str]]:
    while not training.done:
        yield training.update(), fingerprint(training.state())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_training_stopped_at_twenty_steps_ends_bit_for_bit_as_if_it_had_not_been(kind: str, digits: Images, tmp_path: Path) -> None:
    """Each stop puts everything on the disk and goes on from there with a fresh model."""
    shape, fields = KINDS[kind]
    config = TrainConfig.model_validate({"epochs": EPOCHS, "batch": 50, "seed": 5, **fields})
    _, unbroken = begin(shape, config, digits)
    records, prints = zip(*all_steps(unbroken), strict=True)
    assert len(prints) == unbroken.steps == EPOCHS * PER_EPOCH
    assert len(set(prints)) == len(prints)

    first_last_and_edges = {1, 2, PER_RECORD, PER_EPOCH - 1, PER_EPOCH, PER_EPOCH + 1, unbroken.steps - 1}
    others = random.Random(kind).sample(sorted(set(range(1, unbroken.steps)) - first_last_and_edges), 20 - len(first_last_and_edges))
    stops = first_last_and_edges | set(others)
    assert len(stops) == 20
    model, broken = begin(shape, config, digits)
    found: list[Record | None] = []
    while not broken.done:
        found.append(broken.update())
        assert fingerprint(broken.state()) == prints[broken.step - 1], f"step {broken.step}"
        if broken.step in stops:
            model, broken = take_up(put_down(broken, model, config, digits, tmp_path), config, digits)
    kept = [record for record in records if record is not None]
    assert untimed([record for record in found if record is not None]) == untimed(kept)
    assert len(kept) == 2 * 10


def test_the_clocks_go_on_where_training_does(digits: Images, tmp_path: Path) -> None:
    config = TrainConfig(epochs=1, batch=500)
    model, training = begin(SMALL, config, digits)
    before = training.update()
    assert before is not None
    _, later = take_up(put_down(training, model, config, digits, tmp_path), config, digits)
    assert later.seconds == training.seconds
    assert later.images_per_second == pytest.approx(training.images_per_second)
    after = later.update()
    assert after is not None
    assert after.seconds > training.seconds


def test_a_state_of_no_step_of_this_training_is_refused(digits: Images) -> None:
    config = TrainConfig(epochs=2, batch=500)
    _, training = begin(SMALL, config, digits)
    for _ in range(4):
        training.update()
    state = training.state()
    with pytest.raises(Unusable, match=r"Training cannot go on from step 4: it has 3 steps\."):
        Training(VAE(SMALL), digits, config.model_copy(update={"epochs": 1}), state)
    sound = state.generator
    for damaged in (sound[:-1], torch.full_like(sound, 255), torch.zeros_like(sound)):
        for changed in (replace(state, generator=damaged), replace(state, generator_at_epoch=damaged)):
            with pytest.raises(Unusable, match="random numbers of this training cannot go on"):
                Training(VAE(SMALL), digits, config, changed)


def test_a_state_is_a_copy_that_later_steps_leave_alone(digits: Images) -> None:
    _, training = begin(SMALL, TrainConfig(epochs=1), digits)
    training.update()
    state = training.state()
    before = fingerprint(state)
    training.update()
    assert fingerprint(state) == before != fingerprint(training.state())


def test_training_goes_on_in_the_precision_it_began_with(digits: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auto = TrainConfig(epochs=1, batch=500)
    monkeypatch.setattr(precision, "choose", lambda *arguments: "bf16")
    model, training = begin(SMALL, auto, digits)
    assert (training.precision, training.device) == ("bf16", "cpu")
    training.update()
    folder = put_down(training, model, auto, digits, tmp_path)
    training.update()
    monkeypatch.setattr(precision, "choose", lambda *arguments: "fp32")
    _, resumed = take_up(folder, auto, digits)
    resumed.update()
    assert fingerprint(resumed.state()) == fingerprint(training.state())
    _, other = begin(SMALL, auto, digits)
    assert other.precision == "fp32"


def test_training_does_not_go_on_where_its_device_is_missing(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    _, training = begin(SMALL, TrainConfig(epochs=1), digits)
    training.update()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="torch finds no NVIDIA GPU"):
        Training(VAE(SMALL), digits, TrainConfig(epochs=1), replace(training.state(), device="cuda"))


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_training_on_a_gpu_goes_on_where_it_was(device: str, digits: Images, tmp_path: Path) -> None:
    if not (torch.cuda if device == "cuda" else torch.backends.mps).is_available():
        pytest.skip(f"there is no {device} here")
    config = TrainConfig.model_validate({"epochs": 2, "batch": 50, "device": device})
    model, training = begin(SMALL, config, digits)
    for _ in range(40):
        training.update()
    assert next(model.parameters()).device.type == training.device == device
    folder = put_down(training, model, config, digits, tmp_path)
    on, resumed = take_up(folder, config, digits)
    for _ in range(18):
        assert (training.update() is None) == (resumed.update() is None)
    assert training.done
    assert resumed.done
    for a, b in zip(model.parameters(), on.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)
