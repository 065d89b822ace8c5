"""`Images`: one data set, in memory or mapped from a file, and its seeded split. `SetInfo`, `GeneratedSet`: what we say about a set."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_core.data.mapped import Source, let_go

MIN_IMAGES = 10
MIN_SIDE, MAX_SIDE = 8, 128

_CHUNK_BYTES = 2**24
_TOUCHED = 128  # rows of a map between two times that its memory is given back: with each of them come up to 2 MB around it


@dataclass(frozen=True)
class SetInfo:
    """What a menu shows of a data set.

    Attributes:
        title: a few words.
        description: one sentence.
        licence: one line.
        download: whether the images come over the network, once, when the user asks for it.
    """

    title: str
    description: str
    licence: str
    download: bool


class GeneratedSet(NamedTuple):
    """A built-in set that is made on the user's computer.

    Attributes:
        name: its name in the registry, on the command line and in every card.
        info: what a menu shows of it.
        generate: makes all of it; the same pixels every time, on every computer.
        version: of what `generate` makes. Raise it, and the copies on users' disks are made again.
        describe: the whole set, given its pixels; None for a set whose pixels do not ship with the app.
    """

    name: str
    info: SetInfo
    generate: Callable[[], Images]
    version: int
    describe: Callable[[NDArray[np.uint8]], Images] | None = None


class Split(NamedTuple):
    """Disjoint index arrays, int64, that together name every image once."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Images:
    """A data set: all pixels in one array, with what is known about each image.

    Attributes:
        name: the registry's name, or the id of an imported set.
        pixels: uint8 [N, C, H, W], C is 1 or 3, H and W from 8 to 128, N at least 10.
        labels: int64 [N], an index into `class_names`; None where the set has no classes.
        class_names: one text per class.
        factors: float32 [N, F], the known causes of each image; None where not known.
        factor_names: F texts.
        factor_values: per factor, the texts its whole-number values stand for; an empty tuple for a factor that is a quantity.
        test_start: images from this index on are the set's own test images; None where the set has no test part of its own.
        licence: one line for the model card.
        validation_start: images from this index to `test_start` or the end are the set's own validation images; None where it has none.
        source: the file that `pixels` maps, read-only. It may be larger than memory, so take some rows at a time. None where the pixels are
            in memory.
    """

    name: str
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()
    factors: NDArray[np.float32] | None = None
    factor_names: tuple[str, ...] = ()
    factor_values: tuple[tuple[str, ...], ...] = ()
    test_start: int | None = None
    licence: str = "not stated"
    source: Source | None = None
    validation_start: int | None = None

    def __post_init__(self) -> None:
        n, channels, height, width = self.pixels.shape
        if self.pixels.dtype != np.uint8 or channels not in (1, 3) or n < MIN_IMAGES:
            raise ValueError(f"pixels must be uint8 [N >= {MIN_IMAGES}, 1 or 3, H, W], not {self.pixels.dtype} {self.pixels.shape}")
        if not all(MIN_SIDE <= side <= MAX_SIDE for side in (height, width)):
            raise ValueError(f"images must be {MIN_SIDE} to {MAX_SIDE} pixels a side, not {height} x {width}")
        if self.labels is not None and self.labels.shape != (n,):
            raise ValueError(f"{n} images need {n} labels, not {self.labels.shape}")
        if self.factors is not None and self.factors.shape != (n, len(self.factor_names)):
            raise ValueError(f"factors must be [{n}, {len(self.factor_names)}], not {self.factors.shape}")
        self.pixels.setflags(write=False)  # shared between sessions

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one image."""
        _, channels, height, width = self.pixels.shape
        return channels, height, width

    def take(self, rows: ArrayLike) -> NDArray[np.uint8]:
        """The pixels of these rows, whole numbers [n], as a new array [n, C, H, W] in memory.

        Raises:
            InputError: the mapped file has changed or is gone.
        """
        if self.source is not None:
            self.source.check()
        wanted = np.asarray(rows)
        if getattr(self.pixels, "_mmap", None) is None:
            return np.ascontiguousarray(self.pixels[wanted])
        taken = np.empty((len(wanted), *self.shape), np.uint8)
        for first in range(0, len(wanted), _TOUCHED):
            taken[first : first + _TOUCHED] = self.pixels[wanted[first : first + _TOUCHED]]
            let_go(self.pixels)
        return taken

    def chunks(self) -> Iterator[NDArray[np.uint8]]:
        """All pixels in order, as arrays [n, C, H, W] of 16 MB.

        Raises:
            InputError: the mapped file has changed or is gone.
        """
        step = max(1, _CHUNK_BYTES // math.prod(self.shape))
        for first in range(0, len(self), step):
            if self.source is not None:
                self.source.check()
            yield np.ascontiguousarray(self.pixels[first : first + step])
            let_go(self.pixels)

    @cached_property
    def identity(self) -> str:
        """SHA-256 over shape and pixels: two sets with the same identity hold the same images in the same order.

        Raises:
            InputError: the mapped file has changed or is gone.
        """
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        for chunk in self.chunks():
            digest.update(chunk.data)
        return digest.hexdigest()

    def split(self, seed: int = 0) -> Split:
        """A tenth for validation and a tenth for test, by a seeded permutation; both of what the set does not bring itself.

        A set that brings its own test images keeps exactly those as the test part, and so it is with its validation images. What is left
        is for training, but for the parts that it does not bring.
        """
        n = len(self)
        own = self.test_start if self.test_start is not None else n
        free = self.validation_start if self.validation_start is not None else own
        order = np.random.default_rng(seed).permutation(free)
        tenth = max(1, free // 10)
        validation, rest = (np.arange(free, own), order) if self.validation_start is not None else (order[:tenth], order[tenth:])
        if self.test_start is not None:
            return Split(np.sort(rest), np.sort(validation), np.arange(own, n))
        return Split(np.sort(rest[tenth:]), np.sort(validation), np.sort(rest[:tenth]))
