"""`Shrink`: the last layer of a decoder of pictures with a σ, which takes away what is too faint to be meant: flat areas become flat.

A picture is split into its means over blocks and what differs from them, at distances of 1, 2 and 4 pixels: the stationary wavelet
transform with the filters of Haar (Nason & Silverman 1995). A difference d becomes d − t²/d, and 0 where it is not above a threshold t
(the non-negative garrote, Gao 1998): faint ones vanish and strong ones hardly change. Then the picture is put together again; with the
mean over all places of the blocks, none of their edges is seen (Coifman & Donoho 1995). It is done twice: beside an edge the first time
leaves some grain, where blocks reach over it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SCALES = 3
"""The distances are 1, 2, … 2^(SCALES − 1) pixels."""
PASSES = 2
_AT_ONCE = 16  # pictures that fit into the caches of a processor together with their differences: twice as fast as 256 at a time
LEVELS = 255


class Shrink(nn.Module):
    """The same picture without differences below a threshold.

    Args:
        levels: the threshold in grey levels of 255, of a difference in an orthonormal Haar transform: half of what two neighbours are
            brighter than the two beside them, at the first scale.

    Attributes:
        waits: whether it lets pictures pass as they are while the model trains. What is 0 has no slope, so a network that is not yet good
            learns more slowly through it.
    """

    def __init__(self, levels: float) -> None:
        super().__init__()
        self.levels = levels
        self.waits = False

    def forward(self, pictures: Tensor) -> Tensor:
        """[B, C, H, W] on the scale from 0 to 1 → the same shape; in float32 at least, since differences of bfloat16 are too coarse."""
        if self.training and self.waits:
            return pictures
        x = pictures.float() if pictures.dtype in (torch.bfloat16, torch.float16) else pictures
        return self._passes(x) if len(x) <= _AT_ONCE else torch.cat([self._passes(part) for part in torch.split(x, _AT_ONCE)])

    def _passes(self, x: Tensor) -> Tensor:
        x = x.contiguous()  # convolutions give channels last, in which neighbours are farther apart
        for _ in range(PASSES):
            x = _shrunk(x, self.levels / LEVELS, 0)
        return x

    def extra_repr(self) -> str:
        """The threshold."""
        return f"levels={self.levels:g}"


def wait(network: nn.Module, waits: bool) -> bool:
    """Have the layers of this kind in a network wait or not; whether there is one."""
    found = [layer for layer in network.modules() if isinstance(layer, Shrink)]
    for layer in found:
        layer.waits = waits
    return bool(found)


def _shrunk(x: Tensor, threshold: float, scale: int) -> Tensor:
    """The picture of one scale, whose blocks are four pixels at its distance; the means of the blocks are the next scale's picture."""
    if scale == SCALES:
        return x
    step, least = 2**scale, threshold / 2  # a mean of four is half of an orthonormal one, and so is a difference
    even, odd = _split(x, step, 3)
    (mean, rows), (columns, crosses) = _split(even, step, 2), _split(odd, step, 2)
    mean = _shrunk(mean, least, scale + 1)
    even = _joined(mean, _garrote(rows, least), step, 2)
    odd = _joined(_garrote(columns, least), _garrote(crosses, least), step, 2)
    return _joined(even, odd, step, 3)


def _garrote(x: Tensor, least: float) -> Tensor:
    square = least**2
    return x * (1 - square / x.square().clamp_min(square))


def _split(x: Tensor, step: int, axis: int) -> tuple[Tensor, Tensor]:
    """Half the sum and half the difference of each pixel and the one `step` after it, or the last one where there is none."""
    side = x.shape[axis]
    last = x.narrow(axis, side - 1, 1).expand(*(step if place == axis else -1 for place in range(4)))
    after = torch.cat([x.narrow(axis, step, side - step), last], axis)
    return (x + after) / 2, (x - after) / 2


def _joined(mean: Tensor, half: Tensor, step: int, axis: int) -> Tensor:
    """The pixels of these half sums and differences: the mean of what the two pairs say that a pixel is in, or what its only one says."""
    inside = mean.shape[axis] - step
    first, second = mean + half, mean - half
    both = (first.narrow(axis, step, inside) + second.narrow(axis, 0, inside)) / 2
    return torch.cat([first.narrow(axis, 0, step), both], axis)
