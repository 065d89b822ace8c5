"""``python -m vae_core COMMAND``: see `vae_core.cli.main`."""

import os
import sys

from vae_core.cli.main import main

SPIN = {"GOMP_SPINCOUNT": "10000"}
"""How often threads that wait for each other look before they sleep, for OpenMP, which reads it when torch is loaded.

By its own choice it looks for milliseconds, and on a machine that has other things to do, such as a browser, that takes the processor from
the very thread that is waited for: beside two busy programs training was 13 times slower (``python -m bench.waiting``)."""

if __name__ == "__main__":
    for name, value in SPIN.items():
        os.environ.setdefault(name, value)
    sys.exit(main())
