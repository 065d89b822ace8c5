"""`Stored`: an array that is not in memory yet, from whatever file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.budget import Budget
from vae_core.data.images import shown
from vae_core.data.readers.names import Part, part_of

MAX_BYTES = 2**30
MAX_TABLE_BYTES = 2**26
_CHUNK = 2**21  # elements

Elements = NDArray[np.generic]


@dataclass(frozen=True)
class Stored:
    """An array that is not in memory yet: `chunks()` yields its elements as 1-D arrays, in the order in which they are stored.

    Attributes:
        name: what it is called in its file; where a file gives no name, that of the file.
        file: the path of its file, as the user knows it.
        names: texts for its whole numbers, where the file itself ties them to it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    chunks: Callable[[], Iterator[Elements]]
    fortran: bool = False
    file: str = ""
    names: tuple[str, ...] = ()

    @property
    def part(self) -> Part | None:
        """The part of a set that its own name speaks of, else that of its file and folders."""
        return part_of(self.name) or part_of(self.file)

    def shaped(self, flat: NDArray[np.uint8] | Elements) -> Elements:
        """All elements, as a view of this array's shape."""
        return flat.reshape(self.shape[::-1]).T if self.fortran else flat.reshape(self.shape)

    def load(self, budget: Budget) -> Elements:
        """The whole array, counted in the import's budget.

        Raises:
            InputError: more than 64 MB, too much for labels, names or factors, or more than is left to the import, or its file is damaged.
        """
        size = math.prod(self.shape) * self.dtype.itemsize
        if size > MAX_TABLE_BYTES:
            raise InputError(f"{shown(self.name)} has more than {MAX_TABLE_BYTES // 2**20} MB, too much for labels, names or factors.")
        budget.hold(size, self.name)
        return self.shaped(np.concatenate([np.empty(0, self.dtype), *self.chunks()]))


def held(name: str, array: NDArray[Any], file: str) -> Stored:
    """An array that is in memory already."""
    flat = array.reshape(-1)
    return Stored(name, array.shape, array.dtype, lambda: (flat[at : at + _CHUNK] for at in range(0, flat.size, _CHUNK)), file=file)
