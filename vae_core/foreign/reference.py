"""How far our layers are from what ONNX's own reference evaluator answers for the files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.foreign import apart
from vae_core.foreign.halves import Halves
from vae_core.foreign.heads import Heads
from vae_core.foreign.pixels import Layout, PixelReading
from vae_core.foreign.telling import Tell, silent
from vae_core.model.vae import VAE

TOLERANCE = 1e-4
_MANY_MACS = 2_000_000  # from here on, one image takes the evaluator seconds
_IMAGES = 4


def difference(
    model: VAE,
    halves: Halves,
    heads: Heads,
    pixel: PixelReading,
    layouts: tuple[Layout, Layout],
    divided: float = 1.0,
    tell: Tell = silent,
) -> float:
    """The largest difference between the model's means, log-variances and pictures and those of the files, on random images and codes.

    It is in units of the largest number compared, where that is over 1.

    Args:
        model: of ours.
        halves: of which it is made, with their files.
        heads, pixel, layouts, divided: how the files' numbers are read; done over here in NumPy.
        tell: hears how far it is.
    """
    random = np.random.default_rng(0)
    assert halves.sources is not None
    encoder, decoder = halves.sources
    config = model.config
    count = 1 if halves.encoder.macs + halves.decoder.macs > _MANY_MACS else _IMAGES
    images = random.random((count, config.channels, config.height, config.width), np.float32)
    scale, shift = (np.reshape(part, (-1, 1, 1)) for part in (pixel.pixels.scale, pixel.pixels.shift))
    theirs = images * scale + shift
    theirs = np.moveaxis(theirs, 1, -1) if layouts[0].channels_last else theirs
    tells = _shares(tell, halves)
    outputs = apart.answers(encoder, theirs.reshape(count, *layouts[0].own), tells[0])
    mean, logvar = _posterior(outputs, heads)
    codes = random.normal(size=(count, config.latent)).astype(np.float32)
    drawn = apart.answers(decoder, divided * codes.reshape(count, *halves.decoder.shape), tells[1])["picture"]
    if layouts[1].channels_last:
        drawn = np.moveaxis(drawn.reshape(count, config.height, config.width, config.channels), -1, 1)
    drawn = drawn.reshape(count, config.channels, config.height, config.width).astype(np.float64)
    picture = 1 / (1 + np.exp(-drawn)) if pixel.gives == "logits" else (drawn - shift) / scale
    with torch.inference_mode():
        posterior = model.encode(torch.from_numpy(images))
        ours = model.likelihood.mean(model.decode(torch.from_numpy(codes)))
    pairs = [(divided * posterior.mean, mean), (ours, picture)]
    if logvar is not None:
        pairs.append((posterior.logvar, logvar))
    return max(_apart(one.numpy(), other) for one, other in pairs)


def _apart(one: NDArray[Any], other: NDArray[Any]) -> float:
    with np.errstate(all="ignore"):
        off = np.abs(one.astype(np.float64) - other)
        found = float(np.max(off) / max(1.0, float(np.max(np.abs(other)))))
    return found if math.isfinite(found) else math.inf


def _posterior(outputs: Mapping[str, NDArray[Any]], heads: Heads) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Means and log-variances, [B, K]."""
    flat = {name: value.reshape(len(value), -1).astype(np.float64) for name, value in outputs.items()}
    arrangement, _, width = heads.gives.partition(",")
    if not width:
        return flat[heads.mean], None
    if arrangement == "mean":
        mean, wide = flat[heads.mean], flat[str(heads.width)]
    elif arrangement == "joined":
        mean, wide = np.split(flat[heads.mean], 2, axis=1)
    else:
        mean, wide = flat[heads.mean][:, ::2], flat[heads.mean][:, 1::2]
    with np.errstate(all="ignore"):
        return mean, {"logvar": wide, "logstd": 2 * wide, "std": 2 * np.log(wide), "variance": np.log(wide)}[width]


def _shares(tell: Tell, halves: Halves) -> tuple[Tell, Tell]:
    """What encoder and decoder tell, each of its share of the whole, by their multiplications."""
    share = (1 + halves.encoder.macs) / (2 + halves.encoder.macs + halves.decoder.macs)
    return (
        lambda part, words: tell(share * part, words),
        lambda part, words: tell(share + (1 - share) * part, words),
    )
