"""Images a second of one training on two processes of one thread each, next to one process of one thread and of two, in turn."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
from collections.abc import Iterator
from statistics import median

import torch

from bench.training import SPEED, Case, images
from vae_core.base.config import TrainConfig
from vae_core.model.vae import VAE
from vae_core.training.processes import ALONE, Order, Processes, joined
from vae_core.training.train import Training

REPEATS = 3


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    second = multiprocessing.get_context("spawn").Process(target=_second, args=(port,))
    second.start()
    with _joined(0, port) as both:
        for case in SPEED:
            rates = [(_rate(case, ALONE, 1), _rate(case, ALONE, 2), _rate(case, both, 1)) for _ in range(REPEATS)]
            one, two, together = (median(each) for each in zip(*rates, strict=True))
            yield (
                f"{case.title}, batch {case.batch}: 2 processes",
                f"{together:,.0f} images/s; 1 process of 1 thread {one:,.0f}, of 2 threads {two:,.0f} ({images(case)[1]}, fp32)",
            )
    second.join()


def _rate(case: Case, processes: Processes, threads: int) -> float:
    """Images a second of one epoch; NaN on all processes but the first."""
    torch.set_num_threads(threads)
    config = TrainConfig(epochs=1, batch=case.batch, precision="fp32")
    training = Training(VAE(case.model), images(case)[0], config, processes=processes)
    processes.meet()
    if not processes.first:
        training.follow()
        return float("nan")
    while not training.done:
        training.update()
    processes.order(Order.END)
    return training.images_per_second


def _second(port: int) -> None:
    with _joined(1, port) as both:
        for case in SPEED:
            for _ in range(REPEATS):
                _rate(case, both, 1)


def _joined(rank: int, port: int) -> contextlib.AbstractContextManager[Processes]:
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ |= {name: str(value) for name, value in place.items()}
    return joined()


if __name__ == "__main__":
    for what, figure in rows():
        print(f"{what:52} {figure}", flush=True)
