"""A multi-rate model under its sliders: while a weight is dragged, pictures, codes and figures follow in the browser."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pages.ui.ground import state
from pages.ui.ground.refusals import attempt, show_refusal
from pages.ui.live.component import Event, Room, broken, component, report, whole_source
from pages.ui.server import multirate_data
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.tradeoff import Mark, Samples, Tradeoff
from vae_core.base.colours import CLASS_COLOURS
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.export import live_model
from vae_core.export.wire.records import MultirateData, SampleFigures
from vae_core.runs.catalogue import Entry

_WITH_ERROR = ("distortion", "rate", "sharpness", "effective")  # in the order of `MultirateData`
_mount = component("multirate", "map", room=Room(1100, 1800))


def runs_here(entry: Entry) -> bool:
    """Whether this model is small enough for the browser to draw all its pictures while a slider moves."""
    return live_model.runs_in_browser(entry.card.model)


def multirate_sliders(
    *,
    entry: Entry,
    beta: tuple[float, ...],
    tradeoff: Tradeoff,
    dedicated: Sequence[Mark],
    alone: Sequence[Entry] = (),
    pictures: Pixels,
    pictures_note: str,
    noise: Floats,
    key: str,
    on_beta: Callable[[tuple[float, ...]], None],
    on_place: Callable[[Floats], None],
    place: Floats | None,
) -> bool:
    """The sliders and all that follows them; False where the browser cannot show them, which is said. What it sends is checked.

    Args:
        entry: a multi-rate model for which `runs_here`; its codes are at hand.
        beta: β, or (β_μ, β_σ) for a split model.
        tradeoff: its measured figures.
        alone: the models of one weight, or none, at the lowest `tradeoff.alone` weights.
        dedicated: models of one KL weight to compare it with.
        pictures: images to reconstruct, uint8 [n, C, H, W].
        pictures_note: a sentence that says what they are.
        noise: codes to draw samples from, float32 [m, K].
        key: starts the keys of all widgets inside.
        on_beta: given the weights at which the sliders were let go.
        on_place: given the code, float32 [K], that was chosen on the map.
        place: the code that is chosen.
    """
    scope = state.part(key, entry.id)
    if broken(scope, "The live sliders do not work here."):
        return False

    def take(event: Event) -> None:
        match event.get("kind"):
            case "beta":
                on_beta(check_weights(event.get("beta"), tradeoff))
            case "place":
                on_place(explore.check_code(event.get("z"), entry.card.model.latent))
            case "failed":
                report(scope, event)

    classes = multirate_data.classes(entry)
    data: MultirateData = {
        "model": whole_source(entry),
        "alone": [{"model": whole_source(other), "words": trained_alone(other)} for other in alone],
        "beta": list(beta),
        "axes": [axis.tolist() for axis in tradeoff.axes],
        "figures": {
            "distortion": _finite(tradeoff.distortion),
            "rate": _finite(tradeoff.rate),
            "rate_mu": _finite(tradeoff.rate_mu),
            "sharpness": _finite(tradeoff.sharpness),
            "effective": _finite(tradeoff.effective),
            "kl": tradeoff.kl_per_dim.ravel().tolist(),
            "errors": _finite(np.column_stack([tradeoff.error(name) for name in _WITH_ERROR]).ravel()),
        },
        "samples": _sample_figures(tradeoff.samples),
        "dedicated": [
            {
                "beta": mark.beta,
                "distortion": mark.distortion,
                "rate": mark.rate,
                "sharpness": _known(mark.sharpness),
                "errors": (_known(mark.distortion_error), _known(mark.rate_error)),
            }
            for mark in dedicated
        ],
        "pictures": {"bytes": base64.b64encode(pictures.tobytes()).decode(), "note": pictures_note},
        "noise": noise.ravel().tolist(),
        "names": [dimension_name(dimension) for dimension in range(entry.card.model.latent)],
        "codes": multirate_data.codes_address(entry),
        "labels": None if classes is None else multirate_data.labels_address(entry),
        "colour": {
            "title": "Class",
            "names": None if classes is None else classes.names,
            "palette": CLASS_COLOURS if classes is None else classes.palette,
        },
        "place": None if place is None else place.tolist(),
    }
    show_refusal()
    _mount(key=key, data=data, on_event=partial(attempt, take))
    return True


def trained_alone(entry: Entry) -> str:
    """Which model it is that stands in for a multi-rate one."""
    if not entry.card.model.variational:
        return "On screen: a plain autoencoder, trained with no KL term."
    return f"On screen: a model trained alone at β = {entry.card.train.beta:g}."


def check_weights(values: object, tradeoff: Tradeoff) -> tuple[float, ...]:
    """KL weights that a browser sent as a list → the same, one for each axis.

    Raises:
        InputError: not a list of so many numbers, or one that is outside the range.
    """
    axes = tradeoff.axes
    if not isinstance(values, list) or len(values) != len(axes):
        raise InputError(f"This model takes {len(axes)} KL weight{'s' if len(axes) > 1 else ''}, as a list of numbers.")
    for value, axis in zip(values, axes, strict=True):
        # so written because NaN compares false; True is an int to Python
        if isinstance(value, bool) or not isinstance(value, int | float) or not axis[0] <= value <= axis[-1]:
            raise InputError(f"{str(value)[:20]!r} is not a KL weight from {axis[0]:g} to {axis[-1]:g}.")
    return tuple(map(float, values))


def _sample_figures(samples: Samples | None) -> SampleFigures | None:
    """Those that the page draws; the table of all figures has density and coverage too."""
    if samples is None:
        return None
    precision, recall = samples.column("precision").tolist(), samples.column("recall").tolist()
    best = samples.best.precision, samples.best.recall
    return {"precision": precision, "recall": recall, "count": samples.count, "best": best}


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    return [_known(value) for value in values.tolist()]


def _known(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None
