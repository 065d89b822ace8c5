"""Hundreds of sessions on one copy of the app, and on two behind nginx: ``python -m bench.replicas [30 100 300]``.

A session is that of `bench.classroom`: raw WebSockets of Streamlit's protocol, reruns of several pages, and weights that are fetched
meanwhile. Each comes through nginx, half of them to either copy, and thinks for some seconds between two actions.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx2
from websockets.exceptions import WebSocketException

from bench.classroom import PAGES, Heard, Student, late, memory
from tests.browser.replicas import COPY, NAMES, Replicas, serve_replicas

SESSIONS, COPIES = (30, 100, 300), (1, 2)
ROUNDS, THINKS = 4, 10.0


def rows(sessions: Sequence[int], copies: Sequence[int], rounds: int, thinks: float) -> Iterator[str]:
    """The lines of a table: a header, and a line for each number of copies and of sessions."""
    yield "| copies | sessions | reruns | a second | p95, s | errors | memory, MB | of it for a session |"
    yield "|---|---|---|---|---|---|---|---|"
    for count in copies:
        with tempfile.TemporaryDirectory() as folder, serve_replicas(Path(folder), count) as served:
            os.environ["LATENT_LOOM_HOME"] = str(Path(folder) / "home")
            students = [_student(served, number) for number in range(max(sessions))]
            for student in students[:count]:
                student.play(students[:count], 3 * len(PAGES), 0)  # what each copy computes once is no matter of many
            empty = _held(served)
            for many in sessions:
                began = time.perf_counter()
                with ThreadPoolExecutor(many) as pool:
                    heard = list(pool.map(partial(_played, others=students, rounds=rounds, thinks=thinks), students[:many]))
                took, held = time.perf_counter() - began, _held(served)
                reruns = sum(len(one.seconds) for one in heard)
                errors = [error for one in heard for error in one.errors]
                crosstalk = sum(one.crosstalk for one in heard)
                wrong = f"{len(errors)}{f' ({errors[0]})' if errors else ''}{f', crosstalk {crosstalk}' if crosstalk else ''}"
                yield (
                    f"| {count} | {many} | {reruns} | {reruns / took:.1f} | {late(heard):.2f} | {wrong} | {held:,.0f} | "
                    f"{(held - empty) / many:.1f} |"
                )


def _student(served: Replicas, number: int) -> Student:
    """A browser that the lot sent to the copies in turn."""
    student = Student(served.url, number)
    student.held += f"; {COPY}={NAMES[number % len(served.copies)]}"
    return student


def _played(student: Student, others: Sequence[Student], rounds: int, thinks: float) -> Heard:
    """What a session met with; one that broke off, as where the server is too slow to answer, is one error."""
    try:
        return student.play(others, rounds, thinks)
    except (OSError, TimeoutError, WebSocketException, httpx2.HTTPError) as error:
        return Heard([float("inf")], [f"{type(error).__name__}: {error}"], 0, 0)


def _held(served: Replicas) -> float:
    """Megabytes of all copies."""
    return sum(memory(copy.pid) for copy in served.copies)


def main() -> None:
    """Print the table as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sessions", nargs="*", type=int, default=SESSIONS)
    parser.add_argument("--copies", nargs="+", type=int, default=COPIES, choices=COPIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="actions of a session (default: %(default)s)")
    parser.add_argument("--thinks", type=float, default=THINKS, help="seconds between two of them, on average (default: %(default)s)")
    chosen = parser.parse_args()
    for line in rows(chosen.sessions, chosen.copies, chosen.rounds, chosen.thinks):
        print(line, flush=True)


if __name__ == "__main__":
    main()
