"""How strange an image is to a model: its −ELBO among those of the images of a set."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.analysis import importance
from vae_core.model.vae import VAE

_SAMPLES = 4


@torch.inference_mode()
def losses(model: VAE, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """−ELBO of uint8 images [N, C, H, W] in nats, float64 [N]: the mean over four codes, seeded, of −log p(x|z) p(z) / q(z|x).

    A plain autoencoder has no rate: there it is −log p(x|z) at the code.
    """
    if not model.config.variational:
        x = torch.tensor(pixels).float().div_(255)
        return model.likelihood.nll(model.decode(model.encode(x).mean), x).double().numpy()
    draws = [importance.nll(model, pixels, samples=1, seed=seed) for seed in range(_SAMPLES)]
    mean: NDArray[np.float64] = np.mean(draws, axis=0)
    return mean


def share_below(loss: float, others: NDArray[np.float64]) -> float:
    """The share, 0 to 1, of other losses [N] that are smaller: how many images are less strange than this one."""
    return float(np.mean(others < loss))
