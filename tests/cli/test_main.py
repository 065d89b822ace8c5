"""The command line as a whole: exit codes, help, a terminal without Greek."""

from __future__ import annotations

import argparse
import io
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calls import code_of, in_short
from tests.conftest import ROOT
from vae_core.__main__ import SPIN
from vae_core.cli.main import build_parser, main
from vae_core.runs import directory


@pytest.mark.slow
def test_a_bad_argument_ends_the_process_with_two() -> None:
    result = subprocess.run([sys.executable, "-m", "vae_core", "train", "--data", "digits", "--lr", "nan"], cwd=ROOT, capture_output=True)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().splitlines() == ["lr = nan: input should be a finite number."]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["train", "--data", "digits", "--no\nsuch"], "Unrecognized arguments: --no such; see"),
    ],
    ids=in_short,
)
def test_what_is_no_command_or_option_is_refused(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)


@pytest.mark.parametrize("own", [None, "5"])
def test_threads_that_wait_soon_sleep_unless_the_user_says_otherwise(own: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMP_SPINCOUNT", "as it was")  # and so it is again afterwards
    if own is None:
        monkeypatch.delenv("GOMP_SPINCOUNT")
    else:
        monkeypatch.setenv("GOMP_SPINCOUNT", own)
    monkeypatch.setattr(sys, "argv", ["vae_core", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_path(str(ROOT / "vae_core" / "__main__.py"), run_name="__main__")
    assert os.environ["GOMP_SPINCOUNT"] == (own or SPIN["GOMP_SPINCOUNT"])


def test_runs_prints_on_a_terminal_without_greek(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.RUNS.place.mkdir()
    (directory.RUNS.place / "abc").symlink_to(trained)
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    assert main(["runs"]) == 0
    sys.stdout.flush()
    assert b" \\u03b21 " in raw.getvalue()


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(["--help"]) == 0
    text = capsys.readouterr().out
    (commands,) = (action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert all(name in text for name in commands.choices)
    for name in commands.choices:
        assert code_of([name, "--help"]) == 0
