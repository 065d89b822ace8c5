"""Many trainings: which of them are there already, what the others will take, and their start on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import cores, directory, jobs, resuming
from vae_core.runs.directory import Run, State
from vae_core.runs.run import finished, same
from vae_core.training.footprint import bytes_foreseen
from vae_core.training.train import seconds_per_image


@dataclass(frozen=True)
class Plan:
    """What would be trained of many configurations.

    Attributes:
        trained: the folders of runs that have done the same on the same images.
        active: runs that wait or train.
        resumed: stopped and failed runs that can go on.
        new: what is left.
        seconds: that all of it takes one after another, at the speed of this machine now.
        bytes: of memory that the largest one takes besides Python and torch themselves.
    """

    trained: Sequence[Path]
    active: Sequence[Run]
    resumed: Sequence[Run]
    new: Sequence[RunConfig]
    seconds: float
    bytes: int

    @property
    def count(self) -> int:
        """How many runs it starts."""
        return len(self.resumed) + len(self.new)


def planned(configs: Iterable[RunConfig], images: Mapping[str, Images]) -> Plan:
    """What would be trained; of two configurations that differ in name alone, the first one counts.

    Args:
        configs: what is asked for.
        images: each set by the name that the configurations have for it.

    Raises:
        InputError: a model is too large.
    """
    trained: list[Path] = []
    active: list[Run] = []
    resumed: list[Run] = []
    new: list[RunConfig] = []
    listed = directory.listing()
    once: list[RunConfig] = []
    for config in configs:
        if any(same(config, other) for other in once):
            continue
        once.append(config)
        there = finished(config, images[config.data], listed)
        runs = [run for run in listed if same(run.config, config)]
        waiting = [run for run in runs if run.status.active]
        broken = [run for run in runs if resuming.cannot_resume(run) is None]
        if there is not None:
            trained.append(there)
        elif waiting:
            active.append(waiting[0])
        elif broken:
            resumed.append(broken[0])
        else:
            new.append(config)
    shares = [(config, 1.0) for config in new]
    shares += [(run.config, 1.0 if resuming.begins_again(run) else 1 - run.status.step / max(1, run.status.steps)) for run in resumed]
    kinds = {_kind(config) for config, _ in shares}
    takes = {kind: _seconds(kind, images[kind.data]) for kind in kinds}
    seconds = sum(takes[_kind(config)] * share for config, share in shares)
    most = max((bytes_foreseen(kind.model, kind.train, len(images[kind.data])) for kind in kinds), default=0)
    return Plan(trained, active, resumed, new, seconds, most)


def prepared(plan: Plan, state: State) -> list[Path]:
    """The folders of the runs that a plan starts, made ready.

    Raises:
        InputError: the disk cannot be written, or one of them was taken meanwhile.
    """
    for run in plan.resumed:
        resuming.resume(run.folder, state=state)
    return [*(run.folder for run in plan.resumed), *(directory.create(config, state=state) for config in plan.new)]


def start(plan: Plan, workers: int) -> list[Path]:
    """Queue what a plan starts and see that so many workers are there; returns the folders of the runs.

    Raises:
        InputError: the queue has no room for all of them, and none is added; or the disk cannot be written.
    """
    jobs.check_room(plan.count)
    folders = prepared(plan, "queued")
    jobs.ensure_workers(min(workers, plan.count))
    return folders


def workers_for(threads: int) -> int:
    """How many trainings of so many threads each this machine has cores for, at least one.

    Raises:
        InputError: the number of threads is not fixed.
    """
    if not threads:
        raise InputError("Several workers need a fixed number of threads for each run: give --threads.")
    return max(1, cores.there() // threads)


def _kind(config: RunConfig) -> RunConfig:
    """What runs have in common that take as long and as much memory."""
    return config.model_copy(update={"name": "-", "train": config.train.model_copy(update={"beta": 1.0, "seed": 0})})


def _seconds(config: RunConfig, images: Images) -> float:
    before = torch.get_num_threads()
    torch.set_num_threads(config.train.threads or before)
    try:
        return seconds_per_image(config.model, config.train) * len(images.split().train) * config.train.epochs
    finally:
        torch.set_num_threads(before)
