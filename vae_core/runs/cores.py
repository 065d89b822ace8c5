"""The cores of this machine, and how the queue divides them: how many runs are trained at a time, with how many threads each."""

from __future__ import annotations

import os

from vae_core.base import device, passes
from vae_core.base.errors import InputError
from vae_core.data.images import shown

ASKED = "LATENT_LOOM_WORKERS"
"""The environment variable that says how many, in place of the rule."""

CORES_EACH = 4
MOST, MOST_ASKED = 8, 64
"""By the rule, as each worker has torch and its images in memory; and where somebody asks for more."""


def workers() -> int:
    """In a class one worker for each four cores, at least one and at most eight; one where a GPU trains, whose memory they would share.

    Elsewhere one, which has all cores: somebody who trains alone waits for that run.

    Raises:
        InputError: the environment asks for what is no number of workers.
    """
    asked = os.environ.get(ASKED)
    if not asked:
        alone = passes.address() is None or device.choose("auto").type != "cpu"
        return 1 if alone else max(1, min(MOST, there() // CORES_EACH))
    if asked not in map(str, range(1, MOST_ASKED + 1)):
        raise InputError(
            f"{ASKED} of this server is {shown(asked)[:20]!r}: whoever starts it gives a whole number from 1 to {MOST_ASKED}, or none."
        )
    return int(asked)


def threads() -> int:
    """Threads of each worker: all cores but one, which stays for the pages, divided among them; at least one.

    Raises:
        InputError: as `workers`.
    """
    return min(256, max(1, (there() - 1) // workers()))


def there() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
