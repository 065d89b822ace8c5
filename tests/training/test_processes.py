"""Several processes with a part of each batch: parts, noise and gradients are those of one, and what cannot be shared is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vae_core import data
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.model.noise import PartGenerator, own, share, widened
from vae_core.model.vae import VAE
from vae_core.training import train
from vae_core.training.objectives import averages_of, costs
from vae_core.training.processes import ALONE, Processes, described

CPU = torch.device("cpu")
SMALL = ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(16,))
TORCHRUN = {
    "RANK": "1",
    "WORLD_SIZE": "2",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "29500",
}


@pytest.mark.parametrize(("images", "count"), [(128, 2), (7, 3), (3, 3), (1, 3), (500, 7)])
def test_the_parts_of_a_batch_are_the_batch(images: int, count: int) -> None:
    parts = [PartGenerator(CPU, rank, count) for rank in range(count)]
    rows = [part.divide(images) for part in parts]
    counted = [row for part, row in zip(parts, rows, strict=True) if part.counted]
    assert [image for row in counted for image in range(images)[row]] == list(range(images))
    sizes = [row.stop - row.start for row in rows]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
    shares = [share(size, part) for size, part in zip(sizes, parts, strict=True)]
    assert sum(shares) == pytest.approx(1)
    assert share(images, torch.Generator()) == 1


def test_numbers_for_the_parts_are_those_of_the_whole_and_all_stay_in_step() -> None:
    alone, parts = torch.Generator().manual_seed(3), [PartGenerator(CPU, rank, 3) for rank in range(3)]
    for part in parts:
        part.manual_seed(3)
    for images in (20, 2, 7):
        expected = torch.empty(images, 5).normal_(generator=alone)
        for part in parts:
            x = torch.ones(images, 5)[part.divide(images)]
            drawn = own(torch.empty_like(widened(x, part)).normal_(generator=part), part)
            assert torch.equal(drawn, expected[part.rows])
            assert torch.equal(part.get_state(), alone.get_state())
        total = torch.stack([widened(torch.ones(images, 5)[part.rows], part) for part in parts]).sum(0)
        assert torch.equal(total, torch.ones(images, 5))


def gradients(pixels: Tensor, model: VAE, config: TrainConfig, count: int, monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """The gradients of one step and its sums, added up over so many processes."""
    kept: list[list[Tensor]] = []
    monkeypatch.setattr(Processes, "add_up", lambda _, tensors: kept.append([tensor.clone() for tensor in tensors]))
    for rank in range(count):
        here, processes = copy.deepcopy(model), Processes(count, rank)
        generator = processes.generator(CPU)
        generator.manual_seed(5)
        rows = generator.divide(len(pixels)) if isinstance(generator, PartGenerator) else slice(None)
        optimiser = torch.optim.SGD(here.parameters(), lr=0.0)
        train._step(here, optimiser, pixels[rows], config, "fp32", 3, 10, 1000, generator, processes)
    return [torch.stack(parts).sum(0) for parts in zip(*kept, strict=True)]


@pytest.mark.parametrize("count", [2, 3, 8])
@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ({}, {}),
        ({}, {"binarise": "stochastic", "schedule": "linear"}),
        ({}, {"beta": 2.0, "beta_sigma": 0.5}),
        ({"beta_range": (0.1, 4.0)}, {}),
        ({"beta_range": (0.1, 4.0), "split": True}, {}),
        ({"variational": False, "body": "conv", "hidden": (4, 8)}, {}),
        ({"likelihood": "gaussian", "sigma_is": "learned"}, {}),
    ],
    ids=str,
)
def test_the_gradients_of_all_parts_add_up_to_those_of_the_batch(
    count: int, model: dict[str, object], fields: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig.model_validate(fields)
    vae = VAE(ModelConfig.model_validate({**SMALL.model_dump(), **model})).double()
    for images in (33, 5):  # fewer images than processes, where there are eight
        pixels = torch.tensor(data.load("digits").pixels[:images])
        whole, parts = (gradients(pixels, vae, config, processes, monkeypatch) for processes in (1, count))
        assert len(whole) == len(list(vae.parameters())) + 1
        for expected, found in zip(whole, parts, strict=True):
            assert torch.allclose(found, expected, rtol=0, atol=1e-9)


def test_the_validation_of_all_parts_is_that_of_the_whole() -> None:
    vae, batches = VAE(SMALL), torch.tensor(data.load("digits").pixels[:41]).split(20)
    expected = costs(vae, batches, beta=1.0, generator=torch.Generator().manual_seed(0))
    parts = []
    for rank in range(3):
        generator = Processes(3, rank).generator(CPU)
        generator.manual_seed(0)
        parts.append(costs(vae, batches, beta=1.0, generator=generator))
    for whole, found in zip(expected, zip(*parts, strict=True), strict=True):
        assert torch.allclose(whole, torch.stack(found).sum(0), rtol=0, atol=1e-5)
    assert averages_of(expected, 1.0).images == 41


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        ({}, {"batch": 1}, "A batch of 1 is too small for 2 processes"),
        ({}, {"tc": 1.0}, "With tc, "),
        ({}, {"capacity": 1.0}, "With capacity, "),
        ({}, {"free_bits": 0.1}, "With free_bits, "),
        ({"likelihood": "gaussian", "sigma_is": "optimal"}, {}, "With an optimal sigma, "),
    ],
)
def test_what_several_processes_cannot_train_is_one_sentence(model: dict[str, object], fields: dict[str, object], words: str) -> None:
    shape, config = ModelConfig.model_validate({**SMALL.model_dump(), **model}), TrainConfig.model_validate(fields)
    ALONE.check(shape, config)
    with pytest.raises(InputError) as refused:
        Processes(2).check(shape, config)
    assert str(refused.value).startswith(words)
    assert str(refused.value).count(". ") == 0


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(InputError, match="2 processes are on this machine and 1 GPU:"):
        Processes(2, 0, 2).check(SMALL, TrainConfig())
    Processes(2, 0, 2).check(SMALL, TrainConfig(device="cpu"))
    Processes(2, 0, 1).check(SMALL, TrainConfig())


def test_without_torchrun_there_is_one_process() -> None:
    assert described({"LOCAL_RANK": "3"}) is ALONE
    assert described(TORCHRUN) == Processes(count=2, rank=1, on_machine=2, place=1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda found: found.pop("MASTER_PORT"), "MASTER_PORT is not set"),
        (lambda found: found.pop("WORLD_SIZE"), "WORLD_SIZE is not set"),
        (lambda found: found.update(WORLD_SIZE="two"), "WORLD_SIZE is 'two', not a whole number"),
        (lambda found: found.update(RANK="-1"), "RANK is '-1', not a whole number"),
        (lambda found: found.update(WORLD_SIZE="0"), "There is no process RANK=1 of WORLD_SIZE=0"),
        (lambda found: found.update(RANK="2"), "There is no process RANK=2 of WORLD_SIZE=2"),
        (lambda found: found.update(LOCAL_WORLD_SIZE="3"), "LOCAL_RANK=1 of LOCAL_WORLD_SIZE=3"),
    ],
)
def test_an_environment_that_torchrun_never_makes_is_one_sentence(change: Callable[[dict[str, str]], object], words: str) -> None:
    found = dict(TORCHRUN)
    change(found)
    with pytest.raises(InputError) as refused:
        described(found)
    assert words in str(refused.value)
    assert str(refused.value).endswith(": start them with: torchrun --nproc-per-node N -m vae_core train …")
