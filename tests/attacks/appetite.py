"""How much memory a stranger's file takes of the process that reads it: `tests/attacks/test_appetite.py` starts it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vae_core.base.errors import InputError
from vae_core.base.serving import Progress, serve
from vae_core.data.choices import ImportChoices
from vae_core.data.importing import read_files


def _megabytes(field: str) -> float:
    """A figure of this process: VmRSS for what it has, VmHWM for the most that it had."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return float(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def read(progress: Progress, files: Sequence[tuple[str, bytes]], choices: ImportChoices) -> tuple[str, float]:
    """The sentence by which the files are refused, empty where they are read, and by how much this process grew at most, in MB."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, said = _megabytes("VmRSS"), ""
    try:
        read_files(files, choices)
    except InputError as error:
        said = str(error)
    except MemoryError:
        said = "memory"
    return said, _megabytes("VmHWM") - before


if __name__ == "__main__":
    serve({"read": read}, {"ImportChoices": ImportChoices})
