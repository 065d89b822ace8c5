"""The lock files: whatever is installed is named in them with hashes, and a new venv needs nothing that is not."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from locks.__main__ import FILES
from tests.conftest import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
_PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)


def text(*names: str) -> str:
    return "\n".join((ROOT / "locks" / f"{name}.txt").read_text("utf-8") for name in names)


def pinned(*names: str) -> dict[str, str]:
    """The version of each package that these files have this computer install."""
    found = (Requirement(f"{name}=={pin}" + (f"; {marker}" if marker else "")) for name, pin, marker in _PINNED.findall(text(*names)))
    return {each.name: str(each.specifier)[2:] for each in found if each.marker is None or each.marker.evaluate()}


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.name)
def test_every_entry_is_a_version_with_hashes_and_none_says_where_from(file: Path) -> None:
    content = file.read_text("utf-8")
    assert "://" not in content
    entry = r"[a-z0-9-]+==[\w.+]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(rf"(#[^\n]*\n)+(-r [a-z]+\.txt\n)?({entry})+", content)


@pytest.mark.parametrize(("name", "file"), FILES.items())
def test_what_a_person_pinned_is_what_is_locked(name: str, file: str) -> None:
    pins = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / file).read_text("utf-8"), re.MULTILINE))
    locked = {found: pin for found, pin, _ in _PINNED.findall(text("torch", "app", name))}
    assert {pin: locked.get(canonicalize_name(pin)) for pin in pins} == pins
    assert pinned("torch-cpu") == {"torch": f"{pinned('torch')['torch']}+cpu"}


def test_whatever_an_installed_package_needs_is_locked_and_is_that_version() -> None:
    locked = pinned("app", "dev")
    torch = version("torch")
    locked |= pinned("torch-cpu") if torch.endswith("+cpu") else pinned("torch")
    for name, pin in locked.items():
        try:
            assert version(name) == pin, name
        except PackageNotFoundError:
            assert name == "uv", name  # only who locks anew needs it
        for line in requires(name) or () if name != "uv" else ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                found = locked.get(canonicalize_name(needed.name))
                assert found is not None, f"{name} needs {needed}"
                assert needed.specifier.contains(found, prereleases=True), f"{name} needs {needed}"


@pytest.mark.skipif(sys.platform == "win32", reason="make is not part of Windows")
def test_make_installs_from_nothing_else() -> None:
    asked = ["make", "--dry-run", "--always-make", ".venv/requirements-bench.stamp"]
    said = subprocess.run(asked, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    installing = [line for line in said.splitlines() if "pip install" in line]
    assert len(installing) == 3
    assert all("--require-hashes --no-deps" in part and "-r locks/" in part for line in installing for part in line.split("||"))


def test_a_package_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    wheel = tmp_path / "segno-1.6.6-py3-none-any.whl"
    wheel.write_bytes(b"not what was locked")
    (entry,) = re.findall(r"^segno==[^\n]+\n(?:    --hash[^\n]+\n)+", text("app"), re.MULTILINE)
    (tmp_path / "lock.txt").write_text(entry, "utf-8")
    tried = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--no-index", f"--find-links={tmp_path}", "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "--ignore-installed", f"--target={tmp_path / 'target'}", "-r", str(tmp_path / "lock.txt")),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert tried.returncode != 0
    assert "DO NOT MATCH THE HASHES" in tried.stderr
