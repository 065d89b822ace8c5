"""How a model came to be, from the snapshots of its training: places that move in one plane, dimensions in use, errors of pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import projection
from vae_core.analysis.explore import reconstruction_error
from vae_core.analysis.projection import Projection
from vae_core.training.objectives import unused
from vae_core.training.snapshots import History


class Unfolding(NamedTuple):
    """S snapshots of n images, m of them with pictures.

    Attributes:
        plane: of all snapshots: the latent space itself where it is flat, else the PCA of the last one, so that the axes stand still.
        places: float32 [S, n, 2], where each image's code lies in it.
        prior: float32 [2], where the mean of the prior does.
        order: the dimensions, those that carry most in the last snapshot first, int64 [K].
        used: dimensions in use, int64 [S]: of at least 0.01 nats, or with any variance in a plain autoencoder.
        errors: mean root mean squared error of the pictures, float64 [S], on the [0, 1] pixel scale.
    """

    plane: Projection
    places: NDArray[np.float32]
    prior: NDArray[np.float32]
    order: NDArray[np.int64]
    used: NDArray[np.int64]
    errors: NDArray[np.float64]


def unfolding(history: History, *, variational: bool) -> Unfolding:
    """The snapshots of a run, of a model of this kind, in one plane."""
    codes = [snapshot.codes.astype(np.float32) for snapshot in history.snapshots]
    latent = codes[-1].shape[1]
    plane = projection.raw(codes[-1]) if latent == 2 else projection.pca(codes[-1])
    *places, prior = (projection.place(plane, codes[-1], each) for each in [*codes, np.zeros((1, latent), np.float32)])
    amounts = np.stack([snapshot.amounts for snapshot in history.snapshots]).astype(np.float64)
    idle = unused(amounts) if variational else amounts == 0
    errors = [float(reconstruction_error(history.subjects.pixels, snapshot.pictures).mean()) for snapshot in history.snapshots]
    order = np.argsort(-amounts[-1], kind="stable")
    return Unfolding(plane, np.stack(places), prior[0], order, (~idle).sum(axis=1), np.array(errors))
