"""A small model in whose two networks each layer stands that a model from elsewhere can have."""

from __future__ import annotations

from typing import get_args

import numpy as np
import torch

from vae_core.base import layers as made
from vae_core.base.config import ModelConfig
from vae_core.base.layers import Graphs, Layer
from vae_core.model.vae import VAE


def encoder() -> list[Layer]:
    """[1, 8, 10] → means and log-variances of K = 3."""
    functions = get_args(made.PointwiseName)
    settings = {"clip": (0.3, 0.7), "power": (2.0, 0.0), "selu": (1.6, 1.05), "hard_sigmoid": (0.2, 0.5), "elu": (0.7, 0.0)}
    network: list[Layer] = [
        made.Affine(scale=(1,), shift=(1, 1, 1)),
        made.Conv(inputs=1, outputs=4, kernel=(3, 2), stride=(2, 1), padding=(0, 1, 1, 2), bias=True),
        made.PRelu(shape=(4, 1, 1)),
        made.Conv(inputs=4, outputs=4, kernel=(2, 2), stride=(1, 1), padding=(1, 1, 1, 1), dilation=(2, 2), groups=2, bias=False),
        made.Normalise(axes=2, epsilon=1e-4),
        made.Combine(function="add", takes=(5, 3)),
        made.Pool(function="max", kernel=(2, 3), stride=(1, 2), padding=(1, 1, 0, 1)),
        made.Pool(function="mean", kernel=(2, 2), stride=(2, 2), padding=(0, 1, 1, 0), takes=(6,)),
        made.Reduce(function="mean", axes=2, takes=(7,)),
        made.Reduce(function="max", axes=2, takes=(8,)),
        made.Combine(function="multiply", takes=(7, 9)),  # one number a channel, spread over it
        made.Reduce(function="mean", axes=1),
        made.Concat(axis=1, takes=(9, 10)),
        made.Reshape(shape=(8,)),
        made.Pointwise(function="sigmoid"),
        *(
            made.Pointwise(function=name, a=settings.get(name, (0.1, 0))[0], b=settings.get(name, (0, 0.0))[1], takes=(15,))
            for name in functions
        ),
    ]
    first = len(network) - len(functions)
    network.append(made.Concat(axis=0, takes=tuple(range(first + 1, len(network) + 1))))
    network.append(made.Linear(inputs=8 * len(functions), outputs=12, bias=True))
    network.append(made.Take(axis=0, start=10, step=-2, count=6))
    return network


def decoder() -> list[Layer]:
    """K = 3 → [1, 8, 10]."""
    return [
        made.Linear(inputs=3, outputs=24, bias=False),
        made.Pointwise(function="leaky_relu", a=0.2),
        made.Reshape(shape=(2, 3, 4)),
        made.Transpose(order=(1, 0, 2)),
        made.Reshape(shape=(6, 2, 2)),
        made.Affine(scale=(6, 1, 1), shift=(2, 2)),
        made.ConvTranspose(inputs=6, outputs=4, kernel=(3, 2), stride=(2, 1), padding=(1, 0, 0, -1), groups=2, bias=True),
        made.Resize(
            size=(5, 6), scales=(1.25, 1.5), mode="linear", coordinates="half_pixel"
        ),
        made.Pad(padding=(1, 2, 1, 0), mode="reflect"),
        made.Pad(padding=(0, 1, 1, -1), mode="constant", value=0.5),
        made.Resize(size=(4, 5), scales=(0.5, 0.625), mode="nearest", coordinates="asymmetric", rounding="floor"),
        made.Pad(padding=(1, 0, 0, 1), mode="edge"),
        made.Affine(scale=None, shift=(4, 5, 6)),
        made.Combine(function="subtract", takes=(13, 12)),
        made.Pointwise(function="exp", takes=(12,)),
        made.Combine(function="divide", takes=(14, 15)),
        made.ConvTranspose(inputs=4, outputs=1, kernel=(3, 3), stride=(2, 2), padding=(2, 1, 1, 2), dilation=(1, 1), bias=True),
    ]  # fmt: skip


@torch.no_grad()
def graph_model() -> VAE:
    """The model, with weights that are large enough to matter."""
    graph = Graphs(encoder=tuple(encoder()), decoder=tuple(decoder()))
    config = ModelConfig(body="graph", channels=1, height=8, width=10, latent=3, graph=graph, likelihood="gaussian", sigma=1.0)
    model = VAE(config).requires_grad_(False)
    for seed, parameter in enumerate(model.parameters()):
        drawn = np.random.default_rng(seed).normal(size=tuple(parameter.shape)).astype(np.float32)
        parameter.copy_(torch.from_numpy(drawn) / max(1, parameter[0].numel() if parameter.dim() else 1) ** 0.5)
    return model
