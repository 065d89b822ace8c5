"""What one upload takes of memory: at most 300 MB where it is refused, at most 1.5 GB where it is read; in the process that reads it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROOT
from tests.data import hostile
from vae_core.base.child import ROOM, Crew
from vae_core.data.choices import ImportChoices

MB = 2**20
REFUSED, READ = 300, ROOM / MB

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells the peak of a process")]
needs_h5py = pytest.mark.skipif(importlib.util.find_spec("h5py") is None, reason="h5py is not installed")


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """A child of its own for each test: what another one took is not counted."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    one = Crew("tests.attacks.appetite", places=1)
    yield one
    one.close()


def read(crew: Crew, name: str, data: bytes) -> tuple[str, float]:
    """Why the file is refused, "" where it is not, and the peak in MB."""
    assert len(data) < 10 * MB
    said, peak = crew.call("read", [(name, data)], ImportChoices(), label=name, seconds=300)
    return str(said), float(peak)


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("x.npz", lambda: hostile.images_last(64, 176_000), "images takes this import over the 1.25 GB of memory"),
        ("x.parquet", lambda: hostile.parquet_of_lists([20_000_000]), "holds lists of about 20,000,000 numbers"),
        ("x.parquet", lambda: hostile.parquet_of_lists([0] * 500 + [80_000_000] * 500), "takes more than 200 MB to look at"),
        ("x.parquet", lambda: hostile.parquet_of_numbers(1_000_000, 25), "there are no images beside it"),
        ("x.parquet", lambda: hostile.parquet_of_a_text(20_000_000, 2000), "over the 1.25 GB of memory"),
        ("x.zip", lambda: hostile.zip_of_a_hollow_parquet(400 * MB), "is a damaged or cut-short parquet file"),
        pytest.param("x.h5", lambda: hostile.hdf5((250_000, 64, 64), (250_000, 64, 64)), "in pieces of 977 MB", marks=needs_h5py),
    ],
    ids=[
        "images last",
        "a long list",
        "one long list among empty ones",
        "numbers",
        "a text in every row",
        "a hollow parquet",
        "HDF5 in one piece",
    ],
)
def test_what_is_refused_has_not_been_read(crew: Crew, name: str, make: Callable[[], bytes], sentence: str) -> None:
    said, peak = read(crew, name, make())
    assert sentence in said
    assert peak < REFUSED


@pytest.mark.parametrize(
    ("name", "make", "most"),
    [
        ("x.npz", lambda: hostile.images_last(64, 144_000), READ),  # 560 MB, and once more as they are turned
        ("x.parquet", lambda: hostile.parquet_of_lists(range(784, 60_001 * 784, 784)), 300),  # 45 MB
        pytest.param("x.h5", lambda: hostile.hdf5((60_000, 28, 28), (60_000, 28, 28)), 300, marks=needs_h5py),
    ],
    ids=["images last", "lists of numbers", "HDF5 in one piece"],
)
def test_what_is_read_takes_little_more_than_its_pixels(crew: Crew, name: str, make: Callable[[], bytes], most: float) -> None:
    said, peak = read(crew, name, make())
    assert said == ""
    assert peak < most
