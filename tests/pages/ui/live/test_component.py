"""What passes between Python and a live component, without a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.server import addresses
from tests.pages.live import send, sent
from vae_core.runs import catalogue

KEY = state.HOME_MACHINE
SCRIPT = """
import streamlit as st

from pages.ui.ground import state
from pages.ui.live.component import component

mount = component("deck")
st.text(f"before: {st.session_state.get('heard')}")
mount(key=state.HOME_MACHINE, data={"value": 7}, on_event=lambda event: st.session_state.update(heard=event["kind"]))
"""


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_string(SCRIPT, default_timeout=20).run()


def raw(page: AppTest, value: Any) -> AppTest:  # noqa: ANN401 - whatever a browser may send
    """Run the page with this for the component's whole state."""
    element = next(element.proto for element in page.get("bidi_component") if element.key == KEY)
    states = page._tree.get_widget_states()
    states.widgets.append(WidgetState(id=element.id, json_value=json.dumps(value)))
    return page._run(states)


def test_the_browser_is_told_its_module_and_that_nothing_was_heard_yet(page: AppTest) -> None:
    told = sent(page, KEY)
    assert told["value"] == 7
    assert told["module"] == f"/live/code/{addresses.CODE_VERSION}/parts/deck/deck.js"
    assert told["seen"] == 0
    assert told["session"]


def test_an_event_is_heard_before_the_page_is_drawn_and_acknowledged(page: AppTest) -> None:
    session = sent(page, KEY)["session"]
    send(page, KEY, {"kind": "move"})
    assert page.text[0].value == "before: move"
    assert sent(page, KEY)["seen"] == 1
    assert sent(page, KEY)["session"] == session


@pytest.mark.parametrize(
    "value", [{}, {"event": None}, {"event": []}, {"event": {}}, {"event": {"n": "1", "kind": "x"}}, {"event": {"n": True}}]
)
def test_what_is_no_event_is_not_heard(page: AppTest, value: object) -> None:
    raw(page, value)
    assert not page.exception
    assert page.text[0].value == "before: None"
    assert sent(page, KEY)["seen"] == 0


def test_a_new_session_has_another_name(page: AppTest) -> None:
    assert sent(AppTest.from_string(SCRIPT, default_timeout=20).run(), KEY)["session"] != sent(page, KEY)["session"]


def test_every_bundled_model_runs_in_the_browser() -> None:
    from pages.ui.live.component import engine_source

    for entry in catalogue.models().values():
        source = engine_source(entry)
        assert source["stream"] is None
        assert source["weights"] == f"/live/model/{entry.id}/{source['hash']}"
