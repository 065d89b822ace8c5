"""What changes in the course of training, as pure functions of the step; evaluation takes the values at the end."""

from __future__ import annotations

from vae_core.base.config import TrainConfig


def warm_up(step: int, steps: int, ramp: float) -> float:
    """From 0 at step 0 in a straight line to 1 at the share `ramp` of all steps, and 1 from there on."""
    return min(1.0, step / (steps * ramp))


def cyclical(step: int, steps: int, ramp: float, cycles: int) -> float:
    """`warm_up` in each of `cycles` equal parts of the run (Fu et al. 2019)."""
    return warm_up(step * cycles % steps, steps, ramp)


def beta(config: TrainConfig, step: int, steps: int) -> float:
    """β at a step of a run of `steps` steps; the first step is 0."""
    if config.schedule == "linear":
        return config.beta * warm_up(step, steps, config.ramp)
    if config.schedule == "cyclical":
        return config.beta * cyclical(step, steps, config.ramp, config.cycles)
    return config.beta


def capacity(config: TrainConfig, step: int, steps: int) -> float | None:
    """C at a step in nats, rising from 0 to the configured one; None without a capacity (Burgess et al. 2018)."""
    return None if config.capacity is None else config.capacity * warm_up(step, steps, config.ramp)
