"""How good samples are, in numbers: how many lie among images of the set, and how much of the set they show.

Around each picture lies a ball that reaches to its k-th nearest neighbour of the same kind; all balls together stand for where such
pictures are. Precision is the share of samples inside the balls of images, recall the share of images inside the balls of samples
(Kynkäänniemi et al. 2019). Density counts the balls of images that a sample is in, in units of k, and coverage is the share of images that
have a sample in their own ball (Naeem et al. 2020): one stray image with a huge ball moves them less. None of them sees blur, as an average
of images lies among these.

Distances are between features, not pixels: a digit moved by a pixel is the same digit. Where the images have classes, the features are what
a small classifier has learnt to see; else the principal components of the images. Figures compare only between models of the same images.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.analysis.neighbours import Doubles, Floats, k_nearest
from vae_core.analysis.pictures import Pictures
from vae_core.analysis.precomputed import Recipe
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE

NEIGHBOURS = 5
"""k. With 3, as in the paper on precision and recall, balls are smaller and all four figures lower."""
FEWEST, MOST = 50, 2_000
"""Held-out images at least and at most; there are as many samples."""
LEARNT = 5_000
"""Images at most from which the features are learnt."""
_VALUES = 40_000_000  # pixel values of these at most: 160 MB
_COMPONENTS, _UNITS, _PASSES = 40, 64, 20

Features = Callable[[Pixels], Floats]
"""Pictures uint8 [n, C, H, W] → their features float32 [n, F]."""


class Fidelity(NamedTuple):
    """Precision, recall and coverage are shares from 0 to 1; density may be above 1 where samples crowd in the middle of the images."""

    precision: float
    recall: float
    density: float
    coverage: float


QUALITY: Recipe[Fidelity | None] = Recipe("quality", Fidelity)
"""What bundled models ship of the samples of their prior."""


def share_error(share: float, count: int) -> float:
    """The standard error of a share of so many samples, or of so many images; NaN of one.

    The balls are taken as they are: other samples would move these too, a little.
    """
    return math.sqrt(max(share * (1 - share), 0) / count) if count > 1 else math.nan


def compared(pictures: Pictures) -> int:
    """How many held-out images samples are compared with, and how many samples."""
    return min(MOST, len(pictures.validation), len(pictures.training))


def fidelity(images: NDArray[np.floating], samples: NDArray[np.floating], k: int = NEIGHBOURS) -> Fidelity:
    """All four figures, from the features of images [N, F] and of samples [M, F], by Euclidean distance.

    Raises:
        InputError: there are not more than k of either.
    """
    if min(len(images), len(samples)) <= k:
        raise InputError(f"Sample quality needs more than {k} images and as many samples, not {len(images)} and {len(samples)}.")
    real, drawn = (np.asarray(rows, np.float64) for rows in (images, samples))
    apart = _distances(real, drawn)
    of_images, of_samples = _reach(real, k), _reach(drawn, k)
    inside = apart <= of_images[:, None]
    return Fidelity(
        float(inside.any(axis=0).mean()),
        float((apart <= of_samples[None]).any(axis=1).mean()),
        float(inside.sum(axis=0).mean() / k),
        float(inside.any(axis=1).mean()),
    )


def _distances(one: Doubles, other: Doubles) -> Doubles:
    """Between all rows, [n, m]."""
    from sklearn.metrics import pairwise_distances

    found: Doubles = pairwise_distances(one, other)
    return found


def _reach(rows: Doubles, k: int) -> Doubles:
    """How far the k-th nearest other row is from each, [n]."""
    return k_nearest(rows, k)[1][:, -1]


def features(pictures: Pictures) -> Features:
    """What pictures are compared by: learnt from at most 5,000 of the training pictures, the same each time.

    Their first 40 principal components. Where there are classes, a network of one hidden layer of 64 units learns the classes from these
    components, scaled to variance 1, in 20 passes, and the features are its hidden units.
    """
    from sklearn.decomposition import PCA

    size = pictures.take(pictures.validation[:1]).size
    rows = pictures.chosen(min(LEARNT, _VALUES // size), training=True)
    inputs = flat(pictures.take(rows))
    classes = None if pictures.labels is None else pictures.labels[rows]
    known = classes is not None and len(np.unique(classes)) > 1
    components = min(_COMPONENTS, *inputs.shape)
    principal = PCA(components, whiten=known, svd_solver="randomized", random_state=0).fit(inputs)
    if classes is None or not known:
        return lambda pixels: principal.transform(flat(pixels)).astype(np.float32)
    weights, offsets = _hidden(principal.transform(inputs), classes)
    return lambda pixels: np.maximum(principal.transform(flat(pixels)) @ weights + offsets, 0).astype(np.float32)


def _hidden(inputs: Doubles, classes: NDArray[np.int64]) -> tuple[Doubles, Doubles]:
    """The hidden layer of a network that tells the classes apart: weights [F, 64] and offsets [64]."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the passes are few on purpose
        network = MLPClassifier((_UNITS,), max_iter=_PASSES, batch_size=min(128, len(inputs)), random_state=0).fit(inputs, classes)
    weights, offsets = network.coefs_[0], network.intercepts_[0]
    return weights.astype(np.float64), offsets.astype(np.float64)


def flat(pixels: Pixels) -> Floats:
    """Images as rows of numbers from 0 to 1, float32 [n, C·H·W]."""
    return pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(255)


class Judge:
    """Judges samples of models of one set of images: by the same features, against the same images, from the same noise.

    Attributes:
        features: what pictures are compared by.
        images: those of the held-out images, float32 [N, F].
        best: what N training images reach in place of samples.
    """

    def __init__(self, pictures: Pictures) -> None:
        """Learn the features; `judge_of` says of which pictures."""
        count = compared(pictures)
        self.features = features(pictures)
        self.images = self.features(pictures.take(pictures.chosen(count)))
        self.best = fidelity(self.images, self.features(pictures.take(pictures.chosen(count, training=True))))

    def prior(self, model: VAE) -> Fidelity:
        """Of a plain model's samples from N(0, I), as many as there are images."""
        codes = explore.sample_prior(model.config.latent, len(self.images), seed=0)
        return fidelity(self.images, self.features(explore.decode(model, codes)))


def judge_of(pictures: Pictures) -> Judge | None:
    """A judge; None where there are too few held-out images, or only stand-ins, which a model has drawn itself."""
    enough = min(len(pictures.validation), len(pictures.training)) >= FEWEST
    return Judge(pictures) if pictures.original and enough else None
