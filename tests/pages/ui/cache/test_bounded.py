"""bounded: what thirty sessions ask for at once is computed once, and the caches hold so many bytes and no more."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import bounded
from pages.ui.cache.bounded import in_memory, size_of
from tests import many
from vae_core.analysis import encoding, projection
from vae_core.analysis.projection import Projection
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint

SESSIONS = 30


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_ledger", OrderedDict())


@pytest.fixture
def entry(fresh_home: Path) -> Entry:
    return many.save(fresh_home)


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[str]:
    """The calls of a function from now on, each of which takes long enough for all sessions to have asked."""
    real, calls = getattr(owner, name), list[str]()

    def call(*arguments: object, **named: object) -> object:
        calls.append(name)
        time.sleep(0.2)
        return real(*arguments, **named)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_what_thirty_sessions_ask_for_at_once_is_computed_once(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {
        name: counted(monkeypatch, owner, name)
        for owner, name in (
            (checkpoint, "load"),
            (encoding, "of_images"),
            (encoding, "reconstruction_errors"),
            (projection, "umap_project"),
        )
    }
    monkeypatch.setattr(projection, "_umap_layout", lambda codes, *_: codes[:, :2].copy())
    together = threading.Barrier(SESSIONS)

    def session(_: int) -> tuple[NDArray[np.float32], Projection]:
        together.wait()
        found = cache.codes(entry)
        assert found is not None
        return cache.errors(entry, found), cache.umap(entry, found.posterior.mean, lambda done: None)

    with ThreadPoolExecutor(SESSIONS) as pool:
        answers = list(pool.map(session, range(SESSIONS)))
    assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(calls, 1)
    for errors, drawn in answers:
        assert errors is answers[0][0]
        np.testing.assert_array_equal(drawn.points, answers[0][1].points)


def test_what_was_used_longest_ago_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    @in_memory(100)
    def numbers(start: int) -> NDArray[np.float64]:
        made.append(start)
        return np.arange(start, start + 100, dtype=np.float64)

    monkeypatch.setattr(bounded, "MOST", 3 * 800)
    for start in (1, 2, 3, 1, 4, 1, 3):
        assert numbers(start)[0] == start
    assert made == [1, 2, 3, 4]
    assert bounded.held() == 2400
    numbers(2)
    assert made == [1, 2, 3, 4, 2]
    assert bounded.held() == 2400
    monkeypatch.setattr(bounded, "MOST", 1)
    kept = numbers(5)
    assert numbers(5) is kept  # too large, and kept alone
    assert bounded.held() == 800


def test_what_streamlit_lets_go_of_by_number_counts_no_more() -> None:
    @in_memory(2)
    def text(letter: str) -> bytes:
        return letter.encode() * 10

    for letter in "abc":
        text(letter)
    assert bounded.held() == 20


def test_the_size_of_a_model_is_that_of_its_weights_and_a_file_that_is_mapped_has_none(tmp_path: Path) -> None:
    opened = cache.opened(catalogue.models()["digits-2d"].folder)
    weights = sum(tensor.nbytes for tensor in opened.model.state_dict().values())
    assert weights <= size_of(opened) < weights + 2**20
    np.save(tmp_path / "large.npy", np.zeros((100, 100)))
    mapped = np.load(tmp_path / "large.npy", mmap_mode="r")
    assert size_of([mapped, mapped[1:], mapped.view(np.ndarray)]) == 0
    shared = np.zeros(100)
    assert size_of({"once": shared, "twice": (shared, "ten bytes!")}) == 810
