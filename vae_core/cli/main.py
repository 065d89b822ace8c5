"""All commands, and `main`, which runs one: figures to stdout as JSON, progress to stderr.

A bad argument or file ends with exit code 2 and one sentence on stderr.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Sequence

from vae_core.base.errors import InputError
from vae_core.cli.audit import AUDIT
from vae_core.cli.codes import DECODE, ENCODE
from vae_core.cli.command import Parser
from vae_core.cli.evaluate import EVALUATE
from vae_core.cli.export import EXPORT
from vae_core.cli.import_model import IMPORT_MODEL
from vae_core.cli.runs import RUNS, WORK
from vae_core.cli.serve import SERVE
from vae_core.cli.train import TRAIN
from vae_core.data.images import shown

COMMANDS = (
    TRAIN,
    EVALUATE,
    AUDIT,
    ENCODE,
    DECODE,
    IMPORT_MODEL,
    EXPORT,
    RUNS,
    WORK,
    SERVE,
)
"""Every command, in the order of ``--help``."""


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = Parser(prog="python -m vae_core", description="Train variational autoencoders and use them.")
    choice = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        options = choice.add_parser(command.name, help=command.help, description=f"{command.help[0].upper()}{command.help[1:]}.")
        command.add_options(options)
        options.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal or pipe that cannot show β is no reason to fail
    chosen = build_parser().parse_args(_with_codes_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        chosen.run(chosen)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{shown(str(error.filename2 or error.filename or 'A file'))}: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        print(str(stopped) or "Interrupted.", file=sys.stderr)
        return 130
    return 0


def _with_codes_joined(arguments: Sequence[str]) -> list[str]:
    """``--z -1,2`` as ``--z=-1,2``, and so --range and --pixels: argparse takes what begins with a minus and is no number for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--z", "--range", "--pixels") and re.match(r"-[\d.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined
