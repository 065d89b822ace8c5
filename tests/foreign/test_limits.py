"""Models of unusual size or shape: opened with what works, or refused in a sentence that says what to do."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from tests.foreign.test_importing import opened, pair
from tests.pages.steps import open_page
from vae_core.base.errors import InputError
from vae_core.export.live_model import is_known_to_browser, runs_in_browser
from vae_core.foreign.opening import Upload
from vae_core.runs import catalogue


class Encoder(nn.Module):
    """A body with a head for the mean and one for the log-variance."""

    def __init__(self, body: nn.Module, mean: nn.Module, logvar: nn.Module) -> None:
        super().__init__()
        self.body, self.mean, self.logvar = body, mean, logvar

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.body(image)
        return self.mean(hidden), self.logvar(hidden)


def exported(module: nn.Module, shape: Sequence[int], takes: str, gives: Sequence[str]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), (torch.zeros(1, *shape),), buffer, input_names=[takes], output_names=list(gives), dynamo=False)  # type: ignore[arg-type]
    return buffer.getvalue()


def spatial(channels: int) -> list[Upload]:
    """A codec of pictures [1, 16, 16] whose code is [channels, 8, 8]."""
    heads = [nn.Conv2d(2, channels, 1) for _ in range(2)]
    encoder = Encoder(nn.Conv2d(1, 2, 4, 2, 1), *heads)
    decoder = nn.Sequential(nn.ConvTranspose2d(channels, 1, 4, 2, 1), nn.Sigmoid())
    return [
        ("encoder.onnx", exported(encoder, (1, 16, 16), "image", ("mean", "logvar"))),
        ("decoder.onnx", exported(decoder, (channels, 8, 8), "z", ("picture",))),
    ]


def test_a_code_with_axes_of_space_is_a_list_of_numbers_or_a_wide_code() -> None:
    point = opened(spatial(2))
    assert point.card.model.latent == 128
    assert point.model.decode(torch.zeros(3, 128)).shape == (3, 1, 16, 16)
    wide = opened(spatial(4)).card.model
    assert (wide.latent, wide.code_shape, wide.wide) == (256, (4, 8, 8), True)
    with pytest.raises(InputError, match=r"a code of 4,160 numbers, 65 × 8 × 8; a code here has 2 to 4,096\. Export it with an example of"):
        opened(spatial(65))


def test_a_long_code_and_large_pictures_are_refused_with_a_way_out() -> None:
    with pytest.raises(InputError, match=r"a code of 4,097 numbers; .*Bring a model that was trained with such a code\.$"):
        opened(list(pair("mean logvar", "Sigmoid", latent=4097)))
    wide = nn.Conv2d(1, 1, 3, padding=1)
    encoder = Encoder(nn.Sequential(nn.AvgPool2d(64), nn.Flatten()), nn.Identity(), nn.Identity())
    decoder = nn.Sequential(nn.Unflatten(1, (1, 4, 4)), nn.Upsample(scale_factor=64), wide, nn.Sigmoid())
    files = [
        ("encoder.onnx", exported(encoder, (1, 256, 256), "image", ("mean", "logvar"))),
        ("decoder.onnx", exported(decoder, (16,), "z", ("picture",))),
    ]
    with pytest.raises(InputError, match=r"256 × 256 pixels\. Here a side has 8 to 128: bring one for smaller pictures\.$"):
        opened(files)


class AlongAnAxis(nn.Module):
    """A dense layer along the last of two axes, which the browser does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 32), nn.Linear(4, 8)

    def forward(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.last(self.first(z).view(-1, 8, 4)))[:, None]


@pytest.mark.usefixtures("fresh_home")
def test_a_layer_that_the_browser_does_not_know_is_decoded_by_the_server_and_stays_here() -> None:
    encoder, _ = pair("mean logvar")
    point = opened([encoder, ("decoder.onnx", exported(AlongAnAxis(), (4,), "z", ("picture",)))])
    assert not runs_in_browser(point.card.model)
    assert not is_known_to_browser(point.card.model)
    page = open_page("models", model=catalogue.keep(point))
    (button,) = [found.proto for found in page.get("download_button") if found.proto.label == "Take-home page"]
    assert button.disabled
    assert "this app must run to decode for it" in button.help


def test_a_shape_that_is_left_open_is_said_by_a_card() -> None:
    (name, data), decoder = pair("mean logvar", "Sigmoid")
    import onnx

    model = onnx.ModelProto.FromString(data)
    for side in model.graph.input[0].type.tensor_type.shape.dim:
        side.dim_param = "open"
    flat = onnx.ModelProto.FromString(decoder[1])
    next(array for array in flat.graph.initializer if array.name == "to").CopyFrom(
        onnx.numpy_helper.from_array(torch.tensor([-1, 64]).numpy(), "to")
    )
    files = [(name, model.SerializeToString()), (decoder[0], flat.SerializeToString())]
    with pytest.raises(
        InputError, match=r"leaves the shape of its input x open: export it with fixed sides, or say the size of its pictures"
    ):
        opened(files)
    card = {"image": {"channels": 1, "height": 8, "width": 8}}
    assert opened([*files, ("card.json", json.dumps(card).encode())]).card.model.height == 8
