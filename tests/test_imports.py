"""What takes seconds to import, and most people never need, is imported when it is needed: each case in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LATE = {"umap", "sklearn", "numba", "scipy"}
_CORE = """
import importlib, pkgutil, vae_core
for module in pkgutil.walk_packages(vae_core.__path__, "vae_core."):
    importlib.import_module(module.name)
"""
_DIGITS = """
from vae_core import data
assert len(data.load("digits")) == 1797
"""
_PAGE = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({router!r}, default_timeout=120).run()
if {page!r}:
    app.switch_page({page!r}).run()
assert not app.exception, app.exception
assert [title.value for title in app.title] == [{title!r}]
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
@pytest.mark.parametrize("code", [_CORE, _DIGITS], ids=["every module of vae_core", "the first digits"])
def test_the_core_is_light(code: str, tmp_path: Path) -> None:
    packages = imported(code, tmp_path)
    assert {"vae_core", "torch"} <= packages
    assert not packages & {*LATE, "pandas", "streamlit", "plotly"}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "title"), [("", "Latent Loom"), ("pages/sliders.py", "Sliders")], ids=["home", "sliders"])
def test_the_first_pages_are_light(page: str, title: str, tmp_path: Path) -> None:
    packages = imported(_PAGE.format(router=str(ROOT / "router.py"), page=page, title=title), tmp_path)
    assert {"vae_core", "torch", "streamlit"} <= packages
    assert not packages & LATE
