"""gates: each kind by hand, and what no weight of theirs can do."""

from __future__ import annotations

import math

import pytest
import torch

from tests.model.test_multirate import RANGE, every_body, gates, h_of
from tests.model.test_split import RANGE as PAIR_RANGE
from tests.model.test_split import pair_gate
from tests.model.test_vae import seeded, small
from vae_core.base.config import Body
from vae_core.model.gates import GATE_GAIN, CodeGate, Gate, GateKind, PairGate, standardised
from vae_core.model.vae import VAE


def test_h_has_mean_0_and_variance_1_over_the_range() -> None:
    betas = torch.exp(torch.linspace(math.log(RANGE[0]), math.log(RANGE[1]), 10_001, dtype=torch.float64))
    h = standardised(betas, RANGE)
    assert h.mean().item() == pytest.approx(0, abs=1e-9)
    assert h.square().mean().item() == pytest.approx(1, rel=1e-3)
    assert h[0].item() == pytest.approx(-math.sqrt(3))


@pytest.mark.parametrize(
    ("kind", "formula"), [("sigmoid", lambda r: 1 / (1 + math.exp(-r))), ("root", lambda r: math.sqrt(1 - math.exp(r)))]
)
def test_a_gate_by_hand(kind: GateKind, formula: object) -> None:
    gate = Gate(2, kind)
    with torch.no_grad():
        gate.slope.copy_(torch.tensor([0.2, 0.6]))
        gate.offset.copy_(torch.tensor([-0.4, -0.1]))
    h = torch.tensor([0.5, -1.0])
    assert callable(formula)
    raws = [[0.5 - 2, 1.5 - 0.5], [-1 - 2, -3 - 0.5]]
    if kind == "root":
        bent = [1 + math.log1p(math.exp(-2)), 1 + math.log1p(math.exp(-0.5))]
        raws = [[0.5 + 3**0.5 - bent[0], 1.5 + 3 * 3**0.5 - bent[1]], [-1 + 3**0.5 - bent[0], -3 + 3 * 3**0.5 - bent[1]]]
    expected = [[0.001 if kind == "root" and r >= 0 else formula(r) for r in row] for row in raws]
    torch.testing.assert_close(gate.factor(h), torch.tensor(expected), rtol=1e-5, atol=1e-6)
    x = torch.rand(2, 2, 3, 5)
    torch.testing.assert_close(gate(x, h), x * gate.factor(h)[:, :, None, None])


def test_a_dimension_dies_at_its_threshold_and_in_the_lowest_part_of_the_range_never() -> None:
    gate = CodeGate(3, RANGE).double()
    span = math.log(RANGE[1] / RANGE[0])
    thresholds = torch.tensor([1.0, 4.0, 30.0], dtype=torch.float64)
    with torch.no_grad():
        gate.offset.copy_(torch.expm1((thresholds / RANGE[0]).log() - 0.3 * span).log() / GATE_GAIN)
    betas = torch.tensor([0.02, 0.9, 1.1, 3.9, 4.1, 10.0], dtype=torch.float64)
    h = standardised(betas, RANGE)
    torch.testing.assert_close(gate.raw(h), (betas[:, None] / thresholds).log())
    torch.testing.assert_close(gate.factor(h), (1 - betas[:, None] / thresholds).clamp_min(1e-6).sqrt(), rtol=1e-6, atol=1e-6)
    with torch.no_grad():
        gate.offset.fill_(-1e9)
    assert (gate.factor(h_of(RANGE[0] * math.exp(0.29 * span))) > 0.2).all()


def test_no_root_can_be_shut_at_every_beta() -> None:
    gate = Gate(100, "root")
    with torch.no_grad():
        gate.slope.normal_(0, 10, generator=seeded())
        gate.offset.normal_(0, 10, generator=seeded(1))
    factors = gate.factor(h_of(0.01, 10).float())
    assert (factors[0] > 0.79).all()
    assert (factors[1] < 0.01).any()


def test_a_gate_of_a_pair_by_hand() -> None:
    for kind in ("sigmoid", "root"):
        gate = Gate(1, kind, weights=2)
        with torch.no_grad():
            gate.slope.copy_(torch.tensor([[0.2], [-0.3]]))
            gate.offset.fill_(-0.1)
        bent = -0.5 if kind == "sigmoid" else 3**0.5 * (1 - 1.5) - 1 - math.log1p(math.exp(-0.5))
        assert gate.raw(torch.tensor([[0.5, -1.0]])).item() == pytest.approx(0.5 + 1.5 + bent, rel=1e-6)


def test_no_root_can_be_shut_at_every_pair() -> None:
    gate = Gate(100, "root", weights=2)
    with torch.no_grad():
        gate.slope.normal_(0, 10, generator=seeded())
        gate.offset.normal_(0, 10, generator=seeded(1))
    factors = gate.factor(standardised(torch.tensor([[0.3, 0.3], [8, 8]]), PAIR_RANGE))
    assert (factors[0] > 0.79).all()
    assert (factors[1] < 0.01).any()


def test_a_pair_gate_at_one_weight_is_the_gate_of_that_weight() -> None:
    one, two = CodeGate(3, PAIR_RANGE, "free").double(), PairGate(3, PAIR_RANGE).double()
    with torch.no_grad():
        for gate in (one, two):
            gate.offset.copy_(torch.tensor([0.6, 0.2, -0.1]))
    h = standardised(torch.tensor([0.3, 1.0, 2.0, 4.0, 8.0], dtype=torch.float64), PAIR_RANGE)
    for ours, theirs in zip(two.turned(torch.stack([h, h], 1)), one.turned(h), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def test_a_pair_gate_is_finite_and_so_is_its_gradient_wherever_it_can_be() -> None:
    gate = PairGate(40, (1e-6, 10_000.0))
    with torch.no_grad():
        gate.offset.copy_(torch.linspace(-5, 5, 40))
    ends = torch.tensor([-1.8, -1.7, -0.5, 0.0, 0.7, 1.7, 1.8])
    parts = gate.turned(torch.cartesian_prod(ends, ends))
    sum(part.sum() for part in parts).backward()  # type: ignore[union-attr]
    assert all(part.isfinite().all() for part in parts)
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in gate.parameters())


@every_body
def test_every_gate_is_open_at_the_start_whatever_beta(body: Body) -> None:
    model = VAE(small(body, beta_range=RANGE))
    assert len(gates(model)) == {"linear": 0, "mlp": 4, "conv": 6}[body]
    assert isinstance(model.code_gate, CodeGate)
    for gate in gates(model):
        factors = gate.factor(h_of(0.01, 1, 10).float())
        assert (factors > 0.85).all()
        assert torch.equal(factors[0], factors[2])
    assert (model.code_gate.factor(h_of(0.01, 10).float()) > 0.79).all()


@every_body
def test_every_gate_is_open_at_the_start_whatever_the_pair(body: Body) -> None:
    model = VAE(small(body, beta_range=PAIR_RANGE, split=True))
    h = standardised(torch.cartesian_prod(torch.tensor([0.3, 1, 8]), torch.tensor([0.3, 1, 8])), PAIR_RANGE)
    assert all((gate.factor(h) > 0.85).all() for gate in gates(model))
    turn = pair_gate(model).turned(h)
    assert (turn.logvar > 0.6).all()
    torch.testing.assert_close(turn.mean * turn.code, turn.logvar**2)
