"""networks: what the bodies are made of; what they do as a model is in test_model."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from vae_core.base.config import Body, ModelConfig, default_enlarging
from vae_core.model.networks import Enlarge, decoder, encoder

BODIES: list[tuple[Body, tuple[int, ...]]] = [("linear", ()), ("mlp", (12, 6)), ("conv", (4, 8, 10))]


def config(body: Body, hidden: tuple[int, ...], height: int = 17, width: int = 23) -> ModelConfig:
    return ModelConfig(body=body, channels=3, height=height, width=width, latent=5, hidden=hidden)


def weights(module: nn.Module) -> list[tuple[int, ...]]:
    """The shape of each layer's weight, in order."""
    return [tuple(parameter.shape) for name, parameter in module.named_parameters() if name.endswith("weight")]


@pytest.mark.parametrize(
    ("body", "hidden", "down", "up"),
    [
        ("linear", (), [(10, 1173)], [(1173, 5)]),
        ("mlp", (12, 6), [(12, 1173), (6, 12), (10, 6)], [(6, 5), (12, 6), (1173, 12)]),
        (
            "conv",
            (4, 8, 10),
            [(4, 3, 4, 4), (8, 4, 4, 4), (10, 8 * 4 * 5), (10, 10)],
            [(10, 5), (8 * 4 * 5, 10), (8, 4, 4, 4), (4, 3, 4, 4)],
        ),
    ],
)
def test_layers_are_those_of_the_configuration(
    body: Body, hidden: tuple[int, ...], down: list[tuple[int, ...]], up: list[tuple[int, ...]]
) -> None:
    assert weights(encoder(config(body, hidden), 10)) == down
    assert weights(decoder(config(body, hidden))) == up


@pytest.mark.parametrize(("body", "hidden"), BODIES)
def test_only_layers_that_keep_images_apart(body: Body, hidden: tuple[int, ...]) -> None:
    allowed = (nn.Sequential, nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.LeakyReLU, nn.Flatten, nn.Unflatten)
    for network in (encoder(config(body, hidden), 10), decoder(config(body, hidden))):
        assert [layer for layer in network.modules() if not isinstance(layer, allowed)] == []
        assert list(network.buffers()) == []


@pytest.mark.parametrize(("body", "hidden"), BODIES)
def test_nothing_bends_the_outputs(body: Body, hidden: tuple[int, ...]) -> None:
    for network in (encoder(config(body, hidden), 10), decoder(config(body, hidden))):
        last = [layer for layer in network if not isinstance(layer, nn.Unflatten)][-1]
        assert isinstance(last, nn.Linear | nn.ConvTranspose2d)


@pytest.mark.parametrize(("body", "hidden"), BODIES[1:])
def test_a_unit_far_below_zero_still_learns(body: Body, hidden: tuple[int, ...]) -> None:
    c = config(body, hidden)
    for network, inputs in ((encoder(c, 10), torch.rand(4, c.channels, c.height, c.width)), (decoder(c), torch.rand(4, c.latent))):
        first = next(layer for layer in network if not isinstance(layer, nn.Flatten))
        assert isinstance(first.bias, nn.Parameter)
        nn.init.constant_(first.bias, -100)
        network(inputs).square().sum().backward()
        assert first.bias.grad is not None
        assert first.bias.grad.all()


@pytest.mark.parametrize("sides", [(8, 8), (17, 23), (28, 28), (64, 48), (9, 128), (128, 8)])
def test_each_conv_stage_halves_and_its_mirror_restores(sides: tuple[int, int]) -> None:
    c = config("conv", (2, 2, 2, 4), *sides)
    seen: list[tuple[int, int]] = []

    def record(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        seen.append((output.shape[2], output.shape[3]))

    down, up = encoder(c, 4), decoder(c)
    for network in (down, up):
        for layer in network:
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.register_forward_hook(record)
    down(torch.zeros(1, 3, *sides))
    up(torch.zeros(1, c.latent))
    halved = [(sides[0] >> n, sides[1] >> n) for n in range(4)]
    assert seen == halved[1:] + halved[2::-1]


@pytest.mark.parametrize("odd", [(0, 0), (1, 0), (0, 1)])
def test_to_enlarge_is_to_repeat_each_pixel_and_then_to_convolve(odd: tuple[int, int]) -> None:
    torch.manual_seed(0)
    layer, x = Enlarge(3, 5, odd).double(), torch.randn(2, 3, 6, 4, dtype=torch.float64)
    repeated = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    ringed = nn.functional.pad(repeated, (1, 1 + odd[1], 1, 1 + odd[0]))
    expected = nn.functional.conv2d(ringed, layer.weight.transpose(0, 1), layer.bias)
    torch.testing.assert_close(layer(x), expected, rtol=1e-12, atol=1e-12)
    assert type(layer.folded()) is nn.ConvTranspose2d
    torch.testing.assert_close(layer.folded()(x), expected, rtol=1e-12, atol=1e-12)


def test_even_features_give_an_even_picture() -> None:
    torch.manual_seed(0)
    features = torch.rand(1, 3, 1, 1).expand(1, 3, 8, 8)
    even, woven = (layer(features)[0, :, 2:-2, 2:-2].std(dim=(1, 2)) for layer in (Enlarge(3, 5), nn.ConvTranspose2d(3, 5, 4, 2, 1)))
    assert even.max() < 1e-6
    assert woven.min() > 1e-3


def test_a_new_conv_model_enlarges_and_one_that_says_nothing_is_of_before() -> None:
    new = config("conv", (4, 8, 10)).model_copy(update={"enlarge": default_enlarging("conv")})
    assert [type(layer) for layer in decoder(new) if isinstance(layer, nn.ConvTranspose2d)] == [Enlarge, Enlarge]
    assert weights(decoder(new))[2:] == [(8, 4, 3, 3), (4, 3, 3, 3)]
    before = decoder(config("conv", (4, 8, 10)))
    assert [type(layer) for layer in before if isinstance(layer, nn.ConvTranspose2d)] == [nn.ConvTranspose2d] * 2


def test_a_linear_body_is_affine() -> None:
    torch.manual_seed(0)
    c = config("linear", ())
    a, b = torch.rand(2, 1, c.channels, c.height, c.width, dtype=torch.float64)
    down = encoder(c, 10).double()
    torch.testing.assert_close(down(0.3 * a + 0.7 * b), 0.3 * down(a) + 0.7 * down(b), rtol=1e-12, atol=1e-12)
    up, (z, w) = decoder(c).double(), torch.randn(2, 1, c.latent, dtype=torch.float64)
    torch.testing.assert_close(up(0.3 * z + 0.7 * w), 0.3 * up(z) + 0.7 * up(w), rtol=1e-12, atol=1e-12)
