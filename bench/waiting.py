"""How long threads that wait for each other may spin: ``python -m bench.waiting``.

The same training on all cores, alone and beside as many busy programs as there are cores, with the spin of `vae_core.__main__` and with
OpenMP's own, in turn, each in a process of its own: images a second, and the first over the second.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from vae_core.__main__ import SPIN

REPEATS, SECONDS = 5, 2.0
_TRAIN = f"""
import time
from bench.training import SPEED, images
from vae_core.base.config import TrainConfig
from vae_core.model.vae import VAE
from vae_core.training.train import Training
case = SPEED[0]
training = Training(VAE(case.model), images(case)[0], TrainConfig(epochs=1, batch=case.batch, precision="fp32"))
end = time.monotonic() + {SECONDS}
while time.monotonic() < end and not training.done:
    training.update()
print(training.images_per_second)
"""


def main() -> None:
    """Print two lines."""
    for beside in (0, os.cpu_count() or 1):
        with _busy(beside):
            rates = [(_rate(SPIN), _rate({})) for _ in range(REPEATS)]
        ours, theirs = (median(each) for each in zip(*rates, strict=True))
        ratio = median(one / other for one, other in rates)
        print(f"beside {beside} busy programs: {ours:,.0f} images/s, with OpenMP's own spin {theirs:,.0f}; ratio {ratio:.2f}", flush=True)


def _rate(spin: dict[str, str]) -> float:
    kept = {name: value for name, value in os.environ.items() if name not in (*SPIN, "OMP_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", _TRAIN], env=kept | spin, capture_output=True, check=True)
    return float(json.loads(done.stdout))


@contextlib.contextmanager
def _busy(count: int) -> Iterator[None]:
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


if __name__ == "__main__":
    main()
