"""The two steps of the lesson that show a whole live part of the app: the replay of a training, and the sliders of a multi-rate model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore, lesson, tradeoff, tradeoff_file
from vae_core.analysis.pictures import of_test_part
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.tradeoff import Tradeoff
from vae_core.analysis.unfolding import unfolding
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.export.lesson_content import EVERY_WEIGHT, SMALL, Shared, Told, floats
from vae_core.export.live_content import NUMBERS, Keep
from vae_core.export.multirate_content import multirate_data, trained_alone
from vae_core.export.replay_content import replay_data, sheet_of
from vae_core.export.wire.builders import painted_groups
from vae_core.export.wire.lesson import ForcesStep, TradeoffStep
from vae_core.export.wire.records import WeightsSource
from vae_core.training import snapshots
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.snapshots import SHOWN

_MAPPED, _EXAMPLES, _COUNT = 500, 8, 8


def forces(shared: Shared, keep: Keep) -> Told:
    """Step 7: a training, replayed."""
    history = snapshots.read(snapshots.place_of(shared.models.folders[SMALL]))
    if history is None:
        raise InputError(f"The bundled model {SMALL} has lost the snapshots of its training: install Latent Loom again.")
    images = len(history.subjects.pixels)
    sheet = keep(sheet_of(history, range(images)), "image/png")
    found = unfolding(history, variational=True)
    shown = range(min(SHOWN, images))
    given: ForcesStep = {
        "right": 1,
        "replay": replay_data(SMALL, history, found, variational=True, shown=list(shown), sheet=sheet),
        "images": images,
    }
    return Told(given, {})


def the_tradeoff(shared: Shared, keep: Keep) -> Told:
    """Step 8: the sliders of the KL weight page, and what random codes reach at both ends and at the best weight."""
    models, digits = shared.models, shared.digits
    point, latent = models.points[EVERY_WEIGHT], models.points[EVERY_WEIGHT].card.model.latent
    others = [models.points[key] for key in models.alone]
    own = _kept(models.folders[EVERY_WEIGHT], point, digits)
    found = tradeoff.joined(own, [_kept(models.folders[key], other, digits) for key, other in zip(models.alone, others, strict=True)])
    if found.samples is None:
        raise InputError(f"The figures of {EVERY_WEIGHT} say nothing of samples: install Latent Loom again.")
    known = of_test_part(digits)
    rows = known.chosen(_MAPPED)
    assert digits.labels is not None
    painted = painted_groups(digits.labels, digits.class_names)
    posterior = _at_stations(point, others, digits.pixels[rows], found)
    answer = lesson.weighed(found)
    given: TradeoffStep = {
        "right": answer.right,
        "multirate": multirate_data(
            source=_source(EVERY_WEIGHT),
            alone=[{"model": _source(key), "words": trained_alone(other.card)} for key, other in zip(models.alone, others, strict=True)],
            beta=(1.0,),
            tradeoff=found,
            dedicated=(),
            pictures=known.take(known.chosen(_EXAMPLES)),
            pictures_note="Test images, which the model has not seen.",
            noise=explore.sample_prior(latent, _COUNT, seed=0),
            codes=keep(floats(np.concatenate([posterior.mean, posterior.std])), NUMBERS),
            labels=keep(floats(painted.values[rows]), NUMBERS),
            classes=painted,
            place=None,
        ),
    }
    return Told(given, answer.figures)


def _kept(folder: Path, point: Checkpoint, digits: Images) -> Tradeoff:
    """The figures that a bundled model brings: of these images, or else of those that it learnt from."""
    card = point.card.model_copy(update={"data": point.card.data.model_copy(update={"identity": digits.identity})})
    found = tradeoff_file.kept(folder, replace(point, card=card), original=True) or tradeoff_file.kept(folder, point, original=True)
    if found is None:
        raise InputError(f'The bundled model "{point.card.name}" has lost its figures: install Latent Loom again.')
    return found


def _at_stations(point: Checkpoint, others: list[Checkpoint], pixels: NDArray[np.uint8], found: Tradeoff) -> Posterior:
    """The posteriors of pictures at all weights of the slider, [S, n, K]."""
    axis = tradeoff.stations(point.card.model)[0]
    parts = [tradeoff.posteriors(other.model, pixels, tradeoff.axes_of(other)) for other in others]
    parts.append(tradeoff.posteriors(point.model, pixels, (axis[len(axis) - len(found.axes[0]) + len(others) :],)))
    return Posterior(*(_joined([getattr(part, name) for part in parts]) for name in ("mean", "logvar")))


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts)


def _source(key: str) -> WeightsSource:
    """A model that the page finds by its id."""
    return {"hash": key, "weights": key, "stream": None}
