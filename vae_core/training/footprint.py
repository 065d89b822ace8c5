"""How much memory a training takes, before it starts."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.model.vae import VAE, count_parameters
from vae_core.training.objectives import objective


def bytes_foreseen(model: ModelConfig, train: TrainConfig, images: int) -> int:
    """Bytes that a training holds besides Python and torch themselves; intermediate results of single operations come on top.

    These are weights, gradients and Adam's two moments, the images, and what a step keeps of a batch for its backward pass.

    Args:
        model, train: what is trained, and how.
        images: how many the set has.

    Raises:
        InputError: the model is too large.
    """
    parameters = count_parameters(model)
    vae = VAE(model)
    of_an_image = _kept(vae, train, 3) - _kept(vae, train, 2)
    return 4 * 4 * parameters + images * model.channels * model.height * model.width + train.batch * of_an_image


def _kept(vae: VAE, train: TrainConfig, batch: int) -> int:
    """Bytes that a step on so many images keeps for its backward pass, weights included."""
    sizes: dict[int, int] = {}
    alive: list[Tensor] = []  # so that no address is used twice

    def keep(tensor: Tensor) -> Tensor:
        alive.append(tensor)
        sizes[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    x = torch.zeros(batch, vae.config.channels, vae.config.height, vae.config.width)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        objective(vae, x, train, step=0, steps=1, training_images=batch, generator=torch.Generator().manual_seed(0)).loss.sum()
    return sum(sizes.values())
