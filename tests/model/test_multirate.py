"""One model for every KL weight: gates that start open, β an argument and nothing else, and the linear optimum at every β."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.model.test_vae import HIDDEN, images, seeded, small
from tests.training.test_objectives import expected_distortion, optimum
from vae_core.base.config import Body, ModelConfig, RunConfig, TrainConfig, parse
from vae_core.base.errors import InputError
from vae_core.model.gates import GATE_GAIN, CodeGate, Gate, standardised
from vae_core.model.vae import VAE, count_parameters
from vae_core.training.objectives import DRAWN, OVERREACH, average, draw_betas, elbo, multi_rate, objective

RANGE = (0.01, 10.0)
every_body = pytest.mark.parametrize("body", HIDDEN)


def multi(body: Body = "mlp", **changes: object) -> VAE:
    """A model with gates that differ from unit to unit and from β to β, some of them shut at large β."""
    model, generator = VAE(small(body, beta_range=RANGE, **changes)), seeded(1)
    with torch.no_grad():
        for gate in gates(model):
            gate.slope.normal_(0, 0.1, generator=generator)
            gate.offset.add_(torch.empty_like(gate.offset).normal_(0, 0.1, generator=generator))
        assert isinstance(model.code_gate, CodeGate)
        model.code_gate.offset.copy_(torch.tensor([0.6, 0.2, -0.1]))  # one dies within the range
        model.code_gate.narrowing.copy_(torch.tensor([0.1, 0.2, 0.05]))
    return model


def gates(model: VAE) -> list[Gate]:
    return [module for module in model.modules() if isinstance(module, Gate)]


def h_of(*betas: float) -> Tensor:
    return standardised(torch.tensor(betas, dtype=torch.float64), RANGE)


@every_body
def test_a_gate_that_is_shut_at_large_beta_learns_at_small_beta(body: Body) -> None:
    model = multi(body)
    x = images(model.config, 64)
    multi_rate(model, x, RANGE, seeded()).loss.mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@every_body
def test_weights_are_those_of_a_model_of_one_weight(body: Body) -> None:
    """Gates draw nothing at random, so that both kinds start alike."""
    plain, gated = VAE(small(body), seed=3), VAE(small(body, beta_range=RANGE), seed=3)
    shut = [tensor for name, tensor in gated.state_dict().items() if not name.endswith(("slope", "offset", "narrowing"))]
    for one, other in zip(plain.state_dict().values(), shut, strict=True):
        assert torch.equal(one, other)
    assert not gates(plain)
    assert (
        count_parameters(gated.config)
        == gated.parameter_count
        == plain.parameter_count + 2 * sum(len(g.slope) for g in gates(gated)) + 2 * 3
    )


@every_body
def test_beta_is_an_argument_and_leaves_no_trace(body: Body) -> None:
    model = multi(body)
    x, betas = images(model.config), torch.tensor([0.01, 0.1, 1.0, 4.0, 10.0])
    together = model.encode(x, betas)
    params = model.decode(together.mean, betas)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for i in (4, 0, 2, 0, 4, 1, 3):
        beta = betas[i].item()
        alone = model.encode(x[i : i + 1], beta)
        torch.testing.assert_close(alone.mean[0], together.mean[i])
        torch.testing.assert_close(alone.logvar[0], together.logvar[i])
        torch.testing.assert_close(model.decode(alone.mean, beta)[0], params[i])
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not torch.allclose(model.encode(x, 0.1).mean, model.encode(x, 1.0).mean)
    assert not torch.allclose(model.decode(together.mean, 0.1), model.decode(together.mean, 1.0))


@every_body
@pytest.mark.parametrize("beta", [0.01, 0.3, 10.0])
def test_at_one_beta_it_is_a_model_without_gates(body: Body, beta: float) -> None:
    model = multi(body).eval().double()
    x, plain = images(model.config).double(), model.at(beta)
    assert not gates(plain)
    assert plain.config == small(body)
    assert not plain.training
    expected, found = model.encode(x, beta), plain.encode(x)
    torch.testing.assert_close(found.mean, expected.mean, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(found.logvar, expected.logvar, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(plain.decode(found.mean), model.decode(expected.mean, beta), rtol=1e-10, atol=1e-12)
    for parameter in plain.parameters():
        parameter.data.zero_()
    assert model.encode(x, beta).mean.any()  # its weights are copies


@pytest.mark.parametrize("beta", [0.0099, 10.01, 0.0, -1.0, math.inf, math.nan, 1e300])
def test_a_weight_outside_the_range_is_refused_and_the_range_named(beta: float) -> None:
    model = multi()
    x, z = images(model.config), torch.zeros(5, 3)
    for ask in (
        lambda: model.encode(x, beta),
        lambda: model.encode(x, torch.tensor([1.0, 1.0, beta, 1.0, 1.0])),
        lambda: model.decode(z, beta),
        lambda: model(x, seeded(), beta),
        lambda: model.at(beta),
        lambda: elbo(model, x, beta=beta, generator=seeded()),
        lambda: average(model, (x * 255).to(torch.uint8), beta=beta, seed=0),
    ):
        with pytest.raises(InputError, match=r"outside this model's range, 0\.01 to 10\."):
            ask()


def test_the_ends_of_the_range_are_in_it() -> None:
    model = multi()
    for beta in RANGE:
        assert model.encode(images(model.config), beta).mean.isfinite().all()


def test_a_weight_must_be_said_to_a_model_of_many_and_to_no_other() -> None:
    x, z = torch.rand(2, 1, 8, 8), torch.zeros(2, 3)
    for ask in (lambda: multi().encode(x), lambda: multi().decode(z)):
        with pytest.raises(InputError, match=r"every KL weight from 0\.01 to 10: say which"):
            ask()
    alone: list[Callable[[], object]] = [lambda: VAE(small()).encode(x, 1), lambda: VAE(small()).decode(z, 1), lambda: VAE(small()).at(1)]
    for refused in alone:
        with pytest.raises(InputError, match="one KL weight and takes no other"):
            refused()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"beta_range": (10.0, 0.01)}, "A beta_range must rise: 10 is not below 0.01"),
        ({"beta_range": (1.0, 1.0)}, "must rise"),
        ({"beta_range": (0.0, 1.0)}, "greater than or equal to"),
        ({"beta_range": (0.01, math.inf)}, "less than or equal to|finite"),
        ({"beta_range": RANGE, "variational": False}, "no rate: it takes no beta_range"),
    ],
)
def test_a_range_that_is_none_is_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse(ModelConfig, small().model_dump() | changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"beta": 11.0}, r"must be in its beta_range, 0\.01 to 10"),
        ({"schedule": "linear"}, "trains on every KL weight"),
        ({"capacity": 3.0}, "trains on every KL weight"),
        ({"free_bits": 0.1}, "trains on every KL weight"),
        ({"tc": 1.0}, "trains on every KL weight"),
    ],
)
def test_a_training_that_does_not_suit_a_range_is_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse(RunConfig, {"name": "a", "data": "digits", "model": small(beta_range=RANGE), "train": TrainConfig.model_validate(changes)})


def test_a_range_comes_back_from_json_and_old_configurations_have_none() -> None:
    config = small(beta_range=RANGE)
    assert ModelConfig.model_validate_json(config.model_dump_json()) == config
    old = small().model_dump()
    del old["beta_range"]
    assert ModelConfig.model_validate(old) == small()


def test_training_draws_a_weight_for_each_image_in_no_order_from_all_of_the_range_and_beyond() -> None:
    betas = draw_betas(4000, RANGE, seeded()).double()
    low, high = math.log(RANGE[0]), math.log(RANGE[1] * OVERREACH)
    places = (betas.log() - low) / (high - low)
    shares = torch.from_numpy(np.interp(places.numpy(), *DRAWN))  # the other way round
    assert (shares.sort().values - (torch.arange(4000) + 0.5) / 4000).abs().max() < 0.51 / 4000 + 1e-5
    assert abs(torch.corrcoef(torch.stack([places, torch.arange(4000.0, dtype=torch.float64)]))[0, 1]) < 0.06
    for above, below in ((0.0, 0.15), (0.725, 1.0)):
        drawn = ((places >= above) & (places < below)).double().mean().item()
        assert 1.3 < drawn / (below - above) < 1.42
    assert torch.equal(draw_betas(10, RANGE, seeded()), draw_betas(10, RANGE, seeded()))


def test_a_step_weighs_the_rate_of_each_image_with_its_own_beta() -> None:
    model, x = VAE(small(beta_range=RANGE)).double(), torch.rand(50, 1, 8, 8, dtype=torch.float64, generator=seeded())
    terms = objective(model, x, TrainConfig(), step=0, steps=1, training_images=50, generator=seeded())
    betas = ((terms.loss - terms.distortion) / terms.rate).detach()
    torch.testing.assert_close(betas, draw_betas(50, RANGE, seeded()).double(), rtol=1e-6, atol=1e-6)
    assert torch.equal(multi_rate(model, x, RANGE, seeded()).loss, terms.loss)


def linear(sigma: float, latent: int, *, seed: int = 0) -> VAE:
    values = {"body": "linear", "channels": 1, "height": 8, "width": 8, "latent": latent, "likelihood": "gaussian", "sigma": sigma}
    return VAE(ModelConfig.model_validate(values | {"beta_range": RANGE, "widths": "free"}), seed=seed)


def excess(model: VAE, beta: float) -> float:
    """Nats over reverse water-filling, of a linear model of the digits with the σ of `optimum`."""
    best, plain = optimum(beta, model.config.latent), model.at(beta).double()
    return (expected_distortion(plain, best.x) + beta * plain.encode(best.x).kl()).mean().item() - best.distortion - beta * best.rate


def test_gates_on_the_code_are_the_linear_optimum_at_every_beta() -> None:
    """With r = log β − log(λ/σ²) one set of weights is best for all rates (Bae et al. 2022)."""
    best = optimum(1.0)
    flat = best.x.flatten(1)
    values, vectors = torch.linalg.eigh(torch.cov(flat.T, correction=0))
    values, vectors = values.flip(0), vectors.flip(1)
    kept, directions, variance = values[:10], vectors[:, :10], values[10:].mean()
    model = linear(math.sqrt(variance.item()), 10).double()
    down, up, gate = model.encoder[-1], model.decoder[0], model.code_gate
    assert isinstance(down, nn.Linear)
    assert isinstance(up, nn.Linear)
    assert isinstance(gate, CodeGate)
    low, high = (math.log(end) for end in RANGE)
    with torch.no_grad():
        down.weight.zero_()
        down.bias.zero_()
        down.weight[:10] = (directions / kept.sqrt()).T
        down.bias[:10] = -down.weight[:10] @ flat.mean(0)
        up.weight.copy_(directions * kept.sqrt())
        up.bias.copy_(flat.mean(0))
        gate.offset.copy_(torch.expm1((kept / variance).log() - low - 0.3 * (high - low)).log() / GATE_GAIN)
    for beta in (0.01, 0.03, 0.1, 0.5, 1.0, 3.0, 10.0):
        assert excess(model, beta) == pytest.approx(0, abs=1e-5), beta
        assert model.at(beta).encode(best.x).kl().mean().item() == pytest.approx(optimum(beta).rate, abs=1e-5), beta


@pytest.mark.slow
def test_a_trained_linear_model_is_close_to_reverse_water_filling_at_every_beta() -> None:
    best = optimum(1.0, 4)
    x, generator, steps, lr = best.x.float(), seeded(), 4000, 0.02
    model = linear(best.model.config.sigma, 4)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        batch = x[torch.randint(len(x), (512,), generator=generator)]
        multi_rate(model, batch, RANGE, generator).loss.mean().backward()
        optimiser.step()
        schedule.step()
    for beta in (0.01, 0.1, 0.5, 1.0, 2.0, 3.0):
        assert -1e-6 < excess(model, beta) < 0.06, beta
    assert excess(model, 10.0) < 0.5
