"""A small run of the digits, and what its tests share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.model.vae import VAE
from vae_core.training.objectives import Averages, average

SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,))


def run_config(epochs: int = 2, *, data: str = "digits", model: ModelConfig = SMALL, batch: int = 500) -> RunConfig:
    return RunConfig(name="Small", data=data, model=model, train=TrainConfig(epochs=epochs, batch=batch))


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.tmp"))


def lost(model: VAE, pixels: torch.Tensor, *, beta: float, seed: int) -> Averages:
    """`average` of a model that has diverged."""
    return replace(average(model, pixels, beta=beta, seed=seed), loss=float("nan"))
