"""Networks of PyTorch that become a model of ours: by `adopt`, and by the script that the Models page shows."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import vae_core
from pages.ui.screens.models.adopting import SCRIPT
from tests.foreign.test_importing import opened
from vae_core.base.errors import InputError


class Net(nn.Module):
    """A convolutional VAE with what people use: GroupNorm, SiLU, a residual branch, nearest upsampling, pixel shuffle."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner, self.norm = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 1, 1), nn.GroupNorm(2, 8)
        self.heads = nn.Linear(8 * 16 * 16, 20)
        self.seed, self.grow, self.last = nn.Linear(10, 8 * 16 * 16), nn.Conv2d(8, 16, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1)

    def encode(self, image: Tensor) -> tuple[Tensor, ...]:
        hidden = nn.functional.avg_pool2d(nn.functional.silu(self.first(image)), 2)
        hidden = hidden + nn.functional.gelu(self.inner(self.norm(hidden)))
        return tuple(self.heads(hidden.flatten(1)).chunk(2, dim=1))

    def decode(self, z: Tensor) -> Tensor:
        hidden = self.grow(nn.functional.interpolate(self.seed(z).view(-1, 8, 16, 16), scale_factor=2))
        return torch.sigmoid(self.last(nn.functional.pixel_shuffle(hidden, 2)))


class Half(nn.Module):
    """One of a network's functions as a module."""

    def __init__(self, net: Net, name: str) -> None:
        super().__init__()
        self.net, self.name = net, name

    def forward(self, x: Tensor) -> object:
        return getattr(self.net, self.name)(x)


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return Net().eval()


def alike(point: vae_core.Checkpoint, net: Net) -> None:
    x, z = torch.rand(3, 3, 64, 64), torch.randn(3, 10)
    with torch.inference_mode():
        posterior, drawn = point.model.encode(x), point.model.likelihood.mean(point.model.decode(z))
        for got, expected in zip((posterior.mean, posterior.logvar, drawn), (*net.encode(x), net.decode(z)), strict=True):
            np.testing.assert_allclose(got.numpy(), expected.numpy(), atol=1e-5)


def test_modules_at_hand_become_a_model(net: Net) -> None:
    point = vae_core.adopt(Half(net, "encode"), Half(net, "decode"), torch.rand(2, 3, 64, 64), beta=0.5)
    alike(point, net)
    assert point.card.train.beta == 0.5
    with pytest.raises(InputError, match="uses the operator"):
        vae_core.adopt(
            nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 10), nn.Softmax(1)), Half(net, "decode"), torch.rand(2, 3, 64, 64)
        )


def test_the_script_on_the_page_writes_files_that_open(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(SCRIPT, "script", "exec"), {"vae": net})
    alike(opened([(name, (tmp_path / name).read_bytes()) for name in ("encoder.onnx", "decoder.onnx")]), net)
