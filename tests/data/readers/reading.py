"""What tests of the readers share: files in memory as they are uploaded, and what is found in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices
from vae_core.data.readers.arrays import found_in
from vae_core.data.readers.blobs import Blob, from_path, from_uploads
from vae_core.data.readers.gather import gather
from vae_core.data.taken import Taken

AS_FOUND = ImportChoices()


@dataclass(frozen=True)
class Read:
    """What `found_in` finds, flat, and what it says."""

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]
    factors: NDArray[np.float32] | None
    factor_names: tuple[str, ...]
    factor_values: tuple[tuple[str, ...], ...]
    starts: tuple[int | None, int | None]
    notes: tuple[str, ...]
    taken: Taken


def found(blobs: Sequence[Blob], choices: ImportChoices = AS_FOUND, name: str = "x") -> Read:
    """The images and columns in arrays and tables."""
    taken = Taken()
    gathered = gather(blobs, taken)
    if not gathered.arrays:
        raise InputError(taken.commonest() or "nothing")
    read = found_in(gathered.arrays, gathered.tables, name, choices, taken)
    k = read.known
    starts = (read.validation_start, read.test_start)
    return Read(read.frames, k.labels, k.class_names, k.factors, k.factor_names, k.factor_values, starts, taken.sentences(), taken)


def npy(array: object) -> bytes:
    """The array as a `.npy` file, pickled where it is one of objects."""
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def npz(**arrays: object) -> bytes:
    """The arrays as an `.npz` file."""
    return zipped({f"{name}.npy": npy(array) for name, array in arrays.items()})


def zipped(files: dict[str, bytes]) -> bytes:
    """The files as a ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def from_npz(choices: ImportChoices = AS_FOUND, /, **arrays: object) -> Read:
    """What is found in an `.npz` of these arrays."""
    return found(from_uploads([("x.npz", npz(**arrays))]), choices)


def from_files(choices: ImportChoices = AS_FOUND, /, **files: bytes) -> Read:
    """What is found in these files, a double underscore for the dot of each name."""
    return found(from_uploads([(name.replace("__", "."), data) for name, data in files.items()]), choices)


def real(path: Path) -> Read:
    """What is found in a file on the disk."""
    return found(from_path(path, Taken()), name=path.name)


def smooth(n: int = 40, height: int = 12, width: int = 12, seed: int = 0) -> NDArray[np.uint8]:
    """Pictures of a soft light spot each, somewhere on black: uint8 [n, height, width]."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    at = generator.uniform(0.2, 0.8, (n, 2, 1, 1)) * np.array([height, width])[:, None, None]
    distance = ((rows - at[:, 0]) / height) ** 2 + ((columns - at[:, 1]) / width) ** 2
    return np.rint(255 * np.exp(-20 * distance)).astype(np.uint8)


def spots(n: int = 40, height: int = 12, width: int = 12) -> NDArray[np.uint8]:
    """The same in RGB, the colours in different places: uint8 [n, height, width, 3]."""
    return np.stack([smooth(n, height, width, seed) for seed in range(3)], axis=-1)
