"""The codes of validation images as a run publishes them while it trains: codes.npz in its directory, read by another process.

Two dimensions only, at most `MAX_IMAGES` images: a few kilobytes. In more than two latent dimensions the pair is that which carries most;
it is kept until another dimension carries half as much again as one of it, so that the map does not jump from one view to the next.
"""

from __future__ import annotations

import io
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore
from vae_core.analysis.posterior import Posterior
from vae_core.base.storage import write_atomic
from vae_core.data import Images
from vae_core.model.vae import VAE

MAX_IMAGES = 800
FILE = "codes.npz"
# What NumPy may raise of a damaged file, whose header it reads before its checksum.
_DAMAGED = (
    *(OSError, ValueError, KeyError, EOFError, MemoryError, RuntimeError, SyntaxError),
    *(zipfile.BadZipFile, struct.error, zlib.error, tokenize.TokenError),
)
_KEPT = 1.5  # a dimension takes another's place where it carries this many times as much


class Published(NamedTuple):
    """Codes at one moment of a training.

    Attributes:
        step: steps done.
        dims: the two latent dimensions, from 0 on.
        means: float32 [n, 2], each image's mean code in them, or the code itself of a plain autoencoder.
        labels: int64 [n]; None for a set without.
        class_names: by label; empty for a set without.
    """

    step: int
    dims: tuple[int, int]
    means: NDArray[np.float32]
    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]


def publish(run: Path, model: VAE, images: Images, step: int) -> None:
    """Encode validation images with a model on the processor and replace what the run published before.

    Raises:
        OSError: the disk refuses the file.
    """
    rows = images.split().validation[:MAX_IMAGES]
    posterior = explore.encode(model, images.take(rows))
    carried = _carried(posterior, variational=model.config.variational)
    before = read(run)
    dims = _pair(carried, None if before is None else before.dims)
    labels = np.empty(0, np.int64) if images.labels is None else np.asarray(images.labels[rows], np.int64)
    file = io.BytesIO()
    np.savez(
        file,
        step=np.int64(step),
        dims=np.array(dims, np.int64),
        means=posterior.mean[:, list(dims)].astype(np.float32),
        labels=labels,
        class_names=np.array(images.class_names if images.labels is not None else (), np.str_),
    )
    write_atomic(run / FILE, file.getvalue())


def read(run: Path) -> Published | None:
    """What the run published last; None before the first time, or where the file is damaged."""
    try:
        with np.load(io.BytesIO((run / FILE).read_bytes()), allow_pickle=False) as kept:
            labels, names = kept["labels"], tuple(map(str, kept["class_names"]))
            across, up = kept["dims"].tolist()
            return Published(int(kept["step"]), (across, up), kept["means"], labels if len(labels) else None, names)
    except _DAMAGED:
        return None


def _carried(posterior: Posterior, *, variational: bool) -> NDArray[np.float64]:
    """How much each dimension carries, [K]: its mean KL, or the variance of a plain autoencoder's codes."""
    if not variational:
        variance: NDArray[np.float64] = posterior.mean.astype(np.float64).var(axis=0)
        return variance
    kl: NDArray[np.float64] = posterior.kl().mean(axis=0)
    return kl


def _pair(carried: NDArray[np.float64], before: tuple[int, int] | None) -> tuple[int, int]:
    """The two dimensions to show: those shown before, unless others carry clearly more."""
    if before is None or max(before) >= len(carried):
        first, second = np.sort(np.argsort(-carried, kind="stable")[:2]).tolist()
        return first, second
    pair = list(before)
    for other in np.argsort(-carried, kind="stable").tolist():
        weaker = min((0, 1), key=lambda place: carried[pair[place]])
        if other not in pair and carried[other] > _KEPT * carried[pair[weaker]]:
            pair[weaker] = other
    return pair[0], pair[1]
