"""Write the lock files anew from the requirements files, or name newer pins: ``python -m locks [newer]``.

uv chooses one version of each package for Linux, macOS and Windows and for every Python from 3.11 on, and writes down the hash of each of
its files. torch and the CUDA libraries that PyPI's torch asks for on Linux stand in a file of their own: where torch comes without CUDA,
nothing of it is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = {"app": "requirements.txt", "dev": "requirements-dev.txt", "bench": "requirements-bench.txt"}
_ENTRY = re.compile(r"^[a-z0-9][^\n]*(?:\n[ ]+--hash=[^\n]*)+", re.MULTILINE)
_OF_TORCH = re.compile(r"torch==|triton==|nvidia-|cuda-")
_SAYS = "# Written by `make lock`; what a person chose, and why, stands in {}.\n"


def pin_of(entry: str) -> str:
    """What an entry of a lock file pins, and for which systems: its first line, "numpy==2.4.6"."""
    return entry.partition(" \\\n")[0]


def write() -> None:
    """Lock what the requirements files name, and all that these packages need."""
    with tempfile.TemporaryDirectory() as folder:
        entries = {name: _resolved(file, Path(folder) / name) for name, file in FILES.items()}
    of_torch = [entry for entry in entries["app"] if _OF_TORCH.match(entry)]
    _keep("torch", of_torch, "")
    below, include = {pin_of(entry) for entry in of_torch}, ""
    for name, found in entries.items():
        new = [entry for entry in found if pin_of(entry) not in below]
        other = {pin.partition("==")[0] for pin in below} & {pin_of(entry).partition("==")[0] for entry in new}
        if other:
            sys.exit(f"{FILES[name]} asks for another version of {', '.join(sorted(other))} than the files that it includes.")
        _keep(name, new, include)
        below |= {pin_of(entry) for entry in new}
        include = f"-r {name}.txt\n"


def newer() -> Iterator[str]:
    """The pins of which there is a newer release, each as a line."""
    pins = {
        name.lower(): version
        for file in FILES.values()
        for name, version in re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    }
    outdated = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--disable-pip-version-check", "--outdated", "--format=json"],
        check=True,
        stdout=subprocess.PIPE,
    )
    for found in json.loads(outdated.stdout):
        if found["name"].lower() in pins:
            yield f"{found['name']}=={pins[found['name'].lower()]}: {found['latest_version']}"


def _resolved(file: str, target: Path) -> list[str]:
    """The entries of everything that a requirements file needs, sorted by name."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", file, "--quiet", "--no-config"),
            *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--output-file", str(target)),
        ],
        cwd=ROOT,
        check=True,
    )
    found: list[str] = _ENTRY.findall(target.read_text("utf-8"))
    return [entry for entry in found if "== 'emscripten'" not in pin_of(entry)]


def _keep(name: str, entries: list[str], include: str) -> None:
    content = _SAYS.format(FILES.get(name, FILES["app"])) + include + "".join(f"{entry}\n" for entry in entries)
    (ROOT / "locks" / f"{name}.txt").write_text(content, "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m locks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("newer",), help="name the pins of which there is a newer release, and write nothing")
    if parser.parse_args().what is None:
        write()
    else:
        print(*newer(), sep="\n")
