"""The posteriors of many images, and how well a model reconstructs them: only some of the images are in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore, projection
from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.posterior import Posterior, joined
from vae_core.base.config import ModelConfig
from vae_core.data import Images
from vae_core.model.tracing import trace
from vae_core.model.vae import VAE
from vae_core.training import checkpoint

Rows = NDArray[np.int64]
Take: TypeAlias = Callable[[Rows], Pixels]
"""The pixels of rows, whole numbers [n] → uint8 [n, C, H, W]."""

_CHUNK = 512
"""Images at a time: as float32, all of them would fill the memory."""

_WIDE_NUMBERS = 2**22  # of all codes, at most, where a code is wide: 16 MB, and as many for their widths
_EFFORT, _LEAST = 10**11, 256  # multiply-accumulates that encoding may take, some seconds; but so many images at least


@dataclass(frozen=True)
class Encoded:
    """The posteriors of a model's data set, or of a sample of it.

    Attributes:
        posterior: of n images.
        numbers: what to call each image: its place in the data set, else among the codes kept with the model; int64 [n], ascending.
        labels: int64 [n] or None.
        total: images in the data set, else codes kept with the model; n or more.
        original: whether the images are on this computer.
    """

    posterior: Posterior
    numbers: Rows
    labels: Rows | None
    total: int
    original: bool


def affordable(model: ModelConfig, limit: int) -> int:
    """How many images to encode at most: `limit`, or fewer where a model from elsewhere is slow or its codes are wide."""
    if model.graph is None:  # what trains here is quick and narrow enough
        return limit
    effort = trace(model.graph.encoder, (model.channels, model.height, model.width)).macs
    return min(limit, _WIDE_NUMBERS // model.latent, max(_LEAST, _EFFORT // max(1, effort)))


def of_images(model: VAE, images: Images, count: int) -> Encoded:
    """Encode `count` images; each class has its share."""
    return encoded(encode(model, images.take, _sampled(images, count)), images, count)


def encoded(posterior: Posterior, images: Images, count: int) -> Encoded:
    """What `of_images` gives, from its posteriors."""
    rows = _sampled(images, count)
    return Encoded(posterior, rows, _some(images.labels, rows), len(images), True)


def _sampled(images: Images, count: int) -> Rows:
    return projection.subsample(len(images), count, images.labels, seed=0)


def of_kept(codes: checkpoint.Codes, count: int) -> Encoded:
    """`count` of the codes kept with a model; each class has its share."""
    rows = projection.subsample(len(codes.mean), count, codes.labels, seed=0)
    return Encoded(Posterior(codes.mean, codes.logvar).of(rows), rows, _some(codes.labels, rows), len(codes.mean), False)


def encode(model: VAE, take: Take, rows: Rows) -> Posterior:
    """The posteriors of the pictures of these rows, in their order."""
    return joined([explore.encode(model, take(some)) for some in _chunks(rows)])


def reconstruction_errors(model: VAE, take: Take, rows: Rows, codes: Floats) -> Floats:
    """`explore.reconstruction_error`, float32 [n], of the pictures that codes [n, K] decode to, against the pictures of the rows [n]."""
    parts = zip(_chunks(rows), _chunks(codes), strict=True)
    return np.concatenate([explore.reconstruction_error(take(some), explore.decode(model, z)) for some, z in parts])


def _chunks(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (rows[first : first + _CHUNK] for first in range(0, len(rows), _CHUNK))


def _some(labels: Rows | None, rows: Rows) -> Rows | None:
    return None if labels is None else labels[rows]
