"""Two processes that train one model: as one alone to rounding; one that is killed ends the run, which goes on."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import socket
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch

from tests.runs.small import SMALL
from vae_core import data
from vae_core.base.config import TrainConfig
from vae_core.cli.main import main
from vae_core.model.vae import VAE
from vae_core.runs import directory
from vae_core.runs.directory import newest_checkpoint, records, status
from vae_core.training import checkpoint
from vae_core.training.processes import ALONE, Order, Processes, joined
from vae_core.training.train import Training

STEPS, KILLED_AFTER = 4, 5
EXACT = TrainConfig(batch=333, precision="fp32")
COMMAND = ["train", "--data", "digits", "--epochs", "2", "--hidden", "16", "--latent", "2", "--batch", "500", "--threads", "1"]


def exact_steps(processes: Processes) -> VAE:
    """A model in float64 after a few steps, of which one is on a short batch of an odd number of images."""
    model = VAE(SMALL).double()
    training = Training(model, data.load("digits"), EXACT, processes=processes)
    if not processes.first:
        training.follow()
        return model
    while training.step < STEPS:
        training.update()
    processes.order(Order.END)
    return model


def _take_part(rank: int, ports: list[int], folder: Path) -> None:
    """One of the two: exact steps, a whole run, and one in which the second process is killed."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ["MASTER_PORT"] = str(ports[0])
    with joined() as processes:
        torch.save(exact_steps(processes).state_dict(), folder / f"exact{rank}")
    os.environ["MASTER_PORT"] = str(ports[1])
    assert main([*COMMAND, "--out", str(folder / "run")]) == 0
    os.environ["MASTER_PORT"] = str(ports[2])
    if rank == 1:
        advance = Training._advance

        def killed(training: Training) -> None:
            if training.step == KILLED_AFTER:
                os._exit(9)
            advance(training)

        Training._advance = killed  # type: ignore[method-assign, assignment]
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main([*COMMAND, "--out", str(folder / "cut")]) == 2
    assert said.getvalue().endswith("One of the 2 processes of this training ended unexpectedly.\n")


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_ones:
        found = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in found]


def weights(run: Path) -> list[np.ndarray]:
    folder = newest_checkpoint(run)
    assert folder is not None
    return [tensor.numpy() for tensor in checkpoint.load(folder).model.state_dict().values()]


@pytest.mark.slow
def test_two_processes_train_as_one_and_a_killed_one_ends_a_run_that_goes_on(fresh_home: Path, tmp_path: Path) -> None:
    ports = free_ports(3)
    second = multiprocessing.get_context("spawn").Process(target=_take_part, args=(1, ports, tmp_path))
    second.start()
    assert main([*COMMAND, "--out", str(tmp_path / "alone")]) == 0
    with mock.patch.dict(os.environ):
        _take_part(0, ports, tmp_path)
    second.join(timeout=300)
    assert second.exitcode == 9

    alone = exact_steps(ALONE).state_dict()
    for rank in range(2):
        for name, tensor in torch.load(tmp_path / f"exact{rank}", weights_only=True).items():
            assert tensor.dtype == torch.float64
            assert torch.allclose(tensor, alone[name], rtol=0, atol=1e-6)

    ours, theirs = records(tmp_path / "alone"), records(tmp_path / "run")
    assert [record.step for record in theirs] == [record.step for record in ours]
    for one, other in zip(ours, theirs, strict=True):
        assert (other.loss, other.rate) == pytest.approx((one.loss, one.rate), rel=1e-5)
        assert (one.validation is None) == (other.validation is None)
        if one.validation and other.validation:
            assert other.validation.images == one.validation.images == 179
            assert other.validation.loss == pytest.approx(one.validation.loss, rel=1e-5)
    assert status(tmp_path / "run").state == "finished"

    cut = status(tmp_path / "cut")
    assert (cut.state, cut.final) == ("failed", False)
    assert cut.message == "One of the 2 processes of this training ended unexpectedly; the run can go on from step 3."
    assert not (tmp_path / "cut" / ".reserve").exists()
    assert main(["train", "--resume", str(tmp_path / "cut")]) == 0
    assert directory.status(tmp_path / "cut").state == "finished"
    for run in ("run", "cut"):
        for expected, found in zip(weights(tmp_path / "alone"), weights(tmp_path / run), strict=True):
            assert np.allclose(expected, found, rtol=0, atol=1e-4)
