"""What may be wrong at a KL weight and what to do about it, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis.fidelity import Fidelity
from vae_core.base.display import percent, three_digits
from vae_core.training.objectives import unused

_FEW = 0.25  # of the images that samples reach at best: below it they are all alike
_LEAST, _SHARE = 1.0, 0.01  # an advantage of this many nats, and of this share of the range of D, is no accident


class Rival(NamedTuple):
    """A model for comparison, or the same one set to another weight: β and its D and R on the validation images, nats per image."""

    beta: float
    distortion: float
    rate: float


def given(
    kl_per_dim: NDArray[np.float64],
    own: Rival,
    rivals: Sequence[Rival],
) -> tuple[str, ...]:
    """The warnings that a model deserves at a KL weight, the gravest first; often none.

    Args:
        kl_per_dim: its mean KL in each dimension in nats, [K].
        own: the model at β.
        rivals: the same at other β, in any order; `own` may be among them. One whose rate is not defined, as a plain autoencoder's, is
            none.
    """
    found = (_collapse(kl_per_dim), _beaten(own, rivals))
    return tuple(sentence for sentence in found if sentence is not None)


def _collapse(kl_per_dim: NDArray[np.float64]) -> str | None:
    latent, lost = len(kl_per_dim), int(unused(kl_per_dim).sum())
    if lost == latent:
        return (
            f"All {latent} dimensions are unused: the code says nothing, and every picture is the same average (posterior collapse). "
            "Lower β, or warm it up during training."
        )
    if 2 * lost >= latent:
        used = latent - lost
        return (
            f"{lost} of {latent} dimensions are unused: at this β they cost more than they help. Lower β to bring them back, or keep β "
            f"and train with {used} dimension{'' if used == 1 else 's'}, which should do about as well."
        )
    return None


def _beaten(own: Rival, rivals: Sequence[Rival]) -> str | None:
    """A sentence where another model is better by the measure of this β, D + β·R; None where the model at β is best, as it should be."""
    rivals = [rival for rival in rivals if not math.isnan(rival.rate)]
    losses = [rival.distortion + own.beta * rival.rate for rival in rivals]
    if not losses:
        return None
    best = rivals[int(np.argmin(losses))]
    ahead = own.distortion + own.beta * own.rate - min(losses)
    distortions = [rival.distortion for rival in (own, *rivals)]
    if ahead <= max(_LEAST, _SHARE * (max(distortions) - min(distortions))) or math.isclose(best.beta, own.beta):
        return None
    said = f"Even counted with this β, unseen images cost {ahead:.1f} nats less at β = {three_digits(best.beta)},"
    if best.beta > own.beta:
        return (
            f"{said} the mark of a model that has learnt its training images by heart. "
            "Raise β, train on more images, or stop training earlier."
        )
    return f"{said} so training has not found the best model for this one. Train longer, or warm β up."


def at_the_ends(weights: Mapping[str, float], beta_range: tuple[float, float]) -> tuple[str, ...]:
    """What to say of a multi-rate model at the ends of its range, or beyond: a sentence or none.

    Args:
        weights: by what they are called, "β", or "β_μ" and "β_σ".
        beta_range: what the model was trained on.
    """
    low, high = beta_range
    named = [f"{name} = {three_digits(beta)}" for name, beta in weights.items() if not low * 1.001 < beta < high / 1.001]
    if not named:
        return ()
    are, those = " and ".join(named), "the ends" if len(named) > 1 else "the end"
    if all(low <= beta * 1.001 and beta <= high * 1.001 for beta in weights.values()):
        return (
            f"{are}: {those} of what this model was trained on, where one model for every KL weight is least exact. "
            "Compare it with a model of this weight alone, or train a wider range.",
        )
    return (f"{are}: outside {low:g} to {high:g}, which this model was trained on, so what it shows is a guess. Train a wider range.",)


def of_samples(axis: Sequence[float], figures: Sequence[Fidelity], best: Fidelity, count: int) -> str:
    """What becomes of samples from one end of the KL weights to the other, said from the figures alone; as Markdown.

    Args:
        axis: the weights, ascending.
        figures: those of the samples at each.
        best: those of other images of the set.
        count: of samples and of images, which says how far two shares must be apart to differ.
    """
    low, high = figures[0], figures[-1]
    middle = max(range(len(axis)), key=lambda place: _both(figures[place]))
    top, names = figures[middle], [three_digits(beta) for beta in (axis[0], axis[middle], axis[-1])]
    said = [
        f"**Random codes, counted.** At β = {names[0]}, {percent(low.precision)} of their pictures lie among held-out images, and "
        f"{percent(low.recall)} of these have such a picture close by. At β = {names[2]} it is {percent(high.precision)} and "
        f"{percent(high.recall)}. Other images of the set reach {percent(best.precision)} and {percent(best.recall)}."
    ]
    if _below(low.precision, top.precision, count):
        said.append(f"So samples are worse at the left end than at β = {names[1]}, where {percent(top.precision)} lie among images.")
    elif _below(low.recall, top.recall, count):
        said.append(f"At the left end they show less of the set than at β = {names[1]}, where {percent(top.recall)} have one close by.")
    else:
        said.append("So at the left end samples are as good as anywhere.")
    if high.recall < _FEW * top.recall:
        said.append("At the right end they are all alike. A blurred average lies among the images too, so only the second figure tells.")
    elif _below(high.recall, top.recall, count):
        said.append(f"At the right end they show less of the set than at β = {names[1]}, where {percent(top.recall)} have one close by.")
    elif _below(high.precision, top.precision, count):
        said.append("At the right end they are worse again.")
    else:
        said.append("At the right end they are as good.")
    return " ".join(said)


def _below(share: float, other: float, count: int) -> bool:
    """Whether a share of `count` is lower than another, by more than two standard errors of their difference."""
    return other - share > 2 * math.sqrt((share * (1 - share) + other * (1 - other)) / count)


def _both(figures: Fidelity) -> float:
    """The harmonic mean of precision and recall, which is small where one of them is."""
    total = figures.precision + figures.recall
    return 2 * figures.precision * figures.recall / total if total else 0.0
