"""The figures of a multi-rate model on the disk: beside a bundled model, or among the caches of this computer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from vae_core.analysis import tradeoff
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.pictures import Pictures
from vae_core.analysis.tradeoff import COLUMNS, AtWeight, Errors, Mark, Samples, Tradeoff
from vae_core.base.storage import home, read_sealed, sha256, write_sealed
from vae_core.training.checkpoint import Checkpoint

FILE = "tradeoff.bin"
"""The file of the figures in the folder of a bundled model."""
_VERSION = 1  # raise it when a figure or the file changes: what is kept is then measured again

_one_at_a_time = threading.Lock()


def cached(folder: Path, loaded: Checkpoint, pictures: Pictures, progress: Callable[[float], object]) -> Tradeoff:
    """What is kept of this model, else what `measure` gives, which is then kept.

    One model is measured at a time in a process, so that a whole class that asks for one waits once.
    """
    with _one_at_a_time:
        found = kept(folder, loaded, original=pictures.original)
        if found is None:
            found = tradeoff.measure(loaded, pictures, progress)
            with contextlib.suppress(OSError):  # a full or read-only disk costs the time to measure again, nothing else
                keep(found, loaded)
    return found


def kept(folder: Path, loaded: Checkpoint, *, original: bool) -> Tradeoff | None:
    """What `keep` kept of this model; None where there is none, or the file is damaged.

    Figures of the images go before figures of stand-ins, also where the images are no longer at hand.

    Args:
        folder: of the checkpoint, in which a bundled model has its own.
        loaded: the checkpoint.
        original: whether the images are at hand, so that figures of stand-ins are not wanted.
    """
    places = [(folder / FILE, True), *((_file(loaded, each), each) for each in ((True,) if original else (True, False)))]
    for path, of_images in places:
        payload = read_sealed(path, _key(loaded, of_images))
        if payload is not None:
            return _read(payload, of_images)
    return None


def keep(found: Tradeoff, loaded: Checkpoint, folder: Path | None = None) -> None:
    """Keep the figures of a model: in the folder of a checkpoint to be bundled, else for this computer.

    Raises:
        OSError: the disk is full or read-only.
    """
    arrays = {f"axis_{number}": axis for number, axis in enumerate(found.axes)}
    arrays |= {name: getattr(found, name) for name in COLUMNS}
    arrays |= {"dedicated": np.array(found.dedicated, np.float64).reshape(-1, len(Mark._fields)), "learnt": np.array(found.learnt)}
    if found.samples is not None:
        arrays |= {"samples": found.samples.figures, "samples_best": np.array(found.samples.best)}
        arrays |= {"samples_count": np.array(found.samples.count)}
    path = _file(loaded, found.original) if folder is None else folder / FILE
    write_sealed(path, _key(loaded, found.original), save_arrays(arrays))


def _read(payload: bytes, original: bool) -> Tradeoff:
    arrays = load_arrays(payload)
    axes = tuple(arrays[name] for name in sorted(arrays) if name.startswith("axis_"))
    dedicated = tuple(Mark(*row) for row in arrays["dedicated"].tolist())
    columns: dict[str, Any] = {name: arrays[name] for name in AtWeight._fields}
    errors = arrays.get("errors", np.full((len(arrays["rate"]), len(Errors._fields)), np.nan))
    samples = None
    if "samples" in arrays:
        samples = Samples(arrays["samples"], Fidelity(*arrays["samples_best"].tolist()), int(arrays["samples_count"]))
    return Tradeoff(axes, **columns, errors=errors, learnt=int(arrays["learnt"]), original=original, dedicated=dedicated, samples=samples)


def _key(loaded: Checkpoint, original: bool) -> str:
    """Names all that the figures depend on."""
    images = loaded.card.data.identity if original else "stand-ins"
    return f"tradeoff {_VERSION}: {loaded.weights_hash}, {loaded.card.train.binarise}, {loaded.card.train.seed}, {images}"


def _file(loaded: Checkpoint, original: bool) -> Path:
    return home() / "cache" / "tradeoffs" / f"{sha256(_key(loaded, original).encode())}.bin"
