"""The KL weight in the words of other code: from the weight w that it gives the KL to our β, and back.

Ours minimises D + β·R with D = −log p(x|z) summed over the P pixel values of an image and R the KL summed over the K latent dimensions,
both averaged over the images alone. For a Gaussian likelihood D = E / 2σ² + a constant, E the squared error summed over the pixel values.
Two losses have the same minimum where one is a multiple of the other, so only the ratio of their two parts counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Convention:
    """A loss (error) + w·(KL) as other code writes it, averaged over the images.

    Attributes:
        error: what the error of a pixel value is: D itself, as cross-entropy is, the squared error, which is a Gaussian's, or the absolute
            error, which is a Laplace distribution's: D = E·√2/σ + a constant.
        pixels: how the errors of the P pixel values are put together: their sum, half of it, or their mean.
        latent: how the KL of the K latent dimensions is put together: their sum or their mean.
    """

    error: Literal["own", "squared", "absolute"]
    pixels: Literal["sum", "half", "mean"]
    latent: Literal["sum", "mean"]

    def beta(self, weight: float, *, values: int, latent: int, sigma: float) -> float:
        """Our β for its weight.

        Args:
            weight: w.
            values: P, channels × height × width.
            latent: K.
            sigma: standard deviation of the Gaussian or Laplace likelihood, on the scale of the pixels in that code: where they run from −1
                to 1 it is twice that of pixels from 0 to 1. It means nothing where the error is D itself.
        """
        return weight * self._ratio(values, latent, sigma)

    def weight(self, beta: float, *, values: int, latent: int, sigma: float) -> float:
        """Its weight for our β: the inverse of `beta`."""
        return beta / self._ratio(values, latent, sigma)

    def _ratio(self, values: int, latent: int, sigma: float) -> float:
        """β / w: divided by the factor that it gives D, its loss becomes D + β·R."""
        error = {"sum": 1.0, "half": 0.5, "mean": 1 / values}[self.pixels]
        kl = {"sum": 1.0, "mean": 1 / latent}[self.latent]
        return kl / (error * {"own": 1.0, "squared": 2 * sigma**2, "absolute": sigma / math.sqrt(2)}[self.error])

    def plain_sigma(self, beta: float, sigma: float) -> float:
        """The σ with which a VAE of β = 1 has the same minimum as one of this β and σ: √β·σ of a Gaussian, β·σ of a Laplace decoder.

        (D + β·R) / β = E / 2βσ² + R + a constant, or E·√2 / βσ. It is the same whichever σ its β was counted with.
        """
        return beta * sigma if self.error == "absolute" else math.sqrt(beta) * sigma


CONVENTIONS: Mapping[str, Convention] = {
    "mean": Convention(error="squared", pixels="mean", latent="sum"),
    "means": Convention(error="squared", pixels="mean", latent="mean"),
    "sum": Convention(error="squared", pixels="sum", latent="sum"),
    "half": Convention(error="squared", pixels="half", latent="sum"),
    "absolute": Convention(error="absolute", pixels="sum", latent="sum"),
    "summed": Convention(error="own", pixels="sum", latent="sum"),
    "entropy": Convention(error="own", pixels="mean", latent="sum"),
    "normalised": Convention(error="own", pixels="mean", latent="mean"),
}
"""The most common ones. "summed" is that of the examples of PyTorch and Keras; "absolute" that of latent diffusion and of diffusers, with
w = 1e-6. "normalised" is β_norm = β·K/P of Higgins et al. 2017, as D/P + w·R/K has the same minimum as D + w·(P/K)·R."""
