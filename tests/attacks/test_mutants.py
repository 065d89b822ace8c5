"""Thousands of spoilt files for each loader: each is read or refused in a sentence; none hangs, takes 300 MB or breaks its reader.

But one reader breaks: at some spoilt parquet files pyarrow ends its process. That is a sentence too, and the next file is read.
"""

from __future__ import annotations

import importlib.util
import logging
import os

import pytest

from tests.attacks.mutants import LOADERS
from tests.conftest import ROOT
from vae_core.base.child import Crew
from vae_core.base.errors import InputError

MUTANTS = int(os.environ.get("LATENT_LOOM_MUTANTS", "2000"))
BATCH = 250
ROOM = 300 * 2**20
TORCH = 2**30
"""Addresses that torch takes, of which it uses a quarter."""
BREAKABLE = {"parquet"}
UNREFUSED = {"csv", "tsv"}
"""Tables beside pictures: one that is not read is left out, and the pictures are read."""


@pytest.mark.slow
@pytest.mark.parametrize("loader", LOADERS)
def test_each_mutant_is_read_or_refused_in_a_sentence(loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loader == "HDF5" and importlib.util.find_spec("h5py") is None:
        pytest.skip("h5py is not installed")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    crew = Crew("tests.attacks.mutants", places=1)
    room = ROOM + (TORCH if loader in ("model", "checkpoint of PyTorch") else 0)
    read, broken, first = 0, [], 0
    while first < MUTANTS:
        last, shares = min(MUTANTS, first + BATCH), [0.0]
        try:
            count, escaped = crew.call(
                "tried", loader, first, last, label=f"{loader} {first}", seconds=600, room=room, progress=shares.append
            )
        except InputError as error:
            mutant = first + round(shares[-1] * (last - first))
            if loader not in BREAKABLE or "broke the program" not in str(error):
                pytest.fail(f"mutant {mutant}: {error}")
            broken.append(mutant)
            first = mutant + 1
            continue
        assert not escaped, "\n".join(escaped)
        read, first = read + count, last
    crew.close()
    assert len(broken) < MUTANTS / 10, broken
    assert loader in UNREFUSED or read < MUTANTS
    logging.getLogger(__name__).info("%s: %d tried, %d read, %d broke their reader", loader, MUTANTS, read, len(broken))
