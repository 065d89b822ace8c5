"""The file for the browser: every number where the header says, multiply-accumulates counted by hand, no layer guessed at."""

from __future__ import annotations

import json
import math
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.export.live_model import FORMAT, Precision, decoder_macs, live_bundle
from vae_core.model.gates import CodeGate, Gate, PairGate
from vae_core.model.networks import Enlarge
from vae_core.model.vae import VAE

MLP = ModelConfig(channels=1, height=8, width=9, latent=3, hidden=(5,))
CONV = ModelConfig(body="conv", channels=3, height=9, width=13, latent=2, hidden=(4, 6), likelihood="gaussian", variational=False)


def opened(bundle: bytes) -> tuple[dict[str, Any], NDArray[np.floating[Any]]]:
    """The header and the numbers, read as the format's description says."""
    checksum, length = struct.unpack_from("<II", bundle, 4)
    assert bundle[:4] == b"LOOM"
    assert checksum == zlib.crc32(bundle[8:])
    assert length % 4 == 0
    header = json.loads(bundle[12 : 12 + length])
    return header, np.frombuffer(bundle[12 + length :], {"float32": "<f4", "float16": "<f2"}[header["precision"]])


def with_decoder(*layers: nn.Module) -> VAE:
    """A model whose decoder was made by hand."""
    model = VAE(MLP)
    model.decoder = nn.Sequential(*layers)
    return model


def test_header_of_an_mlp() -> None:
    header, numbers = opened(live_bundle(VAE(MLP)))
    assert header == {
        "format": FORMAT,
        "precision": "float32",
        "latent": 3,
        "shape": [1, 8, 9],
        "variational": True,
        "mean": "sigmoid",
        "macs": {"encoder": 72 * 5 + 5 * 6, "decoder": 3 * 5 + 5 * 72},
        "encoder": [
            {"kind": "flatten"},
            {"kind": "linear", "inputs": 72, "outputs": 5, "weight": 0, "bias": 360},
            {"kind": "leaky_relu", "negative_slope": 0.1},
            {"kind": "linear", "inputs": 5, "outputs": 6, "weight": 365, "bias": 395},
        ],
        "decoder": [
            {"kind": "linear", "inputs": 3, "outputs": 5, "weight": 401, "bias": 416},
            {"kind": "leaky_relu", "negative_slope": 0.1},
            {"kind": "linear", "inputs": 5, "outputs": 72, "weight": 421, "bias": 781},
            {"kind": "unflatten", "shape": [1, 8, 9]},
        ],
    }
    assert numbers.size == 853


def test_header_of_a_conv_autoencoder() -> None:
    header, _ = opened(live_bundle(VAE(CONV)))
    assert (header["mean"], header["variational"]) == ("identity", False)
    conv = {"kind": "conv", "inputs": 3, "outputs": 4, "kernel": [4, 4], "stride": [2, 2], "padding": [1, 1], "weight": 0, "bias": 192}
    assert header["encoder"][0] == conv
    last = header["decoder"][-1]
    assert (last["kind"], last["inputs"], last["outputs"], last["output_padding"]) == ("conv_transpose", 4, 3, [1, 1])


def test_a_model_that_enlarges_is_one_with_transposed_convolutions_to_the_browser() -> None:
    model = VAE(CONV.model_copy(update={"enlarge": "nearest"}))
    same = VAE(CONV)
    same.encoder = model.encoder
    same.decoder = nn.Sequential(*(layer.folded() if isinstance(layer, Enlarge) else layer for layer in model.decoder))
    assert live_bundle(model) == live_bundle(same)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("likelihood", "sigma_is", "mean"),
    [
        ("bernoulli", "fixed", "sigmoid"),
        ("continuous_bernoulli", "fixed", "continuous_bernoulli"),
        ("gaussian", "fixed", "identity"),
        ("gaussian", "learned", "identity"),
        ("gaussian", "optimal", "identity"),
        ("logistic", "fixed", "cut_logistic"),
        ("logistic", "learned", "cut_logistic"),
    ],
)
def test_the_header_names_the_mean_and_the_scale_of_a_logistic(likelihood: str, sigma_is: str, mean: str) -> None:
    model = VAE(ModelConfig.model_validate({**MLP.model_dump(), "likelihood": likelihood, "sigma": 0.2, "sigma_is": sigma_is}))
    header, numbers = opened(live_bundle(model))
    assert header["mean"] == mean
    assert header.get("scale") == (pytest.approx(0.2 * 3**0.5 / np.pi, rel=1e-4) if likelihood == "logistic" else None)
    assert numbers.size == 853


def test_multiply_accumulates_by_hand() -> None:
    header, _ = opened(live_bundle(VAE(CONV)))
    conv = 4 * 6 * 4 * (3 * 16)  # 4 × 6 places, 4 channels out of patches of 3 × 4 × 4
    assert header["macs"] == {"encoder": conv + 96 * 6 + 6 * 2, "decoder": 2 * 6 + 6 * 96 + conv}


@pytest.mark.parametrize("config", [MLP, CONV])
def test_decoder_macs_of_a_configuration_are_those_of_the_model(config: ModelConfig) -> None:
    assert decoder_macs(config) == opened(live_bundle(VAE(config)))[0]["macs"]["decoder"]


def test_decoder_macs_makes_no_weights() -> None:
    huge = ModelConfig(channels=3, height=128, width=128, latent=128, hidden=(4096,) * 8)
    assert decoder_macs(huge) == 128 * 4096 + 7 * 4096**2 + 4096 * 3 * 128**2


@pytest.mark.parametrize("config", [MLP, CONV])
def test_every_weight_lies_where_the_header_says(config: ModelConfig) -> None:
    model = VAE(config)
    header, numbers = opened(live_bundle(model))
    orders = {"linear": (0, 1), "conv": (0, 2, 3, 1), "conv_transpose": (2, 3, 1, 0)}
    entries = {f"{name}.{place}": entry for name in ("encoder", "decoder") for place, entry in enumerate(header[name])}
    for name, tensor in model.state_dict().items():
        layer, part = name.rsplit(".", 1)
        entry = entries[layer]
        expected = (tensor.permute(orders[entry["kind"]]) if part == "weight" else tensor).numpy().ravel()
        np.testing.assert_array_equal(numbers[entry[part] :][: expected.size], expected)
    assert numbers.size == model.parameter_count


def test_a_layer_without_bias_says_so() -> None:
    header, numbers = opened(live_bundle(with_decoder(nn.Linear(3, 72, bias=False), nn.Unflatten(1, (1, 8, 9)))))
    assert header["decoder"][0]["bias"] is None
    assert numbers.size == 401 + 3 * 72


def test_settings_of_rectangular_layers() -> None:
    layers = [nn.Conv2d(1, 2, (3, 1), (2, 1), (1, 0)), nn.ConvTranspose2d(2, 1, (1, 5), (2, 3), (0, 2), (1, 2))]
    header, _ = opened(live_bundle(with_decoder(nn.Linear(3, 72), nn.Unflatten(1, (1, 8, 9)), *layers)))
    conv, transposed = header["decoder"][2:]
    assert (conv["kernel"], conv["stride"], conv["padding"]) == ([3, 1], [2, 1], [1, 0])
    assert (transposed["kernel"], transposed["stride"], transposed["padding"]) == ([1, 5], [2, 3], [0, 2])
    assert transposed["output_padding"] == [1, 2]
    assert header["macs"]["decoder"] == 3 * 72 + 4 * 9 * 2 * 3 + 4 * 9 * 2 * 5


def test_the_same_model_gives_the_same_bytes() -> None:
    assert live_bundle(VAE(CONV)) == live_bundle(VAE(CONV))


def test_float16_takes_half_the_space_and_rounds_to_the_nearest() -> None:
    model = VAE(MLP)
    single, half = (opened(live_bundle(model, precision=precision))[1] for precision in ("float32", "float16"))
    assert half.nbytes * 2 == single.nbytes
    np.testing.assert_array_equal(half, single.astype(np.float16))


class Odd(nn.Linear):
    """Computes something else than its base class."""


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (nn.GELU(), "GELU"),
        (nn.BatchNorm2d(3), "BatchNorm2d"),
        (nn.Sequential(nn.ReLU()), "Sequential"),
        (Odd(3, 3), "Odd"),
        (nn.Conv2d(2, 2, 3, dilation=2), r"Conv2d with dilation = \(2, 2\)"),
        (nn.Conv2d(2, 2, 3, groups=2), "Conv2d with groups = 2"),
        (nn.Conv2d(2, 2, 3, padding="same"), "Conv2d with padding = same"),
        (nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"), "Conv2d with padding_mode = circular"),
        (nn.ConvTranspose2d(2, 2, 3, dilation=(1, 2)), r"ConvTranspose2d with dilation = \(1, 2\)"),
        (nn.ConvTranspose2d(2, 2, 3, groups=2), "ConvTranspose2d with groups = 2"),
        (nn.Flatten(2), "Flatten"),
        (nn.Unflatten(1, (2, 36)), "Unflatten"),
        (nn.Unflatten(1, (-1, 6, 6)), "Unflatten"),
    ],
)
def test_a_layer_that_the_browser_does_not_know_is_refused_by_name(layer: nn.Module, named: str) -> None:
    with pytest.raises(InputError, match=rf"^The browser cannot run this model: .*{named}.*\.$"):
        live_bundle(with_decoder(nn.Linear(3, 72), nn.Unflatten(1, (2, 6, 6)), layer))


@pytest.mark.parametrize(("precision", "value"), [("float16", 70_000.0), ("float32", float("nan"))])
def test_a_weight_that_the_precision_cannot_hold_is_refused(precision: Precision, value: float) -> None:
    model = VAE(MLP)
    with torch.no_grad():
        next(model.decoder.parameters())[1, 2] = value
    with pytest.raises(InputError, match=precision):
        live_bundle(model, precision=precision)


def test_gates_are_slopes_and_offsets_of_r_in_the_order_of_the_layers() -> None:
    model = VAE(MLP.model_copy(update={"beta_range": (0.01, 10.0)}))
    hidden, code = model.encoder[2], model.code_gate
    assert isinstance(hidden, Gate)
    assert isinstance(code, CodeGate)
    with torch.no_grad():
        hidden.slope.copy_(torch.arange(5.0))
    header, numbers = opened(live_bundle(model))
    assert header["beta_range"] == [0.01, 10]
    assert [layer["kind"] for layer in header["encoder"]] == ["flatten", "linear", "gate", "leaky_relu", "linear"]
    assert [layer["kind"] for layer in header["decoder"]] == ["linear", "gate", "leaky_relu", "linear", "unflatten"]
    assert header["macs"] == {"encoder": 72 * 5 + 5 * 6, "decoder": 3 * 5 + 5 * 72}
    assert set(header["code_gate"]) == {"units", "function", "slope", "offset", "narrowing"}
    entries = (header["encoder"][2], hidden), (header["decoder"][1], model.decoder[1]), (header["code_gate"], code)
    for entry, gate in entries:
        assert isinstance(gate, Gate | CodeGate)
        assert (entry["units"], entry["function"]) == (len(gate.offset), "sigmoid" if gate is hidden else "root")
        slope, offset = (numbers[entry[part] : entry[part] + entry["units"]] for part in ("slope", "offset"))
        for h in (-1.5, 0.0, 1.0):
            np.testing.assert_allclose(slope * h + offset, gate.raw(torch.tensor([h]))[0].detach(), rtol=1e-5, atol=1e-5)


def test_a_split_model_has_two_slopes_and_its_code_gate_thresholds() -> None:
    model = VAE(MLP.model_copy(update={"beta_range": (0.01, 10.0), "split": True}))
    hidden, code = model.encoder[2], model.code_gate
    assert isinstance(hidden, Gate)
    assert isinstance(code, PairGate)
    with torch.no_grad():
        hidden.slope.copy_(torch.arange(10.0).view(2, 5))
        code.offset.copy_(torch.tensor([0.1, 0.2, 0.3]))
    header, numbers = opened(live_bundle(model))
    assert header["split"]
    assert set(header["code_gate"]) == {"units", "threshold"}
    slope, offset = numbers[header["encoder"][2]["slope"] :][:10].reshape(2, 5), numbers[header["encoder"][2]["offset"] :][:5]
    for h in ([-1.5, 0.3], [0.0, 0.0], [1.0, -2.0]):
        np.testing.assert_allclose(h @ slope + offset, hidden.raw(torch.tensor([h]))[0].detach(), rtol=1e-5, atol=1e-5)
    threshold = math.log(0.01) + 0.3 * math.log(1000) + np.log1p(np.exp([0.5, 1.0, 1.5]))
    np.testing.assert_allclose(numbers[header["code_gate"]["threshold"] :][:3], threshold, rtol=1e-5)
    assert "split" not in opened(live_bundle(VAE(MLP.model_copy(update={"beta_range": (0.01, 10.0)}))))[0]
    assert opened(live_bundle(model.at((0.5, 5.0))))[0] == opened(live_bundle(VAE(MLP)))[0]


def test_a_model_at_one_kl_weight_is_any_model_to_the_browser() -> None:
    model = VAE(MLP.model_copy(update={"beta_range": (0.01, 10.0)}))
    header, _ = opened(live_bundle(model.at(0.5)))
    plain, _ = opened(live_bundle(VAE(MLP)))
    assert header == plain
