"""A quick training, and how a test calls a command that is refused."""

from __future__ import annotations

import pytest

from vae_core.cli.main import main

QUICK = ["--epochs", "1", "--hidden", "16", "--latent", "2", "--batch", "500", "--threads", "1"]


def code_of(arguments: list[str]) -> int:
    """The exit code, whether argparse leaves or `main` returns."""
    try:
        return main(arguments)
    except SystemExit as leave:
        return -1 if leave.code is None else int(leave.code)


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence on stderr of a command that cannot be run; before it only what was read of a path, if it was."""
    assert code_of(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(".\n")
    *read, sentence = err[:-1].split("\n")
    assert not read or read[0].endswith(", values 0 to 255.")
    assert sentence.isprintable()
    assert len(sentence) < 400
    return sentence


def in_short(value: object) -> str:
    """The name of a case: its arguments, where `value` is these and not the words looked for."""
    return " ".join(value)[:60].encode("ascii", "replace").decode() if isinstance(value, list) else ""
