"""Sets that stay in their file: they may be larger than memory, and are read a few images at a time."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from vae_core.base.errors import InputError, disk_errors_as
from vae_core.data.images import shown

LEAST_BYTES = 2**28
"""A `.npy` file larger than this is mapped if its pixels are used as they are; a smaller one is read and kept as a copy."""


def let_go(pixels: NDArray[np.uint8]) -> None:
    """Give back the memory of the touched pages of a mapped array, which are read again when they are needed; nothing for any other array.

    Without it a process that trains on a set larger than memory seems to hold all of it.
    """
    mapping = getattr(pixels, "_mmap", None)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


class Source(BaseModel):
    """A mapped file of pixels, as it was when it was first read.

    Attributes:
        path: absolute.
        size: bytes.
        modified: nanoseconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: str
    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """The file as it is now.

        Raises:
            OSError: it does not exist, or cannot be reached.
        """
        found = path.stat()
        return cls(path=str(path.resolve()), size=found.st_size, modified=found.st_mtime_ns)

    def check(self) -> None:
        """Make sure that the file is still the same, before its pages are touched.

        Reading a page that the file no longer has, because it was cut short, ends the process. Nothing guards against a file that is
        cut short in the microseconds between this check and the reading.

        Raises:
            InputError: the file is gone, or has another size or time of change.
        """
        with disk_errors_as(f"The images in {shown(self.path)} cannot be read"):
            now = Path(self.path).stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified):
            raise InputError(f"{shown(self.path)} has changed since its images were first read: import it again.")
