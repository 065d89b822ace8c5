"""A copy of the code in which a recipe takes its steps."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

_PARTS = (
    "app.py",
    "router.py",
    "pyproject.toml",
    "requirements.txt",
    "requirements-cluster.txt",
    "requirements-dev.txt",
    "assets",
    "bench",
    "pages",
    "tests",
    "vae_core",
)
_LEFT_OUT = shutil.ignore_patterns("models", "browser", "fixtures", "expected")


class Tree:
    """The code in a folder of its own, without the bundled models and without what only tests of a browser need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for part in _PARTS:
            whole = ROOT / part
            if whole.is_dir():
                shutil.copytree(whole, folder / part, ignore=_LEFT_OUT)
            else:
                shutil.copy(whole, folder / part)

    def write(self, file: str, text: str) -> None:
        """A new file."""
        path = self.folder / file
        assert not path.exists()
        path.write_text(text, encoding="utf-8")

    def insert(self, file: str, text: str, *, before: str) -> None:
        """Put `text` where the only `before` begins."""
        path = self.folder / file
        old = path.read_text(encoding="utf-8")
        assert old.count(before) == 1, f"{before!r} stands {old.count(before)} times in {file}"
        path.write_text(old.replace(before, text + before), encoding="utf-8")

    def python(self, *arguments: str) -> str:
        """What ``python -m …`` prints in this copy; it must succeed, and pytest must find something to run."""
        done = subprocess.run([sys.executable, "-m", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
