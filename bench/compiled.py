"""What torch.compile makes of a training step: ``python -m bench.compiled``, with a C++ compiler at hand.

Encoder, decoder and likelihood are compiled. The same steps are made eagerly and compiled in turn, in one process of one thread. What
counts is processor time, which other programs on the machine hardly change.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import torch

from bench.training import SPEED, Case, images
from vae_core.base.config import TrainConfig
from vae_core.model.vae import VAE
from vae_core.training.train import Training

PAIRS = 15


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    torch.set_num_threads(1)
    for case in SPEED:
        yield f"{case.title}, batch {case.batch}: eager over compiled", compared(case)


def compared(case: Case) -> str:
    """How many compiled steps take as long as one eager step, and how far the weights are apart in the end."""
    eager, compiled = _training(case), _training(case)
    model = compiled._model
    model._encode = torch.compile(model._encode)  # type: ignore[method-assign]
    model._decode = torch.compile(model._decode)  # type: ignore[method-assign]
    model.likelihood.nll = torch.compile(model.likelihood.nll)  # type: ignore[method-assign]
    for training in (eager, compiled):
        seconds_of(training, 2)  # the first of them compiles
    steps = max(2, 1_000 // case.batch)
    pairs = [(seconds_of(eager, steps), seconds_of(compiled, steps)) for _ in range(PAIRS)]
    ratios = sorted(slow / fast for slow, fast in pairs)
    apart = max(
        float((one - other).abs().max()) for one, other in zip(eager._model.parameters(), compiled._model.parameters(), strict=True)
    )
    return f"{median(ratios):.2f} x ({ratios[0]:.2f} to {ratios[-1]:.2f}); weights apart by {apart:.1e} after {2 + PAIRS * steps} steps"


def seconds_of(training: Training, steps: int) -> float:
    """Processor time of so many steps."""
    began = time.process_time()
    for _ in range(steps):
        training._advance()
    return time.process_time() - began


def _training(case: Case) -> Training:
    config = TrainConfig(epochs=100, batch=case.batch, precision="fp32", threads=1)
    return Training(VAE(case.model), images(case)[0], config)


if __name__ == "__main__":
    for what, figure in rows():
        print(f"{what:60} {figure}", flush=True)
