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
from vae_core.cli.command import Command, Parser

COMMANDS = {
    "train": "train a model and keep it as a run",
    "sweep": "train the same model at several KL weights, sizes, seeds, bodies or sets, here or on a cluster",
    "evaluate": "print a model's figures on held-out images of a set, or on a file of images",
    "audit": "say what a model's weights betray of its training, and what is wrong with it",
    "encode": "print one JSON line per image: mean and logvar of its posterior",
    "decode": "write the mean image of a code as a PNG",
    "import-model": "open a model that was trained elsewhere, from ONNX files or a checkpoint",
    "export": "write one HTML page, for any browser and offline, with the model in it: at --beta alone, or at all its KL weights; "
    "ONNX files or a folder for the Hub; a GIF of a run's training; a folder of pages for several models, which any web server hosts; "
    "or codes of images",
    "runs": "list every model and run",
    "stop": "end the training of runs, which can go on from there",
    "work": "train what is queued; the app starts this by itself",
    "serve": "open the app to a class on this network, by a word",
}
"""What each command does, in the order of ``--help``: a phrase without a full stop."""


def command_of(name: str) -> Command:
    """The command of this name. What it needs, which is torch for most, is imported only now: ``--help`` and ``serve`` do without."""
    match name:
        case "train":
            from vae_core.cli.train import TRAIN as found
        case "sweep":
            from vae_core.cli.sweep import SWEEP as found
        case "evaluate":
            from vae_core.cli.evaluate import EVALUATE as found
        case "audit":
            from vae_core.cli.audit import AUDIT as found
        case "encode":
            from vae_core.cli.codes import ENCODE as found
        case "decode":
            from vae_core.cli.codes import DECODE as found
        case "import-model":
            from vae_core.cli.import_model import IMPORT_MODEL as found
        case "export":
            from vae_core.cli.export import EXPORT as found
        case "runs":
            from vae_core.cli.runs import RUNS as found
        case "stop":
            from vae_core.cli.runs import STOP as found
        case "work":
            from vae_core.cli.runs import WORK as found
        case _:
            from vae_core.cli.serve import SERVE as found
    return found


class _CommandParser(Parser):
    """The parser of one command, which has its options once it is asked to parse."""

    name: str | None = None

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does."""
        if self.name is not None:
            command, self.name = command_of(self.name), None
            command.add_options(self)
            self.set_defaults(run=command.run)
        return super().parse_known_args(args, namespace)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = Parser(prog="python -m vae_core", description="Train variational autoencoders and use them.")
    choice = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_CommandParser)
    for name, what in COMMANDS.items():
        choice.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.").name = name
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
        from vae_core.data.images import shown

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
