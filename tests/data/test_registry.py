"""registry: a name of a standard set or the id of an imported one gives that set, and no other text gives anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data.imageset import Images

BARE = Images("bare", np.random.default_rng(5).integers(256, size=(30, 3, 8, 9), dtype=np.uint8))


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("LATENT_LOOM_HOME", str(home))
    return home


def test_the_standard_sets_come_first_and_then_the_imported_ones() -> None:
    first, second = data.save_imported(BARE, "First"), data.save_imported(BARE, "Second")
    assert list(data.known()) == [*data.SETS, first, second]
    assert [data.known()[name].title for name in ("digits", first, second)] == ["Digits", "First", "Second"]


def test_a_set_is_loaded_by_its_name_or_its_id() -> None:
    assert data.load("digits").name == "digits"
    kept = data.save_imported(BARE, "Mine")
    assert data.complete(kept)
    assert (data.load(kept).name, data.load(kept).identity) == (kept, BARE.identity)


@pytest.mark.parametrize("name", ["cifar", "", "Digits", "../sets/digits", "..\\digits", "digits.npz", "/etc/passwd", "a\0b", "x" * 5000])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, empty_home: Path) -> None:
    with pytest.raises(InputError, match="choose one of digits, sprites, faces, mnist, fashion-mnist") as caught:
        data.load(name)
    assert len(str(caught.value)) < 300
    assert not data.complete(name)
    assert data.info(name) is None
    assert not (empty_home / "cache").exists()
