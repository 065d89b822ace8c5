"""Two sets of codes of the same images laid over each other: the Procrustes problem.

Codes of two models need not agree in anything: an encoder may turn its space, mirror it, stretch or shift it as a whole, and the decoder
takes that back. What is left after the best of such changes is where the models differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError

Doubles = NDArray[np.float64]


class Alignment(NamedTuple):
    """z ↦ scale · (z − centre) · turn + target.

    Attributes:
        centre: mean of the codes that are moved, [K].
        turn: orthogonal, [K, K]; of determinant −1 where it mirrors.
        scale: above 0, unless no part of one set follows the other.
        target: mean of the codes that stay, [K].
        left: what the moved codes still differ by, as a share of how far those that stay spread, in squares: 0 is the same shape, and 1 is
            no better than all of them in the middle.
    """

    centre: Doubles
    turn: Doubles
    scale: float
    target: Doubles
    left: float

    def move(self, codes: NDArray[np.floating]) -> Doubles:
        """Codes [M, K] of the first model, where they lie in the space of the second."""
        moved: Doubles = self.scale * (codes - self.centre) @ self.turn + self.target
        return moved

    def seen_in(self, centre: NDArray[np.floating], axes: NDArray[np.floating]) -> tuple[Doubles, Doubles]:
        """A plane of the space of those that stay, place = axes · (z − centre), as codes that are moved reach it: centre [K], axes [2, K].

        Raises:
            InputError: no part of one set follows the other, so all would come to lie on one place.
        """
        if not self.scale:
            raise InputError("Nothing in the codes of one model follows those of the other: they cannot be laid over each other.")
        return (centre - self.target) @ self.turn.T / self.scale + self.centre, self.scale * axes @ self.turn.T


def procrustes(codes: NDArray[np.floating], target: NDArray[np.floating]) -> Alignment:
    """The turn, with or without a mirror, the scale and the shift that bring codes nearest to others of the same N images, [N, K] both.

    The least sum of squared distances, in closed form by a singular value decomposition (Schönemann & Carroll 1970).

    Raises:
        InputError: all codes of one model are the same.
    """
    centre, middle = (rows.mean(axis=0, dtype=np.float64) for rows in (codes, target))
    moving, staying = codes - centre, target - middle
    spread, other = float(np.square(moving).sum()), float(np.square(staying).sum())
    if not spread or not other:
        raise InputError("All codes of one of the models are the same: there is nothing to lay over the other.")
    left, shares, right = np.linalg.svd(moving.T @ staying)
    total = float(shares.sum())
    return Alignment(centre, left @ right, total / spread, middle, max(0.0, 1 - total**2 / (spread * other)))
