"""Principal components of codes: the directions along which they differ most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


_SMALL = 256  # numbers of a code, of which all directions are found whatever the number of codes


class Components(NamedTuple):
    """The first D principal components of codes of K numbers.

    Attributes:
        centre: the mean code, float64 [K].
        axes: directions of length 1, at right angles to each other, the widest first, float64 [D, K]; the largest number of each is
            positive, so that the same codes always give the same directions and never their opposites.
        variances: of the codes along each, float64 [D].
        shares: of all variance, float64 [D]; 0 where there is none at all.
    """

    centre: Doubles
    axes: Doubles
    variances: Doubles
    shares: Doubles


def components(codes: Floats, most: int) -> Components:
    """At most `most` components of codes [N, K], N ≥ 1; of wide codes no more than there are codes.

    Of wide codes the smaller of the two products with themselves is taken apart: K × K, or N × N where codes are fewer than their numbers.
    """
    count, latent = codes.shape
    centre = codes.mean(axis=0, dtype=np.float64)
    centred = codes - centre
    if latent <= max(count, _SMALL):
        sums, vectors = np.linalg.eigh(centred.T @ centred)  # in ascending order
        axes = vectors.T[: -most - 1 : -1]
    else:
        sums, vectors = np.linalg.eigh(centred @ centred.T)
        axes = _orthonormal(vectors.T[: -most - 1 : -1] @ centred)
    kept = sums[: -most - 1 : -1].clip(0)
    axes = axes * np.sign(axes[np.arange(len(axes)), abs(axes).argmax(axis=1)])[:, np.newaxis]
    return Components(centre, axes, kept / count, kept / (sums.sum() or 1))


def _orthonormal(rows: Doubles) -> Doubles:
    """Rows [D, K] that are at right angles, each of length 1; one of no length becomes some direction at right angles to the others."""
    lengths = np.linalg.norm(rows, axis=1)
    flat = lengths <= 1e-6 * max(lengths.max(), 1e-300)
    filled = np.where(flat[:, np.newaxis], np.eye(*rows.shape), rows / np.where(flat, 1, lengths)[:, np.newaxis])
    turned, _ = np.linalg.qr(filled.T)
    return turned.T
