"""What the steps of the lesson are given on a static page: tables where the app computes in Python, and the figures that the texts name."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import bound, explore, lesson, projection
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.gradients import gradients
from vae_core.analysis.lesson import off
from vae_core.base.colours import CLASS_COLOURS
from vae_core.base.display import dimension_name, percent
from vae_core.data import Images
from vae_core.data.framing import ground_of
from vae_core.export.live_content import NUMBERS, Keep
from vae_core.export.wire.builders import deck_dimensions, map_view, painted_groups
from vae_core.export.wire.lesson import (
    BeforeStep,
    BoundStep,
    BoundTruth,
    CompressStep,
    ContinuityStep,
    CreateStep,
    DreamStep,
    RegionsStep,
    TrickStep,
)
from vae_core.export.wire.records import MachineData, PathPoints
from vae_core.training.checkpoint import Checkpoint

MODEL, AUTOENCODER, SIXTEEN, EVERY_WEIGHT, SMALL = "mnist-2d", "mnist-2d-ae", "mnist-16d", "mnist-2d-rates", "digits-2d"
"""The bundled models of the lesson; the last one brings the snapshots of its training."""

_DREAMT, _MACHINE, _TAKEN = 1_500, 1_000, 12
_TENTH = 0.1
_SHARES = [round(0.02 * step, 2) for step in range(1, 51)]
_DRAWS = 1_000
_SEEN = 1e-3  # of the highest density: what is below is left out at the edges
_STRONGEST = 4
_TRAININGS = (1, 10, 100, 1_000)  # seconds: a page says below which of these a training was, so that its bytes do not change


@dataclass(frozen=True)
class LessonModels:
    """The models of the lesson.

    Attributes:
        points: the checkpoints by their ids, with those that stand in for `EVERY_WEIGHT`.
        folders: where each lies.
        alone: the ids of those that stand in, ascending in their KL weight.
    """

    points: Mapping[str, Checkpoint]
    folders: Mapping[str, Path]
    alone: Sequence[str]


class Told(NamedTuple):
    """A step as the page is given it, and the figures of its texts that do not move."""

    given: Any
    figures: dict[str, str]


class Shared(NamedTuple):
    """What several steps need."""

    models: LessonModels
    digits: Images
    one_of_each: NDArray[np.uint8]
    quality: Mapping[str, Fidelity]


def shared(models: LessonModels) -> Shared:
    """The images, which ship with the app, and how good samples of both twins are."""
    digits = data.load_exactly(lesson.DIGITS)
    quality = {key: lesson.quality(models.folders[key], models.points[key].model, digits) for key in (AUTOENCODER, MODEL)}
    return Shared(models, digits, digits.pixels[lesson.one_of_each(digits)], quality)


def compress(shared: Shared, keep: Keep) -> Told:
    """Step 1: the components, and what each further number is worth."""
    points, digits = shared.models.points, shared.digits
    model = points[SIXTEEN].model
    order = explore.axes(explore.encode(model, digits.pixels)).order
    found = lesson.components(digits)
    losses = lesson.losses(digits, found, model, order, points[MODEL].model)
    given: CompressStep = {
        "right": 1 if losses.of_two < losses.components[1] else 0,
        "order": order.tolist(),
        "components": keep(floats(np.concatenate([found.mean[None], found.directions])), NUMBERS),
        "losses": [losses.model, losses.components],
        "two": losses.of_two,
    }
    return Told(given, {"two": off(losses.of_two), "pca_2": off(losses.components[1])})


def dream(shared: Shared, keep: Keep) -> Told:
    """Step 2: both maps."""
    digits, points = shared.digits, shared.models.points
    codes = [explore.encode(points[key].model, digits.pixels).mean for key in (AUTOENCODER, MODEL)]
    spreads = [float(np.sqrt(mean.var(axis=0).mean())) for mean in codes]
    answer = lesson.dreams(shared.quality[AUTOENCODER], shared.quality[MODEL])
    assert digits.labels is not None
    given: DreamStep = {
        "right": answer.right,
        "points": keep(floats(np.stack([mean[:_DREAMT] for mean in codes])), NUMBERS),
        "labels": digits.labels[:_DREAMT].tolist(),
        "palette": CLASS_COLOURS[: len(digits.class_names)],
        "reach": max(float(np.quantile(np.abs(mean), 0.99)) for mean in codes),
    }
    return Told(given, {**answer.figures, "ae_spread": f"{spreads[0]:.1f}", "vae_spread": f"{spreads[1]:.1f}"})


def regions(shared: Shared, _keep: Keep) -> Told:
    """Step 3: the machine, and how much pictures tremble."""
    point, digits = shared.models.points[MODEL], shared.digits
    posterior = explore.encode(point.model, digits.pixels)
    rows = projection.subsample(len(digits), _MACHINE, digits.labels, seed=0)
    assert digits.labels is not None
    labels = digits.labels[rows]
    turn = np.zeros(len(rows), np.int64)
    for label in np.unique(labels):
        turn[labels == label] = np.arange(np.count_nonzero(labels == label))
    taken = rows[np.lexsort((labels, turn))[:_TAKEN]]
    plane = projection.raw(posterior.mean[rows])
    painted = painted_groups(labels, digits.class_names)
    points: PathPoints = {
        "xy": plane.points.astype(np.float64).round(3).ravel().tolist(),
        "classes": painted.values.astype(int).tolist(),
        "names": painted.names or [],
        "palette": painted.palette,
    }
    pictures = digits.pixels[taken]
    machine: MachineData = {
        "view": map_view(plane),
        "points": points,
        "prior": True,
        "model": {"hash": "", "weights": "", "stream": None},
        "shape": digits.shape,
        "ground": ground_of(pictures),
        "picture": None,
        "note": "",
        "images": base64.b64encode(pictures.tobytes()).decode(),
        "names": [f"Image {row}, class {digits.class_names[digits.labels[row]]}" for row in taken],
        "start": None,
        "dims": deck_dimensions(explore.axes(posterior), variational=True),
        "regions": posterior.std[rows].astype(np.float64).round(4).ravel().tolist(),
    }
    answer = lesson.trembles(lesson.trembling(point.model, digits))
    pairs = lesson.pairs(point.model, digits)
    four = [*pairs.near, *pairs.far]
    given: RegionsStep = {
        "right": answer.right,
        "machine": machine,
        "pairs": base64.b64encode(digits.pixels[four].tobytes()).decode(),
        "digits": [digits.class_names[label] for label in digits.labels[four]],
        "overlap": percent(pairs.overlap),
        "apart": f"{pairs.apart:,.0f}",
    }
    return Told(given, answer.figures)


def continuity(shared: Shared, keep: Keep) -> Told:
    """Step 4: the changes at each place of the slider."""
    tables: list[NDArray[np.float64]] = []
    lengths: list[list[float]] = []
    for key in (AUTOENCODER, MODEL):
        each = lesson.changes(shared.models.points[key].model, shared.digits, _SHARES)
        tables.append(np.stack([found for found, _ in each]))
        lengths.append([length for _, length in each])
    middles = [np.median(table, axis=1).tolist() for table in tables]
    tenth = _SHARES.index(_TENTH)
    ratio = middles[0][tenth] / middles[1][tenth]
    given: ContinuityStep = {
        "right": 2 if abs(ratio - 1) <= _TENTH else 0 if ratio < 1 else 1,
        "shares": _SHARES,
        "changes": keep(np.stack(tables).astype("<f2").tobytes(), NUMBERS),
        "lengths": lengths,
        "middles": middles,
    }
    figures = {
        "ae_tenth": off(middles[0][tenth]),
        "vae_tenth": off(middles[1][tenth]),
        "ae_coverage": percent(shared.quality[AUTOENCODER].coverage),
        "vae_coverage": percent(shared.quality[MODEL].coverage),
    }
    return Told(given, figures)


def trick(shared: Shared, keep: Keep) -> Told:
    """Step 5: a thousand estimates of the slope for each digit."""
    model = shared.models.points[MODEL].model
    found = []
    for digit in shared.one_of_each:
        own = explore.encode(model, digit[None])
        each = gradients(model, digit, own.mean[0], own.std[0], draws=_DRAWS)
        found.append(np.stack([each.pathwise[:, 0], each.score[:, 0]]))
    estimates = np.stack(found)
    with_trick, without = estimates.std(axis=2, ddof=1).T
    times = without / with_trick
    given: TrickStep = {
        "right": np.where(times > 30, 2, np.where(times > 5, 1, 0)).tolist(),
        "estimates": keep(floats(estimates), NUMBERS),
    }
    return Told(given, {})


def the_bound(shared: Shared, keep: Keep) -> Told:
    """Step 6: the true posterior of each digit, summed over a grid, and the best Gaussian."""
    model = shared.models.points[MODEL].model

    def of(digit: NDArray[np.uint8]) -> BoundTruth:
        found, own = bound.truth(model, digit), explore.encode(model, digit[None])
        best = bound.best(model, digit, own.mean[0], own.std[0])
        high = found.density > _SEEN * found.density.max()
        rows, columns = (np.flatnonzero(high.any(axis=axis)) for axis in (1, 0))
        shown = found.density[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        across, up = found.axes
        return {
            "across": (float(across[rows[0]]), float(across[rows[-1]])),
            "up": (float(up[columns[0]]), float(up[columns[-1]])),
            "sides": shown.shape,
            "density": keep(np.round(255 * shown / shown.max()).astype(np.uint8).tobytes(), NUMBERS),
            "evidence": found.log_evidence,
            "best": [*best.mean[0].tolist(), *best.std[0].tolist()],
        }

    given: BoundStep = {"right": 2, "truths": [of(digit) for digit in shared.one_of_each]}
    return Told(given, {})


def before(shared: Shared, keep: Keep) -> Told:
    """Step 9: both machines, trained, and how near to digits they come."""
    found = lesson.old(data.load_exactly(lesson.OLD_DIGITS))
    run = lesson.before(found, shared.models.points[SMALL].model)
    pixels = found.black.shape[1]
    given: BeforeStep = {
        "right": int(np.searchsorted([1, 10], run.enough)),
        "stops": lesson.OLD_STOPS,
        "lower": keep(b"".join(floats(part) for part in found.lower), NUMBERS),
        "upper": keep(b"".join(floats(part) for part in found.upper), NUMBERS),
        "units": [pixels, len(found.lower.hidden_bias), len(found.upper.hidden_bias)],
        "digits": keep(found.black.astype(np.uint8).tobytes(), NUMBERS),
        "model": SMALL,
    }
    below = next((limit for limit in _TRAININGS if found.training < limit), math.ceil(found.training))
    figures = {
        "chance": off(run.restricted_off[0]),
        "settled": off(run.restricted_off[-1]),
        "decoded": off(run.decoded_off),
        "enough": f"{run.enough:,}",
        "training": f"< {below:,}",
        "units": f"{pixels}",
        "states": f"$2^{{{pixels}}}$",
    }
    return Told(given, figures)


def create(shared: Shared, _keep: Keep) -> Told:
    """Step 10: the dimensions that tell most, and how real what lies halfway is."""
    model = shared.models.points[SIXTEEN].model
    axes = explore.axes(explore.encode(model, shared.digits.pixels))
    found, strongest = lesson.halfway(model, shared.digits), axes.order[:_STRONGEST].tolist()
    given: CreateStep = {
        "right": 1 if found.walk < found.fade else 0,
        "names": [dimension_name(number) for number in strongest],
        "dimensions": strongest,
        "ranges": [[float(axes.low[number]), float(axes.high[number])] for number in strongest],
        "nats": [float(axes.information[number]) for number in strongest],
    }
    return Told(given, {"ends": off(found.ends), "walk": off(found.walk), "fade": off(found.fade)})


def floats(values: NDArray[Any]) -> bytes:
    """Little-endian, of 32 bits."""
    return values.astype("<f4").tobytes()
