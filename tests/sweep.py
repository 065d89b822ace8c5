"""A small trained sweep for the tests of the KL weight page."""

from __future__ import annotations

from pathlib import Path

from vae_core import data, runs
from vae_core.config import ModelConfig, RunConfig, TrainConfig

MODEL = ModelConfig(channels=1, height=8, width=8, latent=6, hidden=(64,))
TRAIN = TrainConfig(epochs=15, lr=5e-3, batch=64, threads=1)
BETAS = (0.05, 0.3, 1.0, 10.0)


def config(beta: float) -> RunConfig:
    return RunConfig(name=f"Digits β{beta:g}", data="digits", model=MODEL, train=TRAIN.model_copy(update={"beta": beta}))


def train(home: Path, betas: tuple[float, ...] = BETAS) -> None:
    """Train one model per β, in this process, as runs under `home`."""
    digits = data.load("digits")
    for number, beta in enumerate(betas):
        folder = runs.create(config(beta), home / "runs" / f"{number:012x}", queue=False)
        for _ in runs.execute(folder, digits):
            pass
