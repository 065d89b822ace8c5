"""What the replay of a training is given: in the app, and on pages without it."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from vae_core.analysis.unfolding import Unfolding
from vae_core.base.colours import CLASS_COLOURS
from vae_core.base.display import dimension_name
from vae_core.data.images import png_bytes
from vae_core.export.wire.builders import painted_groups
from vae_core.export.wire.records import ReplayData
from vae_core.training.snapshots import History


def replay_data(run: str, history: History, unfolding: Unfolding, *, variational: bool, shown: Sequence[int], sheet: str) -> ReplayData:
    """The record of a run's snapshots.

    Args:
        run: its id.
        history, unfolding: the snapshots, and how they lie in one plane.
        variational: of its model.
        shown: the numbers of the images in the row.
        sheet: address of `sheet_of` these.
    """
    labels = history.subjects.labels
    painted = None if labels is None else painted_groups(labels, history.subjects.class_names)
    order, plane = unfolding.order, unfolding.plane
    across, up = unfolding.prior.tolist()
    return {
        "run": run,
        "steps": [snapshot.step for snapshot in history.snapshots],
        "epochs": [snapshot.epoch for snapshot in history.snapshots],
        "places": base64.b64encode(unfolding.places.astype("<f2").tobytes()).decode(),
        "labels": plane.axis_labels,
        "prior": (across, up) if variational else None,
        "groups": None if painted is None else painted.values.astype(int).tolist(),
        "colour": {
            "title": "Class",
            "names": None if painted is None else painted.names,
            "palette": CLASS_COLOURS if painted is None else painted.palette,
        },
        "pictures": {"sheet": sheet, "columns": len(shown), "shape": history.subjects.pixels.shape[1:]},
        "shown": shown,
        "pictured": len(history.subjects.pixels),
        "dims": [dimension_name(dimension) for dimension in order.tolist()],
        "amounts": [[round(amount, 4) for amount in snapshot.amounts[order].tolist()] for snapshot in history.snapshots],
        "unit": "KL of each dimension, nats" if variational else "Variance of each dimension",
        "used": unfolding.used.tolist(),
        "errors": unfolding.errors.tolist(),
    }


def sheet_of(history: History, shown: Sequence[int]) -> bytes:
    """A PNG: the images of these numbers side by side, below them their reconstructions, a row for each snapshot."""
    rows = [history.subjects.pixels, *(snapshot.pictures for snapshot in history.snapshots)]
    return png_bytes(np.concatenate([np.concatenate(list(row[list(shown)]), axis=-1) for row in rows], axis=-2))
