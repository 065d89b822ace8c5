"""`Graph`: a network of layers that need not stand in a row, for models that were made elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor, nn

from vae_core.base.errors import InputError
from vae_core.base.layers import Layer
from vae_core.model.modules import module_of
from vae_core.model.shapes import macs_of_layer, shape_after

MAX_VALUES = 2**24
"""Numbers that a layer may give for one image, 64 MB."""
MAX_MACS = 50_000_000_000
"""Multiply-accumulates that a network may take for one image, several seconds on a processor."""


class Graph(nn.Sequential):
    """Layers, each of which takes values that came before it; a layer's number in the list is its name.

    Args:
        layers: in the order in which they are computed, as `trace` has found them to fit.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__(*map(module_of, layers))
        self.layers = tuple(layers)
        self.takes = tuple(layer.takes or (place,) for place, layer in enumerate(layers))
        last = {value: place for place, takes in enumerate(self.takes) for value in takes}
        self._done = tuple(tuple(value for value, place in last.items() if place == here) for here in range(len(layers)))

    def forward(self, input: Tensor) -> Tensor:
        """The last value; a value is let go as soon as no layer needs it any more."""
        values = {0: input}
        for place, module in enumerate(self):
            values[place + 1] = module(*(values[value] for value in self.takes[place]))
            for value in self._done[place]:
                del values[value]
        return values[len(self)]


def checked(layers: Sequence[Layer], shape: tuple[int, ...], gives: tuple[int, ...]) -> Graph:
    """The network of these layers for one image or code of a shape, without the batch; it must give another shape.

    Raises:
        InputError: it does not, or as `trace`.
    """
    found = trace(layers, shape).shapes[-1]
    if found != gives:
        raise InputError(f"This network gives {_words(found)} numbers where the model needs {_words(gives)}.")
    return Graph(layers)


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
            raise InputError(f"Layer {place}, {layer.kind}, does not take {' and '.join(map(_words, given))}.") from error
        if not (min(out, default=1) >= 1 and math.prod(out) <= MAX_VALUES):
            raise InputError(f"Layer {place}, {layer.kind}, gives {_words(out)} numbers for an image; the limit is {MAX_VALUES:,}.")
        self.shapes.append(out)
        self.macs += macs_of_layer(layer, given[0], out)
        if self.macs > MAX_MACS:
            raise InputError(f"This network takes over {MAX_MACS:,} multiplications for one image, which is the limit.")
        return out


def _words(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "a single number"
