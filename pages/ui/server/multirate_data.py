"""Where the browser finds the codes of a multi-rate model at each KL weight at which it is measured. No widgets."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Stations
from pages.ui.server.addresses import address
from vae_core.analysis import tradeoff
from vae_core.export.wire.builders import MAX_GROUPS, Painted, painted_groups
from vae_core.runs.catalogue import Entry


def source(entry: Entry) -> str:
    """Names which pictures the codes are of and at which weights, besides the model's own: others have other addresses."""
    shown = cache.images_of(entry)
    origin = "kept" if shown is None else shown.identity
    weights = [axis.tolist() for axis in tradeoff.stations(entry.card.model)]
    others = [cache.whole(other.folder).weights_hash for other in cache.alone(entry)]
    return hashlib.sha256(f"{origin} {others} {tradeoff.mapped(entry.card.model)} {weights} {MAX_GROUPS}".encode()).hexdigest()[:16]


def codes_address(entry: Entry) -> str:
    """Of the posteriors, float32: the means [S, n, K] of n pictures at S weights, then their standard deviations [S, n, K]."""
    return _address(entry, "codes")


def labels_address(entry: Entry) -> str:
    """Of the groups of the pictures, float32 [n]: an index into the names of `classes`, NaN where there are no classes."""
    return _address(entry, "labels")


def classes(entry: Entry) -> Painted | None:
    """What colours all pictures of the model by their classes; None where they have none."""
    known, names = cache.pictures_of(entry), entry.card.data.class_names
    return None if known is None or known.labels is None or not names else painted_groups(known.labels, names)


def groups(entry: Entry, found: Stations) -> NDArray[np.float32]:
    """The group of each picture at the stations among the names of `classes`, float32 [n]; NaN where there are no classes."""
    known, painted = cache.pictures_of(entry), classes(entry)
    if painted is None or known is None or known.labels is None or found.labels is None:
        return np.full(found.posterior.mean.shape[1], np.nan, np.float32)
    of_class = np.empty(len(entry.card.data.class_names), np.float32)
    of_class[known.labels] = painted.values
    return of_class[found.labels]


def _address(entry: Entry, what: str) -> str:
    return address(f"multirate/{entry.id}/{cache.whole(entry.folder).weights_hash}/{source(entry)}/{what}")
