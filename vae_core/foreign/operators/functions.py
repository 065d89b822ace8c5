"""Functions of each number by itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vae_core.base.layers import Pointwise, PointwiseName, PRelu
from vae_core.foreign.onnx_file import Node
from vae_core.foreign.translation import Handler, Live, Translation, Value

_LARGEST = float(np.finfo(np.float32).max)


def _pointwise(function: PointwiseName, **defaults: float) -> Handler:
    """An operator with a function of this name; `defaults` are the standard's, for α and β by their names in a file."""

    def handle(t: Translation, node: Node) -> Value:
        a, b = [float(node.attributes.get(name, value)) for name, value in [*defaults.items(), ("", 0.0), ("", 0.0)]][:2]
        return t.network.add(Pointwise(function=function, a=a, b=b), t.live(node))

    return handle


def _clip(t: Translation, node: Node) -> Value:
    ends = []
    for place, (name, otherwise) in enumerate((("min", -_LARGEST), ("max", _LARGEST)), start=1):
        given = t.constant(node, place).reshape(-1) if t.has(node, place) else [node.attributes.get(name, otherwise)]
        if len(given) != 1:
            t.refuse(node, f"its {name} is no single number")
        ends.append(float(np.clip(given[0], -_LARGEST, _LARGEST)))
    return t.network.add(Pointwise(function="clip", a=ends[0], b=ends[1]), t.live(node))


def _bound(t: Translation, node: Node) -> Value:
    """The larger or the smaller of a value and a number: a clip at one end."""
    place = 0 if isinstance(t.value(node, 0), Live) else 1
    if len(node.inputs) != 2 or isinstance(t.value(node, 1 - place), Live) or t.constant(node, 1 - place).size != 1:
        t.refuse(node, "it compares values with each other; a value and one number are read")
    end = float(np.clip(t.constant(node, 1 - place).reshape(-1)[0], -_LARGEST, _LARGEST))
    ends = (end, _LARGEST) if node.op == "Max" else (-_LARGEST, end)
    return t.network.add(Pointwise(function="clip", a=ends[0], b=ends[1]), t.live(node, place))


def _celu(t: Translation, node: Node) -> Value:
    """α·elu(x/α)."""
    slope = float(node.attributes.get("alpha", 1.0))
    if not slope > 0:
        t.refuse(node, "its α is not above 0")
    value = t.network.affine(t.live(node), np.array(1 / slope), None, alone=False)
    return t.network.affine(t.network.add(Pointwise(function="elu", a=1.0), value), np.array(slope), None, alone=False)


def _gelu(t: Translation, node: Node) -> Value:
    tanh = node.attributes.get("approximate", "none") == "tanh"
    return t.network.add(Pointwise(function="gelu_tanh" if tanh else "gelu"), t.live(node))


def _swish(t: Translation, node: Node) -> Value:
    """x·sigmoid(αx)."""
    if float(node.attributes.get("alpha", 1.0)) != 1:
        t.refuse(node, "its α is not 1")
    return t.network.add(Pointwise(function="silu"), t.live(node))


def _prelu(t: Translation, node: Node) -> Value:
    value = t.live(node)
    slope = t.without_batch(node, t.constant(node, 1), len(value.shape) + 1)
    if np.broadcast_shapes(slope.shape, value.shape) != value.shape:
        t.refuse(node, "its slopes do not fit the image")
    return t.network.add(PRelu(shape=slope.shape), value, slope=slope)


def _same(t: Translation, node: Node) -> Value:
    """An operator that changes nothing once training is over."""
    if node.op == "Dropout" and t.has(node, 2) and t.constant(node, 2).any():
        t.refuse(node, "it is in training mode, where it draws at random: call model.eval() and export again")
    return t.live(node)


def _cast(t: Translation, node: Node) -> Value:
    """Every number is float32 here; what is cast to whole numbers or truths would change."""
    if int(node.attributes.get("to", 0)) not in (1, 10, 11):
        t.refuse(node, "it makes numbers of an image that are not floating-point ones")
    return t.live(node)


HANDLERS: Mapping[str, Handler] = {
    "Abs": _pointwise("abs"),
    "Cast": _cast,
    "Celu": _celu,
    "Clip": _clip,
    "Dropout": _same,
    "Elu": _pointwise("elu", alpha=1.0),
    "Erf": _pointwise("erf"),
    "Exp": _pointwise("exp"),
    "Gelu": _gelu,
    "HardSigmoid": _pointwise("hard_sigmoid", alpha=0.2, beta=0.5),
    "HardSwish": _pointwise("hard_swish"),
    "Identity": _same,
    "LeakyRelu": _pointwise("leaky_relu", alpha=0.01),
    "Log": _pointwise("log"),
    "Max": _bound,
    "Min": _bound,
    "Mish": _pointwise("mish"),
    "Neg": _pointwise("negative"),
    "PRelu": _prelu,
    "Reciprocal": _pointwise("reciprocal"),
    "Relu": _pointwise("relu"),
    "Selu": _pointwise("selu", alpha=1.67326319217681884765625, gamma=1.05070102214813232421875),
    "Sigmoid": _pointwise("sigmoid"),
    "Softplus": _pointwise("softplus"),
    "Softsign": _pointwise("softsign"),
    "Sqrt": _pointwise("sqrt"),
    "Swish": _swish,
    "Tanh": _pointwise("tanh"),
}
