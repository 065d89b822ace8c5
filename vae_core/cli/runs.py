"""``runs`` lists models and runs; ``work`` trains what is queued."""

from __future__ import annotations

import argparse
import os

from vae_core.cli.command import Command
from vae_core.data.images import shown
from vae_core.runs import catalogue, directory, jobs, resuming


def _no_options(command: argparse.ArgumentParser) -> None:
    """Neither command has any."""


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
    jobs.work()


RUNS = Command(_no_options, _runs)
WORK = Command(_no_options, _work)
