"""How a model's numbers are read: the order of a flat colour picture, sizes that files leave open, and codes with many numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.foreign.graphs import Array, file_of, node
from tests.foreign.test_importing import opened
from vae_core.analysis import explore
from vae_core.base.errors import InputError
from vae_core.foreign import importing, opening
from vae_core.foreign.adopting import Choices, chosen, readings
from vae_core.foreign.opening import Upload


def flat(channels: int = 3, side: int = 8, latent: int = 6) -> list[Upload]:
    """A linear autoencoder of flat pictures that keeps the mean colour of each half of a picture that has its channels last."""
    values = channels * side * side
    place = np.arange(values)
    upper = place // (channels * side) < side // 2
    kept = np.stack([(place % channels == colour) & (upper == half) for colour in range(channels) for half in (True, False)])
    weight = kept.T.astype(np.float32)[:, :latent]
    encoder = file_of([node("MatMul", "x w", "mean")], {"w": weight / weight.sum(axis=0)}, ("batch", values), outputs="mean")
    nodes = [node("MatMul", "z w", "h"), node("Clip", "h low high", "image")]
    arrays: dict[str, Array] = {"w": weight.T, "low": np.array(0, np.float32), "high": np.array(1, np.float32)}
    decoder = file_of(nodes, arrays, ("batch", latent), source="z", outputs="image")
    return [("encoder.onnx", encoder), ("decoder.onnx", decoder)]


def halves(count: int = 6) -> Array:
    """Pictures whose upper and lower half have one colour each, uint8 [N, 3, 8, 8]."""
    colours = np.random.default_rng(0).integers(0, 256, (count, 3, 2, 1), np.uint8)
    return np.repeat(colours, 4, axis=2).repeat(8, axis=3)


def test_the_order_of_a_flat_colour_picture_is_found_by_what_it_reconstructs() -> None:
    found = opening.open_files(flat())
    tried = readings(found.halves, Choices(), halves())
    assert [reading.options.rpartition(", ")[2] for reading in tried] == ["channels last", "channels first"]
    assert tried[0].error < 0.01 < tried[1].error
    reading, _ = chosen(tried, "model")
    point = importing.adopted(found, reading, [], "flat", None)
    assert (point.card.model.channels, point.card.model.height, point.card.model.width) == (3, 8, 8)
    assert point.card.origin is not None
    assert point.card.origin.off is not None
    assert point.card.origin.off < 1e-6
    said = readings(found.halves, Choices(channels_last=False), None)
    assert [reading.options.rpartition(", ")[2] for reading in said] == ["channels first"]


def test_codes_of_a_plain_autoencoder_that_go_beyond_the_sliders_are_divided() -> None:
    random = np.random.default_rng(0)
    weight = 9 * random.normal(size=(64, 4)).astype(np.float32)
    encoder = file_of(
        [node("Flatten", "x", "flat"), node("MatMul", "flat w", "z_mean")], {"w": weight}, ("batch", 1, 8, 8), outputs="z_mean"
    )
    nodes = [node("MatMul", "z w", "h"), node("Reshape", "h to", "r"), node("Sigmoid", "r", "image")]
    arrays = {"w": np.linalg.pinv(weight).astype(np.float32), "to": np.array([-1, 1, 8, 8])}
    decoder = file_of(nodes, arrays, ("batch", 4), source="z", outputs="image")
    found = opening.open_files([("encoder.onnx", encoder), ("decoder.onnx", decoder)])
    images = random.integers(0, 256, (20, 1, 8, 8), np.uint8)
    reading, why = chosen(readings(found.halves, Choices(), images), "model")
    plain, _ = chosen(readings(found.halves, Choices(), None), "model")
    codes, theirs = (explore.encode(model, images).mean for model in (reading.model, plain.model))
    assert 2.5 <= abs(codes).max() <= 5 < abs(theirs).max()
    np.testing.assert_array_equal(reading.divided * codes, theirs)  # a power of two rounds nothing
    np.testing.assert_array_equal(explore.decode(reading.model, codes), explore.decode(plain.model, theirs))
    assert (
        why[-1] == f"Its codes go far beyond the sliders, so they are divided by {reading.divided:g} here, and multiplied again to decode."
    )
    origin = importing.adopted(found, reading, why, "far", None).card.origin
    assert origin is not None
    assert origin.off is not None
    assert origin.off < 1e-6


def test_an_open_size_of_a_code_can_be_said() -> None:
    files = flat(1, 8, 2)
    model = file_of([node("MatMul", "z w", "image")], {"w": np.ones((2, 64), np.float32)}, ("batch", "latent"), source="z", outputs="image")
    files[1] = ("decoder.onnx", model)
    with pytest.raises(InputError, match="say the size of its code, such as 10 or 4x8x8"):
        opening.open_files(files)
    assert opening.open_files(files, latent=(2,)).halves.decoder.shape == (2,)
    card = ("card.json", b'{"latent": {"shape": [2]}}')
    assert opening.open_files([*files, card]).halves.decoder.shape == (2,)


def spatial(latent: int = 4, side: int = 8) -> list[Upload]:
    """A convolutional pair with a code of latent × side × side, of pictures twice as large."""
    random = np.random.default_rng(0)
    down = random.normal(size=(2 * latent, 3, 2, 2)).astype(np.float32) / 3
    up = random.normal(size=(latent, 3, 2, 2)).astype(np.float32) / 3
    nodes = [node("Conv", "x w", "moments", strides=[2, 2])]
    encoder = file_of(nodes, {"w": down}, ("batch", 3, 2 * side, 2 * side), outputs="moments")
    nodes = [node("ConvTranspose", "z w", "h", strides=[2, 2]), node("Sigmoid", "h", "image")]
    decoder = file_of(nodes, {"w": up}, ("batch", latent, side, side), source="z", outputs="image")
    return [("encoder.onnx", encoder), ("decoder.onnx", decoder)]


def test_a_wide_code_with_axes_of_space_opens() -> None:
    point = opened(spatial(), choices=Choices(encoder_gives="joined,logvar"))
    config = point.card.model
    assert (config.latent, config.code_shape, config.wide) == (256, (4, 8, 8), True)
    posterior = point.model.encode(torch.rand(2, 3, 16, 16))
    assert point.model.decode(posterior.mean).shape == (2, 3, 16, 16)


def test_a_code_over_the_limit_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"4 × 40 × 40; a code here has 2 to 4,096\. Export it with an example of fewer pixels"):
        opened(spatial(4, 40), choices=Choices(encoder_gives="joined,logvar"))
