"""Training that is put down on the disk and taken up again, and how to tell that nothing got lost on the way."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.training import checkpoint, training_state
from vae_core.training.checkpoint import Card, DataCard
from vae_core.training.train import Training
from vae_core.training.training_state import TrainingState


def put_down(training: Training, model: VAE, config: TrainConfig, images: Images, folder: Path) -> Path:
    """The checkpoint of a training in its own folder under `folder`."""
    state = training.state()
    card = Card(
        name="Half-way",
        data=DataCard(name=images.name, title=images.name, identity=images.identity, images=len(images), licence=images.licence),
        model=model.config,
        train=config,
        epochs=training.epoch,
        steps=training.step,
        validation=training.validate(),
        seconds=training.seconds,
        images_per_second=training.images_per_second,
        device=state.device,
        precision=state.precision,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
    )
    there = folder / f"{training.step:08d}"
    checkpoint.save(there, model, card, training=state.arrays())
    return there


def take_up(folder: Path, config: TrainConfig, images: Images) -> tuple[VAE, Training]:
    """A fresh model whose training goes on from a checkpoint."""
    card, state = training_state.load(folder)
    model = VAE(card.model, seed=99)
    return model, Training(model, images, config, state)


def fingerprint(state: TrainingState) -> str:
    """SHA-256 over everything in a state but the clocks."""
    digest = hashlib.sha256()
    for field in fields(state):
        value = getattr(state, field.name)
        if field.name in ("seconds", "images_per_second"):
            continue
        tensors = sorted(value.items()) if isinstance(value, dict) else [(field.name, value)]
        for name, tensor in tensors:
            content = tensor.numpy().tobytes() if hasattr(tensor, "numpy") else repr(tensor).encode()
            digest.update(f"{field.name} {name} ".encode() + content)
    return digest.hexdigest()


def begin(model: ModelConfig, config: TrainConfig, images: Images) -> tuple[VAE, Training]:
    """A training before its first step."""
    vae = VAE(model, seed=config.seed)
    return vae, Training(vae, images, config)
