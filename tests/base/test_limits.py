"""Where the system does not hold a process to its memory, the process looks itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from vae_core.base.limits import OUT_OF_MEMORY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
GROW = """
import sys, time, types
import numpy as np
ours = sys.modules["vae_core"] = types.ModuleType("vae_core")  # without torch
ours.__path__ = ["vae_core"]
from vae_core.base import limits
sys.platform = {platform!r}
with limits.within(2**26, 60):
    part = np.ones({size}, np.uint8)
    time.sleep(0.5)
print("done")
"""


def end_of(platform: str, size: int) -> tuple[int, bytes]:
    script = GROW.format(platform=platform, size=size)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False)
    return done.returncode, done.stdout or done.stderr


def test_a_process_that_grows_too_much_ends_itself() -> None:
    assert end_of("elsewhere", 2**24) == (0, b"done\n")
    assert end_of("elsewhere", 2**28) == (OUT_OF_MEMORY, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="this limit is Linux's")
def test_linux_gives_it_no_more() -> None:
    code, said = end_of("linux", 2**28)
    assert code == 1
    assert b"MemoryError" in said


@pytest.mark.skipif(sys.platform != "linux", reason="this limit is Linux's")
def test_a_file_that_is_mapped_may_be_larger(tmp_path: Path) -> None:
    with (tmp_path / "set.npy").open("wb") as file:
        file.truncate(2**28)
    script = GROW.format(platform="linux", size=2**24).replace("time.sleep(0.5)", f"part = np.memmap({file.name!r}, np.uint8, 'r').sum()")
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"done\n"), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="this limit is Linux's")
def test_a_look_may_cost_less_than_the_rest() -> None:
    script = GROW.format(platform="linux", size=1).replace("2**26", "2**28")
    look = "exec('with limits.sparing(2**24):\\n  try: np.ones(2**26, np.uint8)\\n  except MemoryError: print(1)')"
    done = subprocess.run(
        [sys.executable, "-c", script.replace("time.sleep(0.5)", f"{look}; np.ones(2**26, np.uint8)") + look],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"1\ndone\n"), done.stderr  # outside of `within` it limits nothing
