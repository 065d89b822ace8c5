"""`fit`: a generator of training records. Who iterates it decides what to keep, show or stop."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from vae_core import binarise
from vae_core.checkpoint import Figures
from vae_core.config import ModelConfig, TrainConfig
from vae_core.data import Images
from vae_core.errors import InputError
from vae_core.model import VAE
from vae_core.objectives import average, objective

RECORDS_PER_EPOCH = 10
COOLDOWN = 0.2  # of all steps


class Diverged(InputError):
    """The loss is no longer a finite number; the weights of the model that was being trained are of no use."""


@dataclass(frozen=True)
class Record:
    """One report of a training run; nats per image.

    Attributes:
        step, steps: steps done and steps in all.
        epoch: passes over the data done, with its fraction.
        loss, distortion, rate: means over the training images seen since the record before.
        validation: means over the validation images, at the end of each epoch, else None.
        images_per_second: over all training steps so far, without validation and without what the caller does between records.
        seconds: in `fit` so far, validation included.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    distortion: float
    rate: float
    validation: Figures | None
    images_per_second: float
    seconds: float


def learning_rate(config: TrainConfig, step: int, steps: int) -> float:
    """The rate of a step: `config.lr` for four fifths of the run, then falling linearly to 0 (Hägele et al. 2024, "cooldown").

    At a constant rate to the end the noise of the last steps stays in the weights, and in the pictures as grain; a decay from the
    start on costs more than it gains in runs as short as ours.
    """
    return config.lr * min(1.0, (1 - step / steps) / COOLDOWN)


def fit(model: VAE, images: Images, config: TrainConfig) -> Iterator[Record]:
    """Train `model` in place on the training part of `images`, with Adam at `learning_rate`; yields up to ten records an epoch.

    All pixels stay in memory as one uint8 tensor and a batch is one gather by index. The same model, images, configuration,
    machine and number of threads give the same records.

    Raises:
        Diverged: the loss stopped being finite.
    """
    split = images.split()
    pixels = torch.from_numpy(binarise.for_training(images.pixels[split.train], config))
    held_out = torch.from_numpy(binarise.for_evaluation(images.pixels[split.validation], config))
    generator = torch.Generator().manual_seed(config.seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=config.lr, fused=True)
    per_epoch = math.ceil(len(pixels) / config.batch)
    every = math.ceil(per_epoch / RECORDS_PER_EPOCH)
    steps = per_epoch * config.epochs
    seen, training_seconds, seconds, step = 0, 0.0, 0.0, 0
    for _ in range(config.epochs):
        model.train()
        order = torch.randperm(len(pixels), generator=generator)
        batches = torch.split(order, config.batch)
        for first in range(0, per_epoch, every):
            sums, count, started = torch.zeros(3, dtype=torch.float64), 0, time.perf_counter()
            for rows in batches[first : first + every]:
                for group in optimiser.param_groups:
                    group["lr"] = learning_rate(config, step, steps)
                sums += _step(model, optimiser, pixels[rows], config, step, steps, len(pixels), generator)
                count += len(rows)
                step += 1
            seen += count
            training_seconds += time.perf_counter() - started
            loss, distortion, rate = (sums / count).tolist()
            check_finite(loss, step, config)
            validation = None
            if first + every >= per_epoch:
                model.eval()
                means = average(model, held_out, beta=config.beta, seed=config.seed)
                check_finite(means.loss, step, config)
                validation = Figures(loss=means.loss, distortion=means.distortion, rate=means.rate)
            seconds += time.perf_counter() - started
            yield Record(step, steps, step / per_epoch, loss, distortion, rate, validation, seen / training_seconds, seconds)


def _step(
    model: VAE,
    optimiser: torch.optim.Optimizer,
    pixels: Tensor,
    config: TrainConfig,
    step: int,
    steps: int,
    training_images: int,
    generator: torch.Generator,
) -> Tensor:
    """One update; returns the sums over the batch of loss, distortion and rate, float64 [3]."""
    x = pixels.float().div_(255)
    terms = objective(model, x, config, step=step, steps=steps, training_images=training_images, generator=generator)
    optimiser.zero_grad(set_to_none=True)
    terms.loss.mean().backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return torch.stack([term.detach().double().sum() for term in terms])


def check_finite(loss: float, step: int, config: TrainConfig) -> None:
    """Raises `Diverged` for a loss after `step` steps that is not a finite number."""
    if not math.isfinite(loss):
        raise Diverged(
            f"Training diverged at step {step}: the loss is not a finite number any more; lower the learning rate (it was {config.lr:g})."
        )


def seconds_per_image(model: ModelConfig, train: TrainConfig, *, steps: int = 3) -> float:
    """What one training image costs on this machine right now, measured over a few steps on black images; for an estimate before a run."""
    shape = (min(train.batch, 512), model.channels, model.height, model.width)
    vae = VAE(model)
    optimiser = torch.optim.Adam(vae.parameters(), lr=0.0, fused=True)
    generator = torch.Generator().manual_seed(0)
    pixels = torch.zeros(shape, dtype=torch.uint8)
    update = partial(_step, vae, optimiser, pixels, train, 0, 1, len(pixels), generator)
    update()  # the first step also sets up memory
    started = time.perf_counter()
    for _ in range(steps):
        update()
    return (time.perf_counter() - started) / (steps * shape[0])
