"""What ships of older ways to write digits down: principal components and two machines, trained on all of MNIST's training part.

They stand beside the bundled networks of MNIST, so they learnt from the same images as these. `python -m assets.older` makes them again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from vae_core.analysis import precomputed
from vae_core.analysis.boltzmann import Machine
from vae_core.analysis.compression import Components
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.precomputed import Recipe
from vae_core.base.errors import InputError

FOLDER = Path(__file__).parents[2] / "assets" / "older"


class Spread(NamedTuple):
    """Standard errors of the figures of the same names; NaN where one has none."""

    error: float
    distortion: float
    rate: float


class Figures(NamedTuple):
    """A method on 2,000 test images of MNIST, which it has not seen.

    Attributes:
        error: root mean square difference of what it rebuilds, on the [0, 1] scale.
        distortion, rate: D and R in nats per image; NaN where the method has none.
        quality: of what it draws.
        drawing: seconds of one core for one of a hundred pictures drawn at a time.
        numbers: how many it has learnt.
        spread: how far the first three are known.
        images: how many pictures they are of, and `quality` compares as many that it draws.
    """

    error: float
    distortion: float
    rate: float
    quality: Fidelity
    drawing: float
    numbers: int
    spread: Spread
    images: int


class Seconds(NamedTuple):
    """Seconds of one core that each training takes, all measured on one computer; a network's are those of some steps, times all steps."""

    linear: float
    restricted: float
    deep: float
    autoencoder: float
    variational: float
    every_weight: float


class Older(NamedTuple):
    """Both machines, the components, and what was measured of them on test images.

    Attributes:
        components: two of them.
        lower: the restricted Boltzmann machine, which is also the lower one of the deep belief network.
        upper: the upper one.
        linear, restricted, deep: their figures.
        seconds: of all trainings, of the bundled networks too.
        pseudo_likelihood: of `lower` on test images, mean log pseudo-likelihood in nats.
        partition_error: standard error of log Z of `lower` and of `upper`, in nats; they are in R.
    """

    components: Components
    lower: Machine
    upper: Machine
    linear: Figures
    restricted: Figures
    deep: Figures
    seconds: Seconds
    pseudo_likelihood: float
    partition_error: tuple[float, ...]


RECIPE = Recipe("mnist", Older, version=2)
SOURCE = "the training part of MNIST"


def load(folder: Path = FOLDER) -> Older:
    """What ships.

    Raises:
        InputError: it is gone or damaged.
    """
    found = precomputed.kept(RECIPE, folder, SOURCE)
    if found is None:
        raise InputError("The machines and components that ship with Latent Loom are gone or damaged: install it again.")
    return found._replace(lower=_exact(found.lower), upper=_exact(found.upper))


def _exact(machine: Machine) -> Machine:
    """In double precision, in which it computes; it ships in single."""
    return Machine(*(part.astype(np.float64) for part in machine))
