"""``train``: a new run, or an old one resumed."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from tqdm import tqdm

from vae_core import data
from vae_core.analysis import constant, explore, folding, projection
from vae_core.analysis.disentangle import mig, varying
from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError
from vae_core.cli.command import Command
from vae_core.cli.config_options import flag_of
from vae_core.cli.data_option import add_data, images_of
from vae_core.cli.run_options import FLAGS, add_run, config_of, train_of
from vae_core.data import Images
from vae_core.runs import directory, resuming
from vae_core.runs.execute import execute, follow
from vae_core.training import binarise, checkpoint, processes
from vae_core.training.processes import Processes

_SCORED = 10_000  # images at most on which MIG is measured


def _add_options(command: argparse.ArgumentParser) -> None:
    new_or_old = command.add_mutually_exclusive_group(required=True)
    add_data(command, new_or_old)
    new_or_old.add_argument("--resume", metavar="RUN", help="continue a stopped or interrupted run, by its id or the path of its folder")
    add_run(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="a new folder for the run, instead of one in the app's own list")


def _train(chosen: argparse.Namespace) -> None:
    with processes.joined() as together:
        if together.first:
            _lead(chosen, together)
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # the first process hears it, and ends the training
        follow(together)


def _lead(chosen: argparse.Namespace, together: Processes) -> None:
    run, images = _new_run(chosen, together) if chosen.resume is None else _resumed(chosen, together)
    config = directory.config_of(run)
    if config.train.threads:
        torch.set_num_threads(config.train.threads)
    with (
        _stopped_by_interrupt(run, together),
        tqdm(
            total=config.train.epochs,
            unit="epoch",
            file=sys.stderr,
            bar_format="{l_bar}{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}{postfix}]",
        ) as bar,
    ):
        for record in execute(run, images, together):
            bar.n = record.epoch
            bar.set_postfix_str(f"D {record.distortion:.1f}  R {record.rate:.1f}  {record.images_per_second:,.0f} images/s")
    name = run.name if run.parent == directory.RUNS.place else str(run)
    now = directory.status(run)
    if now.state == "stopped":
        raise KeyboardInterrupt(f"Stopped after step {now.step:,} of {now.steps:,}; python -m vae_core train --resume {name} goes on.")
    card = checkpoint.read_card(directory.newest_checkpoint(run) or run)
    nothing = constant.constant_picture(images, config.model, config.train)
    print(constant.sentence(card.figures, nothing, variational=config.model.variational), file=sys.stderr)
    summary = {
        "run": name,
        "epochs": card.epochs,
        **card.figures.model_dump(),
        "part": "validation",
        "constant_picture": nothing.cost,
        **_disentanglement(run, images, config),
        "images_per_second": round(card.images_per_second, 1),
        "seconds": round(card.seconds, 2),
    }
    print(json.dumps(summary))


def _disentanglement(run: Path, images: Images, config: RunConfig) -> dict[str, float]:
    """MIG on validation images, where the causes of the images are known; the other measures are `evaluate`'s."""
    if images.factors is None or not config.model.variational:
        return {}
    validation = images.split().validation
    rows = validation[projection.subsample(len(validation), _SCORED, None, config.train.seed)]
    if varying(images.factors[rows]).sum() < 2:
        return {}
    model = folding.plain(checkpoint.load(directory.newest_checkpoint(run) or run)).model
    codes = explore.encode(model, binarise.for_evaluation(images.take(rows), config.train)).mean
    return {"mig": round(mig(codes, images.factors[rows]).score, 4)}


def _new_run(chosen: argparse.Namespace, together: Processes) -> tuple[Path, Images]:
    """The run that the arguments describe, and its images."""
    train, images = train_of(chosen), images_of(chosen)
    config = config_of(chosen, train, images, together.check)
    run = directory.create(config, chosen.out, state="running")
    training = len(images.split().train)
    if config.train.batch > training:
        print(
            f"A batch of {config.train.batch:,} is more than the {training:,} training images: each step takes all of them.",
            file=sys.stderr,
        )
    if chosen.epochs is None:
        steps = config.train.epochs * math.ceil(training / config.train.batch)
        print(
            f"{config.train.epochs:,} epochs of {training:,} training images make {steps:,} steps; --epochs chooses another number.",
            file=sys.stderr,
        )
    return run, images


def _resumed(chosen: argparse.Namespace, together: Processes) -> tuple[Path, Images]:
    """The folder of the run to resume, by id or path, made ready to be executed, and its images."""
    alone = argparse.ArgumentParser()
    _add_options(alone)
    nothing_else = vars(alone.parse_args([f"--resume={chosen.resume}"]))
    given = [field for field, value in nothing_else.items() if getattr(chosen, field) != value]
    if given:
        raise InputError(f"--resume goes on with the settings that the run has: leave out {flag_of(given[0], FLAGS)}.")
    path = Path(chosen.resume)
    run = path.resolve() if (path / "run.json").is_file() else directory.find(chosen.resume).folder
    config = directory.config_of(run)
    together.check(config.model, config.train)
    images = data.load_exactly(config.data)  # before the run says that it goes on
    resuming.resume(run, state="running")
    return run, images


@contextlib.contextmanager
def _stopped_by_interrupt(run: Path, together: Processes) -> Iterator[None]:
    """The first Ctrl+C asks the run to stop, which saves it whole; a second one breaks off at once.

    Of several processes torchrun sends each another one for the same Ctrl+C, or the signal to end; they only ask.
    """

    def ask(number: int, _: object) -> None:
        if together.count == 1:
            signal.signal(number, before[signal.Signals(number)])
        directory.request_stop(run)

    heard = (signal.SIGINT,) if together.count == 1 else (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, ask) for number in heard}
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


TRAIN = Command(_add_options, _train)
