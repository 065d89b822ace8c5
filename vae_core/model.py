"""`VAE`: encoder, decoder and likelihood as one module."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from vae_core import networks
from vae_core.config import MAX_PARAMETERS, ModelConfig
from vae_core.errors import InputError
from vae_core.gaussian import DiagonalGaussian, bound_logvar
from vae_core.likelihoods import LIKELIHOODS, Likelihood


class Passage(NamedTuple):
    """What one pass through the model made: z is the very code that was decoded."""

    posterior: DiagonalGaussian
    z: Tensor
    params: Tensor


class VAE(nn.Module):
    """A variational autoencoder with a standard normal prior; with ``variational=False`` a deterministic autoencoder.

    Args:
        config: the model's shape.
        seed: of the initial weights; torch's global generator is left as it was.

    Raises:
        InputError: the configuration asks for more than 50 million parameters.
    """

    def __init__(self, config: ModelConfig, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        self.likelihood = _likelihood(config)
        count_parameters(config)  # refuses before anything is allocated
        outputs = _encoder_outputs(config)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder = networks.encoder(config, outputs)
            self.decoder = networks.decoder(config)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions then take up to a third less time

    @property
    def parameter_count(self) -> int:
        """Number of weights and biases, and of σ where it is learned."""
        return _parameters(self)

    def encode(self, x: Tensor) -> DiagonalGaussian:
        """q(z|x) for images x in [0, 1], [B, C, H, W]; a deterministic autoencoder's code is a Gaussian of no width (log σ² = −∞)."""
        out = self.encoder(x).to(x.dtype)  # under autocast it is not
        if not self.config.variational:
            return DiagonalGaussian(out, torch.full_like(out, -torch.inf))
        mean, raw = out.chunk(2, dim=1)
        return DiagonalGaussian(mean, bound_logvar(raw))

    def decode(self, z: Tensor) -> Tensor:
        """The likelihood's parameters [B, C, H, W] for codes z [B, K]; `self.likelihood.mean` turns them into the image."""
        params: Tensor = self.decoder(z)
        return params.to(z.dtype)

    def forward(self, x: Tensor, generator: torch.Generator) -> Passage:
        """Encode, draw one code per image and decode it."""
        posterior = self.encode(x)
        z = posterior.sample(generator) if self.config.variational else posterior.mode
        return Passage(posterior, z, self.decode(z))

    def extra_repr(self) -> str:
        """The first line of the module's repr."""
        c = self.config
        kind = "VAE" if c.variational else "deterministic autoencoder"
        return f"{kind}, {c.channels} x {c.height} x {c.width} images, {c.latent} latent dimensions, {self.parameter_count:,} parameters"


def count_parameters(config: ModelConfig) -> int:
    """Number of weights and biases, and of σ where it is learned, of such a model, without making them.

    Raises:
        InputError: more than 50 million.
    """
    with torch.device("meta"):
        parts = (networks.encoder(config, _encoder_outputs(config)), networks.decoder(config), _likelihood(config))
        size = sum(map(_parameters, parts))
    if size > MAX_PARAMETERS:
        raise InputError(f"This model would have {size:,} parameters; the limit is {MAX_PARAMETERS:,}: choose smaller hidden layers.")
    return size


def _likelihood(config: ModelConfig) -> Likelihood:
    return LIKELIHOODS[config.likelihood, config.sigma_is](config.sigma)


def _encoder_outputs(config: ModelConfig) -> int:
    return 2 * config.latent if config.variational else config.latent


def _parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
