"""A network of layers followed by its shapes alone, before there are weights: what fits together, and what it will take."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vae_core.base.errors import InputError
from vae_core.base.layers import Layer
from vae_core.model.shapes import macs_of_layer, shape_after

MAX_VALUES = 2**24
"""Numbers that a layer may give for one image, 64 MB."""
MAX_MACS = 50_000_000_000
"""Multiply-accumulates that a network may take for one image, several seconds on a processor."""


def trace(layers: Sequence[Layer], shape: tuple[int, ...]) -> Tracer:
    """Follow an image through layers, by its shape alone: neither weights nor pictures are made.

    Raises:
        InputError: the layers do not fit together, or take more memory or time than the limits allow.
    """
    tracer = Tracer(shape)
    for layer in layers:
        tracer.add(layer)
    return tracer


class Tracer:
    """The shapes of all values for one image, without the batch, and the multiply-accumulates of a network that grows layer by layer."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shapes = [shape]
        self.macs = 0

    def add(self, layer: Layer) -> tuple[int, ...]:
        """The shape of the value that this layer gives as the next one.

        Raises:
            InputError: as `trace`.
        """
        place = len(self.shapes)
        takes = layer.takes or (place - 1,)
        if max(takes) >= place:
            raise InputError(f"Layer {place} takes value {max(takes)}, which comes after it.")
        given = [self.shapes[value] for value in takes]
        try:
            out = shape_after(layer, given)
        except ValueError as error:
            raise InputError(f"Layer {place}, {layer.kind}, does not take {' and '.join(map(words_of, given))}.") from error
        if not (min(out, default=1) >= 1 and math.prod(out) <= MAX_VALUES):
            raise InputError(f"Layer {place}, {layer.kind}, gives {words_of(out)} numbers for an image; the limit is {MAX_VALUES:,}.")
        self.shapes.append(out)
        self.macs += macs_of_layer(layer, given[0], out)
        if self.macs > MAX_MACS:
            raise InputError(f"This network takes over {MAX_MACS:,} multiplications for one image, which is the limit.")
        return out


def words_of(shape: tuple[int, ...]) -> str:
    """A shape as a sentence has it."""
    return " × ".join(map(str, shape)) or "a single number"
