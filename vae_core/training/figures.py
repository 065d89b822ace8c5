"""What a card and a record say of a model's validation images: means, how far each is known, and of how many images."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from vae_core.base.strict import Config
from vae_core.training.objectives import Averages


def _unknown(value: object) -> bool:
    """What is not written down: a line that an earlier version wrote stays as it is when it is written again."""
    return value is None


class Errors(Config):
    """Standard errors of the means of the same names, in nats per image."""

    loss: float
    distortion: float
    rate: float


class Figures(Config):
    """Means over the validation images at the end of training, in nats per image.

    Attributes:
        loss, distortion, rate: the means.
        images: how many images they are means of; None in what earlier versions wrote.
        standard_error: of the means; None of one image, and in what earlier versions wrote.
    """

    loss: float
    distortion: float
    rate: float
    images: Annotated[int | None, Field(ge=1, exclude_if=_unknown)] = None
    standard_error: Annotated[Errors | None, Field(exclude_if=_unknown)] = None

    def error(self, name: str) -> float:
        """The standard error of the mean of this name; NaN where it is not known."""
        return math.nan if self.standard_error is None else getattr(self.standard_error, name)


UNKNOWN_FIGURES = Figures.model_construct(loss=math.nan, distortion=math.nan, rate=math.nan)
"""Where nothing was measured."""


def figures_of(means: Averages) -> Figures:
    """Means over validation images as a card keeps them."""
    errors = {name: getattr(means.standard_error, name) for name in Errors.model_fields}
    return Figures(
        loss=means.loss,
        distortion=means.distortion,
        rate=means.rate,
        images=means.images,
        standard_error=Errors(**errors) if means.images > 1 else None,
    )
