"""The model in the browser is the model in torch: every bundled one, and small ones of every layer kind, size and stride."""

from __future__ import annotations

import base64
import math
import random
from collections.abc import Callable
from typing import NamedTuple, get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from torch import Tensor, nn

from pages.ui.server.addresses import CODE_VERSION
from tests.conftest import ROOT
from tests.likelihoods import EVERY
from vae_core.base.config import Body, ModelConfig, Widths
from vae_core.export.live_model import live_bundle
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training import checkpoint

Floats = NDArray[np.float32]


Weights = NDArray[np.float64]


BUNDLED = sorted(
    {entry.card.model.model_dump_json(): entry.id for entry in catalogue.models().values() if entry.kind == "bundled"}.values()
)
"""One of the bundled models of each shape: what differs in weights alone is computed alike."""


SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(4,))


CLOSE = 1e-4


GREY_LEVEL = 1 / 255
"""float16 weights move a pixel of the bundled models by 0.0025 at most, measured with 200 codes each."""


ACTIVATIONS: tuple[Callable[[], nn.Module], ...] = (nn.ReLU, nn.Sigmoid, nn.Tanh, lambda: nn.LeakyReLU(0.1), lambda: nn.LeakyReLU(0.3))


OPENING = f"""
  const {{ openModel }} = await import("/live/code/{CODE_VERSION}/engine/model.js")
  const bytes = async (text) => (await fetch("data:;base64," + text)).arrayBuffer()
"""


ANSWERS = f"""async ([bundle, codes, images, betas]) => {{
  {OPENING}
  const model = openModel(await bytes(bundle))
  const z = new Float32Array(await bytes(codes))
  const x = new Float32Array(await bytes(images))
  const pixels = model.shape[0] * model.shape[1] * model.shape[2]
  const decoded = [], means = [], logvars = []
  for (let n = 0; n * model.latent < z.length; n++) {{
    decoded.push(model.decode(z.subarray(n * model.latent, (n + 1) * model.latent), betas?.[n]).slice())
    const {{ mean, logvar }} = model.encode(x.subarray(n * pixels, (n + 1) * pixels), betas?.[n])
    means.push(mean.slice())
    logvars.push(logvar.slice())
  }}
  const reader = new FileReader()
  reader.readAsDataURL(new Blob([...decoded, ...means, ...logvars]))
  await new Promise((read) => reader.onload = read)
  return reader.result.split(",")[1]
}}"""


class Answers(NamedTuple):
    """What a model makes of N codes and N images: [N, C·H·W], [N, K] and [N, K]."""

    decoded: Floats
    mean: Floats
    logvar: Floats


def inputs(model: VAE, seed: int, count: int = 40) -> tuple[Floats, Floats]:
    """Codes [N, K] well beyond the prior, and images [N, C, H, W] of all brightnesses."""
    rng, c = np.random.default_rng(seed), model.config
    z = rng.normal(0, 2, (count, c.latent)).astype(np.float32)
    images = rng.random((count, c.channels, c.height, c.width)) * rng.random((count, 1, 1, 1))
    return z, images.astype(np.float32)


def weights(config: ModelConfig, seed: int, count: int = 40) -> Weights | None:
    """A KL weight, or a pair, for each code and image, [N] or [N, 2], the ends of the range among them; None for a model of one."""
    if config.beta_range is None:
        return None
    low, high = config.beta_range
    shape = (count, 2) if config.split else (count,)
    betas = np.exp(np.random.default_rng(seed).uniform(np.log(low), np.log(high), shape)).clip(low, high)
    betas[0], betas[1] = low, high
    return betas


@torch.inference_mode()
def in_torch(model: VAE, z: Floats, images: Floats, betas: Weights | None = None) -> Answers:
    beta = None if betas is None else torch.from_numpy(betas)
    posterior = model.encode(torch.from_numpy(images), beta)
    decoded: Tensor = model.likelihood.mean(model.decode(torch.from_numpy(z), beta)).flatten(1)
    return Answers(decoded.numpy(), posterior.mean.numpy(), posterior.logvar.numpy())


def in_browser(page: Page, bundle: bytes, z: Floats, images: Floats, betas: Weights | None = None) -> Answers:
    parts = [base64.b64encode(part).decode() for part in (bundle, z.tobytes(), images.tobytes())]
    answer = page.evaluate(ANSWERS, [*parts, None if betas is None else betas.tolist()])
    numbers = np.frombuffer(base64.b64decode(answer), "<f4")
    decoded, mean, logvar = np.split(numbers, [images.size, images.size + z.size])
    return Answers(decoded.reshape(len(z), -1), mean.reshape(z.shape), logvar.reshape(z.shape))


def assert_equal(actual: Answers, expected: Answers) -> None:
    np.testing.assert_allclose(actual.decoded, expected.decoded, rtol=0, atol=CLOSE)
    np.testing.assert_allclose(actual.mean, expected.mean, rtol=0, atol=CLOSE * max(1, np.abs(expected.mean).max()))
    np.testing.assert_allclose(actual.logvar, expected.logvar, rtol=0, atol=CLOSE)  # it is never beyond ±10, but for −∞


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_model_equals_torch(empty: Page, name: str) -> None:
    model = checkpoint.load(ROOT / "assets" / "models" / name).model
    (z, images), betas = inputs(model, 0), weights(model.config, 0)
    assert_equal(in_browser(empty, live_bundle(model), z, images, betas), in_torch(model, z, images, betas))


@pytest.mark.parametrize("name", BUNDLED)
def test_float16_is_torch_with_rounded_weights_and_looks_the_same(empty: Page, name: str) -> None:
    model = checkpoint.load(ROOT / "assets" / "models" / name).model
    (z, images), betas = inputs(model, 1, count=20), weights(model.config, 1, count=20)
    exact = in_torch(model, z, images, betas).decoded
    actual = in_browser(empty, live_bundle(model, precision="float16"), z, images, betas)
    if betas is None:  # the file has gates in other numbers than the model
        for parameter in model.parameters():
            parameter.copy_(parameter.half())
        assert_equal(actual, in_torch(model, z, images))
    # a rounded slope turns the gate of a unit for all pixels at once
    np.testing.assert_allclose(actual.decoded, exact, rtol=0, atol=GREY_LEVEL if betas is None else 2 * GREY_LEVEL)


def random_conv(rng: random.Random, inputs: int, outputs: int) -> nn.Module:
    kernel, stride, padding = ((rng.randint(low, high), rng.randint(low, high)) for low, high in ((1, 5), (1, 3), (0, 3)))
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=rng.random() < 0.8)


def random_transposed(rng: random.Random, inputs: int, outputs: int) -> nn.Module:
    kernel, stride, padding = ((rng.randint(low, high), rng.randint(low, high)) for low, high in ((1, 5), (1, 4), (0, 1)))
    extra = (rng.randrange(stride[0]), rng.randrange(stride[1]))
    return nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, extra, bias=rng.random() < 0.8)


def random_decoder(rng: random.Random, latent: int) -> nn.Sequential:
    """Three layers with weights, to 1 or 3 channels; kernels, strides and paddings differ by side, beyond what sense would choose."""
    channels = rng.randint(1, 5)
    shape = (channels, rng.randint(1, 7), rng.randint(1, 7))
    layers: list[nn.Module] = [nn.Linear(latent, math.prod(shape)), nn.Unflatten(1, shape)]
    for outputs in (rng.randint(1, 9), rng.choice((1, 3))):
        layers += [rng.choice(ACTIVATIONS)(), rng.choice((random_conv, random_transposed))(rng, channels, outputs)]
        channels = outputs
    return nn.Sequential(*layers)


def random_encoder(rng: random.Random, shape: tuple[int, int, int], outputs: int) -> nn.Sequential:
    body = [random_conv(rng, shape[0], 4), rng.choice(ACTIVATIONS)(), random_transposed(rng, 4, 7), rng.choice(ACTIVATIONS)(), nn.Flatten()]
    features = nn.Sequential(*body)(torch.zeros(1, *shape)).numel()
    return nn.Sequential(*body, nn.Linear(features, outputs, bias=rng.random() < 0.5))


def random_model(seed: int) -> VAE:
    """A model with images of 8 to 40 pixels a side, and weights large enough for codes and images to matter."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    latent, variational = rng.randint(2, 5), rng.random() < 0.7
    while True:
        decoder = random_decoder(rng, latent)
        try:
            channels, height, width = decoder(torch.zeros(1, latent)).shape[1:]
        except RuntimeError:  # a kernel is larger than its image
            continue
        if min(height, width) >= 8 and max(height, width) <= 40:
            break
    likelihood, sigma_is = rng.choice(sorted(EVERY))
    shape = {"channels": channels, "height": height, "width": width, "latent": latent}
    model = VAE(
        ModelConfig.model_validate(shape | {"hidden": (1,), "likelihood": likelihood, "sigma_is": sigma_is, "variational": variational})
    )
    model.encoder = random_encoder(rng, (channels, height, width), latent * (2 if variational else 1))
    model.decoder = decoder
    for parameter in model.requires_grad_(False).parameters():
        parameter.mul_(3)
    return model


@pytest.mark.parametrize(("likelihood", "sigma_is"), EVERY)
def test_the_mean_image_of_every_likelihood_equals_torch(empty: Page, likelihood: str, sigma_is: str) -> None:
    """The decoder gives its code times powers of ten: the mean near 0 and far from it, on both sides."""
    values = {**SMALL.model_dump(), "hidden": (1,), "likelihood": likelihood, "sigma_is": sigma_is, "sigma": 0.3}
    model = VAE(ModelConfig.model_validate(values)).requires_grad_(False)
    decode = nn.Linear(2, 64, bias=False)
    decode.weight = nn.Parameter(torch.logspace(-8, 2, 64)[:, None] * torch.tensor([[1.0, 0.0]]), requires_grad=False)
    model.decoder = nn.Sequential(decode, nn.Unflatten(1, (1, 8, 8)))
    z, images = inputs(model, 0)
    actual, expected = in_browser(empty, live_bundle(model), z, images), in_torch(model, z, images)
    np.testing.assert_allclose(actual.decoded, expected.decoded, rtol=1e-6, atol=1e-4)
    if likelihood != "gaussian":
        assert expected.decoded.min() < 0.01
        assert expected.decoded.max() > 0.99


@pytest.mark.parametrize(("height", "width"), [(8, 8), (13, 9), (32, 24)])
def test_a_decoder_that_takes_faint_details_away_equals_torch(empty: Page, height: int, width: int) -> None:
    values = {"body": "conv", "channels": 3, "height": height, "width": width, "latent": 3, "hidden": (4, 6, 9), "likelihood": "gaussian"}
    model = VAE(ModelConfig.model_validate({**values, "shrink": 20.0})).requires_grad_(False)
    z, images = inputs(model, 0)
    expected = in_torch(model, z, images)
    assert_equal(in_browser(empty, live_bundle(model), z, images), expected)
    whole = VAE(ModelConfig.model_validate(values))
    assert np.abs(in_torch(whole, z, images).decoded - expected.decoded).max() > 0.01


@pytest.mark.parametrize("bias", [-30.0, -21.0, -15.0, -7.0, 8.0])
@pytest.mark.parametrize("widths", get_args(Widths))
def test_log_variances_stop_where_they_do_in_torch(empty: Page, widths: Widths, bias: float) -> None:
    values = {"channels": 1, "height": 8, "width": 8, "latent": 2, "hidden": (5,), "widths": widths}
    model = VAE(ModelConfig.model_validate(values)).requires_grad_(False)
    head = model.encoder[-1]
    assert isinstance(head, nn.Linear)
    head.bias[2:] = bias
    z, images = inputs(model, 0)
    assert_equal(in_browser(empty, live_bundle(model), z, images), in_torch(model, z, images))


@pytest.mark.parametrize("part", range(4))
def test_random_models_equal_torch(empty: Page, part: int) -> None:
    for seed in range(12 * part, 12 * part + 12):
        model = random_model(seed)
        z, images = inputs(model, seed)
        actual, expected = in_browser(empty, live_bundle(model), z, images), in_torch(model, z, images)
        try:
            assert_equal(actual, expected)
        except AssertionError as error:
            raise AssertionError(f"random model {seed}: {model}") from error


GATED = pytest.mark.parametrize("split", [False, True], ids=["one weight", "a pair"])


def gated(body: Body, *, split: bool) -> VAE:
    """A model whose gates open and shut all along the range, weights large enough to matter."""
    values = {"body": body, "hidden": {"linear": (), "mlp": (12, 9), "conv": (4, 6, 10)}[body], "channels": 1}
    model = VAE(ModelConfig.model_validate(values | {"height": 9, "width": 12, "latent": 4, "beta_range": (0.01, 10.0), "split": split}))
    generator = torch.Generator().manual_seed(0)
    for name, parameter in model.requires_grad_(False).named_parameters():
        if "code_gate" in name:
            parameter.copy_(torch.tensor([0.9, 0.5, 0.2, -0.1]) if name.endswith("offset") else torch.tensor([0.1, 0.2, -0.1, 0.05]))
        elif name.endswith(("slope", "offset")):
            parameter.add_(torch.empty_like(parameter).normal_(0, 0.2, generator=generator))
        else:
            parameter.mul_(3)
    return model


@GATED
@pytest.mark.parametrize("body", get_args(Body))
def test_a_model_of_many_kl_weights_equals_torch_at_every_one(empty: Page, body: Body, split: bool) -> None:
    model = gated(body, split=split)
    (z, images), betas = inputs(model, 0), weights(model.config, 0)
    actual, expected = in_browser(empty, live_bundle(model), z, images, betas), in_torch(model, z, images, betas)
    assert_equal(actual, expected)
    assert not np.allclose(expected.mean, in_torch(model, z, images, betas[::-1].copy()).mean, atol=0.1)  # type: ignore[index]


@GATED
def test_the_same_weight_twice_and_another_in_between(empty: Page, split: bool) -> None:
    model = gated("mlp", split=split)
    z, _ = inputs(model, 0, count=1)
    script = f"""async ([bundle, codes, asked]) => {{
      {OPENING}
      const model = openModel(await bytes(bundle)), z = new Float32Array(await bytes(codes))
      return [model.split, model.betaRange, ...asked.map((beta) => [...model.decode(z, beta)])]
    }}"""
    asked: list[float | tuple[float, float]] = [2.0, (2.0, 0.1), (0.1, 2.0), (2.0, 2.0), 2.0] if split else [2.0, 0.1, 2.0]
    bundle, codes = (base64.b64encode(part).decode() for part in (live_bundle(model), z.tobytes()))
    said, of_range, *decoded = empty.evaluate(script, [bundle, codes, asked])
    assert (said, of_range) == (split, [0.01, 10])
    with torch.inference_mode():
        expected = [model.likelihood.mean(model.decode(torch.from_numpy(z), beta)).flatten().numpy() for beta in asked]
    np.testing.assert_allclose(decoded, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize(
    ("split", "beta", "said"),
    [
        (False, 0.009, "KL weight 0.009 is outside"),
        (False, None, "KL weight null is outside"),
        (True, [11, 1], "KL weight β_μ = 11 is outside"),
        (True, [1, 0], "KL weight β_σ = 0 is outside"),
        (True, [1], "KL weight β_σ = undefined is outside"),
        (True, 11, "KL weight β_μ = 11 is outside"),
    ],
)
def test_a_weight_outside_the_range_is_refused(empty: Page, split: bool, beta: object, said: str) -> None:
    script = f"""async ([bundle, beta]) => {{
      {OPENING}
      const model = openModel(await bytes(bundle))
      return [() => model.decode(new Float32Array(4), beta), () => model.encode(new Float32Array(108), beta)].map((ask) => {{
        try {{ ask() }} catch (error) {{ return error.message }}
      }})
    }}"""
    refused = empty.evaluate(script, [base64.b64encode(live_bundle(gated("mlp", split=split))).decode(), beta])
    assert refused == [f"{said} this model's range, 0.01 to 10."] * 2


def test_a_log_variance_is_bounded_as_in_torch(empty: Page) -> None:
    model = VAE(SMALL).requires_grad_(False)
    weight = torch.tensor([0.1, 0.1, 1.0, -1.0])[:, None].expand(4, 64)
    model.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 4))
    model.encoder[1].weight = nn.Parameter(weight, requires_grad=False)
    z, images = inputs(model, 0)
    expected = in_torch(model, z, images)
    assert expected.logvar.min() < -9
    assert expected.logvar.max() > 9
    assert (np.abs(expected.logvar) < 6).any()
    assert_equal(in_browser(empty, live_bundle(model), z, images), expected)


def test_each_call_answers_in_the_same_buffers_and_leaves_its_input(empty: Page) -> None:
    bundle = base64.b64encode(live_bundle(VAE(SMALL))).decode()
    script = f"""async (bundle) => {{
      {OPENING}
      const model = openModel(await bytes(bundle))
      const z = Float32Array.of(1, -2), x = new Float32Array(64).fill(0.25)
      const image = model.decode(z), {{ mean, logvar }} = model.encode(x)
      const first = [...image]
      const again = model.encode(x)
      const same = [model.decode(z) === image, again.mean === mean, again.logvar === logvar, first.every((value, i) => value === image[i])]
      return [...same, z.join() === "1,-2", x.every((value) => value === 0.25)]
    }}"""
    assert empty.evaluate(script, bundle) == [True] * 6
