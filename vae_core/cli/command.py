"""What a command is, and the parser that refuses bad arguments in one sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn


@dataclass(frozen=True)
class Command:
    """One command of ``python -m vae_core``.

    Attributes:
        add_options: gives the command's parser its options.
        run: does the work. Prints JSON to stdout; raises InputError for what it cannot use.
    """

    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


class Parser(argparse.ArgumentParser):
    """An argparse parser that ends with exit code 2 and one sentence on stderr, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        """End the process with this message as a sentence."""
        line = " ".join(message.split())
        self.exit(2, f"{line[0].upper()}{line[1:]}; see {self.prog} --help.\n")
