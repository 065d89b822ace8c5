"""train: the records are true, repeatable and end with a sentence where the loss is lost."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from vae_core import data, train
from vae_core.config import ModelConfig, TrainConfig
from vae_core.data import Images
from vae_core.model import VAE
from vae_core.objectives import Averages, average
from vae_core.train import RECORDS_PER_EPOCH, Diverged, Record, fit, seconds_per_image

SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(64,))


@pytest.fixture(scope="module")
def digits() -> Images:
    return data.load("digits")


def trained(images: Images, config: TrainConfig, model: ModelConfig = SMALL) -> tuple[VAE, list[Record]]:
    vae = VAE(model, seed=config.seed)
    return vae, list(fit(vae, images, config))


def untimed(records: list[Record]) -> list[Record]:
    return [replace(record, images_per_second=0.0, seconds=0.0) for record in records]


@pytest.mark.parametrize("variational", [True, False])
def test_the_loss_falls_in_two_epochs(digits: Images, variational: bool) -> None:
    config = SMALL.model_copy(update={"variational": variational})
    held_out = torch.tensor(digits.pixels[digits.split().validation])
    before = average(VAE(config), held_out, beta=1, seed=0)
    model, records = trained(digits, TrainConfig(epochs=2), config)
    after = records[-1].validation
    assert after is not None
    assert after.loss < before.loss - 4
    again = average(model, held_out, beta=1, seed=0)
    assert (after.loss, after.distortion, after.rate) == (again.loss, again.distortion, again.rate)


def test_a_larger_kl_weight_leaves_a_smaller_rate(digits: Images) -> None:
    rates = [trained(digits, TrainConfig(epochs=4, beta=beta))[1][-1].rate for beta in (0.0, 1.0, 20.0)]
    assert rates[0] > rates[1] > rates[2] >= 0


def test_the_same_seed_gives_the_same_run_and_another_seed_another(digits: Images) -> None:
    first, records = trained(digits, TrainConfig(epochs=2, seed=1))
    torch.manual_seed(99)  # what the rest of the program does with torch's own generator is of no matter
    second, again = trained(digits, TrainConfig(epochs=2, seed=1))
    assert untimed(records) == untimed(again)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    vae = VAE(SMALL, seed=1)
    reordered = list(fit(vae, digits, TrainConfig(epochs=2, seed=2)))
    assert [record.loss for record in reordered] != [record.loss for record in records]


@pytest.mark.parametrize(
    ("batch", "steps", "records_per_epoch"),
    [(128, 12, 6), (10, 144, 10), (1000, 2, 2), (1439, 1, 1), (65_536, 1, 1)],
)
def test_records_are_well_formed(digits: Images, batch: int, steps: int, records_per_epoch: int) -> None:
    assert len(digits.split().train) == 1439
    epochs = 2
    _, records = trained(digits, TrainConfig(epochs=epochs, batch=batch, beta=0.5))
    assert len(records) == epochs * records_per_epoch <= epochs * RECORDS_PER_EPOCH
    assert all(record.steps == epochs * steps for record in records)
    assert records[-1].step == records[-1].steps
    assert all(a.step < b.step for a, b in pairwise(records))
    for number, record in enumerate(records, 1):
        assert record.epoch == record.step / steps
        assert record.loss == pytest.approx(record.distortion + 0.5 * record.rate, rel=1e-6)
        assert (record.validation is not None) == (number % records_per_epoch == 0)
    assert all(a.seconds < b.seconds for a, b in pairwise(records))


def test_a_record_is_the_mean_over_its_images_not_over_its_batches(digits: Images) -> None:
    config = TrainConfig(epochs=1, lr=1e-30, batch=128, seed=4)  # the weights stay as they are
    model, records = trained(digits, config, SMALL.model_copy(update={"variational": False}))
    pixels = torch.tensor(digits.pixels[digits.split().train])
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(config.seed))
    of_last_record = pixels[order[-159:]]  # a batch of 128 and the last one of 31
    assert records[-1].distortion == pytest.approx(average(model, of_last_record, beta=1, seed=0).distortion, rel=1e-6)


def test_the_training_part_alone_is_trained_on(digits: Images) -> None:
    pixels = digits.pixels.copy()
    split = digits.split()
    pixels[split.test] = 255
    pixels[split.validation] = 255
    _, records = trained(digits, TrainConfig(epochs=1))
    _, others = trained(replace(digits, pixels=pixels), TrainConfig(epochs=1))
    assert [record.loss for record in records] == [record.loss for record in others]
    assert records[-1].validation != others[-1].validation


def test_time_counts_training_and_validation_and_the_rate_training_alone(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = 0.2

    def slow(model: VAE, pixels: Tensor, *, beta: float, seed: int) -> Averages:
        time.sleep(pause)
        return average(model, pixels, beta=beta, seed=seed)

    monkeypatch.setattr(train, "average", slow)
    started = time.perf_counter()
    records = []
    for record in fit(VAE(SMALL), digits, TrainConfig(epochs=2)):
        records.append(record)
        time.sleep(0.02)  # what the caller does between records counts nowhere
    elapsed = time.perf_counter() - started
    last = records[-1]
    training = 2 * 1439 / last.images_per_second
    assert 0 < training <= last.seconds - 2 * pause
    assert last.seconds <= elapsed - 12 * 0.02


def test_a_loss_that_is_not_finite_ends_training_with_a_sentence(digits: Images) -> None:
    vae = VAE(SMALL)
    with torch.no_grad():
        next(vae.decoder.parameters()).fill_(1e38)
    with pytest.raises(Diverged) as caught:
        list(fit(vae, digits, TrainConfig(lr=10.0)))
    why, what_to_do = str(caught.value).split("; ")
    assert why == "Training diverged at step 2: the loss is not a finite number any more"
    assert what_to_do == "lower the learning rate (it was 10)."


def test_a_validation_loss_that_is_not_finite_ends_training_too(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(model: VAE, pixels: Tensor, *, beta: float, seed: int) -> Averages:
        return replace(average(model, pixels, beta=beta, seed=seed), loss=math.nan)

    monkeypatch.setattr(train, "average", lost)
    records: list[Record] = []
    with pytest.raises(Diverged, match="at step 12"):
        records.extend(fit(VAE(SMALL), digits, TrainConfig()))
    assert len(records) == 5  # the sixth would have had the validation figures


def test_the_estimate_is_of_the_right_size_and_changes_nothing() -> None:
    before = torch.get_rng_state()
    small = seconds_per_image(SMALL, TrainConfig())
    large = seconds_per_image(SMALL.model_copy(update={"height": 64, "width": 64, "hidden": (512, 512)}), TrainConfig())
    assert 0 < small < large < 0.1
    assert torch.equal(torch.get_rng_state(), before)
