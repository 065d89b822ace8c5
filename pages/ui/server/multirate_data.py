"""Where the browser finds the codes of a model of many KL weights at each weight that it is measured at. No widgets."""

from __future__ import annotations

import hashlib

from pages.ui import cache
from pages.ui.server.addresses import address
from vae_core.analysis import tradeoff
from vae_core.runs.catalogue import Entry


def source(entry: Entry) -> str:
    """Names which pictures the codes are of and at which weights, besides the model's own: others have other addresses."""
    origin = "kept" if cache.images_of(entry) is None else entry.card.data.identity
    weights = [axis.tolist() for axis in tradeoff.stations(entry.card.model)]
    return hashlib.sha256(f"{origin} {tradeoff.mapped(entry.card.model)} {weights}".encode()).hexdigest()[:16]


def codes_address(entry: Entry) -> str:
    """Of the posteriors, float32: the means [S, n, K] of n pictures at S weights, then their standard deviations [S, n, K]."""
    return _address(entry, "codes")


def labels_address(entry: Entry) -> str:
    """Of the classes of the pictures, float32 [n]: an index into the class names, NaN where there are no classes."""
    return _address(entry, "labels")


def _address(entry: Entry, what: str) -> str:
    return address(f"rates/{entry.id}/{cache.whole(entry.folder).weights_hash}/{source(entry)}/{what}")
