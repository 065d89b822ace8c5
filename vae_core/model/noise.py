"""Random numbers where several processes have a part of each batch: together they draw what one process alone would draw."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor


class PartGenerator(torch.Generator):
    """The generator of a process that has a part of each batch.

    All processes draw the numbers of the whole batch, so that they stay in step, and each takes those of its own images.

    Args:
        device: where it draws.
        rank: which of the processes this is, from 0.
        count: how many processes there are.

    Attributes:
        images: how many the whole batch has.
        rows: which of them are this process's own: always at least one.
        counted: whether they count; if not, there are fewer images than processes, and another process has this image too.
    """

    images: int
    rows: slice
    counted: bool

    def __new__(cls, device: torch.device, rank: int, count: int) -> Self:
        """A `torch.Generator` is made of its device alone."""
        return super().__new__(cls, device)  # type: ignore[call-arg]

    def __init__(self, device: torch.device, rank: int, count: int) -> None:
        self._rank, self._count = rank, count

    def divide(self, images: int) -> slice:
        """Begin a batch of so many images, at least one; returns `rows`, a run of them as long as any other or by one shorter."""
        first, end = (images * rank // self._count for rank in (self._rank, self._rank + 1))
        self.images, self.counted = images, end > first
        self.rows = slice(first, end) if self.counted else slice(0, 1)
        return self.rows


def whole(images: int, generator: torch.Generator) -> int:
    """How many images the batch has of which `images` are this process's own."""
    return generator.images if isinstance(generator, PartGenerator) else images


def share(images: int, generator: torch.Generator) -> float:
    """The share of the whole batch that `images` are, this process's own: 0 where they do not count."""
    if not isinstance(generator, PartGenerator):
        return 1.0
    return images * generator.counted / generator.images


def widened(x: Tensor, generator: torch.Generator) -> Tensor:
    """One row for each image of the whole batch: x [b, ...] in its own rows where it counts, else 0; x itself where it is the whole."""
    if not isinstance(generator, PartGenerator):
        return x
    wide = x.new_zeros(generator.images, *x.shape[1:])
    if generator.counted:
        wide[generator.rows] = x.detach()
    return wide


def own(drawn: Tensor, generator: torch.Generator) -> Tensor:
    """Of numbers that were drawn for the whole batch, [B, ...], those of this process's own images, [b, ...]."""
    return drawn[generator.rows] if isinstance(generator, PartGenerator) else drawn
