"""From dSprites' own `.npz` to a trained model with MIG in one command, and the memory of it: ``python -m bench.dsprites``.

Without a file it draws one of the same form, 737,280 images with their factors. It prints the most memory that the command had resident,
mapped pages included, and how long it took. Other options go to the command.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.data import dsprites

_LOOK = 0.05  # seconds


def main() -> None:
    """Draw, train, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, help="dSprites as it is published (default: one of the same form is drawn)")
    chosen, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        file = chosen.file
        if file is None:
            file, begun = Path(folder) / "dsprites.npz", time.monotonic()
            dsprites.write(file)
            print(f"drawn: {file.stat().st_size / 1e6:,.0f} MB in {time.monotonic() - begun:,.0f} s", flush=True)
        command = [sys.executable, "-m", "vae_core", "train", "--data", str(file), "--epochs", "1", *options]
        peak, begun = 0, time.monotonic()
        with subprocess.Popen(command, env=os.environ | {"LATENT_LOOM_HOME": f"{folder}/home"}) as process:
            while process.poll() is None:
                peak = max(peak, resident(process.pid))
                time.sleep(_LOOK)
        print(f"most memory resident: {peak / 1024:,.0f} MB; {time.monotonic() - begun:,.0f} s", flush=True)


def resident(pid: int) -> int:
    """The most that a process had resident so far, in kB; 0 where it is just ending."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except ProcessLookupError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main()
