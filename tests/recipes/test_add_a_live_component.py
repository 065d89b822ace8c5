"""How to add a live component: a part of a page that runs in the browser.

1. Say what it is given and what it sends: a record ``NameData`` in ``vae_core/export/wire/records.py``, and in ``events.py`` a record for
   each event and the union ``NameEvent`` of them and of `FailedEvent`. A comment behind each field gives its shape, unit and meaning.
   ``python -m vae_core.export.wire.typedefs`` writes the same as types of JavaScript, ``assets/live/kit/wire.js``.
2. Write ``assets/live/parts/NAME/NAME.js``: ``mountName(root, io)`` builds the part in the element ``root`` and returns
   ``{update(data), close()}``. It names ``NameData`` and ``NameEvent`` in its types, so that ``deno check`` finds a field that is not on
   the wire. It tells Python by ``io.send(event)`` when the user lets go. Its style sheet is ``NAME.css`` beside it.
3. Give the folder a row in ``LIVE_BELOW`` of ``tests/test_circles.py`` and the part a place in ``PARTS`` of ``tests/live/test_wire.py``.
4. Write ``pages/ui/live/NAME.py``: ``component("NAME", room=Room(…))`` at import with the height it will have, and a function that
   builds the data, typed ``NameData``, and hears the events. It believes nothing that a browser sends: what does not fit is an
   `InputError` with one sentence, which `attempt` keeps for the page. The page hands it a key that ``pages/ui/ground/state.py`` declares.
5. Test the function in ``tests/pages/ui/live/test_NAME.py`` with `sent` and `send`, what the module computes in
   ``tests/live/parts/NAME/NAME_test.js``, and in ``tests/browser`` what only a browser shows.

The test below takes these steps in a copy of the code, with a part that counts clicks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_layers import violations

pytestmark = pytest.mark.slow

NAME = "tally"

RECORD = '''

class TallyData(TypedDict):
    """A button that counts."""

    clicks: int  # how often it was clicked so far
'''

EVENTS = '''

class ClickEvent(TypedDict):
    """The button was clicked."""

    kind: Literal["click"]
    clicks: int  # how often, with this one


TallyEvent = ClickEvent | FailedEvent
'''

MODULE = """\
// @ts-check
// A button that counts how often it was clicked.

/** @import { TallyData, TallyEvent } from "../../kit/wire.js" */

/**
 * The button in an empty element.
 * @param {HTMLElement} root
 * @param {{send: (event: TallyEvent) => void}} io
 */
export function mountTally(root, io) {
  const button = document.createElement("button")
  root.append(button)
  return {
    /** @param {TallyData} data */
    update: ({ clicks }) => {
      button.textContent = `Clicked ${clicks} times`
      button.onclick = () => io.send({ kind: "click", clicks: clicks + 1 })
    },
    close: () => root.replaceChildren(),
  }
}
"""

FUNCTION = '''"""A button that counts how often it was clicked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, component
from vae_core.base.errors import InputError
from vae_core.export.wire.records import TallyData

_mount = component("tally", room=Room(24, 24))


def tally(*, clicks: int, key: str, on_click: Callable[[int], None]) -> None:
    """The button; why what the browser sent was refused is in `state.SHARED_REFUSED`."""

    def hear(event: Event) -> None:
        if event.get("kind") == "click":
            on_click(check_clicks(event.get("clicks")))

    data: TallyData = {"clicks": clicks}
    _mount(key=key, data=data, on_event=partial(attempt, hear))


def check_clicks(value: object) -> int:
    """A count that a browser sent.

    Raises:
        InputError: no whole number.
    """
    if type(value) is not int:
        raise InputError("A count of clicks is a whole number.")
    return value
'''

PAGE = """
import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.refusals import show_refusal
from pages.ui.live.tally import tally

show_refusal()
tally(clicks=st.session_state.get("clicks", 0), key=state.HOME_MACHINE, on_click=lambda n: st.session_state.update(clicks=n))
"""

STEP_5 = f"""
import json

from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.pages.live import send, sent

page = AppTest.from_string({PAGE!r}, default_timeout=20).run()
told = [sent(page, state.HOME_MACHINE)]
send(page, state.HOME_MACHINE, {{"kind": "click", "clicks": 1}})
told.append(sent(page, state.HOME_MACHINE))
send(page, state.HOME_MACHINE, {{"kind": "click", "clicks": "many"}})
print(json.dumps({{"told": told, "refused": [text.value for text in page.text]}}))
"""


@pytest.fixture
def copy(fresh_home: Path, tmp_path: Path) -> Path:
    """A copy of the code in which the steps have been taken."""
    root = tmp_path / "copy"
    for folder in ("vae_core", "pages", "assets/live", "tests/pages"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "deno.json", root)
    for file, addition in (("records", RECORD), ("events", EVENTS)):
        with (root / "vae_core" / "export" / "wire" / f"{file}.py").open("a", encoding="utf-8") as module:
            module.write(addition)
    part = root / "assets" / "live" / "parts" / NAME
    part.mkdir()
    (part / f"{NAME}.js").write_text(MODULE, encoding="utf-8")
    (part / f"{NAME}.css").write_text("", encoding="utf-8")
    (root / "pages" / "ui" / "live" / f"{NAME}.py").write_text(FUNCTION, encoding="utf-8")
    assert python(root, "-m", "vae_core.export.wire.typedefs").returncode == 0
    return root


def python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DENO_DIR": str(root / "deno-cache"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_the_types_of_the_wire_bind_the_module(copy: Path) -> None:
    module = copy / "assets" / "live" / "parts" / NAME / f"{NAME}.js"
    check = ("-m", "deno", "check", "--no-remote", "--no-npm", str(module))
    passed = python(copy, *check)
    assert passed.returncode == 0, passed.stderr
    for ours, other in (("({ clicks })", "({ clics })"), ("clicks: clicks + 1", "clicks: `${clicks}`"), ('kind: "click"', 'kind: "clack"')):
        assert MODULE.count(ours) == 1
        module.write_text(MODULE.replace(ours, other), encoding="utf-8")
        assert "Type checking failed" in python(copy, *check).stderr
    module.write_text(MODULE, encoding="utf-8")
    for tool in ("fmt --check", "lint"):
        assert python(copy, "-m", "deno", *tool.split(), str(module), "assets/live/kit/wire.js").returncode == 0


def test_python_sends_the_data_hears_the_event_and_refuses_nonsense(copy: Path) -> None:
    done = python(copy, "-c", STEP_5)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [told["clicks"] for told in found["told"]] == [0, 1]
    assert found["told"][0]["module"].endswith("/tally/tally.js")
    assert found["refused"] == ["A count of clicks is a whole number."]


def test_its_file_keeps_the_rules_of_imports() -> None:
    assert violations(FUNCTION, f"pages/ui/live/{NAME}.py") == []
