"""An encoder and a decoder, translated but not read yet: it is open what their numbers mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.foreign.names import role
from vae_core.foreign.onnx_file import OnnxGraph, Port
from vae_core.foreign.operators import HANDLERS
from vae_core.foreign.translation import RANDOM, Live, Network, Translation, needed_nodes

Shape = tuple[int, ...]
SAY_PICTURE = "say the size of its pictures, channels, height and width, such as 3x64x64"
SAY_CODE = "say the size of its code, such as 10 or 4x8x8"


class Source(NamedTuple):
    """The part of an ONNX file that one half is: the value that goes in, those that come out, and how many images it takes at a time."""

    data: bytes
    label: str
    source: str
    targets: Mapping[str, str]
    batch: int


@dataclass(frozen=True)
class Halves:
    """Both networks of a model.

    Attributes:
        label: what to call the model in a message.
        encoder: takes an image in the shape that its maker chose.
        outputs: what the encoder gives, by name.
        decoder: takes a code.
        picture: what the decoder gives.
        drawn: names of outputs that are drawn at random, which are left out.
        producer: what wrote the files.
        sources: the ONNX files of encoder and decoder; None for a model that was none.
    """

    label: str
    encoder: Network
    outputs: Mapping[str, Live]
    decoder: Network
    picture: Live
    drawn: tuple[str, ...] = ()
    producer: str = ""
    sources: tuple[Source, Source] | None = None


def of_two(encoder: OnnxGraph, decoder: OnnxGraph, image: Shape | None, latent: Shape | None = None) -> Halves:
    """Translate two files.

    Args:
        encoder, decoder: the files.
        image: (C, H, W), for files that leave the sides open; None where the user did not say.
        latent: the shape of a code, likewise.

    Raises:
        InputError: an operator is not read, a file has more than one input, or it does not say its shapes.
    """
    codes = _shape_of(_only_input(decoder), decoder, latent, SAY_CODE)
    decoding = Translation(decoder, _only_input(decoder).name, codes[1], codes[0], HANDLERS)
    name_of_picture = _picture_name(decoder)
    picture = _live(decoding.run([name_of_picture])[name_of_picture], decoder, name_of_picture)
    like = picture.shape if len(picture.shape) == 3 else image
    port = _only_input(encoder)
    batch, shape = _shape_of(port, encoder, _laid_out(like, port))
    encoding = Translation(encoder, port.name, shape, batch, HANDLERS)
    drawn = tuple(output.name for output in encoder.outputs if _draws(encoder, output.name))
    names = [output.name for output in encoder.outputs if output.name not in drawn]
    if not names:
        encoding.run(drawn)  # says which operator draws
    plain = {name: shown(name)[:60] for name in names}
    outputs = {plain[name]: _live(value, encoder, name) for name, value in encoding.run(names).items()}
    sources = (
        Source(encoder.data, encoder.label, port.name, {plain[name]: name for name in names}, batch),
        Source(decoder.data, decoder.label, _only_input(decoder).name, {"picture": name_of_picture}, codes[0]),
    )
    return Halves(encoder.label, encoding.network, outputs, decoding.network, picture, drawn, encoder.producer, sources)


def of_one(graph: OnnxGraph, image: Shape | None) -> Halves:
    """Translate one file that goes from an image to its code and on to the picture.

    Args:
        graph: the file; its outputs are a picture of the input's shape and what the encoder gives.
        image: as `of_two`.

    Raises:
        InputError: as `of_two`; or no output is a picture, or the picture is not made of the mean alone.
    """
    port = _only_input(graph)
    batch, shape = _shape_of(port, graph, _laid_out(image, port))
    drawn = tuple(output.name for output in graph.outputs if _draws(graph, output.name))
    names = [output.name for output in graph.outputs if output.name not in drawn]
    whole = Translation(graph, port.name, shape, batch, HANDLERS)
    if not names:
        whole.run(drawn)
    values = {name: _live(value, graph, name) for name, value in whole.run(names).items()}
    pictures = [name for name, value in values.items() if value.shape == shape]
    if len(pictures) != 1:
        if drawn:
            whole.run(drawn)  # the picture is among these
        found = f"{len(pictures)} outputs" if pictures else "no output"
        raise InputError(
            f"{graph.label} has {found} of its input's shape, and one must be the reconstruction. "
            "If it is an encoder or a decoder alone, bring the other one with it."
        )
    codes = {name: value for name, value in values.items() if name not in pictures}
    cut = _mean_among(codes)
    if cut is None or cut not in codes:
        raise InputError(
            f"{graph.label} does not say which of its outputs ({', '.join(shown(name) for name in codes) or 'none besides the picture'}) "
            "is the mean from which its picture is decoded: export encoder and decoder as two files."
        )
    decoding = Translation(graph, cut, codes[cut].shape, batch, HANDLERS)
    try:
        picture = _live(decoding.run(pictures)[pictures[0]], graph, pictures[0])
    except InputError as error:
        raise InputError(
            f"{graph.label} does not make its picture of {shown(cut)} alone: export encoder and decoder as two files. ({error})"
        ) from error
    outputs = {shown(name)[:60]: value for name, value in codes.items()}
    sources = (
        Source(graph.data, graph.label, port.name, {shown(name)[:60]: name for name in codes}, batch),
        Source(graph.data, graph.label, cut, {"picture": pictures[0]}, batch),
    )
    return Halves(graph.label, whole.network, outputs, decoding.network, picture, drawn, graph.producer, sources)


def _only_input(graph: OnnxGraph) -> Port:
    if len(graph.inputs) != 1:
        names = ", ".join(shown(port.name) for port in graph.inputs[:5]) or "none"
        raise InputError(f"{graph.label} has {len(graph.inputs)} inputs ({names}); a file with one is read: an image, or a code.")
    return graph.inputs[0]


def _shape_of(port: Port, graph: OnnxGraph, otherwise: Shape | None, way_out: str = SAY_PICTURE) -> tuple[int, Shape]:
    """How many images at a time, 1 where that is open, and the shape of one; `otherwise` fills what is open."""
    if port.shape is None or not 2 <= len(port.shape) <= 4:
        if port.shape is None and otherwise is not None:
            return 1, otherwise
        raise InputError(
            f"{graph.label} does not say the shape of its input {shown(port.name)}, with 2 to 4 axes: export it with an example."
        )
    batch, *sides = port.shape
    filled = [
        side if side is not None else otherwise[place] if otherwise is not None and len(otherwise) == len(sides) else None
        for place, side in enumerate(sides)
    ]
    known = [side for side in filled if side is not None and side > 0]
    if len(known) < len(sides):
        raise InputError(f"{graph.label} leaves the shape of its input {shown(port.name)} open: export it with fixed sides, or {way_out}.")
    if math.prod(known) > 2**20:
        raise InputError(f"{graph.label} takes {math.prod(known):,} numbers as its input; the limit is {2**20:,}.")
    return batch or 1, tuple(known)


def _laid_out(image: Shape | None, port: Port) -> Shape | None:
    """An image's shape in the order of axes that an input has: its channels are last where its first side is not that of the channels."""
    if image is None or port.shape is None or len(port.shape) != 4:
        return image
    _, first, _, last = port.shape
    channels_last = last in (1, 3) and first not in (1, 3)
    return (*image[1:], image[0]) if channels_last and image[0] in (1, 3) and image[-1] not in (1, 3) else image


def _picture_name(decoder: OnnxGraph) -> str:
    if len(decoder.outputs) != 1:
        names = ", ".join(shown(output.name) for output in decoder.outputs[:5])
        raise InputError(f"{decoder.label} has {len(decoder.outputs)} outputs ({names}); a decoder with one is read, the picture.")
    return decoder.outputs[0].name


def _live(value: object, graph: OnnxGraph, name: str) -> Live:
    if not isinstance(value, Live):
        raise InputError(f"{graph.label}: its output {shown(name)[:60]} is a constant, whatever goes in.")
    return value


def _draws(graph: OnnxGraph, name: str) -> bool:
    needed = needed_nodes(graph, [name], stop=set(graph.arrays))
    return any(node.op in RANDOM for node in graph.nodes if id(node) in needed)


def _mean_among(codes: Mapping[str, Live]) -> str | None:
    means = [name for name in codes if role(name) == "mean"]
    if len(means) == 1:
        return means[0]
    return next(iter(codes)) if len(codes) == 1 else None
