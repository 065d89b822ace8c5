"""Killed at any moment: what was acknowledged is there, nothing is there by halves, and training goes on to the bit.

`make durable` kills 1,000 saves where the tests kill 60, and trainings 50 times where they do four times.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.runs.small import SMALL, leftovers
from vae_core.base.config import RunConfig, TrainConfig
from vae_core.base.storage import remove_half_written
from vae_core.runs import directory, resuming
from vae_core.training import checkpoint

KILLS, RESUMES = (int(os.environ.get(f"LATENT_LOOM_{name}", few)) for name, few in (("KILLS", "60"), ("RESUMES", "4")))
SETTINGS = RunConfig(name="Small", data="digits", model=SMALL, train=TrainConfig(epochs=6, batch=250, threads=1, precision="fp32"))

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]
Told = dict[str, int]


@pytest.fixture(scope="module")
def mortal() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.mortal"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def do(mortal: subprocess.Popen[str], task: dict[str, Any], watch: Callable[[int, Told], None]) -> list[Told]:
    """All that a task told until its process had ended; `watch` hears each with the process's id."""
    assert mortal.stdin is not None
    assert mortal.stdout is not None
    mortal.stdin.write(json.dumps(task) + "\n")
    mortal.stdin.flush()
    heard: list[Told] = []
    child = 0
    while not (heard and "ended" in heard[-1]):
        heard.append(json.loads(mortal.stdout.readline()))
        child = heard[-1].get("child", child)
        watch(child, heard[-1])
    return heard


def test_a_killed_save_leaves_whole_checkpoints_only(tmp_path: Path, mortal: subprocess.Popen[str]) -> None:
    draw = random.Random(0)
    (counted,) = (told["calls"] for told in do(mortal, _saving(tmp_path / "counted", None, 3), lambda *_: None) if "calls" in told)
    assert counted > 20
    acknowledged = torn = swept = 0
    for attempt in range(KILLS):
        folder = tmp_path / str(attempt)
        # Half of them at each call of three saves and a removal in turn, the others at moments that nobody chose.
        nth = None if attempt % 2 else attempt // 2 * max(1, counted * 2 // KILLS) % counted + 1
        begins, delay = draw.randrange(4), draw.uniform(0, 0.03)

        def kill(child: int, told: Told, nth: int | None = nth, begins: int = begins, delay: float = delay) -> None:
            if nth is None and told.get("saved") == begins:
                time.sleep(delay)
                os.kill(child, signal.SIGKILL)

        heard = do(mortal, _saving(folder, nth, 1000), kill)
        assert os.WTERMSIG(heard[-1]["ended"]) == signal.SIGKILL
        saved = [told["saved"] for told in heard if "saved" in told]
        visible = directory.checkpoints(folder.parent / str(attempt))
        for path in visible:
            checkpoint.load(path)
        if saved:
            assert max(int(path.name) for path in visible) >= saved[-1]
        acknowledged += len(saved)
        left = leftovers(folder)
        torn += bool(left)
        remove_half_written(folder, older=0)
        swept += len(left)
        assert leftovers(folder) == []
        shutil.rmtree(folder)
    lost = f"{acknowledged} saves acknowledged, none lost; {torn} left {swept} things half written, all swept"
    sys.stdout.write(f"{KILLS} kills, half of them at the {counted} calls in turn: {lost}\n")
    assert torn > 0


def test_a_killed_training_goes_on_to_the_bit(fresh_home: Path, mortal: subprocess.Popen[str]) -> None:
    draw = random.Random(1)
    unbroken = directory.create(SETTINGS)
    do(mortal, _training(unbroken, fresh_home), lambda *_: None)
    resumes = runs = 0
    while resumes < RESUMES:
        run, runs = directory.create(SETTINGS), runs + 1
        while directory.status(run).state != "finished":
            records, delay, told_so_far = draw.randrange(2, 20), draw.uniform(0, 0.05), list[int]()

            def kill(child: int, told: Told, records: int = records, delay: float = delay, steps: list[int] = told_so_far) -> None:
                steps += [told["step"]] if "step" in told else []
                if len(steps) == records and "step" in told:
                    time.sleep(delay)
                    with contextlib.suppress(ProcessLookupError):  # it had ended
                        os.kill(child, signal.SIGKILL)

            before = directory.newest_checkpoint(run)
            heard = do(mortal, _training(run, fresh_home), kill)
            if os.WIFSIGNALED(heard[-1]["ended"]):
                resuming.mark_cut_off()
                resumes += 1
            now = directory.newest_checkpoint(run)
            assert before is None or (now is not None and int(now.name) >= int(before.name))
        assert _untimed(run) == _untimed(unbroken)
        assert _weights(run) == _weights(unbroken)
        assert leftovers(run) == []
    alike = "each went on, and each ended with the weights and records of the one that nobody killed"
    sys.stdout.write(f"{resumes} kills of {runs} trainings: {alike}\n")


def _saving(folder: Path, nth: int | None, most: int) -> dict[str, Any]:
    folder.mkdir()
    (folder / directory.CHECKPOINTS).mkdir()
    return {"do": "save", "folder": str(folder / directory.CHECKPOINTS), "nth": nth, "most": most}


def _training(run: Path, home: Path) -> dict[str, Any]:
    return {"do": "train", "folder": str(run), "home": str(home)}


def _untimed(run: Path) -> list[dict[str, Any]]:
    lines = (run / "records.jsonl").read_text("utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name not in ("seconds", "images_per_second")} for line in lines]


def _weights(run: Path) -> str:
    return checkpoint.load(directory.checkpoints(run)[-1]).weights_hash
