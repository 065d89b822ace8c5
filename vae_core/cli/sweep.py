"""``sweep``: many trainings that differ in what --over says, on this machine or on a cluster."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from vae_core.base.config import RunConfig
from vae_core.base.display import duration
from vae_core.base.errors import InputError
from vae_core.cli.command import Command, Parser
from vae_core.cli.data_option import add_data, images_of
from vae_core.cli.run_options import add_run, config_of, train_of
from vae_core.cli.values import whole
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.runs import cluster, many
from vae_core.runs.many import Plan

OVER = {"beta": "beta", "latent": "latent", "seed": "seed", "model": "body", "data": "data"}
"""The options that may have several values, each with the name of what it says."""

_MOST, _LONGEST = 1000, 120  # runs; letters of a name


def _add_options(command: argparse.ArgumentParser) -> None:
    add_data(command, command)
    add_run(command)
    command.set_defaults(threads=1)
    where = command.add_argument_group("which runs, and where")
    where.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="OPTION=A,B",
        help=f"train with each of these values of {', '.join(OVER)}; given again, with each combination",
    )
    where.add_argument("--plan", action="store_true", help="say what would be trained, how long and in how much memory, and train nothing")
    where.add_argument("--on", choices=("here", "slurm"), default="here", help="on this machine, or on a cluster (default: %(default)s)")
    where.add_argument("--workers", type=whole, metavar="N", help="here: runs at a time (default: as many as the cores allow)")
    where.add_argument("--minutes", type=whole, default=240, metavar="N", help="slurm: the time of a job (default: %(default)s)")
    where.add_argument(
        "--slurm", action="append", default=[], metavar="OPTION=VALUE", help="slurm: a long option of sbatch, such as partition=short"
    )


def _sweep(chosen: argparse.Namespace) -> None:
    if chosen.data is None and not any(text.startswith("data=") for text in chosen.over):
        raise InputError("There is nothing to train on: give --data, or --over data=A,B.")
    for option in ("workers", "minutes"):
        if (number := getattr(chosen, option)) is not None and number < 1:
            raise InputError(f"--{option} takes a number from 1 on, not {number}.")
    options = dict(_pair("--slurm", "OPTION=VALUE", text) for text in chosen.slurm)
    workers = 1 if chosen.on == "slurm" else chosen.workers or many.workers_for(chosen.threads)
    plan = _planned(chosen)
    print(_sentence(plan, None if chosen.on == "slurm" else min(workers, plan.count)), file=sys.stderr)
    told = {
        "trained": [folder.name for folder in plan.trained],
        "active": [run.id for run in plan.active],
        "resumed": [run.id for run in plan.resumed],
        "new": len(plan.new),
        "seconds": round(plan.seconds, 1),
        "memory_mb": round(plan.bytes / 1e6, 1),
    }
    if plan.count and not chosen.plan:
        if chosen.on == "slurm":
            jobs = cluster.start(plan, "slurm", chosen.minutes, options)
            told |= {"started": [folder.name for folder in jobs], "jobs": [job.job_id for job in jobs.values()]}
        else:
            told["started"] = [folder.name for folder in many.start(plan, workers)]
    print(json.dumps(told))


def _planned(chosen: argparse.Namespace) -> Plan:
    """What the arguments ask for."""
    over = _over(chosen.over)
    images: dict[str, Images] = {}
    asked: list[RunConfig] = []
    by_text: dict[str, Images] = {}
    for values in itertools.product(*over.values()):
        one = argparse.Namespace(**vars(chosen) | {OVER[option]: value for option, value in zip(over, values, strict=True)})
        train = train_of(one)
        if one.data not in by_text:
            by_text[one.data] = images_of(one)
        config = config_of(one, train, by_text[one.data])
        if chosen.name:
            varied = " ".join(f"{option} {shown(str(value))}" for option, value in zip(over, values, strict=True))
            config = config.model_copy(update={"name": f"{chosen.name} {varied}".strip()[:_LONGEST]})
        elif "seed" in over:
            config = config.model_copy(update={"name": f"{config.name} seed {one.seed}"[:_LONGEST]})
        images[config.data] = by_text[one.data]
        asked.append(config)
    return many.planned(asked, images)


def _over(texts: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each option that has several."""
    alone = Parser(prog="python -m vae_core sweep")
    add_data(alone, alone)
    add_run(alone)
    found: dict[str, list[Any]] = {}
    for text in texts:
        option, values = _pair("--over", "OPTION=A,B such as beta=0.1,1,10", text)
        if option not in OVER:
            raise InputError(f"--over takes one of {', '.join(OVER)}, not {shown(option)}.")
        if option in found:
            raise InputError(f"--over {option} is given twice: put its values in one, with commas.")
        found[option] = [getattr(alone.parse_args([f"--{option}={value}"]), OVER[option]) for value in values.split(",")]
    count = math.prod(map(len, found.values()))
    if count > _MOST:
        raise InputError(f"That makes {count:,} runs and a sweep takes {_MOST:,}: take fewer values.")
    return found


def _pair(option: str, form: str, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise InputError(f'{option} takes {form}, not "{shown(text)}".')
    return name, value


def _sentence(plan: Plan, workers: int | None) -> str:
    """The plan in words, before it starts; so many run at a time, None where a cluster says."""
    there = [
        f"{number} {_are(number)} {what}"
        for number, what in ((len(plan.trained), "trained already"), (len(plan.active), "on the way"))
        if number
    ]
    kept = f" {' and '.join(there)}." if there else ""
    if not plan.count:
        return f"There is nothing to train.{kept}"
    goes_on = f", {len(plan.resumed)} of them from where {'it' if len(plan.resumed) == 1 else 'they'} stopped" if plan.resumed else ""
    took = "one after another" if workers is None or workers == 1 else f"{workers} at a time"
    seconds = plan.seconds / (workers or 1)
    return (
        f"{plan.count} run{'' if plan.count == 1 else 's'} to train{goes_on}: about {duration(seconds)} {took}, at the speed of this "
        f"machine now, with at most {math.ceil(plan.bytes / 1e6):,} MB of memory each besides torch itself.{kept}"
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


SWEEP = Command(_add_options, _sweep)
