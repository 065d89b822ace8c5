"""The layers of a network that was made elsewhere, as strict, bounded values: what it computes, without its weights.

A network is a list of layers. The value 0 is its input, value n what its n-th layer gives, and the last value its output. A layer takes the
value before it, or those that `takes` names: so branches and what joins them can be written down too. Shapes and axes are those of one
image: the axis of the batch comes before them and is never touched.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from vae_core.base.strict import Config

MAX_LAYERS = 2000

_Count = Annotated[int, Field(ge=1, le=2**20)]
_Axis = Annotated[int, Field(ge=0, le=7)]
_Place = Annotated[int, Field(ge=0, le=2**20)]
_Side = Annotated[int, Field(ge=1, le=1024)]
_Edge = Annotated[int, Field(ge=-1024, le=1024)]
_Shape = Annotated[tuple[_Count, ...], Field(max_length=8)]
Edges: TypeAlias = tuple[_Edge, _Edge, _Edge, _Edge]
"""What is put around an image, in pixels: above, left, below, right."""

PointwiseName = Literal[
    "abs", "clip", "elu", "erf", "exp", "gelu", "gelu_tanh", "hard_sigmoid", "hard_swish", "leaky_relu", "log", "mish", "negative",
    "power", "reciprocal", "relu", "selu", "sigmoid", "silu", "softplus", "softsign", "sqrt", "tanh",
]  # fmt: skip


class _Layer(Config):
    takes: Annotated[tuple[_Place, ...], Field(max_length=64)] = ()


class Linear(_Layer):
    """y = x·weightᵀ + bias along the last axis."""

    kind: Literal["linear"] = "linear"
    inputs: _Count
    outputs: _Count
    bias: bool


class _Kernel(_Layer):
    inputs: _Count
    outputs: _Count
    kernel: tuple[_Side, _Side]
    stride: tuple[_Side, _Side]
    padding: Edges
    dilation: tuple[_Side, _Side] = (1, 1)
    groups: _Count = 1
    bias: bool


class Conv(_Kernel):
    """A convolution of [inputs, H, W]."""

    kind: Literal["conv"] = "conv"


class ConvTranspose(_Kernel):
    """A transposed convolution of [inputs, H, W]; `padding` is cut off, and less than 0 where the output goes on beyond the kernel."""

    kind: Literal["conv_transpose"] = "conv_transpose"


class Pointwise(_Layer):
    """A function of each number by itself.

    `a` is the slope of "leaky_relu", the α of "elu", "selu" and "hard_sigmoid", the exponent of "power", the lower end of "clip"; `b` is
    the γ of "selu", the β of "hard_sigmoid", the upper end of "clip".
    """

    kind: Literal["pointwise"] = "pointwise"
    function: PointwiseName
    a: float = 0.0
    b: float = 0.0


class PRelu(_Layer):
    """x above 0, slope·x below; the slopes are weights of this shape."""

    kind: Literal["prelu"] = "prelu"
    shape: _Shape


class Affine(_Layer):
    """x·scale + shift with weights of these shapes, spread over x as NumPy does; None leaves one out."""

    kind: Literal["affine"] = "affine"
    scale: _Shape | None
    shift: _Shape | None


class Combine(_Layer):
    """Two values, number by number."""

    kind: Literal["combine"] = "combine"
    function: Literal["add", "subtract", "multiply", "divide"]


class Concat(_Layer):
    """Values one after another along an axis."""

    kind: Literal["concat"] = "concat"
    axis: _Axis


class Reshape(_Layer):
    """The same numbers in the same order, in another shape."""

    kind: Literal["reshape"] = "reshape"
    shape: _Shape


class Transpose(_Layer):
    """Axis n of the output is axis order[n] of the input."""

    kind: Literal["transpose"] = "transpose"
    order: Annotated[tuple[_Axis, ...], Field(max_length=8)]


class Take(_Layer):
    """`count` places along an axis, from `start` on, each `step` from the one before; a step may be less than 0."""

    kind: Literal["take"] = "take"
    axis: _Axis
    start: _Place
    step: Annotated[int, Field(ge=-(2**20), le=2**20)]
    count: _Count


class Pool(_Layer):
    """The largest number under each stop of a window, or their mean; `counts_padding` says whether the mean counts what is put around."""

    kind: Literal["pool"] = "pool"
    function: Literal["max", "mean"]
    kernel: tuple[_Side, _Side]
    stride: tuple[_Side, _Side]
    padding: Edges
    counts_padding: bool = False


class Reduce(_Layer):
    """The mean or the largest of all numbers along the last `axes` axes, which stay with one place each."""

    kind: Literal["reduce"] = "reduce"
    function: Literal["max", "mean"]
    axes: Annotated[int, Field(ge=1, le=7)]


class Normalise(_Layer):
    """(x − mean)/√(variance + epsilon), both over the last `axes` axes."""

    kind: Literal["normalise"] = "normalise"
    axes: Annotated[int, Field(ge=1, le=7)]
    epsilon: Annotated[float, Field(ge=0, le=1)]


class Resize(_Layer):
    """[C, H, W] in another size; `scales` are those by which places are found, as ONNX's operator Resize has them."""

    kind: Literal["resize"] = "resize"
    size: tuple[_Side, _Side]
    scales: tuple[Annotated[float, Field(gt=0, le=1024)], Annotated[float, Field(gt=0, le=1024)]]
    mode: Literal["nearest", "linear"]
    coordinates: Literal["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric", "align_corners"]
    rounding: Literal["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] = "round_prefer_floor"


class Pad(_Layer):
    """[C, H, W] with something around it: one value, the nearest pixel, or what a mirror shows."""

    kind: Literal["pad"] = "pad"
    padding: Edges
    mode: Literal["constant", "edge", "reflect"] = "constant"
    value: float = 0.0


Layer: TypeAlias = (
    Linear
    | Conv
    | ConvTranspose
    | Pointwise
    | PRelu
    | Affine
    | Combine
    | Concat
    | Reshape
    | Transpose
    | Take
    | Pool
    | Reduce
    | Normalise
    | Resize
    | Pad
)

Layers: TypeAlias = Annotated[tuple[Annotated[Layer, Field(discriminator="kind")], ...], Field(max_length=MAX_LAYERS)]


class Graphs(Config):
    """Both networks of a model that was made elsewhere.

    The encoder takes [C, H, W] from 0 to 1 and gives the K means, then the K log-variances, as its maker's code does: nothing bounds them.
    The decoder takes the K numbers of a code and gives what the likelihood asks for.
    """

    encoder: Layers
    decoder: Layers
