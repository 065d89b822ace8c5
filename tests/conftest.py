"""What every test relies on: a home of its own, one torch thread, and the folder of shared data where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from vae_core import data

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh LATENT_LOOM_HOME, so that no test reads or writes the user's own; one worker trains, however many cores there are."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATENT_LOOM_HOME", str(folder))
        patch.setenv("LATENT_LOOM_WORKERS", "1")
        yield folder


@pytest.fixture
def fresh_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A LATENT_LOOM_HOME for one test alone, with nothing in it but the digits, which take seconds to make."""
    data.load("digits")
    folder = tmp_path / "home"
    (folder / "cache" / "sets").mkdir(parents=True)
    shutil.copy(home / "cache" / "sets" / "digits.npz", folder / "cache" / "sets")
    monkeypatch.setenv("LATENT_LOOM_HOME", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Torch on one thread, as the server decodes; its slow import happens here and not inside a page test's time limit."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real image sets: $LATENT_LOOM_SHARED, else shared/ beside the checkout; skips where there is none."""
    folder = Path(os.environ.get("LATENT_LOOM_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"no shared image sets at {folder}")
    return folder
