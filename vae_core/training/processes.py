"""One training on several processes, as torchrun starts them: each has a part of every batch, and their gradients add up to the whole.

The first process decides and writes; the others do as it says. Noise and order are those of one process alone (`model.noise`), so the
weights differ from those only as sums differ that are added up in another order.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from vae_core.base import device
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.model.noise import PartGenerator
from vae_core.model.vae import VAE
from vae_core.training.objectives import Averages, averages_of, costs

_START = "start them with: torchrun --nproc-per-node N -m vae_core train …"
_PATIENCE = timedelta(hours=2)  # the first process may read a large set of images meanwhile
_NEEDED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
T = TypeVar("T")


class LostProcess(InputError):
    """One of the processes of a training is gone."""


class Order(IntEnum):
    """What the first process has all others do next."""

    STEP = 0
    VALIDATE = 1
    END = 2


@dataclass(frozen=True)
class Processes:
    """The processes that train one model together, and which of them this is.

    Attributes:
        count: how many there are; 1 where nobody else takes part.
        rank: which one this is, from 0.
        on_machine: how many of them are on this machine.
        place: which of these this is, from 0.
    """

    count: int = 1
    rank: int = 0
    on_machine: int = 1
    place: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the process that decides and writes."""
        return self.rank == 0

    def check(self, model: ModelConfig, train: TrainConfig) -> None:
        """See that such a model can be trained by so many processes.

        Raises:
            InputError: it cannot; the sentence says what to change.
        """
        if self.count == 1:
            return
        if train.batch < self.count:
            raise InputError(f"A batch of {train.batch} is too small for {self.count} processes: each needs an image of every batch.")
        of_the_whole_batch = {
            "tc": train.tc > 0,
            "capacity": train.capacity is not None,
            "free_bits": train.free_bits > 0,
            "an optimal sigma": model.sigma_is == "optimal",
        }
        for name, asked in of_the_whole_batch.items():
            if asked:
                raise InputError(f"With {name}, the loss of an image depends on its whole batch: train this model on one process.")
        where = device.choose(train.device).type
        if where == "mps":
            raise InputError("Several processes train on processors or on NVIDIA GPUs: choose the device cpu.")
        gpus = torch.cuda.device_count()
        if where == "cuda" and self.on_machine > gpus:
            raise InputError(
                f"{self.on_machine} processes are on this machine and {'1 GPU' if gpus == 1 else f'{gpus} GPUs'}: "
                "start one process for each GPU, or choose the device cpu."
            )

    def generator(self, where: torch.device) -> torch.Generator:
        """A generator that draws for this process's part of each batch."""
        return torch.Generator(where) if self.count == 1 else PartGenerator(where, self.rank, self.count)

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each of these tensors, all of one type and on one device, by its sum over all processes.

        Raises:
            LostProcess: one of them is gone.
        """
        if self.count == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with self._losses():
            dist.all_reduce(flat)
        for tensor, total in zip(tensors, torch.split(flat, [tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(total.view(tensor.shape))

    @torch.inference_mode()
    def average(self, model: VAE, batches: Iterable[Tensor], *, beta: float | tuple[float, float], seed: int) -> Averages:
        """As `objectives.average`, each process with a part of every batch.

        Raises:
            LostProcess: one of them is gone.
        """
        generator = self.generator(next(model.parameters()).device).manual_seed(seed)
        found = costs(model, batches, beta=beta, generator=generator)
        self.add_up(found)
        return averages_of(found, beta)

    def meet(self) -> None:
        """Wait until all of them are here.

        Raises:
            LostProcess: one of them is gone.
        """
        self.add_up([torch.zeros(1)])

    def told(self, value: T) -> T:
        """The value that the first process has, on all of them.

        Raises:
            LostProcess: one of them is gone.
        """
        if self.count == 1:
            return value
        values = [value]
        with self._losses():
            dist.broadcast_object_list(values, src=0)
        return values[0]

    def order(self, what: Order) -> None:
        """From the first process: have the others do this. On them, nothing happens.

        Raises:
            LostProcess: one of them is gone.
        """
        if self.count > 1 and self.first:
            with self._losses():
                dist.broadcast(torch.tensor(what), src=0)

    def heard(self) -> Order:
        """On all but the first process: wait for what it wants.

        Raises:
            LostProcess: it is gone.
        """
        what = torch.tensor(Order.END)
        with self._losses():
            dist.broadcast(what, src=0)
        return Order(int(what))

    @contextlib.contextmanager
    def _losses(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise LostProcess(f"One of the {self.count} processes of this training ended unexpectedly.") from error


ALONE = Processes()


def described(environment: Mapping[str, str]) -> Processes:
    """The processes that the variables of torchrun describe; one alone where there are none.

    Raises:
        InputError: they contradict each other, or one is missing.
    """
    if not {"RANK", "WORLD_SIZE"} & environment.keys():
        return ALONE
    for name in _NEEDED:
        if name not in environment:
            raise InputError(f"{name} is not set, as it is where torchrun starts several processes: {_START}")
    numbers = {}
    for name in _NEEDED[:4]:
        if not (environment[name].isascii() and environment[name].isdecimal() and len(environment[name]) < 7):
            raise InputError(f"{name} is {environment[name][:20]!r}, not a whole number as torchrun sets it: {_START}")
        numbers[name] = int(environment[name])
    rank, count, place, on_machine = (numbers[name] for name in _NEEDED[:4])
    if not (place < on_machine <= count and place <= rank < count):
        raise InputError(
            f"There is no process RANK={rank} of WORLD_SIZE={count} that is LOCAL_RANK={place} of LOCAL_WORLD_SIZE={on_machine}: {_START}"
        )
    return Processes(count, rank, on_machine, place)


@contextlib.contextmanager
def joined() -> Iterator[Processes]:
    """Take part in the training that torchrun started while the block runs; alone, without torchrun, nothing happens.

    Raises:
        InputError: the environment is not that of torchrun, or the processes do not find each other.
    """
    ours = described(os.environ)
    if ours.count == 1:
        yield ours
        return
    gpus = torch.cuda.device_count()
    if ours.place < gpus:
        torch.cuda.set_device(ours.place)
    try:
        dist.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo", timeout=_PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise InputError(f"The {ours.count} processes of this training do not find each other: {_START}") from error
    try:
        yield ours
    finally:
        dist.destroy_process_group()
