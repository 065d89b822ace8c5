"""A class on one server: ``python -m bench.classroom [students ...]``, thirty unless told, as in ``python -m bench.classroom 30 60 100``.

Each student is a session as a browser holds it: a pass, a WebSocket of Streamlit's protocol, reruns of several pages, weights that are
fetched and pictures that are uploaded meanwhile, while a run is trained and another waits. Each has a model, a set and pictures that carry
the student's own mark. A mark of another in anything that a session is sent counts as crosstalk, an answer other than the right one, a page
with an exception and a connection that fails as an error, of which the first are printed: they say where it breaks, and how.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import numpy as np
from websockets.exceptions import WebSocketException

from bench.visitor import Visitor, pictures
from pages.ui.screens.train.uploads import OWN
from pages.ui.server.door import COOKIE
from tests.browser.classroom import WORD, serve_class
from vae_core import data
from vae_core.base import owners
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.data import Images
from vae_core.runs import catalogue, directory, jobs

ROUNDS, WAVES = 5, 3
THINKS = 2.0
PAGES = ("models", "train", "sliders", "learn", "map", "upload")
_MARK = re.compile(rb"mark-(\d+)-of")
_SECONDS = 120
WEIGHTS = catalogue.load("digits-2d").weights_hash


class Heard(NamedTuple):
    """What one student met with: seconds of each rerun, errors, marks of others, and uploads."""

    seconds: list[float]
    errors: list[str]
    crosstalk: int
    uploads: int


class Student:
    """One browser of the class, with a model, a set and pictures of its own."""

    def __init__(self, url: str, number: int) -> None:
        self.number, self._url = number, url
        self._mark = f"mark-{number}-of"
        self._client = httpx2.Client(base_url=url, timeout=_SECONDS)
        self._client.get(f"/?class={WORD}")
        self.held = self._client.cookies[COOKIE]
        with owners.acting_as(self.held.partition(".")[0]):
            self.model = catalogue.keep(catalogue.load("digits-2d"))
            catalogue.rename(self.model, self._mark)
            pixels = np.random.default_rng(number).integers(0, 256, (20, 1, 8, 8), np.uint8)
            data.save_imported(Images("own", pixels), self._mark)

    def play(self, others: Sequence[Student], rounds: int, thinks: float) -> Heard:
        """Mixed actions over one session, with so many seconds between two of them on average."""
        seconds, errors, foreign, uploads = list[float](), list[str](), 0, 0
        chance = random.Random(self.number)
        try:
            with Visitor(self._url, self._client, self.held) as visitor:
                for _ in range(rounds):
                    time.sleep(chance.uniform(0, 2 * thinks))
                    page = chance.choice(PAGES)
                    began = time.perf_counter()
                    sent, wrong = self._upload() if page == "upload" else self._rerun(visitor, page)
                    seconds.append(time.perf_counter() - began)
                    errors += wrong
                    uploads += page == "upload" and not wrong
                    marks = {int(mark) for mark in _MARK.findall(sent)}
                    foreign += len(marks - {self.number})
                    if page in ("models", "train", "upload") and self.number not in marks:
                        errors.append(f"{page}: not the own mark")
                    other = chance.choice(others)
                    errors += self._fetch(self.model, 200) + self._fetch(other.model, 200 if other is self else 404)
        except (OSError, WebSocketException, httpx2.HTTPError) as error:
            errors.append(f"{type(error).__name__}: {error}")
        return Heard(seconds, errors, foreign, uploads)

    def _rerun(self, visitor: Visitor, page: str) -> tuple[bytes, list[str]]:
        answer = visitor.rerun(page, f"model={self.model}")
        return answer.content, [f"{page}: an exception"] if answer.failed else []

    def _upload(self) -> tuple[bytes, list[str]]:
        """Bring pictures to the Train page in a tab of its own; what it shows of them."""
        with Visitor(self._url, self._client, self.held) as visitor:
            visitor.choose(visitor.rerun("train", "").widgets["Images from"], OWN)
            fields = visitor.rerun("train", "").widgets
            (field,) = (widget for label, widget in fields.items() if label.startswith("Pictures, arrays"))
            status = visitor.upload(field, f"{self._mark}.zip", pictures(self._mark, self.number))
            if status != 204:
                return b"", [f"upload: {status}"]
            answer = visitor.rerun("train", "")
            return answer.content, ["upload: an exception"] if answer.failed else []

    def _fetch(self, model: str, status: int) -> list[str]:
        answer = self._client.get(f"/live/model/{model}/{WEIGHTS}", headers={"Cookie": f"{COOKIE}={self.held}"})
        return [] if answer.status_code == status else [f"weights: {answer.status_code} in place of {status}"]


@contextmanager
def training() -> Iterator[None]:
    """Two runs of the teacher that end with the block: one is trained, and with one worker the other waits."""
    model = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,))
    for seed in range(2):
        jobs.submit(RunConfig(name=f"Run {seed}", data="digits", model=model, train=TrainConfig(epochs=2_000, seed=seed)))
    try:
        yield
    finally:
        runs = [run for run in directory.listing() if run.status.active]
        print(f"meanwhile: {', '.join(f'{run.config.name} {run.status.state}, step {run.status.step:,}' for run in runs)}")
        for run in runs:
            directory.request_stop(run.folder)
        while any(run.status.active for run in directory.listing()):
            time.sleep(0.2)


def memory(pid: int) -> float:
    """Megabytes that the server and what it has started hold."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = (line for child in (pid, *map(int, children)) for line in Path(f"/proc/{child}/status").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def tell(heard: Sequence[Heard], pid: int) -> float:
    """A row of the table, and below it the most frequent errors, if there are any; the megabytes of the server after it."""
    errors = Counter(error for one in heard for error in one.errors)
    actions, uploads = sum(len(one.seconds) for one in heard), sum(one.uploads for one in heard)
    crosstalk = sum(one.crosstalk for one in heard)
    held = memory(pid)
    print(f"| {len(heard)} | {actions} | {uploads} | {late(heard):.2f} | {errors.total()} | {crosstalk} | {held:.0f} |")
    print(*(f"  {count} × {error}" for error, count in errors.most_common(5)), sep="\n", end="\n" if errors else "", flush=True)
    return held


def late(heard: Sequence[Heard]) -> float:
    """The 95 % quantile of all reruns, in seconds; NaN where there was none."""
    seconds = [seconds for one in heard for seconds in one.seconds]
    return float(np.quantile(seconds, 0.95)) if seconds else float("nan")


def main() -> None:
    """Print a table: one session alone, then waves of each number of students."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("students", nargs="*", type=int, default=[30])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="actions of each student in a wave")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve_class(Path(folder)) as server:
        os.environ["LATENT_LOOM_HOME"] = str(server.home)
        students = [Student(server.url, number) for number in range(max(chosen.students))]
        with training():
            students[0].play(students, 3 * len(PAGES), 0)  # what is computed once for all is no matter of one or many
            alone = [students[0].play(students, 3 * len(PAGES), 0)]
            print("| sessions | actions | uploads | p95, s | errors | crosstalk | memory, MB |\n|---|---|---|---|---|---|---|")
            tell(alone, server.pid)
            for count in chosen.students:
                held: list[float] = []
                for _ in range(WAVES):
                    with ThreadPoolExecutor(count) as pool:
                        heard = list(pool.map(lambda student: student.play(students, chosen.rounds, THINKS), students[:count]))
                    held.append(tell(heard, server.pid))
                print(f"p95 in the last wave of {count}: {late(heard) / late(alone):.1f} times that of one session alone")
                print(f"memory from the second wave to the last: {held[-1] / held[1] - 1:+.1%}", flush=True)


if __name__ == "__main__":
    main()
