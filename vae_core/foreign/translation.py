"""An ONNX graph followed node by node: what is known beforehand is computed, what depends on the image becomes layers of our own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.layers import MAX_LAYERS, Affine, Concat, Conv, ConvTranspose, Layer, Linear, Pointwise
from vae_core.data.images import shown
from vae_core.foreign.known import KNOWN, known_value
from vae_core.foreign.onnx_file import Array, Node, OnnxGraph
from vae_core.model.tracing import Tracer

Weights = NDArray[np.float32]

RANDOM = ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial")
"""Operators that draw numbers."""


@dataclass(frozen=True)
class Live:
    """A value that depends on the image or the code: its number among the values of the network, and its shape without the batch."""

    place: int
    shape: tuple[int, ...]


Value: TypeAlias = Live | Array
Handler: TypeAlias = "Callable[[Translation, Node], Value | Sequence[Value]]"


@dataclass
class Network:
    """A network in our own layers, while it is put together.

    Attributes:
        shape: of its input, without the batch.
        layers: so far.
        weights: those of each layer, by the name that its module has for them.
    """

    shape: tuple[int, ...]
    layers: list[Layer] = field(default_factory=list)
    weights: list[dict[str, Weights]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tracer = Tracer(self.shape)

    @classmethod
    def of(cls, shape: tuple[int, ...], layers: Sequence[Layer], weights: Sequence[Mapping[str, Weights]]) -> Network:
        """The network of these layers with their weights, each layer checked again.

        Raises:
            InputError: they do not fit together.
        """
        network = cls(shape)
        for place, (layer, own) in enumerate(zip(layers, weights, strict=True)):
            takes = [Live(taken, ()) for taken in layer.takes or (place,)]
            network.add(layer.model_copy(update={"takes": ()}), *takes, **own)
        return network

    @property
    def input(self) -> Live:
        """The value that goes in."""
        return Live(0, self.shape)

    @property
    def macs(self) -> int:
        """Multiply-accumulates so far."""
        return self._tracer.macs

    def add(self, layer: Layer, *values: Live, **weights: Weights) -> Live:
        """Put a layer at the end.

        Raises:
            InputError: it does not fit its values, or the network has too many layers.
        """
        if len(self.layers) >= MAX_LAYERS:
            raise InputError(f"This network has over {MAX_LAYERS:,} layers, which is the limit.")
        takes = tuple(value.place for value in values)
        if takes != (len(self.layers),):
            layer = layer.model_copy(update={"takes": takes})
        shape = self._tracer.add(layer)
        self.layers.append(layer)
        self.weights.append({name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()})
        return Live(len(self.layers), shape)

    def affine(self, value: Live, scale: Array | None, shift: Array | None, *, alone: bool) -> Live:
        """value·scale + shift, in the weights of the layer before where these can hold it.

        Args:
            value: what goes in.
            scale, shift: spread over the value as NumPy does, without an axis for the batch; None for 1 and 0.
            alone: whether nothing else takes the value as it is.
        """
        before = self.layers[value.place - 1] if value.place else None
        if alone and value.place == len(self.layers) and isinstance(before, Linear | Conv | ConvTranspose):
            factors, terms = (_by_output(part, value.shape, isinstance(before, Linear)) for part in (scale, shift))
            if (scale is None or factors is not None) and (shift is None or terms is not None):
                self._fold(before, factors, terms)
                return value
        parts = {name: np.asarray(part, np.float32) for name, part in (("scale", scale), ("shift", shift)) if part is not None}
        shapes = {name: parts[name].shape if name in parts else None for name in ("scale", "shift")}
        return self.add(Affine(scale=shapes["scale"], shift=shapes["shift"]), value, **parts)

    def joined(self, values: Sequence[Live], axis: int) -> Live:
        """Values one after another along an axis."""
        return values[0] if len(values) == 1 else self.add(Concat(axis=axis), *values)

    def ended_at(self, value: Live) -> Network:
        """The network whose output is this value: the layers that it needs."""
        needed = {value.place}
        for place in range(len(self.layers), 0, -1):
            if place in needed:
                needed.update(self.layers[place - 1].takes or (place - 1,))
        places = sorted(needed - {0})
        number = {0: 0} | {place: new for new, place in enumerate(places, start=1)}
        ended = Network(self.shape)
        for place in places:
            layer = self.layers[place - 1]
            takes = [Live(number[taken], ()) for taken in layer.takes or (place - 1,)]
            ended.add(layer.model_copy(update={"takes": ()}), *takes, **self.weights[place - 1])
        return ended

    def followed_by(self, network: Network, value: Live) -> Network:
        """This network up to a value, and then another one that takes it; the values of the other keep their order.

        Raises:
            InputError: the other takes another shape.
        """
        whole = self.ended_at(value)
        end = len(whole.layers)
        for layer, weights in zip(network.layers, network.weights, strict=True):
            takes = [Live(taken + end, ()) for taken in layer.takes or (len(whole.layers) - end,)]
            whole.add(layer.model_copy(update={"takes": ()}), *takes, **weights)
        return whole

    def without_sigmoid(self, value: Live) -> Live:
        """What goes into the sigmoid that a value comes out of; layers between them that only move numbers are put behind it again."""
        moved: list[Layer] = []
        place = value.place
        while place:
            layer = self.layers[place - 1]
            taken = layer.takes[0] if layer.takes else place - 1
            if isinstance(layer, Pointwise) and layer.function == "sigmoid":
                found = Live(taken, ())
                for layer in reversed(moved):
                    found = self.add(layer.model_copy(update={"takes": ()}), found)
                return Live(found.place, value.shape)
            moved.append(layer)
            place = taken
        raise ValueError("This value comes out of no sigmoid")

    def _fold(self, before: Linear | Conv | ConvTranspose, factors: Weights | None, terms: Weights | None) -> None:
        """Let the last layer multiply its outputs and add to them; float64 in between, so that nothing is lost by it."""
        weights = self.weights[-1]
        weight = weights["weight"].astype(np.float64)
        bias = weights["bias"].astype(np.float64) if before.bias else np.zeros(before.outputs)
        if factors is not None:
            if isinstance(before, ConvTranspose):  # [in, out in a group, …]
                grouped = weight.reshape(before.groups, -1, *weight.shape[1:])
                weight = (grouped * factors.reshape(before.groups, 1, -1, 1, 1)).reshape(weight.shape)
            else:
                weight = weight * factors.reshape(-1, *(1,) * (weight.ndim - 1))
            bias = bias * factors
        if terms is not None:
            bias = bias + terms
        self.layers[-1] = before.model_copy(update={"bias": True})
        with np.errstate(over="ignore"):  # what is not finite is refused with the whole model
            self.weights[-1] = {"weight": weight.astype(np.float32), "bias": bias.astype(np.float32)}


def _by_output(part: Array | None, shape: tuple[int, ...], last: bool) -> Weights | None:
    """Numbers that a value of this shape is multiplied by as one for each output of its layer; None where they are more than that."""
    if part is None:
        return None
    axis = len(shape) - 1 if last else 0
    spread = np.reshape(part, (1,) * (len(shape) - np.ndim(part)) + np.shape(part)) if np.ndim(part) <= len(shape) else None
    if spread is None or any(side != 1 for place, side in enumerate(spread.shape) if place != axis):
        return None
    return np.broadcast_to(spread.reshape(-1), (shape[axis],)) if spread.size in (1, shape[axis]) else None


class Translation:
    """The values of an ONNX graph, found as they are asked for.

    Args:
        graph: the file.
        source: the name of the value that goes in.
        shape: its shape, without the batch.
        batch: how many images the file takes at a time; 1 where it leaves that open.
        handlers: what each operator becomes, by its type.
    """

    def __init__(self, graph: OnnxGraph, source: str, shape: tuple[int, ...], batch: int, handlers: Mapping[str, Handler]) -> None:
        self.graph = graph
        self.batch = batch
        self.network = Network(shape)
        self._handlers = handlers
        self._values: dict[str, Value] = dict(graph.arrays)
        self._values[source] = self.network.input
        self._uses = Counter(name for node in graph.nodes for name in node.inputs)
        self._uses.update(port.name for port in graph.outputs)

    def run(self, targets: Iterable[str]) -> dict[str, Value]:
        """The values of these names; only what they need is translated.

        Raises:
            InputError: an operator is not read, draws at random, or is used in a way that is not read; or a value is nowhere made.
        """
        targets = list(targets)
        needed = needed_nodes(self.graph, targets, stop=set(self._values))
        for node in self.graph.nodes:
            if id(node) in needed:
                self._step(node)
        for name in targets:
            if name not in self._values:
                raise InputError(f"{self.graph.label} does not make its output {shown(name)[:60]} from its input.")
        return {name: self._values[name] for name in targets}

    def _step(self, node: Node) -> None:
        if node.op in RANDOM:
            raise InputError(
                f"{self.graph.label} draws random numbers ({node.op}, {node.name}): export the encoder so that it returns mean and "
                "log-variance, without sampling."
            )
        missing = [name for name in node.inputs if name and name not in self._values]
        if missing and node.op in self._handlers:
            self.refuse(node, f"its input {shown(missing[0])[:60]} is made nowhere before it, or is a second input of the file")
        values = [self._values.get(name) if name else None for name in node.inputs]
        depends = node.op != "Shape" and any(isinstance(value, Live) for value in values)
        if node.op not in (self._handlers if depends else KNOWN.union(self._handlers)):
            raise InputError(
                f"{self.graph.label} uses the operator {node.op} ({node.name}), which is not read. These are: "
                f"{', '.join(sorted(self._handlers))}. Write that part with them, and export the model again."
            )
        outputs = self._translated(node) if depends else known_value(node, [self.shown_shape(value) for value in values], self.graph)
        self._values.update(zip(node.outputs, outputs, strict=False))
        self._uses.subtract(node.inputs)  # what is left is still to be taken

    def _translated(self, node: Node) -> Sequence[Value]:
        try:
            made = self._handlers[node.op](self, node)
        except InputError:
            raise
        except (ValueError, TypeError, IndexError, ArithmeticError) as error:  # the layers' own bounds are a ValueError
            raise InputError(
                f"{self.graph.label}: the node {node.name} ({node.op}) is not read: its settings or weights do not fit together."
            ) from error
        return [made] if isinstance(made, Live | np.ndarray) else made

    def shown_shape(self, value: Value | None) -> Array | None:
        """A stand-in of a live value, of its whole shape, which takes no memory: for the operator Shape."""
        if isinstance(value, Live):
            return np.broadcast_to(np.float32(0), (self.batch, *value.shape))
        return value

    def value(self, node: Node, place: int) -> Value:
        """An input of a node."""
        name = node.inputs[place] if place < len(node.inputs) else ""
        if not name:
            self.refuse(node, f"it lacks its input {place + 1}")
        return self._values[name]

    def live(self, node: Node, place: int = 0) -> Live:
        """An input that depends on the image."""
        value = self.value(node, place)
        if not isinstance(value, Live):
            self.refuse(node, f"its input {place + 1} is a constant, where an image is expected")
        return value

    def constant(self, node: Node, place: int) -> Array:
        """An input that is known beforehand."""
        value = self.value(node, place)
        if isinstance(value, Live):
            self.refuse(node, f"its input {place + 1} depends on the image, where only a constant is read")
        return value

    def has(self, node: Node, place: int) -> bool:
        """Whether a node has this input."""
        return place < len(node.inputs) and bool(node.inputs[place])

    def setting(self, node: Node, name: str, place: int | None = None) -> list[int] | None:
        """Whole numbers that are an attribute in older versions of an operator and an input in newer ones; None where neither is there."""
        if name in node.attributes:
            given = node.attributes[name]
            return [int(number) for number in (given if isinstance(given, list) else [given])]
        if place is not None and self.has(node, place):
            return [int(number) for number in self.constant(node, place).reshape(-1)[:4096]]
        return None

    def alone(self, node: Node, place: int = 0) -> bool:
        """Whether nothing else still takes this input of a node, by whatever name: an Identity gives a value another one."""
        value = self._values[node.inputs[place]]
        return sum(self._uses[name] for name, other in self._values.items() if other is value) == 1

    def axis(self, node: Node, axis: int, rank: int) -> int:
        """An axis without that of the batch, 0 for the one after it; `rank` counts all axes."""
        if not -rank <= axis < rank:
            self.refuse(node, f"it has no axis {axis}")
        if axis % rank == 0:
            self.refuse(node, "it works along the images of a batch, of which each must be by itself")
        return axis % rank - 1

    def without_batch(self, node: Node, constant: Array, rank: int) -> Array:
        """A constant that is combined with a live value of `rank` axes: without the axis of the batch."""
        if constant.ndim < rank:
            return constant
        if constant.ndim > rank or constant.shape[0] != 1:
            self.refuse(node, "it combines the images of a batch with a constant that differs from one to the next")
        squeezed: Array = constant[0]
        return squeezed

    def refuse(self, node: Node, why: str) -> NoReturn:
        """Say which node cannot be read.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.graph.label}: the node {node.name} ({node.op}) is not read: {why}.")


def needed_nodes(graph: OnnxGraph, targets: Iterable[str], stop: set[str]) -> set[int]:
    """The nodes, by `id`, that these values are made of; those of `stop` are there already."""
    makers = {name: node for node in graph.nodes for name in node.outputs}
    needed: set[int] = set()
    names = list(targets)
    while names:
        name = names.pop()
        node = makers.get(name)
        if name in stop or node is None or id(node) in needed:
            continue
        needed.add(id(node))
        names += [name for name in node.inputs if name]
    return needed


def size_of(shape: Iterable[Any]) -> int:
    """How many numbers a shape holds."""
    return math.prod(int(side) for side in shape)
