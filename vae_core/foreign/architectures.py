"""Networks that many people use as they were published: their layers, put together for the weights of a checkpoint.

Written from the papers and the published code: the nets of Burgess et al. 2018 as in YannDubs/disentangling-vae, the example of
pytorch/examples, the VanillaVAE of AntixK/PyTorch-VAE, and the nets of Pythae (Chadebec et al. 2022).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from vae_core.base.errors import InputError
from vae_core.base.layers import Conv, ConvTranspose, Linear, Pointwise, PointwiseName, Reshape
from vae_core.data.images import shown
from vae_core.foreign.halves import Halves, Shape
from vae_core.foreign.state_dicts import State
from vae_core.foreign.translation import Live, Network, Weights
from vae_core.training.origin import Objective

_PREFIXES = ("module.", "model.", "_orig_mod.", "net.", "vae.", "network.", "autoencoder.")
"""What wrappers put before every name: DataParallel, Lightning, torch.compile, and the attribute that a training keeps its model in."""
_EPSILON = 1e-5  # of BatchNorm, PyTorch's own
_OBJECTIVES: Mapping[str, Objective] = {"betaB": "a capacity", "factor": "the total correlation", "btcvae": "the total correlation"}


class Settings(NamedTuple):
    """What a file of settings beside a checkpoint says, where it says it."""

    image: tuple[int, int, int] | None = None
    likelihood: str | None = None
    beta: float | None = None
    objective: Objective = ""
    name: str | None = None


class Stack:
    """A network that grows by layers named as in a state dict."""

    def __init__(self, state: State, label: str, shape: Shape, used: set[str]) -> None:
        self.network = Network(shape)
        self.at = self.network.input
        self._state, self._label, self._used = state, label, used

    def linear(self, name: str) -> Stack:
        """A dense layer."""
        weight = self._weight(f"{name}.weight", 2)
        return self._put(Linear(inputs=weight.shape[1], outputs=weight.shape[0], bias=True), name, weight)

    def conv(self, name: str, stride: int, padding: int) -> Stack:
        """A convolution."""
        weight = self._weight(f"{name}.weight", 4)
        outputs, inputs, height, width = weight.shape
        layer = Conv(inputs=inputs, outputs=outputs, kernel=(height, width), stride=(stride, stride), padding=(padding,) * 4, bias=True)
        return self._put(layer, name, weight)

    def conv_transpose(self, name: str, stride: int, padding: int, more: int = 0) -> Stack:
        """A transposed convolution; `more` is its output padding."""
        weight = self._weight(f"{name}.weight", 4)
        inputs, outputs, height, width = weight.shape
        end = padding - more
        layer = ConvTranspose(
            inputs=inputs,
            outputs=outputs,
            kernel=(height, width),
            stride=(stride, stride),
            padding=(padding, padding, end, end),
            bias=True,
        )
        return self._put(layer, name, weight)

    def batch_norm(self, name: str) -> Stack:
        """A BatchNorm with the statistics of its training, folded into the convolution before it."""
        scale, shift, mean, variance = (
            self._weight(f"{name}.{part}", 1).astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
        )
        if len({len(part) for part in (scale, shift, mean, variance)} | {self.at.shape[0]}) != 1:
            raise InputError(f"{self._label}: {name} does not fit the layer before it.")
        factor = (scale / np.sqrt(variance + _EPSILON)).reshape(-1, 1, 1)
        self.at = self.network.affine(self.at, factor, (shift - mean * factor.reshape(-1)).reshape(-1, 1, 1), alone=True)
        return self

    def bend(self, function: PointwiseName, a: float = 0.0) -> Stack:
        """A function of each number by itself."""
        self.at = self.network.add(Pointwise(function=function, a=a), self.at)
        return self

    def reshape(self, *shape: int) -> Stack:
        """The same numbers in another shape; none given puts them in a row."""
        self.at = self.network.add(Reshape(shape=shape or (math.prod(self.at.shape),)), self.at)
        return self

    def heads(self, **names: str) -> dict[str, Live]:
        """Dense layers side by side on the value that is reached, by the names of what they give."""
        reached = self.at
        found: dict[str, Live] = {}
        for role, name in names.items():
            self.at = reached
            found[role] = self.linear(name).at
        return found

    def has(self, name: str) -> bool:
        """Whether the checkpoint has this layer."""
        return f"{name}.weight" in self._state

    def _weight(self, name: str, axes: int) -> Weights:
        if name not in self._state or self._state[name].ndim != axes:
            raise InputError(f"{self._label} is no checkpoint of this architecture: it has no {name} with {axes} axes.")
        self._used.add(name)
        return self._state[name]

    def _put(self, layer: Linear | Conv | ConvTranspose, name: str, weight: Weights) -> Stack:
        bias = self._weight(f"{name}.bias", 1)
        if bias.shape != (layer.outputs,):
            raise InputError(f"{self._label}: {name}.bias does not fit its weight.")
        self.at = self.network.add(layer, self.at, weight=weight, bias=bias)
        return self


class _Maker(NamedTuple):
    """What makes both halves: of a state dict, a label, settings, and the set that is told which weights were used."""

    make: Callable[[State, str, Settings, set[str]], Halves]
    words: str


def _burgess(state: State, label: str, settings: Settings, used: set[str]) -> Halves:
    """Convolutions of kernel 4, stride 2; three for 32 × 32 pixels and four for 64 × 64; the head's numbers are interleaved."""
    channels = _side(state, "encoder.conv1.weight", 1, label)
    large = "encoder.conv_64.weight" in state
    side = 64 if large else 32
    extra = ["conv_64"] if large else []
    encoder = Stack(state, label, (channels, side, side), used)
    for name in ("conv1", "conv2", "conv3", *extra):
        encoder.conv(f"encoder.{name}", 2, 1).bend("relu")
    encoder.reshape().linear("encoder.lin1").bend("relu").linear("encoder.lin2").bend("relu").linear("encoder.mu_logvar_gen")
    decoder = Stack(state, label, (_side(state, "decoder.lin1.weight", 1, label),), used)
    for name in ("lin1", "lin2", "lin3"):
        decoder.linear(f"decoder.{name}").bend("relu")
    decoder.reshape(_side(state, "decoder.convT1.weight", 0, label), 4, 4)
    names = [*(["convT_64"] if large else []), "convT1", "convT2", "convT3"]
    for name in names[:-1]:
        decoder.conv_transpose(f"decoder.{name}", 2, 1).bend("relu")
    decoder.conv_transpose(f"decoder.{names[-1]}", 2, 1).bend("sigmoid")
    return _halves(label, encoder, {"mu_logvar": encoder.at}, decoder)


def _pytorch_example(state: State, label: str, settings: Settings, used: set[str]) -> Halves:
    """784-400-K and back, of 28 × 28 grey pixels."""
    encoder = Stack(state, label, (784,), used).linear("fc1").bend("relu")
    heads = encoder.heads(mean="fc21", logvar="fc22")
    decoder = Stack(state, label, (_side(state, "fc3.weight", 1, label),), used)
    decoder.linear("fc3").bend("relu").linear("fc4").bend("sigmoid")
    return _halves(label, encoder, heads, decoder)


def _vanilla(state: State, label: str, settings: Settings, used: set[str]) -> Halves:
    """Convolutions of kernel 3, stride 2, with BatchNorm and LeakyReLU; the last gives 2 × 2 places; tanh at the end."""
    stages = sum(f"encoder.{stage}.0.weight" in state for stage in range(12))
    channels = _side(state, "encoder.0.0.weight", 1, label)
    side = 2 * 2**stages
    encoder = Stack(state, label, (channels, side, side), used)
    for stage in range(stages):
        encoder.conv(f"encoder.{stage}.0", 2, 1).batch_norm(f"encoder.{stage}.1").bend("leaky_relu", 0.01)
    heads = encoder.reshape().heads(mean="fc_mu", logvar="fc_var")
    decoder = Stack(state, label, (_side(state, "decoder_input.weight", 1, label),), used).linear("decoder_input")
    decoder.reshape(_side(state, "decoder_input.weight", 0, label) // 4, 2, 2)
    for stage in range(stages - 1):
        decoder.conv_transpose(f"decoder.{stage}.0", 2, 1, 1).batch_norm(f"decoder.{stage}.1").bend("leaky_relu", 0.01)
    decoder.conv_transpose("final_layer.0", 2, 1, 1).batch_norm("final_layer.1").bend("leaky_relu", 0.01)
    decoder.conv("final_layer.3", 1, 1).bend("tanh")
    return _halves(label, encoder, heads, decoder)


def _pythae_mlp(state: State, label: str, settings: Settings, used: set[str]) -> Halves:
    """One hidden layer each way."""
    shape = settings.image or (_side(state, "encoder.layers.0.0.weight", 1, label),)
    encoder = Stack(state, label, shape, used).reshape().linear("encoder.layers.0.0").bend("relu")
    decoder = Stack(state, label, (_side(state, "decoder.layers.0.0.weight", 1, label),), used)
    decoder.linear("decoder.layers.0.0").bend("relu").linear("decoder.layers.1.0").bend("sigmoid").reshape(*shape)
    return _halves(label, encoder, _pythae_heads(encoder), decoder)


def _pythae_heads(encoder: Stack) -> dict[str, Live]:
    """Mean and log-variance, or the mean alone of a plain autoencoder."""
    if encoder.has("encoder.log_var"):
        return encoder.heads(mean="encoder.embedding", logvar="encoder.log_var")
    return encoder.heads(mean="encoder.embedding")


class _ConvNet(NamedTuple):
    """One of Pythae's convolutional nets: the image, the name of the decoder's dense layer, the side where its pictures begin, and stride,
    padding and output padding of each stage from there."""

    image: tuple[int, int, int]
    first: str
    side: int
    stages: tuple[tuple[int, int, int], ...]


_PYTHAE: Mapping[str, _ConvNet] = {
    "pythae-mnist": _ConvNet((1, 28, 28), "decoder.layers.0", 4, ((2, 1, 0), (2, 1, 1), (2, 1, 1))),
    "pythae-cifar": _ConvNet((3, 32, 32), "decoder.layers.0", 8, ((2, 1, 0), (2, 1, 1), (1, 2, 0))),
    "pythae-celeba": _ConvNet((3, 64, 64), "decoder.layers.0.0", 8, ((2, 2, 0), (2, 1, 0), (2, 2, 1), (1, 1, 0))),
}


def _pythae_conv(net: _ConvNet) -> Callable[[State, str, Settings, set[str]], Halves]:
    def make(state: State, label: str, settings: Settings, used: set[str]) -> Halves:
        encoder = Stack(state, label, net.image, used)
        for stage in range(4):
            encoder.conv(f"encoder.layers.{stage}.0", 2, 1).batch_norm(f"encoder.layers.{stage}.1").bend("relu")
        heads = _pythae_heads(encoder.reshape())
        decoder = Stack(state, label, (_side(state, f"{net.first}.weight", 1, label),), used).linear(net.first)
        decoder.reshape(_side(state, f"{net.first}.weight", 0, label) // net.side**2, net.side, net.side)
        for stage, (stride, padding, more) in enumerate(net.stages, start=1):
            decoder.conv_transpose(f"decoder.layers.{stage}.0", stride, padding, more)
            if stage < len(net.stages):
                decoder.batch_norm(f"decoder.layers.{stage}.1").bend("relu")
        return _halves(label, encoder, heads, decoder.bend("sigmoid"))

    return make


ARCHITECTURES: Mapping[str, _Maker] = {
    "burgess": _Maker(_burgess, "disentangling-vae (Burgess et al. 2018)"),
    "pytorch-example": _Maker(_pytorch_example, "the VAE of pytorch/examples"),
    "vanilla": _Maker(_vanilla, "PyTorch-VAE's VanillaVAE"),
    "pythae-mlp": _Maker(_pythae_mlp, "Pythae's default networks"),
    **{name: _Maker(_pythae_conv(net), f"Pythae's networks for {name.partition('-')[2]}") for name, net in _PYTHAE.items()},
}
"""Every architecture that is known, by its name on the command line."""


def of_state(name: str, state: State, label: str, settings: Settings) -> Halves:
    """Both halves of a model of a known architecture.

    Args:
        name: one of `ARCHITECTURES`.
        state: the weights by name.
        label: what to call the file in a message.
        settings: from a file beside the checkpoint.

    Raises:
        InputError: there is no such architecture, or the weights are not those of it.
    """
    if name not in ARCHITECTURES:
        raise InputError(f'--as takes one of {", ".join(ARCHITECTURES)}, not "{name[:40]}".')
    used: set[str] = set()
    state = _unwrapped({key: array for key, array in state.items() if not key.endswith("num_batches_tracked")})
    try:
        halves = ARCHITECTURES[name].make(state, label, settings, used)
    except ValidationError as error:
        raise InputError(f"{label} is no checkpoint of {name}: its weights are of shapes that make no network.") from error
    rest = [key for key in state if key not in used]
    if rest:
        raise InputError(f"{label} is no checkpoint of {name}: it also holds {', '.join(rest[:4])}.")
    return halves


def settings_of(data: bytes | None) -> Settings:
    """What a model_config.json of Pythae or a specs.json of disentangling-vae says; nothing where there is none.

    Raises:
        InputError: it is not such a file.
    """
    if data is None:
        return Settings()
    try:
        content = json.loads(data)
        side = content.get("input_dim", content.get("img_size"))
        image = None if side is None else (int(side[0]), int(side[1]), int(side[2]))
        likelihood = {"mse": "gaussian", "bce": "bernoulli", "bernoulli": "bernoulli", "gaussian": "gaussian"}.get(
            str(content.get("reconstruction_loss", content.get("rec_dist")))
        )
        beta = {"VAE": 1.0, "betaH": content.get("betaH_B")}.get(str(content.get("loss")))
        weight = float(beta) if isinstance(beta, int | float) else None
        objective = _OBJECTIVES.get(str(content.get("loss")), "")
        name = shown(str(content.get("experiment", ""))) or None
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError, RecursionError) as error:
        raise InputError("The settings beside the checkpoint cannot be read: they are no model_config.json and no specs.json.") from error
    return Settings(image, likelihood, weight, objective, name)


def _halves(label: str, encoder: Stack, outputs: Mapping[str, Live], decoder: Stack) -> Halves:
    return Halves(label, encoder.network, outputs, decoder.network, decoder.at)


def _side(state: State, name: str, axis: int, label: str) -> int:
    if name not in state or state[name].ndim <= axis:
        raise InputError(f"{label} is no checkpoint of this architecture: it has no {name}.")
    return int(state[name].shape[axis])


def _unwrapped(state: State) -> State:
    """The weights by the names that their network has for them."""
    while prefix := next((prefix for prefix in _PREFIXES if state and all(key.startswith(prefix) for key in state)), ""):
        state = {key.removeprefix(prefix): array for key, array in state.items()}
    return state
