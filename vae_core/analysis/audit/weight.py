"""Which KL weight a model's widths and means betray, held against the one that its card says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from vae_core.analysis.audit.evidence import Evidence, Finding, Severity, number, on_scale
from vae_core.analysis.conventions import CONVENTIONS, Convention
from vae_core.analysis.readback import balances, errors_of, weights_of
from vae_core.base.config import SIGMAS_OF
from vae_core.base.display import with_error
from vae_core.model.macs import macs_of

_IMAGES, _FEWEST, _AT_ONCE = 512, 8, 32
_PRODUCTS = 60_000_000_000  # multiplications of all passes through the decoder, about: some seconds
_PASSES = 50  # of each image: eight pairs of noise, forward and back
TRUSTED = 0.01
"""Below this β the noise of training and of the estimate is larger than what there is to read."""
_CLOSE, _CLEAR = 1.5, 1.8  # factors: no difference, and a sure one
_UNSURE = 0.05  # β below which both are squared: training seldom comes near where the KL costs so little
_LIKE = 1.2  # a factor: how near an explanation has to come; squared, below that β
_ERRORS = 3  # standard errors that are no difference either
_APART = 5.0  # a factor between what widths and means say
_NO_CHOICE = 20.0  # a factor from 1: nearer than that, somebody may have chosen the weight of whom we know nothing
_SUMMED_MEAN = Convention(error="own", pixels="sum", latent="mean")


class _Read(NamedTuple):
    """β̂ of the widths and of the means, each with its standard error."""

    widths: float
    error: float
    means: float
    error_of_means: float

    @property
    def close(self) -> float:
        """The factor that is no difference."""
        return _CLOSE if self.widths >= _UNSURE else _CLOSE**2

    @property
    def clear(self) -> float:
        """The factor that is a sure one."""
        return _CLEAR if self.widths >= _UNSURE else _CLEAR**2


def kl_weight(evidence: Evidence) -> Iterator[Finding]:
    """β̂_σ pooled over images and used dimensions (`readback`), its standard error by the bootstrap over images, and what it means."""
    reason = _unreadable(evidence)
    if reason is None:
        read = _read(evidence)
        if math.isnan(read.widths):
            reason = "No dimension is used, so that no width balances anything."
    if reason is not None:
        yield Finding("KL weight", "not measured", f"The KL weight is not read back. {reason}", None)
        return
    origin, claim = evidence.card.origin, claimed(evidence)
    if evidence.card.model.likelihood in SIGMAS_OF and origin is not None and not origin.knows_beta:
        found = _of_unknown_sigma(evidence, read)
    elif read.widths < TRUSTED or (claim is not None and claim < TRUSTED and read.widths < _UNSURE):
        found = _small(evidence, read, claim)
    else:
        found = _against_the_claim(evidence, read, claim)
    yield found
    low, high = (read.means + side * _ERRORS * read.error_of_means for side in (-1, 1))
    if found.severity != "fault" and read.widths >= _UNSURE and (low > _APART * read.widths or high < read.widths / _APART):
        sentence = (
            f"The widths of the codes balance at β ≈ {number(read.widths)}, and their means at {number(read.means)}. In a trained model "
            "both are the same: either training was cut short, or one of the two is read as something else than it is."
        )
        yield Finding("Means and widths", "doubt", sentence, read.means)


def claimed(evidence: Evidence) -> float | None:
    """The KL weight of D_σ that the card says; None where nobody knows it."""
    card = evidence.card
    if card.origin is not None and not card.origin.knows_beta:
        return None
    return card.train.beta if card.train.beta_sigma is None else card.train.beta_sigma


def _unreadable(evidence: Evidence) -> str | None:
    """Why the weight of this training cannot be read from any balance; None where it can."""
    train, origin = evidence.card.train, evidence.card.origin
    if not evidence.model.config.variational:
        return "A plain autoencoder has no rate to weigh."
    if len(evidence.seen) < _FEWEST:
        return f"It takes {_FEWEST} images, and here are {len(evidence.seen)}."
    charged = {"a capacity": train.capacity is not None, "free bits": train.free_bits > 0, "the total correlation": train.tc > 0}
    terms = [term for term, there in charged.items() if there]
    if origin is not None and origin.objective:
        terms.append(origin.objective)
    return None if not terms else f"Its training also charged {' and '.join(terms)}, so its widths balance more than the KL term."


def _read(evidence: Evidence) -> _Read:
    affordable = int(_PRODUCTS / (_PASSES * macs_of(evidence.model.config)))
    count = min(len(evidence.seen), max(_FEWEST, min(_IMAGES, affordable)))
    pixels = evidence.seen[np.linspace(0, len(evidence.seen) - 1, count).astype(np.int64)]
    parts = torch.cat(list(balances(evidence.model, on_scale(pixels, evidence.model))))
    (widths, means), (error, error_of_means) = weights_of(parts.mean(0)), errors_of(parts)
    return _Read(widths, error, means, error_of_means)


def _against_the_claim(evidence: Evidence, read: _Read, claim: float | None) -> Finding:
    reads = f"β ≈ {with_error(read.widths, read.error)}"
    if claim is None:
        slip = _slip(evidence, read, 1.0, least=_NO_CHOICE)
        near = "" if slip is None else f", near {slip.times}, {slip.where}"
        severity: Severity = "sound" if slip is None else "doubt"
        return Finding(
            "KL weight", severity, f"The weights behave as {reads}{near}. What it was trained with, nobody has said.", read.widths
        )
    says = f"the card says {number(claim)}"
    ratio, means = read.widths / max(claim, TRUSTED), read.means / max(claim, TRUSTED)
    if 1 / read.close < ratio < read.close or abs(read.widths - claim) < _ERRORS * read.error:
        return Finding("KL weight", "sound", f"The weights behave as {reads}, and {says}.", read.widths)
    if 1 / read.clear < ratio < read.clear:
        return Finding("KL weight", "doubt", f"The weights behave as {reads}, and {says}: it may not be trained to the end.", read.widths)
    if 1 / _CLOSE < means < _CLOSE:
        sentence = (
            f"By its widths the model behaves as {reads}, but its means fit the {number(claim)} of the card: the widths are not what "
            "they are taken for, as where log σ is read as log σ²."
        )
        return Finding("KL weight", "fault", sentence, read.widths)
    slip = _slip(evidence, read, max(claim, TRUSTED))
    why = "it was trained with another weight, or not to the end" if slip is None else f"about {slip.times} times as much, as {slip.where}"
    return Finding("KL weight", "fault", f"The weights behave as {reads}, but {says}: {why}.", read.widths)


def _small(evidence: Evidence, read: _Read, claim: float | None) -> Finding:
    most = TRUSTED if read.widths < TRUSTED else _UNSURE
    behaves = f"The weights behave as a β of {most:g} or less, where it cannot be read exactly"
    if claim is not None and claim < _CLEAR * TRUSTED:
        return Finding("KL weight", "sound", f"{behaves}, and the card says {number(claim)}.", None)
    slip = _slip(evidence, read, claim or 1.0)
    why = "as where the KL term is missing" if slip is None else f"about {slip.times} times as much, as {slip.where}"
    if claim is None:
        return Finding("KL weight", "doubt", f"{behaves}: {why}.", None)
    return Finding("KL weight", "fault", f"{behaves}, but the card says {number(claim)}: {why}.", None)


def _of_unknown_sigma(evidence: Evidence, read: _Read) -> Finding:
    """For a Gaussian of unknown σ only β·σ² is known: the σ at which β would be 1, beside the error that a fitted σ would be."""
    model = evidence.model.config
    if not read.widths > 0:
        return Finding("KL weight", "doubt", "The widths of the codes say that noise does the reconstruction no harm.", None)
    sigma = CONVENTIONS["sum"].plain_sigma(read.widths, model.sigma)
    spread = sigma * read.error / (2 * read.widths)
    error = root_mean_squared_error(evidence)
    said = (
        f"Of a Gaussian decoder whose σ nobody has said only β·σ² shows: with a KL weight of 1 its σ would be {with_error(sigma, spread)}, "
        f"and the root mean squared error is {number(error)}"
    )
    if 1 / _CLEAR < sigma / error < _CLEAR:
        return Finding("KL weight", "sound", f"{said}, as of a plain VAE.", sigma)
    values = model.channels * model.height * model.width
    for name, words in _SQUARED.items():
        convention = CONVENTIONS[name]
        implied = convention.plain_sigma(convention.beta(1, values=values, latent=model.latent, sigma=1), 1)
        if 1 / _LIKE < sigma / implied < _LIKE:
            return Finding("KL weight", "doubt", f"{said}: the loss was {words}, with a weight of 1 for the KL.", sigma)
    more = "more" if sigma > error else "less"
    times = number(max(sigma / error, error / sigma) ** 2)
    return Finding("KL weight", "doubt", f"{said}. The KL weighs {times} times {more} than in a plain VAE.", sigma)


def root_mean_squared_error(evidence: Evidence) -> float:
    """Of reconstructions from drawn codes, on the [0, 1] pixel scale: what σ of a Gaussian likelihood is at its best."""
    x, model, generator = on_scale(evidence.seen[:_IMAGES], evidence.model), evidence.model, torch.Generator().manual_seed(0)
    with torch.inference_mode():
        parts = torch.split(x, _AT_ONCE)
        squares = [(model.likelihood.mean(model(some, generator).params) - some).square().sum() for some in parts]
        return math.sqrt(torch.stack(squares).sum().item() / x.numel())


_SQUARED = {
    "half": "half the squared error, summed over the pixel values",
    "sum": "the squared error summed over the pixel values, without its ½",
    "mean": "the squared error averaged over the pixel values and the KL summed",
    "means": "the squared error averaged over the pixel values and the KL averaged over the dimensions",
}
"""Losses of `CONVENTIONS`, in words."""


class _Slip(NamedTuple):
    """A slip in a loss: how many times the KL weight it makes of the one that is meant, as a number and in words, and what it is."""

    factor: float
    times: str
    where: str


def _slips(evidence: Evidence) -> Iterator[_Slip]:
    """The slips that are known, for the sizes of this model."""
    model = evidence.model.config
    values, latent, sigma = model.channels * model.height * model.width, model.latent, model.sigma
    entropy, normalised = CONVENTIONS["entropy"], CONVENTIONS["normalised"]
    pixels, dimensions = f"the {values:,} pixel values", f"the {latent} dimensions"
    averaged = entropy.beta(1, values=values, latent=latent, sigma=sigma)
    yield _Slip(averaged, f"{values:,}", f"where the reconstruction was averaged over {pixels} and the KL was not")
    yield _Slip(1 / averaged, f"1/{values:,}", f"where the KL was averaged over {pixels} and the reconstruction was not")
    both = normalised.beta(1, values=values, latent=latent, sigma=sigma)
    yield _Slip(both, f"{values:,}/{latent}", f"where the reconstruction was averaged over {pixels} and the KL over {dimensions}")
    summed = _SUMMED_MEAN.beta(1, values=values, latent=latent, sigma=sigma)
    yield _Slip(summed, f"1/{latent}", f"where the KL was averaged over {dimensions} and the reconstruction was summed")
    yield _Slip(2.0, "2", "where the KL has lost its ½")
    if model.likelihood == "gaussian":
        for name, words in _SQUARED.items():
            beta = CONVENTIONS[name].beta(1, values=values, latent=latent, sigma=sigma)
            yield _Slip(beta, number(beta), f"where the loss was {words}")
    if evidence.card.origin is None:
        batch = evidence.card.train.batch
        images = f"the {batch} images of a batch"
        yield _Slip(1 / batch, f"1/{batch}", f"where the KL was averaged over {images} and the reconstruction was summed")
        yield _Slip(batch, f"{batch}", f"where the reconstruction was averaged over {images} and the KL was summed")


def _slip(evidence: Evidence, read: _Read, meant: float, *, least: float = _CLOSE) -> _Slip | None:
    """The slip of at least such a factor that comes nearest to what was read where this was meant; None where none comes near."""
    known = [slip for slip in _slips(evidence) if not 1 / least < slip.factor < least]
    if read.widths <= 0 or not known:
        return None
    best = min(known, key=lambda slip: abs(math.log(read.widths / meant / slip.factor)))
    like = _LIKE if read.widths >= _UNSURE else _LIKE**2
    return best if 1 / like < read.widths / meant / best.factor < like else None
