"""`VAE`: encoder, decoder and likelihood as one module; for one KL weight, or for each of a range of them."""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from vae_core.base.config import MAX_PARAMETERS, ModelConfig
from vae_core.base.errors import InputError
from vae_core.model import gates, networks
from vae_core.model.gates import CodeGate, PairGate
from vae_core.model.gaussian import DiagonalGaussian, bound_logvar
from vae_core.model.likelihoods import LIKELIHOODS, Likelihood

Weights: TypeAlias = Tensor | float | tuple[float, float]
"""One KL weight for all images, or one for each, [B]. Or a pair, of D_μ and of D_σ: for all images, or one for each, [B, 2]."""

_ONE_WEIGHT = "This model was trained with one KL weight and takes no other."


class Passage(NamedTuple):
    """What one pass through the model made: z is the very code that was decoded."""

    posterior: DiagonalGaussian
    z: Tensor
    params: Tensor


class VAE(nn.Module):
    """A variational autoencoder with a standard normal prior; with ``variational=False`` a deterministic autoencoder.

    With a `beta_range` the KL weight β is an argument, a number for all images or one for each, [B]: it opens and shuts gates between
    the layers, and one for each latent dimension, whose factor multiplies μ, log σ² and the z to be decoded (`gates.CodeGate`). A
    `split` model takes a pair, (β_μ, β_σ) or [B, 2]; there, a single number means both. Without a range, β must be left out.

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
            self.code_gate = _code_gate(config)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions then take up to a third less time

    @property
    def parameter_count(self) -> int:
        """Number of weights and biases, and of σ where it is learned."""
        return _parameters(self)

    def encode(self, x: Tensor, beta: Weights | None = None) -> DiagonalGaussian:
        """q(z|x) for images x in [0, 1], [B, C, H, W]; a deterministic autoencoder's code is a Gaussian of no width (log σ² = −∞).

        Raises:
            InputError: β is outside the model's range, is missing, or is given to a model of one KL weight.
        """
        return self._encode(x, self._standardised(beta, x))

    def decode(self, z: Tensor, beta: Weights | None = None) -> Tensor:
        """The likelihood's parameters [B, C, H, W] for codes z [B, K]; `self.likelihood.mean` turns them into the image.

        Raises:
            InputError: as `encode`.
        """
        return self._decode(z, self._standardised(beta, z))

    def forward(self, x: Tensor, generator: torch.Generator, beta: Weights | None = None, *, reach: float = 1.0) -> Passage:
        """Encode, draw one code per image and decode it; β may go up to `reach` times the upper end of the range."""
        h = self._standardised(beta, x, reach)
        posterior = self._encode(x, h)
        z = posterior.sample(generator) if self.config.variational else posterior.mode
        return Passage(posterior, z, self._decode(z, h))

    @torch.no_grad()
    def at(self, beta: float | tuple[float, float]) -> VAE:
        """Fold this model at β, or at a pair; returns the plain model, a copy of the weights with the gates worked in.

        Raises:
            InputError: as `encode`.
        """
        h = self._standardised(beta, next(self.parameters()))
        if h is None or self.code_gate is None:
            raise InputError(_ONE_WEIGHT)
        plain = VAE(self.config.model_copy(update={"beta_range": None, "split": False}))
        plain.likelihood = deepcopy(self.likelihood)
        plain.encoder, plain.decoder = (networks.without_gates(network, h) for network in (self.encoder, self.decoder))
        mean, logvar, shift, code = (part[0] for part in self.code_gate.turned(h))
        networks.scale_outputs(plain.encoder[-1], torch.cat([mean, logvar]), torch.cat([torch.zeros_like(shift), shift]))
        networks.scale_inputs(plain.decoder[0], code)
        return plain.train(self.training)

    def extra_repr(self) -> str:
        """The first line of the module's repr."""
        c = self.config
        kind = "VAE" if c.variational else "deterministic autoencoder"
        return f"{kind}, {c.channels} x {c.height} x {c.width} images, {c.latent} latent dimensions, {self.parameter_count:,} parameters"

    def _encode(self, x: Tensor, h: Tensor | None) -> DiagonalGaussian:
        out = networks.through(self.encoder, x, h).to(x.dtype)  # under autocast it is not
        if not self.config.variational:
            return DiagonalGaussian(out, torch.full_like(out, -torch.inf))
        mean, raw = out.chunk(2, dim=1)
        if self.code_gate is not None and h is not None:
            turn = self.code_gate.turned(h)
            mean, raw = mean * turn.mean, raw * turn.logvar + turn.shift
        if self.config.body == "graph":  # its maker's code has no bound
            return DiagonalGaussian(mean, raw)
        return DiagonalGaussian(mean, bound_logvar(raw, self.config.lowest_logvar))

    def _decode(self, z: Tensor, h: Tensor | None) -> Tensor:
        if self.code_gate is not None and h is not None:
            z = z * self.code_gate.turned(h).code
        return networks.through(self.decoder, z, h).to(z.dtype)

    def _standardised(self, beta: Weights | None, like: Tensor, reach: float = 1.0) -> Tensor | None:
        """h for the gates, [B] or [B, 2], B perhaps 1, of the dtype and on the device of `like`; None for a model of one KL weight."""
        if self.config.beta_range is None:
            if beta is not None:
                raise InputError(_ONE_WEIGHT)
            return None
        low, high = self.config.beta_range
        if beta is None:
            raise InputError(f"This model is one for every KL weight from {low:g} to {high:g}: say which.")
        weight = torch.as_tensor(beta, dtype=like.dtype, device=like.device)
        if self.config.split:
            weight = weight.expand(1, 2) if weight.dim() == 0 else weight.reshape(-1, 2)
        elif isinstance(beta, tuple) or weight.dim() > 1:
            raise InputError("This model takes one KL weight for the whole rate, not a pair.")
        else:
            weight = weight.reshape(-1)
        ends = weight.new_tensor([low, high * reach])  # in the precision of the weights
        outside = ~((weight >= ends[0]) & (weight <= ends[1]))  # NaN is outside
        if outside.any():
            name = ("β_μ = ", "β_σ = ")[int(outside.nonzero()[0, 1])] if self.config.split else ""
            raise InputError(f"KL weight {name}{weight[outside][0].item():g} is outside this model's range, {low:g} to {high:g}.")
        return gates.standardised(weight, self.config.beta_range)


def count_parameters(config: ModelConfig) -> int:
    """Number of weights and biases of such a model, and of σ where it is learned; nothing is made.

    Raises:
        InputError: more than 50 million.
    """
    with torch.device("meta"):
        parts = (networks.encoder(config, _encoder_outputs(config)), networks.decoder(config), _code_gate(config), _likelihood(config))
        size = sum(_parameters(part) for part in parts if part is not None)
    if size > MAX_PARAMETERS:
        raise InputError(f"This model would have {size:,} parameters; the limit is {MAX_PARAMETERS:,}: choose smaller hidden layers.")
    return size


def _likelihood(config: ModelConfig) -> Likelihood:
    return LIKELIHOODS[config.likelihood].of_sigma[config.sigma_is](config.sigma)


def _code_gate(config: ModelConfig) -> CodeGate | PairGate | None:
    if config.beta_range is None:
        return None
    if config.split:
        return PairGate(config.latent, config.beta_range)
    return CodeGate(config.latent, config.beta_range, config.widths)


def _encoder_outputs(config: ModelConfig) -> int:
    return 2 * config.latent if config.variational else config.latent


def _parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
