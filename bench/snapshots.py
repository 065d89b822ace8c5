"""What the snapshots of a run cost: their share of the processor time of its training, and their room on the disk."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from vae_core import data
from vae_core.base.config import Body, ModelConfig, RunConfig, TrainConfig, default_hidden
from vae_core.runs import directory
from vae_core.runs.execute import execute
from vae_core.training import snapshots
from vae_core.training.snapshots import Recorder
from vae_core.training.train import Training


class Case(NamedTuple):
    """A run with the Train page's own hidden layers and batch."""

    data: str
    body: Body
    latent: int
    epochs: int


CASES = (
    Case("digits", "mlp", 2, 20),
    Case("digits", "mlp", 8, 100),
    Case("mnist-10k", "mlp", 16, 10),
    Case("mnist-10k", "conv", 16, 3),
    Case("faces", "conv", 16, 1),
)


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            yield f"snapshots: {case.data}, {case.body}, {case.epochs} epochs", measured(case, Path(folder) / "run")


def measured(case: Case, folder: Path) -> str:
    """The share, and what it bought."""
    images = data.load(case.data)
    channels, height, width = images.shape
    model = ModelConfig(
        body=case.body,
        channels=1 if channels == 1 else 3,
        height=height,
        width=width,
        latent=case.latent,
        hidden=default_hidden(case.body, height, width),
    )
    config = RunConfig(name="Snapshots", data=images.name, model=model, train=TrainConfig(epochs=case.epochs))
    run = directory.create(config, folder, state="running")
    spent: Counter[str] = Counter()

    def timed(what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 — as the method that it stands for
            began = time.process_time_ns()
            try:
                return real(*arguments, **options)
            finally:
                spent[what] += time.process_time_ns() - began

        return call

    with (
        patch.object(Recorder, "__init__", timed("snapshots", Recorder.__init__)),
        patch.object(Recorder, "follow", timed("snapshots", Recorder.follow)),
        patch.object(Training, "update", timed("training", Training.update)),
    ):
        *_, last = execute(run, images)
    found = snapshots.read(run)
    assert found is not None
    size = sum(file.stat().st_size for file in (run / snapshots.FOLDER).iterdir())
    count, pictured = len(found.snapshots[-1].codes), len(found.subjects.pixels)
    return (
        f"{spent['snapshots'] / spent['training']:.1%} of {spent['training'] / 1e9:.1f} s ({last.steps} steps; {len(found.snapshots)} kept "
        f"of {count} images, {pictured} with pictures; {size / 2**20:.1f} MB)"
    )


def main() -> None:
    """Print the table as it is measured."""
    for what, figure in rows():
        print(f"{what:44} {figure}", flush=True)


if __name__ == "__main__":
    main()
