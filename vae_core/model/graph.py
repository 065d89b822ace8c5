"""`Graph`: a network of layers that need not stand in a row, for models that were made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from vae_core.base.errors import InputError
from vae_core.base.layers import Layer
from vae_core.model.modules import module_of
from vae_core.model.tracing import trace, words_of


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
        raise InputError(f"This network gives {words_of(found)} numbers where the model needs {words_of(gives)}.")
    return Graph(layers)
