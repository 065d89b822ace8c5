"""The audit sheet of a model: every finding, the gravest first, and what no audit sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, get_args

from vae_core.analysis import folding
from vae_core.analysis.audit import figures
from vae_core.analysis.audit.dimensions import dimensions
from vae_core.analysis.audit.evidence import HELD_OUT, SEEN, Evidence, Finding, Severity, affordable, gathered
from vae_core.analysis.audit.pixels import pixels, pixels_of_prior
from vae_core.analysis.audit.weight import kl_weight
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.training.checkpoint import Checkpoint

_FEWEST = 20  # images: of so many two are held out, whose losses can be compared
UNSEEN = (
    "With another set of the same kind, or the same images at half the contrast, the sheet would be much the same.",
    "A KL weight that is off by less than a quarter does not show, nor one that changed during training: only its end counts.",
    "Free bits, a capacity or a total correlation in the training of a model from elsewhere change what is read, where nobody says so.",
    "Images that were learnt from and are called held out do not show.",
)
"""What an audit cannot see, in sentences."""

_CHECKS: tuple[tuple[str, Callable[[Evidence], Iterable[Finding]]], ...] = (
    ("Reading the KL weight back …", kl_weight),
    ("Looking at each dimension …", dimensions),
    ("Looking at pixels …", pixels),
    ("Comparing with a constant picture …", figures.against_constant),
    ("Comparing σ with the error …", figures.noise),
    ("Comparing training with held-out images …", figures.overfit),
    ("Looking for holes …", figures.holes),
    ("Judging samples …", figures.samples),
)


class Sheet(NamedTuple):
    """What an audit found.

    Attributes:
        findings: the gravest first.
        images: how many it looked at.
        unseen: what it cannot see, in sentences.
    """

    findings: tuple[Finding, ...]
    images: int
    unseen: tuple[str, ...]


def audit(point: Checkpoint, images: Images | None, tell: Callable[[float, str], None]) -> Sheet:
    """Audit a model on images.

    Args:
        point: the model; a multi-rate one is judged at the β of its card.
        images: of its shape and kind, best those that it learnt from; None where there are none.
        tell: is told the share that is done, from 0 to 1, and what comes next.

    Raises:
        InputError: the images are of another shape.
    """
    plain = folding.plain(point)
    config = plain.card.model
    wanted = (config.channels, config.height, config.width)
    if images is not None and images.shape != wanted:
        raise InputError(f"The model takes images of {wanted} (channels, height, width), and these have {images.shape}.")
    if images is None or len(images) < _FEWEST:
        empty = "Without images of its kind most of this sheet stays empty: name some."
        why = empty if images is None else f"An audit takes {_FEWEST} images, and here are {len(images)}: name more."
        missing = Finding("Images", "not measured", why, None)
        return Sheet(_sorted([missing, pixels_of_prior(plain.model)]), 0, UNSEEN)
    tell(0.0, "Encoding images …")
    evidence = gathered(plain, images)
    if not figures.finite(evidence):
        broken = Finding("Codes", "fault", "The encoder gives numbers that are not finite, so nothing can be measured.", None)
        return Sheet((broken,), len(evidence.sample), UNSEEN)
    found: list[Finding] = []
    if affordable(config) < SEEN + HELD_OUT:
        few = f"Its network is slow or its code is long, so this sheet is from {len(evidence.sample):,} images; others are from 5,000."
        found.append(Finding("Images", "not measured", few, None))
    for done, (words, check) in enumerate(_CHECKS, start=1):
        tell(done / (len(_CHECKS) + 1), words)
        found += check(evidence)
    return Sheet(_sorted(found), len(evidence.sample), UNSEEN)


def _sorted(found: Iterable[Finding]) -> tuple[Finding, ...]:
    order = get_args(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))
