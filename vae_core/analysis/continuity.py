"""Continuity: how much a picture changes when its code takes one small step in any direction."""

from __future__ import annotations

import numpy as np
import torch

from vae_core.analysis.explore import Floats
from vae_core.analysis.posterior import Doubles
from vae_core.model.vae import VAE


@torch.inference_mode()
def changes(model: VAE, codes: Floats, *, length: float = 1.0, seed: int = 0) -> Doubles:
    """How much each picture changes over a step of this length in a direction of its own, float64 [N]: the root mean square over its
    values on the [0, 1] scale.

    Args:
        model: decodes.
        codes: where the steps begin, [N, K].
        length: of the step, in units of z.
        seed: of the directions, which are uniform over the sphere.
    """
    directions = np.random.default_rng(seed).normal(size=codes.shape)
    directions *= length / np.linalg.norm(directions, axis=1, keepdims=True)
    before, after = (_means(model, codes + step) for step in (0 * directions, directions))
    apart: Doubles = np.sqrt(np.square(after - before).reshape(len(codes), -1).mean(axis=1))
    return apart


def _means(model: VAE, codes: Doubles) -> Doubles:
    weight = next(model.parameters())
    parts = torch.split(torch.tensor(codes, dtype=weight.dtype), 512)
    return torch.cat([model.likelihood.mean(model.decode(part)) for part in parts]).double().numpy()
