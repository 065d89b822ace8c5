"""What the sliders of a multi-rate model are given: in the app, and on pages without it."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.tradeoff import Mark, Samples, Tradeoff
from vae_core.base.colours import CLASS_COLOURS
from vae_core.base.display import dimension_name
from vae_core.export.wire.builders import Painted
from vae_core.export.wire.multirate import Alone, MultirateData, SampleFigures
from vae_core.export.wire.records import WeightsSource
from vae_core.training.checkpoint import Card

_WITH_ERROR = ("distortion", "rate", "sharpness", "effective")  # in the order of `MultirateData`


def multirate_data(
    *,
    source: WeightsSource,
    alone: Sequence[Alone],
    beta: tuple[float, ...],
    tradeoff: Tradeoff,
    dedicated: Sequence[Mark],
    pictures: Pixels,
    pictures_note: str,
    noise: Floats,
    codes: str,
    labels: str | None,
    classes: Painted | None,
    place: Floats | None,
) -> MultirateData:
    """The record of a multi-rate model.

    Args:
        source: where the browser finds it.
        alone: the models of one weight, or none, at the lowest `tradeoff.alone` weights.
        beta: where the sliders stand.
        tradeoff: its measured figures.
        dedicated: models of one KL weight to compare it with.
        pictures: images to reconstruct, uint8 [n, C, H, W].
        pictures_note: a sentence that says what they are.
        noise: codes to draw samples from, float32 [m, K].
        codes: address of the codes at all stations.
        labels: address of the groups of the images; None where there are no classes.
        classes: the groups.
        place: the code that is chosen on the map.
    """
    return {
        "model": source,
        "alone": alone,
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
        "names": [dimension_name(dimension) for dimension in range(noise.shape[1])],
        "codes": codes,
        "labels": labels,
        "colour": {
            "title": "Class",
            "names": None if classes is None else classes.names,
            "palette": CLASS_COLOURS if classes is None else classes.palette,
        },
        "place": None if place is None else place.tolist(),
    }


def trained_alone(card: Card) -> str:
    """Which model it is that stands in for a multi-rate one."""
    if not card.model.variational:
        return "On screen: a plain autoencoder, trained with no KL term."
    return f"On screen: a model trained alone at β = {card.train.beta:g}."


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
