"""schedules: values by hand at every corner, and nothing but the step decides them."""

from __future__ import annotations

import pytest

from vae_core.base.config import TrainConfig
from vae_core.training.schedules import beta, capacity, cyclical, warm_up


def betas(steps: int, **fields: object) -> list[float]:
    return [beta(TrainConfig.model_validate(fields), step, steps) for step in range(steps)]


def test_a_warm_up_rises_in_a_straight_line_to_one_and_stays() -> None:
    assert [warm_up(step, 8, 0.5) for step in range(9)] == [0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1]
    assert [warm_up(step, 4, 1.0) for step in range(5)] == [0, 0.25, 0.5, 0.75, 1]
    assert [warm_up(step, 10, 1e-9) for step in range(3)] == [0, 1, 1]


def test_a_cycle_is_a_warm_up_of_its_own() -> None:
    assert [cyclical(step, 16, 0.5, 2) for step in range(16)] == [0, 0.25, 0.5, 0.75, 1, 1, 1, 1] * 2
    assert [cyclical(step, 12, 1.0, 3) for step in range(12)] == [0, 0.25, 0.5, 0.75] * 3


@pytest.mark.parametrize(("steps", "cycles"), [(10, 3), (7, 4), (1000, 7), (3, 3)])
def test_cycles_that_do_not_fit_the_steps_start_where_their_share_of_the_run_has_passed(steps: int, cycles: int) -> None:
    found = [cyclical(step, steps, 0.5, cycles) for step in range(steps)]
    assert found == pytest.approx([min(1, 2 * (step * cycles / steps % 1)) for step in range(steps)], abs=1e-12)
    falls = [step for step in range(1, steps) if found[step] < found[step - 1]]
    assert len(falls) <= cycles - 1


def test_a_constant_beta_is_constant() -> None:
    assert betas(5, beta=3.0) == [3.0] * 5


def test_beta_is_the_configured_one_times_the_schedule() -> None:
    assert betas(8, beta=4.0, schedule="linear", ramp=0.25) == [0, 2, 4, 4, 4, 4, 4, 4]
    assert betas(8, beta=4.0, schedule="cyclical", ramp=0.5, cycles=2) == [0, 2, 4, 4, 0, 2, 4, 4]


@pytest.mark.parametrize("schedule", ["constant", "linear", "cyclical"])
def test_every_schedule_ends_at_the_configured_beta(schedule: str) -> None:
    assert betas(1000, beta=7.0, schedule=schedule)[-1] == 7
    assert max(betas(1000, beta=7.0, schedule=schedule)) == 7


def test_a_capacity_rises_to_its_end_while_beta_stays() -> None:
    config = TrainConfig(beta=100.0, capacity=25.0, ramp=0.5)
    assert [capacity(config, step, 10) for step in range(10)] == [0, 5, 10, 15, 20, 25, 25, 25, 25, 25]
    assert betas(10, beta=100.0, capacity=25.0, ramp=0.5) == [100] * 10
    assert capacity(TrainConfig(), 3, 10) is None
