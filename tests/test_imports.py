"""What takes seconds to import, and most people never need, is imported when it is needed: each case in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LATE = {"umap", "sklearn", "numba", "scipy", "onnx", "submitit"}
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
_HELP = """
import contextlib, io
from vae_core.cli.main import main
with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.suppress(SystemExit):
    main(["--help"])
assert "audit" in told.getvalue()
"""
_SERVE = """
import contextlib, io, signal, subprocess, sys
from vae_core.cli import main
class Server:
    def __init__(self, *_, **__): sys.stderr.write("serving")
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def wait(self): return 0
    terminate = wait
subprocess.Popen = Server
with contextlib.redirect_stdout(io.StringIO()):
    assert main.main(["serve", "--address", "127.0.0.1"]) == 0
"""
_PUBLIC = """
import vae_core
from vae_core import *
from vae_core import Training
from vae_core.training import train
assert Training is vae_core.Training is train.Training
assert {"VAE", "run"} <= {*dir(vae_core)}
assert all(getattr(vae_core, name) is globals()[name] for name in vae_core.__all__)
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


@pytest.mark.parametrize("code", [_HELP, _SERVE, "import vae_core"], ids=["help", "serve", "import"])
def test_what_trains_nothing_does_without_torch(code: str, tmp_path: Path) -> None:
    assert not imported(code, tmp_path) & {"torch", "numpy"}


@pytest.mark.slow
def test_the_public_names_are_those_of_their_modules(tmp_path: Path) -> None:
    assert "torch" in imported(_PUBLIC, tmp_path)


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
