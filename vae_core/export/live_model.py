"""A model as the browser runs it: one header and one block of plain numbers, opened by assets/live/engine/model.js.

    "LOOM" | CRC-32 of all that follows | length of the header in bytes | the header, JSON in UTF-8 | the numbers

All little-endian; spaces pad the header so that the numbers begin at a multiple of 4 bytes. An offset in the header counts numbers,
not bytes. Kernels are stored in the order in which the browser multiplies them, channels last.

A multi-rate model has "beta_range" [a, b] in its header, layers of kind "gate", and a "code_gate". A gate has a slope and an
offset for each unit or channel. For a β, h = √3·(2·log β − log a − log b)/(log b − log a) and r = slope·h + offset; the factor is
1/(1 + e^−r) for the function "sigmoid" and √(1 − e^min(r, −1e-6)) for "root". A layer "gate" multiplies by the factors. Those of the code
gate multiply the mean, the log-variance and the code to be decoded; then narrowing·min(r, 0) is added to the log-variance, and it is
bounded last, to stay above "lowest_logvar", −10 where there is none. With "unbounded": true the log-variance is never bounded.

A split model has "split": true and takes two weights, β_μ and β_σ. Its gates have a slope for each, those of β_μ first, and an h for each:
r = slope_μ·h_μ + slope_σ·h_σ + offset. Its code gate has a threshold for each dimension. For A = β_μ/e^threshold, B = β_σ/e^threshold and
s = 1 − 4B + 4B²/A, q = 2B/(1 + max(−0.999, ±√max(1e-6, |s|))), with the sign of s. The factor √(1 − e^min(log q, −1e-6)) multiplies the
log-variance, from which log(1 + (1/q − 1)·A/B) is taken. With l = √(q/A), factor·l multiplies the mean, and factor/l the code to be
decoded. Where log q is not below −1e-6, nothing is taken and l is 1.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.export.live_graph import LiveLayer, browser_macs, live_layers
from vae_core.model import gates, networks, shrinking
from vae_core.model.graph import Graph
from vae_core.model.macs import macs
from vae_core.model.vae import VAE

FORMAT = 1
MAGIC = b"LOOM"
STREAM_MACS = 60_000_000
"""A decoder of more multiply-accumulates than this is too slow to follow a pointer in the browser."""

Precision = Literal["float32", "float16"]

_TYPES: Mapping[Precision, str] = {"float32": "<f4", "float16": "<f2"}
_ALIGNMENT = 4


def live_bundle(model: VAE, *, precision: Precision = "float32") -> bytes:
    """The model as one file for the browser; float16 takes half the space and rounds each weight to 11 bits.

    Raises:
        InputError: the browser does not know a layer, or one of its settings, which is named; or a weight is not finite in this precision.
    """
    config = model.config
    shape = (config.channels, config.height, config.width)
    layers_of = {"encoder": _layers(model.encoder, shape), "decoder": _layers(model.decoder, (config.latent,))}
    blob = bytearray()
    header: dict[str, Any] = {
        "format": FORMAT,
        "precision": precision,
        "latent": config.latent,
        "shape": list(shape),
        "variational": config.variational,
        "mean": model.likelihood.live_mean,
        "macs": {"encoder": macs(model.encoder, shape), "decoder": macs(model.decoder, (config.latent,))},
    }
    if model.code_gate is not None:
        header["beta_range"] = config.beta_range
        header |= {"split": True} if config.split else {}
        header["code_gate"] = _placed(_code_gate(model.code_gate), blob, precision)
    if config.graph is not None:
        header["unbounded"] = True  # log-variances, as in its maker's code
    if config.widths == "free":
        header["lowest_logvar"] = config.lowest_logvar
    header |= model.likelihood.live_settings()
    for name, layers in layers_of.items():
        header[name] = [_placed(layer, blob, precision) for layer in layers]
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    body = struct.pack("<I", len(text)) + text + blob
    return MAGIC + struct.pack("<I", zlib.crc32(body)) + body


def runs_in_browser(config: ModelConfig) -> bool:
    """Whether the browser can run such a model, and quickly enough to follow a pointer; else the server decodes for it."""
    macs_there = _macs_in_browser(config)
    return macs_there is not None and macs_there <= STREAM_MACS


def is_known_to_browser(config: ModelConfig) -> bool:
    """Whether the browser knows every layer of such a model, however long it takes."""
    return _macs_in_browser(config) is not None


def _macs_in_browser(config: ModelConfig) -> int | None:
    """Multiply-accumulates of its decoder there; None where it cannot run there."""
    if config.graph is None:
        return decoder_macs(config)
    encoding = browser_macs(config.graph.encoder, (config.channels, config.height, config.width))
    decoding = browser_macs(config.graph.decoder, (config.latent,))
    return None if encoding is None else decoding


def decoder_macs(config: ModelConfig) -> int:
    """Multiply-accumulates to decode one code, without making any weights."""
    with torch.device("meta"):
        decoder = networks.decoder(config)
    return macs(decoder, (config.latent,))


def _placed(layer: LiveLayer, blob: bytearray, precision: Precision) -> dict[str, Any]:
    """A layer's entry in the header, with its numbers put at the end of the block."""
    return layer.entry | {part: _append(blob, tensor, precision) for part, tensor in layer.tensors.items()}


def _append(blob: bytearray, tensor: Tensor | None, precision: Precision) -> int | None:
    """Put a tensor at the end of the block; its offset, or None for a layer without it."""
    if tensor is None:
        return None
    dtype = np.dtype(_TYPES[precision])
    with np.errstate(over="ignore"):
        numbers = tensor.detach().cpu().numpy().astype(dtype)
    if not np.isfinite(numbers).all():
        raise InputError(f"This model has a weight that is too large for {precision}, or not a number.")
    offset = len(blob) // dtype.itemsize
    blob += numbers.tobytes()
    return offset


def _layers(network: nn.Sequential, shape: tuple[int, ...]) -> list[LiveLayer]:
    """Each layer of a network that takes inputs of a shape."""
    if isinstance(network, Graph):
        return live_layers(network, shape)
    layers = []
    for module in network:
        if type(module) not in _WRITERS:  # a subclass may compute something else
            raise InputError(f"The browser cannot run this model: it does not know the layer {type(module).__name__}.")
        layers.append(_WRITERS[type(module)](module))
    return layers


def _linear(layer: nn.Linear) -> LiveLayer:
    entry = {"kind": "linear", "inputs": layer.in_features, "outputs": layer.out_features}
    return LiveLayer(entry, {"weight": layer.weight, "bias": layer.bias})


def _conv(layer: nn.Conv2d) -> LiveLayer:
    return LiveLayer(_kernel("conv", layer), {"weight": layer.weight.permute(0, 2, 3, 1), "bias": layer.bias})


def _conv_transpose(layer: nn.ConvTranspose2d) -> LiveLayer:
    entry = _kernel("conv_transpose", layer) | {"output_padding": list(layer.output_padding)}
    return LiveLayer(entry, {"weight": layer.weight.permute(2, 3, 1, 0), "bias": layer.bias})


def _enlarge(layer: networks.Enlarge) -> LiveLayer:
    return _conv_transpose(layer.folded())


def _kernel(kind: str, layer: nn.Conv2d | nn.ConvTranspose2d) -> dict[str, Any]:
    """What both kinds of convolution have in common; refuses a setting that the browser does not have."""
    plain = {"dilation": (1, 1), "groups": 1, "padding_mode": "zeros"}
    odd = [name for name, value in plain.items() if getattr(layer, name) != value]
    if isinstance(layer.padding, str):
        odd.append("padding")
    if odd:
        setting = f"{odd[0]} = {getattr(layer, odd[0])}"
        raise InputError(f"The browser cannot run this model: it knows no {type(layer).__name__} with {setting}.")
    return {
        "kind": kind,
        "inputs": layer.in_channels,
        "outputs": layer.out_channels,
        "kernel": list(layer.kernel_size),
        "stride": list(layer.stride),
        "padding": list(layer.padding),
    }


def _shrink(layer: shrinking.Shrink) -> LiveLayer:
    entry = {"kind": "shrink", "threshold": layer.levels / shrinking.LEVELS, "scales": shrinking.SCALES, "passes": shrinking.PASSES}
    return LiveLayer(entry, {})


def _gate(layer: gates.Gate) -> LiveLayer:
    return LiveLayer({"kind": "gate", "units": len(layer.offset), "function": layer.kind}, _line(layer, layer.slope.dim()))


def _code_gate(layer: gates.CodeGate | gates.PairGate) -> LiveLayer:
    if isinstance(layer, gates.PairGate):
        return LiveLayer({"units": len(layer.offset)}, {"threshold": layer.log_threshold()})
    tensors = _line(layer, 1) | {"narrowing": gates.GATE_GAIN * layer.narrowing}
    return LiveLayer({"units": len(layer.offset), "function": "root"}, tensors)


def _line(layer: gates.Gate | gates.CodeGate, weights: int) -> dict[str, Tensor | None]:
    """The slopes and offsets that make r a line over h, or a plane over two."""
    places = torch.cat([torch.zeros(1, weights), torch.eye(weights)]).to(layer.offset)
    at_zero, *at_one = layer.raw(places[:, 0] if weights == 1 else places)
    return {"slope": torch.stack(at_one) - at_zero, "offset": at_zero}


def _flatten(layer: nn.Flatten) -> LiveLayer:
    if (layer.start_dim, layer.end_dim) != (1, -1):
        raise InputError("The browser cannot run this model: it knows only a Flatten of all but the batch.")
    return LiveLayer({"kind": "flatten"}, {})


def _unflatten(layer: nn.Unflatten) -> LiveLayer:
    sizes = tuple(layer.unflattened_size)
    if layer.dim != 1 or len(sizes) != 3 or min(sizes) < 1:
        raise InputError("The browser cannot run this model: it knows only an Unflatten into channels, rows and columns.")
    return LiveLayer({"kind": "unflatten", "shape": list(sizes)}, {})


def _activation(kind: str, *settings: str) -> Callable[[nn.Module], LiveLayer]:
    """A function of each number by itself, with the settings that the browser needs."""
    return lambda layer: LiveLayer({"kind": kind} | {name: getattr(layer, name) for name in settings}, {})


_WRITERS: Mapping[type[nn.Module], Callable[[Any], LiveLayer]] = {
    nn.Linear: _linear,
    nn.Conv2d: _conv,
    nn.ConvTranspose2d: _conv_transpose,
    networks.Enlarge: _enlarge,
    gates.Gate: _gate,
    shrinking.Shrink: _shrink,
    nn.Flatten: _flatten,
    nn.Unflatten: _unflatten,
    nn.LeakyReLU: _activation("leaky_relu", "negative_slope"),
    nn.ReLU: _activation("relu"),
    nn.Sigmoid: _activation("sigmoid"),
    nn.Tanh: _activation("tanh"),
}
