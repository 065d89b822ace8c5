"""model: one contract for every body, channel count, image size and kind of autoencoder."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.likelihoods import EVERY
from vae_core.base.config import Body, ModelConfig, Widths
from vae_core.base.errors import InputError
from vae_core.model.gaussian import bound_logvar
from vae_core.model.vae import VAE, count_parameters
from vae_core.training.objectives import elbo

HIDDEN: dict[Body, tuple[int, ...]] = {"linear": (), "mlp": (16, 12), "conv": (4, 6, 16)}
SIDES = [(8, 8), (17, 23), (28, 28), (64, 48), (9, 128), (128, 8)]
EVERY_CONFIG = [
    ModelConfig(body=body, channels=channels, height=height, width=width, latent=3, hidden=hidden, variational=variational)
    for body, hidden in HIDDEN.items()
    for channels in (1, 3)
    for height, width in SIDES
    for variational in (True, False)
]


def label(config: ModelConfig) -> str:
    return f"{config.body}-{config.channels}x{config.height}x{config.width}-{'vae' if config.variational else 'ae'}"


every_config = pytest.mark.parametrize("config", EVERY_CONFIG, ids=label)


def small(body: Body = "mlp", **changes: object) -> ModelConfig:
    values = {"body": body, "channels": 1, "height": 8, "width": 8, "latent": 3, "hidden": HIDDEN[body]}
    return ModelConfig.model_validate(values | changes)


def images(config: ModelConfig, count: int = 5) -> Tensor:
    return torch.rand(count, config.channels, config.height, config.width, generator=seeded())


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Allocated(TorchDispatchMode):
    """Counts the numbers in every tensor that an operation makes in memory; tensors on "meta" have none."""

    numbers = 0

    def __torch_dispatch__(
        self, func: Callable[..., object], types: object, args: tuple[object, ...] = (), kwargs: dict[str, object] | None = None
    ) -> object:
        made = func(*args, **(kwargs or {}))
        self.numbers += sum(leaf.numel() for leaf in tree_leaves(made) if isinstance(leaf, Tensor) and leaf.device.type != "meta")
        return made


@every_config
def test_shapes(config: ModelConfig) -> None:
    model, x = VAE(config), images(config)
    posterior = model.encode(x)
    assert posterior.mean.shape == posterior.logvar.shape == (5, 3)
    params = model.decode(posterior.mean)
    assert params.shape == model.likelihood.mean(params).shape == x.shape
    passage = model(x, seeded())
    assert passage.z.shape == (5, 3)
    assert torch.equal(passage.params, model.decode(passage.z))
    assert torch.equal(passage.posterior.mean, posterior.mean)


@every_config
def test_every_parameter_gets_a_gradient(config: ModelConfig) -> None:
    model = VAE(config)
    elbo(model, images(config), beta=1, generator=seeded()).loss.sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@every_config
def test_an_images_code_and_picture_do_not_depend_on_the_others(config: ModelConfig) -> None:
    model, x = VAE(config), images(config)
    together = model.encode(x)
    for i in range(len(x)):
        alone = model.encode(x[i : i + 1])
        torch.testing.assert_close(alone.mean[0], together.mean[i])
        torch.testing.assert_close(alone.logvar[0], together.logvar[i])
        torch.testing.assert_close(model.decode(alone.mean)[0], model.decode(together.mean)[i])


@every_config
def test_repr_tells_what_it_is(config: ModelConfig) -> None:
    model = VAE(config)
    text = repr(model)
    assert ("VAE" if config.variational else "deterministic autoencoder") in text.splitlines()[1]
    assert f"{config.channels} x {config.height} x {config.width} images, 3 latent dimensions" in text
    assert f"{model.parameter_count:,} parameters" in text
    assert all(repr(layer) in text for layer in (*model.encoder, *model.decoder))


@pytest.mark.parametrize("body", HIDDEN)
def test_the_seed_decides_the_weights_and_the_global_generator_is_left_alone(body: Body) -> None:
    before = torch.get_rng_state()
    one, same, other = (VAE(small(body), seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    again = VAE(small(body), seed=1).state_dict()
    for name, weight in one.items():
        assert torch.equal(weight, same[name])
        assert torch.equal(weight, again[name])
        assert not torch.equal(weight, other[name])


def test_a_passage_leaves_the_global_generator_alone() -> None:
    model, x = VAE(small()), images(small())
    before = torch.get_rng_state()
    assert torch.equal(model(x, seeded(1)).z, model(x, seeded(1)).z)
    assert not torch.equal(model(x, seeded(1)).z, model(x, seeded(2)).z)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_code_is_a_draw_from_the_posterior() -> None:
    model, x = VAE(small()), images(small())
    passage = model(x, seeded())
    assert torch.equal(passage.z, passage.posterior.sample(seeded()))


@pytest.mark.parametrize(("widths", "lowest"), [("held", -10), ("free", -24)])
@pytest.mark.parametrize("bias", [-1e4, -18.0, 1e4])
def test_the_log_variance_is_bounded(widths: Widths, lowest: float, bias: float) -> None:
    model, x = VAE(small().model_copy(update={"widths": widths})), images(small())
    head = model.encoder[-1]
    assert isinstance(head, torch.nn.Linear)
    with torch.no_grad():
        head.bias[3:] = bias
    raw, found = model.encoder(x), model.encode(x)
    assert torch.equal(found.mean, raw[:, :3])
    assert torch.equal(found.logvar, bound_logvar(raw[:, 3:], lowest))
    assert lowest < found.logvar.min()
    assert found.logvar.max() < 10
    loss = found.kl().sum() + found.sample(seeded()).square().sum()
    loss.backward()
    assert loss.isfinite()
    assert head.bias.grad is not None
    assert head.bias.grad[3:].ne(0).all()


def test_convolutions_are_laid_out_by_pixel_and_give_the_same_numbers() -> None:
    config = ModelConfig(body="conv", channels=3, height=16, width=16, latent=3, hidden=(8, 8, 16))
    model, plain = VAE(config), VAE(config).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    weights = [layer.weight for layer in model.modules() if isinstance(layer, torch.nn.Conv2d | torch.nn.ConvTranspose2d)]
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in weights)
    model.load_state_dict(plain.state_dict())
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in weights)
    x = images(config)
    torch.testing.assert_close(model(x, seeded()).params, plain(x, seeded()).params)


def test_a_double_model_stays_double() -> None:
    passage = VAE(small()).double()(images(small()).double(), seeded())
    assert (passage.posterior.mean.dtype, passage.params.dtype) == (torch.float64, torch.float64)


def test_a_deterministic_autoencoder_has_codes_of_no_width() -> None:
    model, x = VAE(small(variational=False)), images(small())
    generator = seeded()
    passage = model(x, generator)
    assert torch.equal(generator.get_state(), seeded().get_state())
    assert torch.equal(passage.z, passage.posterior.mean)
    assert torch.equal(passage.posterior.logvar, torch.full((5, 3), -torch.inf))
    assert not passage.posterior.std.any()


def test_the_likelihood_is_the_configured_one() -> None:
    logits = torch.tensor([0.0])
    assert VAE(small()).likelihood.mean(logits) == 0.5
    gaussian = VAE(small(likelihood="gaussian", sigma=2.0)).likelihood
    assert gaussian.mean(logits) == 0
    assert gaussian.nll(torch.zeros(1, 1), torch.zeros(1, 1)).item() == pytest.approx(1.612086)


def test_parameters_are_counted() -> None:
    assert VAE(small(hidden=(10,))).parameter_count == (64 * 10 + 10) + (10 * 6 + 6) + (3 * 10 + 10) + (10 * 64 + 64)


@pytest.mark.parametrize(("likelihood", "sigma_is"), EVERY)
def test_a_learned_sigma_is_one_parameter_more_and_the_count_needs_no_model(likelihood: str, sigma_is: str) -> None:
    config = small(likelihood=likelihood, sigma_is=sigma_is)
    model = VAE(config)
    assert model.parameter_count == count_parameters(config) == count_parameters(small()) + (sigma_is == "learned")
    assert sum(tensor.numel() for tensor in model.parameters()) == model.parameter_count


def test_a_model_that_is_too_large_is_refused_before_it_takes_memory() -> None:
    with Allocated() as fits:
        size = VAE(small(hidden=(64,))).parameter_count
    assert fits.numbers >= size
    with Allocated() as refused, pytest.raises(InputError, match=r"^This model would have 235,\d{3},\d{3} parameters; .+\.$"):
        VAE(small(hidden=(4096,) * 8))
    assert refused.numbers == 0


def test_the_limit_counts_every_layer_of_a_convolution() -> None:
    with Allocated() as refused, pytest.raises(InputError, match="the limit is 50,000,000"):
        VAE(small("conv", channels=3, height=128, width=128, hidden=(512, 4096)))
    assert refused.numbers == 0
