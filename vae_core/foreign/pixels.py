"""From our pictures, [C, H, W] from 0 to 1, to those of a model that was made elsewhere, and back: the order of axes and the range."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.layers import Layer, Pointwise, Reshape, Transpose
from vae_core.foreign.halves import SAY_PICTURE, Halves, Shape
from vae_core.foreign.translation import Live, Network
from vae_core.training.origin import RANGES, DecoderGives, Range

Numbers = NDArray[np.float64]


class Layout(NamedTuple):
    """How a model lays out a picture: the axes (C, H, W), whether channels come last, and its own shape."""

    image: tuple[int, int, int]
    channels_last: bool
    own: Shape


class PixelReading(NamedTuple):
    """What the model's pixels are: their range, and whether the decoder gives a picture in it or logits; with the reason, a sentence."""

    pixels: Range
    gives: DecoderGives
    why: str


def arrangements(halves: Halves, image: tuple[int, int, int] | None, *, channels_last: bool | None = None) -> list[tuple[Layout, Layout]]:
    """How encoder and decoder may lay out a picture: in two ways where a colour picture is a flat list and nobody says which.

    Args:
        halves: the model.
        image: (C, H, W), where the user said it.
        channels_last: where the user said it.

    Raises:
        InputError: as `layouts`.
    """
    both = layouts(halves, image)
    if not any(len(layout.own) == 1 and layout.image[0] > 1 for layout in both):
        return [both]
    return [
        (one, two)
        for last in ((False, True) if channels_last is None else (channels_last,))
        for one, two in [tuple(layout._replace(channels_last=last) if len(layout.own) == 1 else layout for layout in both)]
    ]


def layouts(halves: Halves, image: tuple[int, int, int] | None) -> tuple[Layout, Layout]:
    """How encoder and decoder lay out a picture; in a flat list channels come first.

    Args:
        halves: the model.
        image: (C, H, W), where the user said it.

    Raises:
        InputError: the shapes are no picture's, differ between the halves, or leave open how a flat list is to be folded.
    """
    shapes = (halves.encoder.shape, halves.picture.shape)
    found = [_layout(shape, image) for shape in shapes]
    known = next((layout for layout in found if layout is not None), None)
    if known is None:
        known = _square(shapes[0], halves.label)
    both = [layout or _layout(shape, known.image) for layout, shape in zip(found, shapes, strict=True)]
    one, two = both
    if one is None or two is None or one.image != two.image:
        given, drawn = (" × ".join(map(str, shape)) for shape in shapes)
        raise InputError(f"{halves.label} takes {given} numbers and draws {drawn}: these are not pictures of one size.")
    return one, two


def _layout(shape: Shape, image: tuple[int, int, int] | None) -> Layout | None:
    """The layout of a shape; None for a flat list whose picture is not known."""
    if len(shape) == 3 and shape[0] in (1, 3):
        return Layout((shape[0], shape[1], shape[2]), False, shape)
    if len(shape) == 3 and shape[2] in (1, 3):
        return Layout((shape[2], shape[0], shape[1]), True, shape)
    if len(shape) == 2:
        return Layout((1, *shape), False, shape)
    if image is not None and math.prod(shape) == math.prod(image):
        return Layout(image, False, shape)
    return None


def _square(shape: Shape, label: str) -> Layout:
    """The square picture that a flat list is, in grey or in colour: no number is both."""
    for channels in (1, 3):
        side = math.isqrt(math.prod(shape) // channels)
        if len(shape) == 1 and channels * side**2 == shape[0]:
            return Layout((channels, side, side), False, shape)
    raise InputError(f"{label} takes {' × '.join(map(str, shape))} numbers: {SAY_PICTURE}.")


def candidates(halves: Halves, pixels: Range | None, gives: DecoderGives | None) -> list[PixelReading]:
    """The readings of pixels that the decoder's last layer allows, or that the user chose.

    Args:
        halves: the model.
        pixels, gives: what the user said; None for whatever is found.
    """
    if gives == "logits":
        return [PixelReading(pixels or RANGES["0,1"], "logits", "The decoder gives logits of pixels from 0 to 1, as was said.")]
    if pixels is not None:
        last = "" if gives is None else " and the decoder gives pictures"
        return [PixelReading(pixels, "picture", f"Pixels go {pixels.sentence}{last}, as was said.")]
    bounds = _bounds(_last(halves))
    if bounds is not None:
        name, what = bounds
        return [PixelReading(RANGES[name], "picture", f"Pixels go {RANGES[name].sentence}: the decoder ends with {what}.")]
    found = [PixelReading(range_, "picture", f"Pixels are read as going {range_.sentence}.") for name, range_ in RANGES.items()]
    logits = PixelReading(RANGES["0,1"], "logits", "The decoder's output is read as logits of pixels from 0 to 1.")
    return found if gives == "picture" else [*found, logits]


def _last(halves: Halves) -> Layer | None:
    """The last layer that changes numbers, not only their places."""
    place = halves.picture.place
    while place:
        layer = halves.decoder.layers[place - 1]
        if not isinstance(layer, Reshape | Transpose):
            return layer
        place = layer.takes[0] if layer.takes else place - 1
    return None


def _bounds(layer: Layer | None) -> tuple[str, str] | None:
    """The range that a last layer can give, and what it is."""
    if isinstance(layer, Pointwise) and layer.function in ("sigmoid", "hard_sigmoid"):
        return "0,1", "a sigmoid"
    if isinstance(layer, Pointwise) and layer.function == "tanh":
        return "-1,1", "tanh"
    if isinstance(layer, Pointwise) and layer.function == "clip":
        name = f"{layer.a:g},{layer.b:g}"
        return (name, "a clip to these ends") if name in RANGES else None
    return None


def ends_with_sigmoid(halves: Halves) -> bool:
    """Whether the decoder's numbers come out of a sigmoid."""
    last = _last(halves)
    return isinstance(last, Pointwise) and last.function == "sigmoid"


def put_before(network: Network, layout: Layout, pixels: Range) -> Network:
    """A network that takes our pictures, and goes on with this one."""
    ours = Network(layout.image)
    value = _scaled(ours, ours.input, pixels.scale, pixels.shift)
    if layout.channels_last:
        value = ours.add(Transpose(order=(1, 2, 0)), value)
    if value.shape != layout.own:
        value = ours.add(Reshape(shape=layout.own), value)
    return ours.followed_by(network, value)


def put_after(network: Network, value: Live, layout: Layout, reading: PixelReading, *, logits: bool) -> Network:
    """A decoder that gives our pictures, or logits of them where `logits` says so, from the value that is its own picture."""
    if logits and reading.gives == "picture":
        value = network.without_sigmoid(value)
    if layout.channels_last:
        channels, height, width = layout.image
        if value.shape != (height, width, channels):
            value = network.add(Reshape(shape=(height, width, channels)), value)
        value = network.add(Transpose(order=(2, 0, 1)), value)
    if value.shape != layout.image:
        value = network.add(Reshape(shape=layout.image), value)
    if reading.gives == "logits":
        value = value if logits else network.add(Pointwise(function="sigmoid"), value)
    else:
        scale = tuple(1 / number for number in reading.pixels.scale)
        shift = tuple(-term / number for term, number in zip(reading.pixels.shift, reading.pixels.scale, strict=True))
        value = value if logits else _scaled(network, value, scale, shift)
    return network.ended_at(value)


def _scaled(network: Network, value: Live, scale: tuple[float, ...], shift: tuple[float, ...]) -> Live:
    """scale·value + shift for pictures [C, H, W]; nothing where that changes nothing."""
    if set(scale) == {1.0} and set(shift) == {0.0}:
        return value
    factor, term = (np.array(part, np.float64).reshape(-1, 1, 1) for part in (scale, shift))
    return network.affine(value, factor, term, alone=True)
