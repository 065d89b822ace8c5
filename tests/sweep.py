"""A small trained sweep for the tests of the KL weight page."""

from __future__ import annotations

from pathlib import Path

import torch

from vae_core import data
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.model.vae import VAE
from vae_core.runs.sweeps import sweep_id
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Card, DataCard
from vae_core.training.train import fit

MODEL = ModelConfig(channels=1, height=8, width=8, latent=6, hidden=(64,))
TRAIN = TrainConfig(epochs=15, lr=5e-3, batch=64)
BETAS = (0.05, 0.3, 1.0, 10.0)
ID = sweep_id("digits", MODEL, TRAIN)


def train(home: Path, betas: tuple[float, ...] = BETAS) -> None:
    """Train one model on the digits per β and keep it as an uploaded one under `home`."""
    digits = data.load("digits")
    known = DataCard(name="digits", title="Digits", identity=digits.identity, images=len(digits), licence=digits.licence)
    for number, beta in enumerate(betas):
        training = TRAIN.model_copy(update={"beta": beta, "threads": torch.get_num_threads()})
        model = VAE(MODEL)
        *_, last = fit(model, digits, training)
        assert last.validation is not None
        card = Card(
            name=f"Digits β{beta:g}",
            data=known,
            model=MODEL,
            train=training,
            epochs=last.epoch,
            steps=last.step,
            validation=last.validation,
            seconds=last.seconds,
            images_per_second=last.images_per_second,
            created="2026-01-01T00:00:00+00:00",
            version="0.1.0",
        )
        checkpoint.save(home / "models" / f"{number:012x}" / "checkpoint", model, card)
