"""precision: what "auto" chooses on machines of each kind, what stays float32 under autocast, and what bfloat16 costs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from vae_core import data
from vae_core.base.config import ModelConfig, Precision, TrainConfig
from vae_core.model.vae import VAE
from vae_core.training import precision
from vae_core.training.objectives import elbo
from vae_core.training.precision import LEAST_BATCH, LEAST_GAIN, LEAST_MACS, autocast, choose, gain
from vae_core.training.train import fit

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
LARGE = ModelConfig(channels=1, height=28, width=28, latent=20, hidden=(400,))  # 651,200 multiplications an image
SMALL = ModelConfig(channels=1, height=8, width=8, latent=4, hidden=(32,))


@pytest.fixture(params=[0.3, LEAST_GAIN, 4.5], ids=["emulated", "just enough", "native"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """A machine that multiplies bfloat16 so many times faster than float32."""
    monkeypatch.setattr(precision, "gain", lambda: request.param)
    return float(request.param)


def test_a_large_model_takes_bfloat16_where_the_machine_gains_by_it(machine: float) -> None:
    assert choose(LARGE, TrainConfig(batch=128), CPU) == ("bf16" if machine > 1 else "fp32")


def test_a_small_model_or_a_small_batch_stays_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "gain", lambda: pytest.fail("the machine is not asked"))
    assert LEAST_MACS == 2**25
    assert choose(SMALL, TrainConfig(batch=128), CPU) == "fp32"
    assert choose(LARGE, TrainConfig(batch=LEAST_BATCH - 1), CPU) == "fp32"


def test_the_size_counts_the_multiplications_of_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "gain", lambda: 4.0)
    narrow = LARGE.model_copy(update={"hidden": (256,)})  # 416,768 an image: 2²⁵ / 416,768 = 80.5
    assert [choose(narrow, TrainConfig(batch=batch), CPU) for batch in (80, 81)] == ["fp32", "bf16"]


@pytest.mark.parametrize("asked", ["fp32", "bf16"])
@pytest.mark.parametrize("config", [SMALL, LARGE])
def test_what_is_asked_for_is_obeyed(machine: float, asked: Precision, config: ModelConfig) -> None:
    assert choose(config, TrainConfig(precision=asked), CPU) == asked


@pytest.mark.parametrize("native", [True, False])
def test_an_nvidia_gpu_is_asked_whether_it_has_bfloat16_and_an_apple_one_is_not(native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native and not including_emulation)
    assert choose(LARGE, TrainConfig(), torch.device("cuda")) == ("bf16" if native else "fp32")
    assert choose(SMALL, TrainConfig(), torch.device("cuda")) == "fp32"
    assert choose(LARGE, TrainConfig(), torch.device("mps")) == "fp32"


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Another number of threads than the tests have."""
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def test_the_probe_measures_both_and_leaves_threads_and_random_numbers_alone(two_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def seconds(a: torch.Tensor, b: torch.Tensor) -> float:
        seen.append((a.dtype, torch.get_num_threads()))
        return (6.0 if a.dtype == torch.float32 else 2.0) + len(seen)  # others take more and more of the machine

    monkeypatch.setattr(precision, "_seconds", seconds)
    state = torch.get_rng_state()
    assert gain.__wrapped__() == 7 / 4
    assert set(seen) == {(torch.float32, 1), (torch.bfloat16, 1)}
    assert torch.get_num_threads() == 2
    assert torch.equal(torch.get_rng_state(), state)


def test_the_probe_takes_real_times() -> None:
    gain.cache_clear()
    assert 1e-4 < gain() < 100
    assert gain() == gain()  # measured once


def losses(number: Precision, model: VAE) -> torch.Tensor:
    """Of one batch, each image's loss; leaves its gradient in the model."""
    shape = (16, model.config.channels, model.config.height, model.config.width)
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    with autocast(number, CPU):
        terms = elbo(model, x, beta=1.0, generator=torch.Generator().manual_seed(0))
        posterior = model.encode(x)
        made = (posterior.mean, posterior.logvar, model.decode(posterior.mean), *terms)
    assert {tensor.dtype for tensor in made} == {torch.float32}
    terms.loss.mean().backward()
    return terms.loss.detach()


@pytest.mark.parametrize("config", [LARGE, ModelConfig(body="conv", channels=1, height=28, width=28, latent=4, hidden=(8, 8, 16))])
def test_bfloat16_stays_within_encoder_and_decoder(config: ModelConfig) -> None:
    model, inside = VAE(config), []
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            layer.register_forward_hook(lambda layer, given, out: inside.append(out.dtype))
    rounded = losses("bf16", model)
    assert set(inside) == {torch.bfloat16}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert {parameter.grad.dtype for parameter in model.parameters() if parameter.grad is not None} == {torch.float32}
    torch.testing.assert_close(rounded, losses("fp32", VAE(config)), rtol=1e-2, atol=0)


def test_float32_is_what_it_is_without_a_context() -> None:
    model = VAE(LARGE)
    x = torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.equal(losses("fp32", model), elbo(model, x, beta=1.0, generator=torch.Generator().manual_seed(0)).loss)


DIGITS = ModelConfig(channels=1, height=8, width=8, latent=8, hidden=(128, 64))


def trained(number: Precision, seed: int) -> tuple[VAE, float]:
    """A model of the digits and its validation loss after 15 epochs, nats per image."""
    model = VAE(DIGITS, seed=seed)
    *_, last = fit(model, data.load("digits"), TrainConfig(epochs=15, batch=64, seed=seed, precision=number))
    assert last.validation is not None
    return model, last.validation.loss


def test_bfloat16_costs_under_a_third_of_a_nat_and_is_as_reproducible() -> None:
    (exact, least), (model, loss) = trained("fp32", 0), trained("bf16", 0)
    assert not torch.equal(*(next(trained.parameters()) for trained in (exact, model)))  # it was used
    assert loss - least < 0.3
    again = trained("bf16", 0)[0].state_dict()
    assert all(torch.equal(tensor, again[name]) for name, tensor in model.state_dict().items())
