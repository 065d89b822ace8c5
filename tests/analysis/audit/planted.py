"""Linear models of digits set to their exact optimum, whole or with one thing broken on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from tests.training.test_objectives import digits, optimum_of
from vae_core.analysis.audit import figures
from vae_core.analysis.audit.dimensions import dimensions
from vae_core.analysis.audit.evidence import Finding, gathered
from vae_core.analysis.audit.pixels import pixels
from vae_core.analysis.audit.sheet import audit
from vae_core.analysis.audit.weight import kl_weight
from vae_core.base.config import ModelConfig
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training.checkpoint import Checkpoint

LATENT, SEEN, HELD_OUT = 8, 250, 200
_CARD = catalogue.load("digits-2d").card
Break = Callable[[nn.Linear, nn.Linear], object]
"""What is done to the last layer of the encoder, whose first K rows are means and the others log-variances, and to the decoder's first."""


def images_of(pixels: np.ndarray, seen: int = SEEN) -> Images:
    """Images of which the first are for training and the others held out."""
    return Images("digits-planted", pixels, validation_start=seen, test_start=len(pixels))


GREY = images_of(digits()[np.random.default_rng(0).permutation(1797)[: SEEN + HELD_OUT]])
LARGE = images_of(np.kron(GREY.pixels[:, :, ::2, ::2], np.ones((1, 1, 4, 4), np.uint8)))
"""The same, 16 × 16: large enough for their variance to stand against a σ of 0.7."""
COLOURED = images_of(np.concatenate([GREY.pixels, GREY.pixels // 2, 255 - GREY.pixels], axis=1))


@cache
def _best(images: Images, beta: float, variance: float | None) -> VAE:
    seen = torch.from_numpy(images.take(images.split().train)).double() / 255
    return optimum_of(seen, beta, LATENT, variance).model.float()


def _unbounded(logvar: Tensor) -> Tensor:
    """What `bound_logvar` makes these log-variances of."""
    beyond = (logvar.abs() - 6).clamp(0, 3.99)
    return logvar.clamp(-6, 6) + logvar.sign() * 4 * beyond / (4 - beyond)


def model(
    images: Images = GREY,
    *,
    beta: float = 1.0,
    variance: float | None = None,
    broken: Break | None = None,
    batch: int = 128,
    card_beta: float = 1.0,
    train: Mapping[str, float] | None = None,
    **config: object,
) -> Checkpoint:
    """A model at the optimum of β and σ², broken, and what its card says: β, the batch, more of the training, changes of the model."""
    best = _best(images, beta, variance)
    made = VAE(ModelConfig.model_validate(best.config.model_dump() | config))
    made.load_state_dict(best.state_dict(), strict=False)
    down, up = made.encoder[-1], made.decoder[0]
    assert isinstance(down, nn.Linear)
    assert isinstance(up, nn.Linear)
    with torch.no_grad():
        down.bias[LATENT:] = _unbounded(down.bias[LATENT:])
        if broken is not None:
            broken(down, up)
    said = _CARD.train.model_copy(update={"beta": card_beta, "batch": batch, **(train or {})})
    data = _CARD.data.model_copy(update={"identity": images.identity})
    return Checkpoint(made.eval(), _CARD.model_copy(update={"model": made.config, "train": said, "data": data}), None, "")


def found(point: Checkpoint, images: Images = GREY) -> dict[str, Finding]:
    """The findings by name, but for those of holes and samples, which take a second."""
    evidence = gathered(point, images)
    checks = (kl_weight, dimensions, pixels, figures.against_constant, figures.noise, figures.overfit)
    return {finding.name: finding for check in checks for finding in check(evidence)}


def whole(point: Checkpoint, images: Images | None = GREY) -> dict[str, Finding]:
    """All findings by name."""
    return {finding.name: finding for finding in audit(point, images, lambda share, words: None).findings}
