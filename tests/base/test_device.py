"""device: the first that is there, or a plain refusal; no GPU is needed, torch's own answers are replaced."""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import Literal

import pytest
import torch

from tests.conftest import ROOT
from vae_core.base import device
from vae_core.base.config import Device, ModelConfig, SigmaIs, TrainConfig
from vae_core.base.config import LikelihoodName as Likelihood
from vae_core.base.errors import InputError
from vae_core.model import likelihoods
from vae_core.model.vae import VAE
from vae_core.training.objectives import objective


@pytest.fixture(params=[(False, False), (True, False), (False, True), (True, True)], ids=["no GPU", "cuda", "mps", "both"])
def gpus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, bool]:
    """Whether torch says that there is an NVIDIA GPU, and an Apple one."""
    cuda, mps = request.param
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    return cuda, mps


def test_auto_is_the_first_gpu_that_is_there_and_else_the_processor(gpus: tuple[bool, bool]) -> None:
    cuda, mps = gpus
    assert device.choose("auto").type == ("cuda" if cuda else "mps" if mps else "cpu")


def test_the_processor_is_always_there(gpus: tuple[bool, bool]) -> None:
    assert device.choose("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("name", "words"), [("cuda", "NVIDIA GPU"), ("mps", "Apple GPU")])
def test_a_gpu_that_is_not_there_is_refused_in_one_sentence(gpus: tuple[bool, bool], name: Literal["cuda", "mps"], words: str) -> None:
    there = dict(zip(("cuda", "mps"), gpus, strict=True))
    if there[name]:
        assert device.choose(name).type == name
    else:
        with pytest.raises(InputError, match=f"no {words}.*choose the device auto or cpu") as refusal:
            device.choose(name)
        assert "\n" not in str(refusal.value)


OBJECTIVES = {
    "elbo": TrainConfig(),
    "capacity": TrainConfig(capacity=3.0),
    "free bits": TrainConfig(free_bits=0.1),
    "total correlation": TrainConfig(tc=1.0),
    "stochastic": TrainConfig(binarise="stochastic"),
}
LIKELIHOODS: list[tuple[Likelihood, SigmaIs]] = [
    ("bernoulli", "fixed"),
    ("continuous_bernoulli", "fixed"),
    ("gaussian", "learned"),
    ("gaussian", "optimal"),
    ("logistic", "learned"),
]


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize(("likelihood", "sigma_is"), LIKELIHOODS)
def test_a_step_mixes_nothing_from_the_processor_in(
    name: str, likelihood: Likelihood, sigma_is: SigmaIs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The "meta" device holds no numbers, but refuses tensors of another device just as a GPU does."""
    monkeypatch.setattr(likelihoods, "_must_be_pixels", lambda x: None)  # the only thing that asks for a number
    shape = ModelConfig(body="conv", channels=1, height=8, width=8, latent=3, hidden=(4, 8), likelihood=likelihood, sigma_is=sigma_is)
    model, x = VAE(shape).to("meta"), torch.empty(4, 1, 8, 8, device="meta")
    terms = objective(model, x, OBJECTIVES[name], step=0, steps=10, training_images=40, generator=torch.Generator())
    terms.loss.mean().backward()
    assert {term.device.type for term in terms} == {"meta"}
    assert all(parameter.grad is not None and parameter.grad.device.type == "meta" for parameter in model.parameters())


def test_device_names_are_those_of_torch() -> None:
    names: tuple[Device, ...] = ("cpu", "cuda", "mps")
    assert [torch.device(name).type for name in names] == list(names)


MAPPED = """
import ctypes, torch
from vae_core.base.device import keep_freed_memory
class Info(ctypes.Structure):
    _fields_ = [(f"field{i}", ctypes.c_size_t) for i in range(10)]
mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Info
blocks = []
for change in (lambda: None, keep_freed_memory):
    change()
    before = mallinfo().field3
    blocks.append(torch.empty(30_000_000, dtype=torch.uint8))
    print(mallinfo().field3 - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the habit that is broken is glibc's")
def test_large_blocks_come_from_kept_memory_and_are_not_mapped_anew() -> None:
    """As glibc itself counts the blocks that it maps; in a process of its own, since in this one others have freed large ones."""
    run = subprocess.run([sys.executable, "-c", MAPPED], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.split() == ["1", "0"]
