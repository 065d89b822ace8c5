"""Two KL weights: the rate's halves, a linear VAE whose optimum is known for every pair, and one model for all pairs of a range.

The linear optimum, for a direction of variance λ seen with an observation variance s²: with a = β_μ·s² and b = β_σ·s², and u the square of
the decoder's weight w, the best encoder has the gain w/(u + a) and the variance b/(b + u), and 2s² times the loss of the direction is then
F(u) = λa/(u + a) + b·log(1 + u/b). It is stationary where λa(b + u) = b(a + u)², of which the larger root is the minimum, or 0 is; for
a = b it is reverse water-filling, u = λ − a. Where λ < a, a code may still be worth its rate: the best u then jumps from 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor, nn

from tests.model.test_vae import HIDDEN, images, seeded, small
from tests.training.test_objectives import digits, expected_distortion, optimum, uneven
from vae_core.analysis.evaluate import evaluate
from vae_core.base.config import Body, ModelConfig, RunConfig, TrainConfig, parse
from vae_core.base.errors import InputError
from vae_core.model.gates import GATE_GAIN, Gate, PairGate
from vae_core.model.vae import VAE, count_parameters
from vae_core.training.objectives import OVERREACH, average, draw_betas, elbo, multi_rate, objective
from vae_core.training.train import adam_betas

RANGE = (0.3, 8.0)
PAIRS = [(0.3, 0.3), (0.3, 8.0), (8.0, 0.3), (8.0, 8.0), (1.0, 3.0), (3.0, 1.0)]
every_body = pytest.mark.parametrize("body", HIDDEN)


def best_direction(variance: float, a: float, b: float) -> float:
    """u, the square of the best decoder weight."""
    ratio = variance * a / b
    square = ratio**2 - 4 * ratio * (a - b)
    u = (ratio - 2 * a + math.sqrt(max(square, 0))) / 2
    worth = square >= 0 and u > 0 and cost(variance, a, b, u) < variance
    return u if worth else 0.0


def cost(variance: float, a: float, b: float, u: float) -> float:
    """F(u)"""
    return variance * a / (u + a) + b * math.log1p(u / b)


class Linear(NamedTuple):
    """A linear VAE of the digits at its optimum for a pair of weights: model, images in float64, D, D_μ and D_σ in closed form."""

    model: VAE
    x: Tensor
    distortion: float
    of_means: float
    of_widths: float

    def loss(self, of_means: float, of_widths: float) -> float:
        return self.distortion + of_means * self.of_means + of_widths * self.of_widths


@cache
def spectrum(latent: int) -> tuple[Tensor, Tensor, Tensor]:
    """The variances that are kept [K], their directions [64, K], and that of the observation, four times the mean of those not kept.

    It is so large that the best log-variances are within ±6, where `bound_logvar` leaves them as they are.
    """
    flat = optimum(1.0, latent).x.flatten(1)
    values, vectors = torch.linalg.eigh(torch.cov(flat.T, correction=0))
    values, vectors = values.flip(0), vectors.flip(1)
    return values[:latent], vectors[:, :latent], 4 * values[latent:].mean()


def linear(latent: int, *, seed: int = 0, **changes: object) -> VAE:
    sigma = math.sqrt(spectrum(latent)[2].item())
    values = {"body": "linear", "channels": 1, "height": 8, "width": 8, "latent": latent, "likelihood": "gaussian", "sigma": sigma}
    return VAE(ModelConfig.model_validate(values | changes), seed=seed)


def set_layers(model: VAE, encode: Tensor, logvar: Tensor | float, decode: Tensor) -> None:
    """A linear model whose encoder and decoder have these gains in the directions of largest variance, [K] each."""
    kept, directions, _ = spectrum(len(encode))
    centre = optimum(1.0, len(kept)).x.flatten(1).mean(0)
    down, up = model.encoder[-1], model.decoder[0]
    assert isinstance(down, nn.Linear)
    assert isinstance(up, nn.Linear)
    with torch.no_grad():
        down.weight.zero_()
        down.weight[: len(kept)] = (directions * encode).T
        down.bias[: len(kept)] = -down.weight[: len(kept)] @ centre
        down.bias[len(kept) :] = logvar
        up.weight.copy_(directions * decode)
        up.bias.copy_(centre)


def best_linear(of_means: float, of_widths: float, latent: int = 4) -> Linear:
    kept, _, noise = spectrum(latent)
    a, b = of_means * noise, of_widths * noise
    u = torch.tensor([best_direction(value, a.item(), b.item()) for value in kept.tolist()], dtype=torch.float64)
    gain, variance = u.sqrt() / (u + a), b / (b + u)
    model = linear(latent).double()
    set_layers(model, gain, variance.log(), u.sqrt())
    lost = kept * (1 - gain * u.sqrt()) ** 2 + u * variance + (64 - latent) / latent * noise / 4
    distortion = 32 * torch.log(2 * math.pi * noise) + lost.sum() / (2 * noise)
    widths = 0.5 * (variance - 1 - variance.log()).sum()
    return Linear(model, optimum(1.0, latent).x, distortion.item(), 0.5 * (gain**2 * kept).sum().item(), widths.item())


def exact_loss(model: VAE, x: Tensor, of_means: float, of_widths: float) -> Tensor:
    """The mean loss with no sampling, of a linear model."""
    means, widths = model.encode(x).kl_halves_per_dim()
    return (expected_distortion(model, x) + of_means * means.sum(1) + of_widths * widths.sum(1)).mean()


@pytest.mark.slow
def test_the_best_direction_is_the_least_that_a_search_finds() -> None:
    rng, jumped = np.random.default_rng(0), 0
    for variance, a, b in np.exp(rng.normal(0, 1.5, (100, 3))).tolist():

        def loss(p: list[float], variance: float = variance, a: float = a, b: float = b) -> float:
            w, gain, logvar = p
            width = math.exp(logvar)
            return (1 - w * gain) ** 2 * variance + w**2 * width + a * gain**2 * variance + b * (width - 1 - logvar)

        u = best_direction(variance, a, b)
        starts = [(0.1, 0.1, 0), (1, 1, -1), (5, 0.2, -3), (2 * math.sqrt(variance * a / b), 0.1, -2)]
        found = min(minimize(loss, start, method="BFGS").fun for start in starts)
        assert cost(variance, a, b, u) == pytest.approx(found, rel=1e-6)
        assert loss([math.sqrt(u), math.sqrt(u) / (u + a), math.log(b / (b + u))]) == pytest.approx(found, rel=1e-6)
        assert best_direction(variance, a, a) == pytest.approx(max(variance - a, 0))
        jumped += u > 0 and variance < a
    assert jumped


@pytest.mark.parametrize(("of_means", "of_widths"), PAIRS)
def test_our_loss_is_that_of_the_linear_optimum_and_flat_there(of_means: float, of_widths: float) -> None:
    best = best_linear(of_means, of_widths)
    loss = exact_loss(best.model, best.x, of_means, of_widths)
    assert loss.item() == pytest.approx(best.loss(of_means, of_widths), abs=1e-9)
    gradients = torch.autograd.grad(loss, list(best.model.parameters()))
    assert max(gradient.abs().max().item() for gradient in gradients) < 1e-9
    with torch.inference_mode():
        draws = [elbo(best.model, best.x, beta=(of_means, of_widths), generator=seeded(seed)) for seed in range(20)]
    means = torch.stack([terms.loss.mean() for terms in draws])
    assert abs(means.mean().item() - best.loss(of_means, of_widths)) < 4 * means.std().item() / math.sqrt(len(draws)) + 1e-9
    assert draws[0].rate.mean().item() == pytest.approx(best.of_means + best.of_widths, abs=1e-9)


@pytest.mark.slow
def test_training_with_two_weights_gets_there() -> None:
    weights = (0.5, 4.0)
    best, steps, generator = best_linear(*weights), 1500, seeded()
    model, x, config = linear(4), best.x.float(), TrainConfig(beta=weights[0], beta_sigma=weights[1])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for step in range(steps):
        optimiser.zero_grad()
        objective(model, x, config, step=step, steps=steps, training_images=len(x), generator=generator).loss.mean().backward()
        optimiser.step()
        schedule.step()
    excess = exact_loss(model.double(), best.x, *weights).item() - best.loss(*weights)
    assert -1e-9 < excess < 0.1
    means, widths = (half.sum(1).mean().item() for half in model.encode(best.x).kl_halves_per_dim())
    assert [means, widths] == pytest.approx([best.of_means, best.of_widths], rel=0.05)


def small_vae() -> VAE:
    return VAE(small())


def test_what_is_reported_is_the_plain_rate_whatever_its_weights() -> None:
    model, pixels = small_vae(), uneven(40)
    plain, split = (average(model, pixels, beta=beta, seed=3) for beta in (1.0, (3.0, 0.25)))
    posterior = model.encode(pixels / 255)
    means, widths = (half.sum(1).mean().item() for half in posterior.kl_halves_per_dim())
    assert [split.rate, split.rate_mu] == [plain.rate, plain.rate_mu] == pytest.approx([means + widths, means])
    assert split.loss == pytest.approx(split.distortion + 3 * means + 0.25 * widths)
    terms, found = (
        elbo(model, pixels / 255, beta=(3.0, 0.25), generator=seeded(3)),
        evaluate(model, pixels.numpy(), beta=(3.0, 0.25), seed=3),
    )
    for name in ("loss", "distortion", "rate"):
        assert getattr(found, name) == pytest.approx(getattr(terms, name).mean().item(), rel=1e-6)
    assert found.rate_mu == split.rate_mu
    assert evaluate(model, digits()[:9], beta=(2.0, 2.0)).loss == pytest.approx(evaluate(model, digits()[:9], beta=2.0).loss)


def test_a_deterministic_autoencoder_has_no_halves() -> None:
    found = average(VAE(small(variational=False)), uneven(5), beta=1.0, seed=0)
    assert (found.rate, found.rate_mu, found.loss) == (0, 0, found.distortion)


@pytest.mark.parametrize(
    ("model", "train", "complaint"),
    [
        ({}, {"beta_sigma": -1.0}, "greater than or equal to 0"),
        ({}, {"beta_sigma": 10_001.0}, "less than or equal to 10000"),
        (
            {},
            {"beta_sigma": 1.0, "schedule": "linear"},
            "weighs one half of the plain rate: leave out schedule, capacity, free_bits and tc",
        ),
        ({}, {"beta_sigma": 1.0, "capacity": 3.0}, "leave out schedule"),
        ({}, {"beta_sigma": 1.0, "free_bits": 0.1}, "leave out schedule"),
        ({}, {"beta_sigma": 1.0, "tc": 1.0}, "leave out schedule"),
        ({"variational": False}, {"beta_sigma": 1.0}, "no rate: leave out beta_sigma"),
        ({"beta_range": RANGE}, {"beta_sigma": 1.0}, "weighs the whole rate alike: leave out beta_sigma, or make it a split one"),
        ({"beta_range": RANGE, "split": True}, {"beta_sigma": 11.0}, r"The beta_sigma at which .* must be in its beta_range, 0\.3 to 8"),
        ({"beta_range": RANGE, "split": True}, {"beta": 0.1, "beta_sigma": 1.0}, "The beta at which"),
        ({"split": True}, {}, "a split model takes a pair of KL weights from a beta_range: give one, or leave out split"),
    ],
)
def test_weights_that_make_no_sense_are_refused(model: dict[str, object], train: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse(RunConfig, {"name": "a", "data": "digits", "model": small().model_dump() | model, "train": train})


def test_weights_come_back_from_json_and_old_configurations_have_one() -> None:
    train, config = TrainConfig(beta=2.0, beta_sigma=0.5), small(beta_range=RANGE, split=True)
    assert TrainConfig.model_validate_json(train.model_dump_json()) == train
    assert ModelConfig.model_validate_json(config.model_dump_json()) == config
    assert (train.weights, TrainConfig(beta=2.0).weights) == ((2.0, 0.5), 2.0)
    run = {"name": "a", "data": "digits", "model": config, "train": TrainConfig()}
    assert parse(RunConfig, run).train.weights == 1.0  # both
    old = small().model_dump()
    del old["split"]
    assert ModelConfig.model_validate(old) == small()


def multi(body: Body = "mlp") -> VAE:
    """A split model with gates that differ from unit to unit and from pair to pair, some of them shut at large weights."""
    model, generator = VAE(small(body, beta_range=RANGE, split=True)), seeded(1)
    with torch.no_grad():
        for gate in gates(model):
            gate.slope.normal_(0, 0.1, generator=generator)
            gate.offset.add_(torch.empty_like(gate.offset).normal_(0, 0.1, generator=generator))
        pair_gate(model).offset.copy_(torch.tensor([0.6, 0.2, -0.1]))  # the last dies within the range
    return model


def gates(model: VAE) -> list[Gate]:
    return [module for module in model.modules() if isinstance(module, Gate)]


def pair_gate(model: VAE) -> PairGate:
    assert isinstance(model.code_gate, PairGate)
    return model.code_gate


@every_body
def test_a_split_model_has_a_slope_more_a_gate_and_the_weights_of_any_other(body: Body) -> None:
    plain, gated, split = VAE(small(body)), VAE(small(body, beta_range=RANGE)), VAE(small(body, beta_range=RANGE, split=True))
    ours = split.state_dict()
    for name, tensor in plain.state_dict().items():
        matching = [other for other in ours.values() if other.shape == tensor.shape and torch.equal(other, tensor)]
        assert matching, name
    assert all(gate.slope.shape == (2, len(gate.offset)) for gate in gates(split))
    assert count_parameters(split.config) == split.parameter_count == gated.parameter_count + sum(len(g.offset) for g in gates(split)) - 3


@pytest.mark.slow
@pytest.mark.parametrize("latent", [4, 10])
def test_gates_on_the_code_are_the_linear_optimum_for_every_pair(latent: int) -> None:
    """But where a direction is to be given up that could be kept at a loss: with β_μ above its threshold."""
    kept, _, noise = spectrum(latent)
    model = linear(latent, beta_range=RANGE, split=True).double()
    set_layers(model, 1 / kept.sqrt(), 0.0, kept.sqrt())
    gate, span = pair_gate(model), math.log(RANGE[1] / RANGE[0])
    with torch.no_grad():
        gate.offset.copy_(torch.expm1((kept / noise).log() - math.log(RANGE[0]) - 0.3 * span).log() / GATE_GAIN)
    seen = 0
    for of_means in (0.3, 0.5, 1.0, 3.0, 8.0):
        for of_widths in (0.3, 0.5, 1.0, 3.0, 8.0):
            best, plain = best_linear(of_means, of_widths, latent), model.at((of_means, of_widths))
            posterior = plain.encode(best.x)
            if of_means * noise > kept.min() and of_means != of_widths:
                continue
            seen += 1
            assert exact_loss(plain, best.x, of_means, of_widths).item() == pytest.approx(best.loss(of_means, of_widths), abs=1e-4)
            means, widths = (half.sum(1).mean().item() for half in posterior.kl_halves_per_dim())
            assert [means, widths] == pytest.approx([best.of_means, best.of_widths], abs=1e-4)
    assert seen >= 15


@every_body
def test_each_image_has_its_pair_and_it_leaves_no_trace(body: Body) -> None:
    model = multi(body)
    x, pairs = images(model.config), torch.tensor([[0.3, 8.0], [0.5, 0.5], [8.0, 0.3], [1.0, 4.0], [8.0, 8.0]])
    together = model.encode(x, pairs)
    params = model.decode(together.mean, pairs)
    for i in (4, 0, 2, 0, 1, 3):
        pair = (pairs[i, 0].item(), pairs[i, 1].item())
        alone = model.encode(x[i : i + 1], pair)
        torch.testing.assert_close(alone.mean[0], together.mean[i])
        torch.testing.assert_close(alone.logvar[0], together.logvar[i])
        torch.testing.assert_close(model.decode(alone.mean, pair)[0], params[i])
    assert torch.equal(model.encode(x, 2.0).mean, model.encode(x, (2.0, 2.0)).mean)
    for pair in ((2.0, 0.5), (0.5, 2.0)):
        assert not torch.allclose(model.encode(x, 2.0).mean, model.encode(x, pair).mean)
        assert not torch.allclose(model.decode(together.mean, 2.0), model.decode(together.mean, pair))


@every_body
@pytest.mark.parametrize("beta", [(0.3, 8.0), (2.0, 0.5), 8.0])
def test_at_one_pair_it_is_a_model_without_gates(body: Body, beta: float | tuple[float, float]) -> None:
    model = multi(body).eval().double()
    x, plain = images(model.config).double(), model.at(beta)
    assert not gates(plain)
    assert plain.config == small(body)
    expected, found = model.encode(x, beta), plain.encode(x)
    torch.testing.assert_close(found.mean, expected.mean, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(found.logvar, expected.logvar, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(plain.decode(found.mean), model.decode(expected.mean, beta), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("beta", "named"),
    [
        ((0.29, 1.0), "β_μ = 0.29"),
        ((11.0, 1.0), "β_μ = 11"),
        ((1.0, 0.1), "β_σ = 0.1"),
        ((1.0, math.nan), "β_σ = nan"),
        ((1.0, 1e300), "β_σ = inf"),
        (12.0, "β_μ = 12"),
    ],
)
def test_a_weight_outside_the_range_is_refused_by_its_name(beta: float | tuple[float, float], named: str) -> None:
    model = multi()
    x, z = images(model.config), torch.zeros(5, 3)
    asked: list[Callable[[], object]] = [
        lambda: model.encode(x, beta),
        lambda: model.decode(z, beta),
        lambda: model(x, seeded(), beta),
        lambda: model.at(beta),
        lambda: elbo(model, x, beta=beta, generator=seeded()),
        lambda: average(model, (x * 255).to(torch.uint8), beta=beta, seed=0),
    ]
    for ask in asked:
        with pytest.raises(InputError, match=rf"^KL weight {named} is outside this model's range, 0\.3 to 8\.$"):
            ask()


def test_a_pair_is_only_for_a_split_model() -> None:
    x = torch.rand(2, 1, 8, 8)
    for beta in ((1.0, 2.0), torch.ones(2, 2)):
        with pytest.raises(InputError, match="one KL weight for the whole rate, not a pair"):
            VAE(small(beta_range=RANGE)).encode(x, beta)
        with pytest.raises(InputError, match="one KL weight and takes no other"):
            VAE(small()).encode(x, beta)


def test_a_step_draws_both_weights_of_each_image_independently() -> None:
    model, x = multi().double(), torch.rand(600, 1, 8, 8, dtype=torch.float64, generator=seeded())
    generator = seeded(5)
    of_means, of_widths = (draw_betas(600, RANGE, generator).double() for _ in range(2))
    assert abs(torch.corrcoef(torch.stack([of_means, of_widths]).log())[0, 1]) < 0.15
    passage = model(x, generator, torch.stack([of_means, of_widths], 1), reach=OVERREACH)
    means, widths = passage.posterior.kl_halves_per_dim()
    terms = objective(model, x, TrainConfig(), step=0, steps=1, training_images=600, generator=seeded(5))
    expected = model.likelihood.nll(passage.params, x) + of_means * means.sum(1) + of_widths * widths.sum(1)
    torch.testing.assert_close(terms.loss, expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(terms.rate, passage.posterior.kl())
    assert torch.equal(multi_rate(model, x, RANGE, seeded(5)).loss, terms.loss)


@every_body
def test_every_part_learns(body: Body) -> None:
    model = multi(body)
    multi_rate(model, images(model.config, 64), RANGE, seeded()).loss.mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@pytest.mark.slow
def test_a_trained_linear_model_is_close_to_the_optimum_for_every_pair() -> None:
    model = trained(seed=0)
    for of_means, of_widths in PAIRS:
        best, plain = best_linear(of_means, of_widths), model.at((of_means, of_widths)).double()
        excess = exact_loss(plain, best.x, of_means, of_widths).item() - best.loss(of_means, of_widths)
        assert -1e-6 < excess < 0.05, (of_means, of_widths)


def trained(seed: int, steps: int = 1500) -> VAE:
    x, generator = optimum(1.0, 4).x.float(), seeded(seed)
    model = linear(4, seed=seed, beta_range=RANGE, split=True)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02, betas=adam_betas(model.config), fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        batch = x[torch.randint(len(x), (512,), generator=generator)]
        multi_rate(model, batch, RANGE, generator).loss.mean().backward()
        optimiser.step()
        schedule.step()
    return model
