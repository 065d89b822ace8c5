"""What each latent dimension is used for: those that carry nothing, those that cost and tell nothing, and widths that cannot be right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.analysis.audit.evidence import Evidence, Finding, number
from vae_core.base.display import dimension_name, percent
from vae_core.model.macs import macs_of
from vae_core.model.vae import VAE
from vae_core.training.objectives import unused

_WIDER, _SHARE = 1.1, 0.05  # σ, and of all widths: above both, no training has made them
_ALIKE = 0.01  # spread of log σ² over images and dimensions
_COSTS, _TELLS = 0.1, 0.02  # nats; and of the spread of a dimension's codes, what its means have
_NAMED = 12  # dimensions, at most, in a sentence
_SAME = 0.98  # correlation of two dimensions
_MOVED, _TRIED = 1e-4, 64  # of the [0, 1] pixel scale, and images on which a dimension is moved
_SURELY, _PROBES = 2, 4  # times as far by the slope at the codes: then it need not be moved; and directions of pixels of that slope
_AT_ONCE = 8  # pictures: what a slope needs of a large network takes megabytes of each
_PRODUCTS, _FEWEST = 60_000_000_000, 16  # multiplications of all that is moved, some seconds; but so many dimensions at least


def dimensions(evidence: Evidence) -> Iterator[Finding]:
    """Findings about a variational model's dimensions; none about a plain autoencoder's."""
    codes = evidence.codes
    if not evidence.model.config.variational:
        return
    kl = codes.kl().mean(axis=0)
    used = ~unused(kl)
    yield _unused(used)
    yield from _widths(evidence, used)
    if used.any():
        yield from _tell_nothing(evidence, kl)
        yield from _ignored(evidence, kl)
        yield from _twins(evidence, used)


def _unused(used: NDArray[np.bool_]) -> Finding:
    latent, lost = len(used), int((~used).sum())
    if lost == latent:
        sentence = (
            f"All {latent:,} dimensions are unused: the code says nothing of the image, and every picture is the same average. That is so "
            "where β is too large, or where the reconstruction was averaged over the pixel values and the KL was not."
        )
        return Finding("Unused dimensions", "fault", sentence, lost)
    if 2 * lost >= latent:
        sentence = f"{lost:,} of {latent:,} dimensions are unused: their KL is below 0.01 nats. {latent - lost:,} would do."
        return Finding("Unused dimensions", "doubt", sentence, lost)
    sentence = (
        f"{lost:,} of {latent:,} dimensions {'is' if lost == 1 else 'are'} unused." if lost else f"All {latent:,} dimensions are used."
    )
    return Finding("Unused dimensions", "sound", sentence, lost)


def _widths(evidence: Evidence, used: NDArray[np.bool_]) -> Iterator[Finding]:
    logvar = evidence.codes.logvar
    wide = float((np.exp(0.5 * logvar) > _WIDER).mean())
    if wide > _SHARE:
        sentence = (
            f"{percent(wide)} of the widths σ are above {_WIDER:g}. Wider than the prior costs rate and blurs pictures, so training leaves "
            "none: they are read as something else than they are, or were never trained."
        )
        yield Finding("Widths", "fault", sentence, wide)
    elif used.sum() > 1 and logvar[:, used].std() < _ALIKE:
        sigma = float(np.exp(0.5 * logvar[:, used].mean()))
        sentence = f"σ is {number(sigma)} in every dimension and for every image: it is set, not learnt."
        yield Finding("Widths", "fault", sentence, sigma)
    elif used.any():
        low, high = np.quantile(np.exp(0.5 * logvar[:, used]), [0.05, 0.95]).tolist()
        sentence = f"σ of the used dimensions goes from {number(low)} to {number(high)} (5 % to 95 %)."
        yield Finding("Widths", "sound", sentence, None)


def _tell_nothing(evidence: Evidence, kl: NDArray[np.float64]) -> Iterator[Finding]:
    """Dimensions that cost, though their means are the same for every image."""
    mean, logvar = evidence.codes
    told = mean.var(axis=0, dtype=np.float64)
    idle = (kl > _COSTS) & (told < _TELLS * (told + np.exp(logvar).mean(axis=0)))
    if idle.any():
        cost = float(kl[idle].sum())
        sentence = (
            f"{_names(idle)}: the mean is the same for every image, so nothing is told, and {cost:.2f} nats are paid for it each time."
        )
        yield Finding("Idle dimensions", "fault", sentence, cost)


def _ignored(evidence: Evidence, kl: NDArray[np.float64]) -> Iterator[Finding]:
    """Dimensions that the encoder pays for and the decoder does not look at: nothing moves with them."""
    model = evidence.model
    dtype = next(model.parameters()).dtype
    z = torch.tensor(evidence.codes.mean[:_TRIED], dtype=dtype)
    spread = evidence.codes.mean.std(axis=0) + evidence.codes.std.mean(axis=0)
    suspects = np.flatnonzero((kl > _COSTS) & ~(spread * _slopes(model, z) >= _SURELY * _MOVED))
    suspects = suspects[np.argsort(-kl[suspects], kind="stable")]  # those that cost most first
    most = max(_FEWEST, _PRODUCTS // (len(z) * max(1, macs_of(model.config))))
    ignored = np.zeros(len(kl), np.bool_)
    with torch.inference_mode():
        still = model.likelihood.mean(model.decode(z))
        for dim in suspects[:most].tolist():
            step = torch.zeros_like(z)
            step[:, dim] = float(spread[dim])
            ignored[dim] = (model.likelihood.mean(model.decode(z + step)) - still).square().mean().sqrt().item() < _MOVED
    if len(suspects) > most:
        sentence = (
            f"{len(suspects):,} of {len(kl):,} dimensions hardly move a picture. Of these only the {most:,} that cost most were tried on "
            "images: all of them would take minutes."
        )
        yield Finding("Ignored dimensions", "not measured", sentence, len(suspects))
    if ignored.any():
        cost = float(kl[ignored].sum())
        sentence = f"{_names(ignored)}: the encoder pays {cost:.2f} nats for every image, and no picture changes with what it says there."
        yield Finding("Ignored dimensions", "fault", sentence, cost)


def _slopes(model: VAE, codes: Tensor) -> NDArray[np.float64]:
    """How far the pictures of codes [N, K] move with each dimension: root mean squared, of a pixel, a unit of the code; float64 [K].

    Estimated for all dimensions at once, by the slopes of pictures along random directions of their pixels.
    """
    generator = torch.Generator().manual_seed(0)
    squares = np.zeros(codes.shape[1])
    for some in [*torch.split(codes, _AT_ONCE)] * _PROBES:
        z = some.clone().requires_grad_()
        pictures = model.likelihood.mean(model.decode(z))
        (slope,) = torch.autograd.grad((pictures * torch.randn(pictures.shape, generator=generator, dtype=pictures.dtype)).sum(), z)
        squares += slope.double().square().sum(0).numpy() / pictures[0].numel()
    found: NDArray[np.float64] = np.sqrt(squares / (_PROBES * len(codes)))
    return found


def _twins(evidence: Evidence, used: NDArray[np.bool_]) -> Iterator[Finding]:
    """Two dimensions that say the same."""
    places = np.flatnonzero(used & (evidence.codes.mean.std(axis=0) > 0))
    if len(places) < 2:
        return
    related = np.triu(np.abs(np.corrcoef(evidence.codes.mean[:, places].astype(np.float64), rowvar=False)), 1)
    one, other = np.unravel_index(np.argmax(related), related.shape)
    if related[one, other] > _SAME:
        sentence = (
            f"{dimension_name(int(places[one]))} and {dimension_name(int(places[other]))} say the same: their means have a correlation of "
            f"{related[one, other]:.2f}."
        )
        yield Finding("Twin dimensions", "doubt", sentence, float(related[one, other]))


def _names(which: NDArray[np.bool_]) -> str:
    names = [dimension_name(dim) for dim in np.flatnonzero(which).tolist()]
    return ", ".join(names) if len(names) <= _NAMED else f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"
