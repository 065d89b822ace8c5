"""A process that saves checkpoints or trains until it is killed: ``python -m tests.mortal``, told on standard input what to do.

Each line is a task as JSON. A child of its own does it: this process, which never computes, has imported all that is slow.
"""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import torch

from tests.model.test_vae import small
from tests.training.checkpoints import card
from vae_core.base.storage import remove_folder
from vae_core.model.vae import VAE
from vae_core.runs import directory, execute, resuming
from vae_core.training import checkpoint

CALLS = ("open", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir", "scandir")


class Deadly:
    """Counts the calls by which the disk is changed, and kills its process at one of them: before it, or half way through a write."""

    def __init__(self, nth: int | None) -> None:
        self.calls, self._nth = 0, nth
        for name in CALLS:
            setattr(os, name, self._counted(getattr(os, name)))
        real = builtins.open

        def opening(file: Path, mode: str = "r") -> IO[bytes]:
            self.count()
            opened: IO[bytes] = real(file, mode)
            if mode == "wb":
                setattr(opened, "writelines", self._torn(opened))  # noqa: B010
            return opened

        setattr(builtins, "open", opening)  # noqa: B010

    def count(self) -> None:
        """One more call."""
        self.calls += 1
        if self.calls == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def _counted(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            self.count()
            return real(*arguments, **options)

        return call

    def _torn(self, opened: IO[bytes]) -> Callable[[Iterable[bytes]], None]:
        def write(parts: Iterable[bytes]) -> None:
            data = b"".join(parts)
            if self.calls + 1 == self._nth:
                opened.write(data[: len(data) // 2])
                opened.flush()
            self.count()
            opened.write(data)

        return write


def save(folder: Path, nth: int | None, most: int) -> None:
    """Save one checkpoint after the other, and remove all but the newest two, as a run does; acknowledge each."""
    model = VAE(small(hidden=(64,)))
    deadly = Deadly(nth)
    for number in range(most):
        checkpoint.save(folder / f"{number:08d}", model, card(model.config))
        tell({"saved": number})
        if number > 1:
            remove_folder(folder / f"{number - 2:08d}")
    tell({"calls": deadly.calls})


def train(run: Path) -> None:
    """Train a run to its end, from where it stands, with a checkpoint after each epoch."""
    execute._CHECKPOINT_SECONDS, execute._CHECKPOINT_COSTS = -1.0, 0
    if directory.status(run).state != "queued":
        resuming.resume(run)
    for record in execute.execute(run):
        tell({"step": record.step})


def tell(what: dict[str, int]) -> None:
    """A line to whoever watches; what has been told has happened."""
    os.write(1, json.dumps(what).encode() + b"\n")


def main() -> None:
    """Hear of tasks, and do each in a child."""
    torch.set_num_threads(1)
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if not child:
            if task["do"] == "save":
                save(Path(task["folder"]), task["nth"], task["most"])
            else:
                os.environ["LATENT_LOOM_HOME"] = task["home"]
                train(Path(task["folder"]))
            os._exit(0)
        tell({"child": child})
        _, status = os.waitpid(child, 0)
        tell({"ended": status})


if __name__ == "__main__":
    main()
