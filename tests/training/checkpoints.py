"""Small checkpoints, sound and forged, and the sentence that a forged one is refused with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.model.test_vae import small
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.model.vae import VAE
from vae_core.training.checkpoint import (
    FORMAT,
    Card,
    Codes,
    DataCard,
    save,
)
from vae_core.training.figures import Figures

WEIGHTS, CARD, CODES, MANIFEST = "weights.safetensors", "card.json", "codes.safetensors", "manifest.json"


def card(model: ModelConfig) -> Card:
    return Card(
        name="Grüße <b>",
        data=DataCard(name="digits", title="Digits", identity="0" * 64, images=1797, licence="CC BY 4.0", class_names=("0", "1")),
        model=model,
        train=TrainConfig(beta=0.1),
        epochs=2.5,
        steps=25,
        validation=Figures(loss=21.5, distortion=20.0, rate=1.5),
        seconds=3.25,
        images_per_second=1000.0,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
    )


def codes(config: ModelConfig, *, labels: bool = True) -> Codes:
    rng = np.random.default_rng(0)
    mean, logvar = rng.normal(size=(2, 9, config.latent)).astype(np.float32)
    if not config.variational:
        logvar = np.full_like(logvar, -np.inf)
    return Codes(mean, logvar, np.arange(9) % 2 if labels else None)


def saved(folder: Path, config: ModelConfig | None = None) -> Path:
    """A checkpoint with codes in `folder`."""
    config = config or small()
    save(folder, VAE(config, seed=1), card(config), codes(config))
    return folder


def saved_as_half(folder: Path) -> Path:
    """The same model in `folder`, its weights rounded to float16 and kept so."""
    model = VAE(small(), seed=1)
    model.load_state_dict({name: tensor.half() for name, tensor in model.state_dict().items()})
    save(folder, model, card(small()), codes(small()), half=True)
    return folder


def manifest(parts: Mapping[str, bytes], **changes: object) -> bytes:
    listed = {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in parts.items()}
    return json.dumps({"format": FORMAT, "files": listed} | changes).encode()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def forged(parts: Mapping[str, bytes], **changes: object) -> bytes:
    """A model file whose manifest agrees with whatever its parts are."""
    return zipped({**parts, MANIFEST: manifest(parts, **changes)})


def refusal(call: Callable[[], object]) -> str:
    """The one sentence that `call` is refused with."""
    with pytest.raises(InputError) as caught:
        call()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence
    assert "/" not in sentence
    return sentence


def kept(found: Codes) -> list[bytes | None]:
    return [array if array is None else array.tobytes() for array in (found.mean, found.logvar, found.labels)]
