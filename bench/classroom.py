"""A class on one server: ``python -m bench.classroom [students]``, thirty unless told.

Each student is a session as a browser holds it: a pass, a WebSocket of Streamlit's protocol, reruns of several pages, and weights that are
fetched meanwhile. Each has a model and a set that carry the student's own mark. A mark of another in anything that a session is sent counts
as crosstalk, an answer other than the right one or a page with an exception as an error.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx2
import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from pages.ui.server.door import COOKIE
from tests.browser.classroom import WORD, serve_class
from vae_core import data
from vae_core.base import owners
from vae_core.data import Images
from vae_core.runs import catalogue

ROUNDS = 5
THINKS = 2.0
PAGES = ("models", "train", "sliders", "learn", "map")
_MARK = re.compile(rb"mark-(\d+)-of")
_SECONDS = 120


class Heard(NamedTuple):
    """What one student met with: seconds of each rerun, errors, and marks of others."""

    seconds: list[float]
    errors: list[str]
    crosstalk: int


class Student:
    """One browser of the class, with a model and a set of its own."""

    def __init__(self, url: str, number: int) -> None:
        self.number, self._url = number, url
        self._client = httpx2.Client(base_url=url, timeout=_SECONDS)
        self._client.get(f"/?class={WORD}")
        self.held = self._client.cookies[COOKIE]
        with owners.acting_as(self.held.partition(".")[0]):
            self.model = catalogue.keep(catalogue.load("digits-2d"))
            catalogue.rename(self.model, f"mark-{number}-of")
            pixels = np.random.default_rng(number).integers(0, 256, (20, 1, 8, 8), np.uint8)
            data.save_imported(Images("own", pixels), f"mark-{number}-of")

    def play(self, others: Sequence[Student], rounds: int, thinks: float) -> Heard:
        """Mixed actions over one session, with so many seconds between two of them on average."""
        heard = Heard([], [], 0)
        chance = random.Random(self.number)
        headers = {"Cookie": f"{COOKIE}={self.held}", "Origin": self._url}
        address = f"{self._url.replace('http', 'ws', 1)}/_stcore/stream"
        foreign = 0
        with connect(address, additional_headers=headers, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
            for _ in range(rounds):
                time.sleep(chance.uniform(0, 2 * thinks))
                page = chance.choice(PAGES)
                began = time.perf_counter()
                sent, failed = self._rerun(socket, page)
                heard.seconds.append(time.perf_counter() - began)
                heard.errors.extend([f"{page}: an exception"] if failed else [])
                marks = {int(mark) for mark in _MARK.findall(sent)}
                foreign += len(marks - {self.number})
                if page in ("models", "train") and self.number not in marks:
                    heard.errors.append(f"{page}: not the own mark")
                other = chance.choice(others)
                heard.errors.extend(self._fetch(self.model, 200) + self._fetch(other.model, 200 if other is self else 404))
        return heard._replace(crosstalk=foreign)

    def _rerun(self, socket: ClientConnection, page: str) -> tuple[bytes, bool]:
        """Ask for a page; all that came until its script had ended, and whether it showed an exception."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = f"model={self.model}"
        socket.send(asked.SerializeToString())
        came: list[bytes] = []
        failed = False
        while True:
            content = socket.recv(_SECONDS, decode=False)
            message = ForwardMsg.FromString(content)
            came.append(content)
            failed = failed or message.delta.new_element.HasField("exception") or b"Something went wrong on this page" in content
            if message.WhichOneof("type") == "script_finished":
                return b"".join(came), failed

    def _fetch(self, model: str, status: int) -> list[str]:
        answer = self._client.get(f"/live/model/{model}/{WEIGHTS}", headers={"Cookie": f"{COOKIE}={self.held}"})
        return [] if answer.status_code == status else [f"weights: {answer.status_code} in place of {status}"]


WEIGHTS = catalogue.load("digits-2d").weights_hash


def memory(pid: int) -> float:
    """Megabytes that the server and what it has started hold."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = (line for child in (pid, *map(int, children)) for line in Path(f"/proc/{child}/status").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def tell(heard: Sequence[Heard], pid: int) -> None:
    """A row of the table, and below it some errors, if there are any."""
    errors = [error for one in heard for error in one.errors]
    reruns, crosstalk = sum(len(one.seconds) for one in heard), sum(one.crosstalk for one in heard)
    row = f"| {len(heard)} | {reruns} | {late(heard):.2f} | {len(errors)} | {crosstalk} | {memory(pid):.0f} |"
    print(row, *errors[:5], sep="\n", flush=True)


def late(heard: Sequence[Heard]) -> float:
    """The 95 % quantile of all reruns, in seconds."""
    return float(np.quantile([seconds for one in heard for seconds in one.seconds], 0.95))


def main() -> None:
    """Print a table: one session alone, then two waves of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("students", nargs="?", type=int, default=30)
    count = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder, serve_class(Path(folder)) as server:
        os.environ["LATENT_LOOM_HOME"] = str(server.home)
        students = [Student(server.url, number) for number in range(count)]
        students[0].play(students, 3 * len(PAGES), 0)  # what is computed once for all is no matter of one or many
        alone = [students[0].play(students, 3 * len(PAGES), 0)]
        print("| sessions | reruns | p95, s | errors | crosstalk | memory, MB |\n|---|---|---|---|---|---|")
        tell(alone, server.pid)
        for _ in range(2):
            with ThreadPoolExecutor(count) as pool:
                heard = list(pool.map(lambda student: student.play(students, ROUNDS, THINKS), students))
            tell(heard, server.pid)
        print(f"p95 of a rerun in the last wave: {late(heard) / late(alone):.1f} times that of one session alone")


if __name__ == "__main__":
    main()
