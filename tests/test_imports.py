"""What takes seconds to import, and most people never need, is imported when it is needed: each case in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LATE = {"umap", "sklearn", "numba", "scipy", "onnx"}
_CORE = """
import importlib, pkgutil, vae_core
for module in pkgutil.walk_packages(vae_core.__path__, "vae_core."):
    importlib.import_module(module.name)
"""
_DIGITS = """
from vae_core import data
assert len(data.load("digits")) == 1797
"""
_PAGES = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({router!r}, default_timeout=120).run()
for page, title in [("", "Latent Loom"), ("pages/sliders.py", "Sliders")]:
    if page:
        app.switch_page(page).run()
    assert not app.exception, app.exception
    assert [shown.value for shown in app.title] == [title]
"""
_TELL = """
import json, sys
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(code: str, home: Path) -> set[str]:
    """The packages that are imported once this code has run."""
    run = subprocess.run(
        [sys.executable, "-c", code + _TELL],
        cwd=ROOT,
        env=os.environ | {"LATENT_LOOM_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_the_test_would_notice() -> None:
    assert "scipy" in imported("import scipy", ROOT)


@pytest.mark.slow
def test_every_module_of_the_core_and_the_first_digits_are_light(tmp_path: Path) -> None:
    packages = imported(_CORE + _DIGITS, tmp_path)
    assert {"vae_core", "torch"} <= packages
    assert not packages & {*LATE, "pandas", "streamlit", "plotly"}


@pytest.mark.slow
def test_the_first_pages_are_light(tmp_path: Path) -> None:
    packages = imported(_PAGES.format(router=str(ROOT / "router.py")), tmp_path)
    assert {"vae_core", "torch", "streamlit"} <= packages
    assert not packages & LATE
