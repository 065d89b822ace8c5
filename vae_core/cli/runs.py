"""``runs`` lists models and runs; ``stop`` ends some; ``work`` trains what is queued."""

from __future__ import annotations

import argparse
import json
import os

from vae_core.cli.command import Command
from vae_core.cli.values import whole
from vae_core.data.images import shown
from vae_core.runs import catalogue, directory, jobs, resuming


def _no_options(command: argparse.ArgumentParser) -> None:
    """The command has none."""


def _work_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--place", type=whole, default=0, metavar="N", help="which of several workers this is (default: 0, the first)")


def _stop_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("runs", nargs="+", metavar="RUN", help="the id of a run")


def _runs(chosen: argparse.Namespace) -> None:
    for entry in catalogue.models().values():
        card = entry.card
        facts = f"K={card.model.latent:<3} {card.weights_name:8} loss {card.figures.loss:9.2f}"
        print(f"{entry.id:24} {entry.kind:8} {shown(card.data.title)[:24]:24} {facts}  {entry.name}")
    for run in directory.listing():
        now, resumable = run.status, resuming.cannot_resume(run) is None
        if resumable or now.state not in ("finished", "stopped"):
            how = f"{now.message} Go on: train --resume {run.id}".strip() if resumable else now.message
            print(f"{run.id:24} {now.state:8} step {now.step} of {now.steps}  {shown(run.config.name)}  {how}")


def _work(chosen: argparse.Namespace) -> None:
    if hasattr(os, "nice"):
        os.nice(10)  # the pages come first
    jobs.work(chosen.place)


def _stop(chosen: argparse.Namespace) -> None:
    found = [directory.find(run) for run in chosen.runs]
    for run in found:
        if run.status.active:
            directory.request_stop(run.folder)
    print(json.dumps({"stopped": [run.id for run in found if run.status.active]}))


RUNS = Command(_no_options, _runs)
STOP = Command(_stop_options, _stop)
WORK = Command(_work_options, _work)
