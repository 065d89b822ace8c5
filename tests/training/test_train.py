"""train: the records are true, repeatable and end with a sentence where the loss is lost."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from tests.resuming import begin, fingerprint, put_down, take_up
from vae_core import data
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.data import Images
from vae_core.data.mapped import Source
from vae_core.model.likelihoods import Gaussian, LearnedSigma, OptimalGaussian
from vae_core.model.shrinking import Shrink
from vae_core.model.vae import VAE
from vae_core.training import train
from vae_core.training.binarise import fixed_draw
from vae_core.training.objectives import Averages, average
from vae_core.training.train import RECORDS_PER_EPOCH, Diverged, Record, fit, seconds_per_image

pytestmark = pytest.mark.slow

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


def test_faint_details_are_taken_away_as_soon_as_the_rate_falls_and_in_each_validation(digits: Images) -> None:
    shape = {"body": "conv", "hidden": (4, 16), "likelihood": "gaussian", "shrink": 16.0}
    model = VAE(ModelConfig.model_validate({**SMALL.model_dump(), **shape}))
    config = TrainConfig(epochs=5, batch=512)
    training, layer = train.Training(model, digits, config), model.decoder[-1]
    assert isinstance(layer, Shrink)
    drawn: list[tuple[bool, bool]] = []
    layer.register_forward_hook(lambda layer, given, result: drawn.append((layer.training, result is given[0])))
    while not training.done:
        training.update()
    passed = [as_it_is for in_training, as_it_is in drawn if in_training]
    falls = [train.learning_rate(model.config, config, step, training.steps) < config.lr for step in range(training.steps)]
    assert passed == [not fall for fall in falls]
    assert 0 < sum(falls) < len(falls)
    assert not any(as_it_is for in_training, as_it_is in drawn if not in_training)


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


def test_a_schedule_weighs_the_training_loss_and_validation_has_the_beta_at_the_end(digits: Images) -> None:
    config = TrainConfig(epochs=2, beta=4.0, schedule="linear", ramp=0.5, batch=1439)  # two steps, of β 0 and 4
    _, records = trained(digits, config)
    for record, beta in zip(records, (0.0, 4.0), strict=True):
        assert record.loss == pytest.approx(record.distortion + beta * record.rate, rel=1e-6)
        assert record.validation is not None
        assert record.validation.loss == pytest.approx(record.validation.distortion + 4 * record.validation.rate, rel=1e-6)


@pytest.mark.parametrize("how", ["static", "stochastic"])
def test_binarised_training_sees_black_and_white_and_is_judged_on_the_fixed_draw(digits: Images, how: str) -> None:
    config = TrainConfig.model_validate({"epochs": 2, "binarise": how})
    drawn = replace(digits, pixels=fixed_draw(digits.pixels))
    model, records = trained(digits, config)
    _, on_drawn = trained(drawn, TrainConfig(epochs=2))
    assert (untimed(records) == untimed(on_drawn)) == (how == "static")
    judged = average(model, torch.tensor(drawn.pixels[digits.split().validation]), beta=1, seed=0)
    assert records[-1].validation is not None
    assert records[-1].validation.distortion == judged.distortion


def test_a_capacity_or_free_bits_keep_the_rate_that_a_large_beta_takes_away(digits: Images) -> None:
    for fields, least, most in (({}, 0, 0.01), ({"capacity": 2.0}, 1.7, 2.3), ({"capacity": 6.0}, 5.7, 6.3), ({"free_bits": 1.5}, 1, 3.01)):
        _, records = trained(digits, TrainConfig.model_validate({"epochs": 20, "beta": 20.0, **fields}))
        assert least < records[-1].rate < most


def test_the_weight_of_the_total_correlation_makes_codes_independent(digits: Images) -> None:
    """Batches of 719 leave one image over, which has no others to be compared with."""
    pixels = torch.tensor(digits.pixels[digits.split().validation]) / 255
    found = []
    for tc in (0.0, 50.0):
        model, _ = trained(digits, TrainConfig(epochs=20, batch=719, lr=1e-2, beta=0.1, tc=tc))
        with torch.inference_mode():
            found.append(abs(torch.corrcoef(model.encode(pixels).mean.T)[0, 1].item()))
    assert found[1] < found[0] / 2


@pytest.mark.parametrize("sigma_is", ["fixed", "learned", "optimal"])
def test_a_sigma_that_is_not_fixed_ends_near_the_error_of_the_pictures(digits: Images, sigma_is: str) -> None:
    config = SMALL.model_copy(update={"likelihood": "gaussian", "sigma": 0.5, "sigma_is": sigma_is})
    model, _ = trained(digits, TrainConfig(epochs=10, lr=1e-2), config)
    x = torch.tensor(digits.pixels[digits.split().train]) / 255
    with torch.inference_mode():
        error = (model(x, torch.Generator().manual_seed(0)).params - x).square().mean().sqrt().item()
    likelihood = model.likelihood
    if isinstance(likelihood, OptimalGaussian):
        assert likelihood.variance.sqrt().item() == pytest.approx(error, rel=0.03)
    elif isinstance(likelihood, Gaussian) and isinstance(likelihood.sigma, LearnedSigma):
        assert likelihood.sigma().item() == pytest.approx(error, rel=0.1)
    else:
        assert error < 0.4


def test_a_report_between_two_records_is_of_the_steps_since_the_first(digits: Images) -> None:
    """At a learning rate of next to nothing, a step's figures do not depend on the ones before it."""
    config = TrainConfig(epochs=1, lr=1e-30, batch=100, seed=4)
    deterministic = SMALL.model_copy(update={"variational": False})
    model, training = begin(deterministic, config, digits)
    newest = [training.update() for _ in range(5)][3]
    assert newest is not None
    assert (newest.step, training.step, training.recorded) == (4, 5, 4)
    rows = torch.randperm(1439, generator=torch.Generator().manual_seed(config.seed))[400:500]
    report = training.report()
    alone = average(model, torch.tensor(digits.pixels[digits.split().train])[rows], beta=1, seed=0)
    assert (report.step, report.validation) == (5, None)
    assert report.distortion == pytest.approx(alone.distortion, rel=1e-6)
    assert report == training.report()


@pytest.mark.parametrize("binarise", ["no", "static", "stochastic"])
def test_images_in_a_file_are_taken_batch_by_batch_and_train_as_those_in_memory_do(
    binarise: str, digits: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "digits.npy", digits.pixels)
    mapped = replace(digits, pixels=np.load(tmp_path / "digits.npy", mmap_mode="r"), source=Source.of(tmp_path / "digits.npy"))
    config = TrainConfig.model_validate({"epochs": 2, "batch": 50, "binarise": binarise})
    in_memory, records = trained(digits, config)
    taken: list[int] = []
    real = Images.take

    def take(self: Images, rows: ArrayLike) -> NDArray[np.uint8]:
        taken.append(len(np.asarray(rows)))
        return real(self, rows)

    monkeypatch.setattr(Images, "take", take)
    monkeypatch.setattr(train, "_CHUNK", 100)
    from_file, others = trained(mapped, config)
    assert [record.loss for record in others] == [record.loss for record in records]
    assert all(torch.equal(a, b) for a, b in zip(in_memory.parameters(), from_file.parameters(), strict=True))
    assert max(taken) == 100
    assert sum(taken) == 2 * (1439 + 179)

    model, training = begin(SMALL, config, mapped)
    for _ in range(40):
        training.update()
    unbroken = fingerprint(training.state())
    model, training = begin(SMALL, config, mapped)
    for _ in range(35):
        training.update()
    _, resumed = take_up(put_down(training, model, config, digits, tmp_path), config, mapped)
    for _ in range(5):
        resumed.update()
    assert fingerprint(resumed.state()) == unbroken


def test_images_in_memory_are_not_copied(digits: Images) -> None:
    _, training = begin(SMALL, TrainConfig(), digits)
    assert training._resident is not None
    assert training._resident.data_ptr() == digits.pixels.ctypes.data
