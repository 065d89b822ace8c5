"""−log p(x), estimated by importance sampling with the posterior (Burda et al. 2016), and how far it is known.

Where D is no likelihood's, as the cross-entropy of grey pixels, what is estimated is the cost of an image in the same nats.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.base.errors import InputError
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.priors import Prior, StandardNormal
from vae_core.model.vae import VAE

WIDEST = 10.0
"""The most that the posterior is widened by: beyond, hardly a code lands where the image could be from."""


class Estimated(NamedTuple):
    """What so many codes say of each of N images.

    Attributes:
        nll: −log p̂(x) in nats, float64 [N].
        effective: (Σ w)² / Σ w², the effective sample size (Kong 1992): as many codes of equal weight would do as well; float64 [N], from 1
            to the number of codes. Where it is small the estimate hangs on few codes, and −log p̂(x) is too high, by about
            ½ (1/effective − 1/S) as long as that is small (delta method).
    """

    nll: NDArray[np.float64]
    effective: NDArray[np.float64]


def log_weights(model: VAE, x: Tensor, posterior: DiagonalGaussian, z: Tensor, prior: Prior) -> Tensor:
    """log w = log p(x|z) + log p(z) − log q(z|x) of one code for each image, every constant included, float64 [B].

    Args:
        model: gives p(x|z).
        x: images in [0, 1], [B, C, H, W].
        posterior: what z was drawn from, [B, K]: q(z|x) of the images, or the same widened.
        z: [B, K].
        prior: p(z).
    """
    exact = DiagonalGaussian(posterior.mean.double(), posterior.logvar.double())
    return prior.log_prob(z.double()) - exact.log_prob(z.double()) - model.likelihood.nll(model.decode(z), x).double()


def estimates(
    model: VAE, pixels: NDArray[np.uint8], *, samples: int, seed: int = 0, prior: Prior | None = None, batch: int = 512, widen: float = 1
) -> Iterator[Estimated]:
    """What is known of uint8 images [N, C, H, W] after 1, 2, … and `samples` codes for each.

    log p̂ = log (1/S) Σ w, a lower bound in expectation: the first estimate is −ELBO, and the mean falls with S towards −log p(x).
    The weights are summed as they come, in float64. Neither `batch` nor `samples` changes the noise of an image's codes.

    Args:
        model: a variational one; put into evaluation mode.
        pixels: the images.
        samples: S, at least 1.
        seed: of the codes.
        prior: p(z); None is N(0, I).
        batch: images decoded at a time.
        widen: the σ of the distribution that codes are drawn from, as a multiple of the posterior's. Posteriors are trained to be narrower
            than the true ones (they minimise KL(q ‖ p(z|x))), and a narrow proposal misses codes of large weight. Any factor has the
            same limit; the first estimate is −ELBO for 1 alone.

    Raises:
        InputError: `samples` is below 1, `widen` is not above 0 and at most 10, or the model is deterministic and gives no probability to
            an image.
    """
    if samples < 1:
        raise InputError(f"The likelihood needs at least 1 sample for each image, not {samples}.")
    if not 0 < widen <= WIDEST:  # so written because NaN compares false
        raise InputError(f"The posterior can be widened by a factor above 0 and at most {WIDEST:g}, not {widen:g}.")
    if not model.config.variational:
        raise InputError("A deterministic autoencoder gives no probability to an image: its likelihood cannot be estimated.")
    prior = StandardNormal(model.config.latent) if prior is None else prior
    return _running(model, torch.tensor(pixels), samples, seed, prior, batch, widen)


@torch.inference_mode()
def _running(model: VAE, pixels: Tensor, samples: int, seed: int, prior: Prior, batch: int, widen: float) -> Iterator[Estimated]:
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    images = torch.split(pixels, batch)
    posteriors = [model.encode(_scaled(chunk, model)) for chunk in images]
    proposals = [DiagonalGaussian(part.mean, part.logvar + 2 * math.log(widen)) for part in posteriors]
    proposal = DiagonalGaussian(*(torch.cat([getattr(part, name) for part in proposals]) for name in ("mean", "logvar")))
    total, squares = (torch.full((len(pixels),), -torch.inf, dtype=torch.float64) for _ in range(2))
    for count in range(1, samples + 1):
        codes = torch.split(proposal.sample(generator), batch)
        weights = torch.cat([log_weights(model, _scaled(x, model), q, z, prior) for x, q, z in zip(images, proposals, codes, strict=True)])
        total, squares = torch.logaddexp(total, weights), torch.logaddexp(squares, 2 * weights)
        yield Estimated((math.log(count) - total).numpy(), torch.exp(2 * total - squares).numpy())


def nll(
    model: VAE, pixels: NDArray[np.uint8], *, samples: int, seed: int = 0, prior: Prior | None = None, batch: int = 512
) -> NDArray[np.float64]:
    """The last of `estimates` with the posterior as it is: −log p̂(x) of each image from `samples` codes, float64 [N]."""
    return deque(estimates(model, pixels, samples=samples, seed=seed, prior=prior, batch=batch), maxlen=1).pop().nll


def _scaled(pixels: Tensor, model: VAE) -> Tensor:
    """Pixels in [0, 1] in the precision of the model's weights."""
    return pixels.to(next(model.parameters()).dtype).div_(255)
