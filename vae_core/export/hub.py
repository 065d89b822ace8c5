"""A model as a folder for the Hugging Face Hub: weights, configuration, and a README whose head says what the model is."""

from __future__ import annotations

import json
import re
from html import escape

from vae_core.export import card_words
from vae_core.training.checkpoint import Checkpoint, files_of

LICENCES = {
    "mit": "MIT",
    "apache-2.0": "Apache-2.0",
    "bsd-3-clause": "BSD-3-Clause",
    "cc0-1.0": "CC0 1.0",
    "cc-by-4.0": "CC BY 4.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
}
"""Licences by the Hub's names for them."""

_PROGRAM = """import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from vae_core import VAE, ModelConfig

config = json.loads(Path("config.json").read_text())
model = VAE(ModelConfig.model_validate_json(json.dumps(config["model"])))
model.load_state_dict(load_file("model.safetensors"))
model.eval()
pictures = model.likelihood.mean(model.decode(torch.randn(8, model.config.latent)))  # 8 pictures, pixels from 0 to 1
"""
"""How the model is opened, in its README."""


def hub_files(point: Checkpoint, name: str) -> dict[str, bytes]:
    """The files by name.

    Args:
        point: a model of one KL weight.
        name: what to call it.
    """
    card = point.card
    config = {
        "model_type": "latent-loom-vae",
        "latent_loom": card.version,
        "model": card.model.model_dump(mode="json"),
        "train": card.train.model_dump(mode="json"),
    }
    return {
        "model.safetensors": files_of(point.model, card)["weights.safetensors"],
        "config.json": json.dumps(config, indent=1, ensure_ascii=False).encode(),
        "README.md": _readme(point, name).encode(),
    }


def _readme(point: Checkpoint, name: str) -> str:
    card = point.card
    licence = None if card.origin is None else next((ours for ours, theirs in LICENCES.items() if theirs == card.origin.licence), None)
    kind = "variational-autoencoder" if card.model.variational else "autoencoder"
    head = {"library_name": "pytorch", "pipeline_tag": "unconditional-image-generation", "tags": [kind, "latent-space", "latent-loom"]}
    if licence is not None:
        head["license"] = licence
    owed = (
        "The licence of these weights is at the head of this file."
        if licence is not None
        else "No licence of these weights is known. Choose one before you publish them, and put it at the head of this file as `license`."
    )
    rows = "\n".join(f"| {_plain(fact)} | {_plain(text)} |" for fact, text in card_words.facts(card).items())
    return (
        "---\n"
        + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())
        + f"---\n\n# {_plain(name)}\n\n{_plain(card_words.intro(card))}\n\n| | |\n|---|---|\n{rows}\n\n{owed}\n\n"
        f"Open it with Latent Loom's `vae_core`:\n\n```python\n{_PROGRAM}```\n"
    )


def _plain(text: str) -> str:
    """A text of somebody else in Markdown: nothing in it is markup."""
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", escape(" ".join(text.split()), quote=False))
