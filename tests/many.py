"""A small multi-rate model, for the tests of what is done with one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch

from tests.sweep import MODEL
from vae_core import data
from vae_core.analysis import explore, tradeoff
from vae_core.analysis.pictures import of_images
from vae_core.base.config import TrainConfig
from vae_core.base.storage import sha256
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Card, Checkpoint, Codes, DataCard
from vae_core.training.train import fit

RANGE = (0.01, 10.0)
KEPT = 60


@cache
def trained(epochs: int = 2, *, split: bool = False, latent: int = MODEL.latent) -> Checkpoint:
    """Trained on the digits, with the codes of the first 60 of them at its lowest KL weight."""
    digits, config = data.load("digits"), MODEL.model_copy(update={"beta_range": RANGE, "split": split, "latent": latent})
    training = TrainConfig(epochs=epochs, lr=5e-3, batch=64, threads=torch.get_num_threads())
    model = VAE(config)
    *_, last = fit(model, digits, training)
    assert last.validation is not None
    card = Card(
        name="Digits, every KL weight",
        data=DataCard(
            name="digits",
            title="Digits",
            identity=digits.identity,
            images=len(digits),
            licence=digits.licence,
            class_names=digits.class_names,
        ),
        model=config,
        train=training,
        epochs=last.epoch,
        steps=last.step,
        validation=last.validation,
        seconds=last.seconds,
        images_per_second=last.images_per_second,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
    )
    model.requires_grad_(False).eval()
    mean, logvar = explore.encode(model.at(RANGE[0]), digits.pixels[:KEPT])
    assert digits.labels is not None
    weights = b"".join(np.ascontiguousarray(tensor.numpy()).tobytes() for tensor in model.state_dict().values())
    return Checkpoint(model, card, Codes(mean, logvar, digits.labels[:KEPT].copy()), sha256(weights))


@cache
def figures() -> tradeoff.Tradeoff:
    """What the KL weight page measures of the one of a single weight, which takes seconds."""
    return tradeoff.measure(trained(), of_images(data.load("digits")), lambda share: None)


def save(home: Path, *, split: bool = False, images: bool = True, latent: int = MODEL.latent, epochs: int = 2) -> Entry:
    """Keep it as an uploaded model under `home`; without `images` as one that learnt from others than are on this computer."""
    loaded, model_id = trained(epochs, split=split, latent=latent), f"{latent:06x}{2 * split + images:06x}"
    known = loaded.card.data.model_copy(update={} if images else {"identity": "not these"})
    codes = None if images else loaded.codes
    checkpoint.save(home / "models" / model_id / "checkpoint", loaded.model, loaded.card.model_copy(update={"data": known}), codes)
    return catalogue.models()[model_id]


def away(home: Path) -> Entry:
    """Keep the bundled model of digits, of two dimensions, as one that learnt from a set that is not here; with the codes of all digits."""
    loaded, digits = catalogue.load("digits-2d"), data.load("digits")
    known = loaded.card.data.model_copy(update={"name": "00000000000a", "identity": "not these"})
    mean, logvar = explore.encode(loaded.model, digits.pixels)
    assert digits.labels is not None
    codes = Codes(mean, logvar, digits.labels.copy())
    folder = home / "models" / "00000000000a" / "checkpoint"
    checkpoint.save(folder, loaded.model, loaded.card.model_copy(update={"data": known}), codes)
    return catalogue.models()["00000000000a"]
