"""How to add a command to ``python -m vae_core``.

1. Write ``vae_core/cli/NAME.py``: one function that adds the options, one that does the work and prints JSON, and at the end a
   `Command` with both functions. `add_data` and `images_of` give it ``--data``; `add_model` and `model_of` give it a model; `add_fields`
   gives it the fields of a configuration.
2. In ``vae_core/cli/main.py``, say in `COMMANDS` what it does, and import the `Command` in `command_of`.
3. Raise `InputError` with one sentence for whatever a user may get wrong: `main` prints it and ends with exit code 2.
4. Test it in ``tests/cli/test_NAME.py`` through `main`, and show ``python -m vae_core NAME`` in the README.

The test below takes these steps in a copy of the code, with a command that counts the images of a data set.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_layers import violations

pytestmark = pytest.mark.slow

NAME = "count"

STEP_1 = '''"""``count``: how many images a data set has."""

from __future__ import annotations

import argparse
import json
import re

from vae_core.base.errors import InputError
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data, images_of


def _add_options(command: argparse.ArgumentParser) -> None:
    add_data(command, command)


def _count(chosen: argparse.Namespace) -> None:
    if chosen.data is None:
        raise InputError("There is nothing to count: give --data.")
    print(json.dumps({"data": chosen.data, "images": len(images_of(chosen))}))


COUNT = Command(_add_options, _count)
'''


@pytest.fixture
def copy(fresh_home: Path, tmp_path: Path) -> Path:
    """A copy of vae_core in which the steps have been taken."""
    package = tmp_path / "copy" / "vae_core"
    shutil.copytree(ROOT / "vae_core", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "cli" / f"{NAME}.py").write_text(STEP_1, encoding="utf-8")
    main = package / "cli" / "main.py"
    text = main.read_text(encoding="utf-8")
    registry, first = "COMMANDS = {\n", "    match name:\n"
    assert text.count(registry) == text.count(first) == 1
    text = text.replace(registry, f'{registry}    "count": "print how many images a data set has",\n')
    case = '        case "count":\n            from vae_core.cli.count import COUNT as found\n'
    main.write_text(text.replace(first, f"{first}{case}"), encoding="utf-8")
    return package.parent


# Runs each of some command lines, in one process as torch takes seconds to import, and prints what it ended with, and what it said.
RUN = """
import contextlib, io, json, sys
from vae_core.cli.main import main
for line in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            ended = main(line)
        except SystemExit as end:
            ended = end.code
    print(json.dumps([ended, out.getvalue(), err.getvalue()]))
"""


def test_the_command_prints_its_json_help_lists_it_and_a_mistake_is_one_sentence(copy: Path) -> None:
    lines = [[NAME, "--data", "digits"], ["--help"], [NAME]]
    done = subprocess.run([sys.executable, "-c", RUN, json.dumps(lines)], cwd=copy, capture_output=True, text=True, check=True)
    printed, helped, refused = map(json.loads, done.stdout.splitlines())
    assert [printed[0], json.loads(printed[1]), printed[2]] == [0, {"data": "digits", "images": 1797}, ""]
    assert re.search(r"\n    count +print how many images a data set has\n", helped[1])
    assert refused == [2, "", "There is nothing to count: give --data.\n"]


def test_its_file_keeps_the_rules_of_imports() -> None:
    assert violations(STEP_1, f"vae_core/cli/{NAME}.py") == []
