"""What the usual figures say of a model: against a constant picture, of its σ, on held-out images, of the prior and of samples."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from vae_core.analysis import coverage
from vae_core.analysis.audit.evidence import Evidence, Finding, Severity, number
from vae_core.analysis.audit.weight import root_mean_squared_error
from vae_core.analysis.constant import Verdict, constant_picture, sentence, verdict
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.fidelity import FEWEST, Fidelity, judge_of
from vae_core.analysis.pictures import of_images
from vae_core.analysis.strangeness import losses
from vae_core.base.display import percent, with_error
from vae_core.training.figures import figures_of

_OFF = 1.5  # a factor between σ and the error that it stands for
_JUDGED = 500  # images of each part at most whose losses are compared
_SURE, _MATTERS = 4, 0.5  # standard errors; and of the spread of the loss from image to image
_POOR, _ALIKE = 0.5, 0.25  # of the precision, and of the recall, that other images reach
_FEWEST = 100  # images of each part, without which nothing is said of holes


def against_constant(evidence: Evidence) -> Iterator[Finding]:
    """The loss on held-out images, counted with β of the card, against that of the mean training image."""
    card, variational = evidence.card, evidence.model.config.variational
    constant = constant_picture(evidence.sample, card.model, card.train)
    figures = figures_of(evaluate(evidence.model, evidence.held_out, beta=card.train.weights))
    severities: dict[Verdict, Severity] = {"learnt": "sound", "hardly": "doubt", "worse": "fault"}
    loss = figures.loss
    if not math.isfinite(loss):
        yield Finding("Constant picture", "fault", "Its loss on these images is no finite number.", None)
        return
    yield Finding("Constant picture", severities[verdict(loss, constant)], sentence(figures, constant, variational=variational), loss)


def noise(evidence: Evidence) -> Iterator[Finding]:
    """σ of a likelihood that has one, where training has chosen it, beside the error of reconstructions."""
    config, sigma = evidence.model.config, evidence.model.likelihood.trained_sigma()
    if sigma is None or config.sigma_is == "fixed":
        return
    error = root_mean_squared_error(evidence)
    said = f"σ is {number(sigma)}, and reconstructions from drawn codes have a root mean squared error of {number(error)}"
    off = not 1 / _OFF < sigma / error < _OFF
    yield Finding(
        "σ of pixels", "fault" if off else "sound", f"{said}: {'it is not the best one for them' if off else 'they agree'}.", sigma
    )


def overfit(evidence: Evidence) -> Iterator[Finding]:
    """−ELBO of held-out images against that of training images."""
    if not evidence.learnt:
        yield Finding("Overfit", "not measured", "The images that it learnt from are not at hand to compare held-out ones with.", None)
        return
    seen, unseen = (losses(evidence.model, part[:: math.ceil(len(part) / _JUDGED)]) for part in (evidence.seen, evidence.held_out))
    gap = float(unseen.mean() - seen.mean())
    error = math.sqrt(seen.var(ddof=1) / len(seen) + unseen.var(ddof=1) / len(unseen))
    said = f"Held-out images cost {with_error(gap, error)} nats more than training images"
    if gap > max(_SURE * error, _MATTERS * float(seen.std())):
        yield Finding("Overfit", "doubt", f"{said}: it has learnt some of these by heart. Train on more images, or stop earlier.", gap)
    else:
        yield Finding("Overfit", "sound", f"{said}.", gap)


def holes(evidence: Evidence) -> Iterator[Finding]:
    """How much of the prior no code fills, against where held-out images lie."""
    if not evidence.model.config.variational:
        return
    if min(len(evidence.seen), len(evidence.held_out)) < _FEWEST:
        yield Finding("Holes", "not measured", f"To look for holes takes {_FEWEST} images of each part.", None)
        return
    found = coverage.covered(evidence.codes, evidence.others)
    share, unseen, outside = found.figures.holes.value, found.unseen.value, found.figures.outside.value
    fate = coverage.fate(found)
    said = f"{percent(share)} of the prior holds no code of {found.count:,} images"
    if fate == "holes":
        text = f"{said}, and only {percent(unseen)} of held-out images lie there: what it draws of random codes there, it has not learnt."
    elif fate == "outside":
        text = f"{percent(outside)} of the codes lie outside what the prior draws, where 5 % should: samples show less than the images do."
    elif fate == "few":
        text = f"{said}, but so many images are too few to fill it: {percent(unseen)} of held-out images lie there too."
    else:
        text = f"The codes fill the prior: {said}."
    yield Finding("Holes", "doubt" if fate in ("holes", "outside") else "sound", text, share)


def samples(evidence: Evidence) -> Iterator[Finding]:
    """Precision and recall of samples (`fidelity`), beside what other images of the set reach."""
    if not evidence.model.config.variational:
        return
    judge = judge_of(of_images(evidence.sample))
    if judge is None:
        yield Finding("Samples", "not measured", f"To judge samples takes {FEWEST} images of each part.", None)
        return
    found: Fidelity = judge.prior(evidence.model)
    said = (
        f"Of the pictures that it draws of random codes {percent(found.precision)} lie among images, and they come near "
        f"{percent(found.recall)} of these; other images of the set reach {percent(judge.best.precision)} and {percent(judge.best.recall)}"
    )
    if found.recall < _ALIKE * judge.best.recall:
        yield Finding("Samples", "doubt", f"{said}. They show little of the set: they are blurred, or all alike.", found.recall)
    elif found.precision < _POOR * judge.best.precision:
        yield Finding("Samples", "doubt", f"{said}. Most of them are like no image.", found.precision)
    else:
        yield Finding("Samples", "sound", f"{said}.", found.precision)


def finite(evidence: Evidence) -> bool:
    """Whether the codes are finite numbers; without that nothing else is measured."""
    return bool(np.isfinite(evidence.codes.mean).all() and not np.isnan(evidence.codes.logvar).any())
