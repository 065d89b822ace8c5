"""What AppTest lacks for the live components: it draws no JavaScript, so a test reads what was sent to it and answers in its place."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from pages.ui.server.routes import ROUTES


def _component(page: AppTest, key: str) -> Any:  # noqa: ANN401 — a protobuf message
    return next(element.proto for element in page.get("bidi_component") if element.key == key)


def sent(page: AppTest, key: str) -> dict[str, Any]:
    """What Python told the component with this key."""
    data: dict[str, Any] = json.loads(_component(page, key).json)
    return data


def send(page: AppTest, key: str, event: dict[str, Any]) -> AppTest:
    """Let the component with this key tell Python of an event, and run the page."""
    states = page._tree.get_widget_states()
    value = {"event": {**event, "n": sent(page, key)["seen"] + 1}}
    states.widgets.append(WidgetState(id=_component(page, key).id, json_value=json.dumps(value)))
    return page._run(states)


def fetched(address: str, dtype: str = "<f4") -> NDArray[Any]:
    """What the browser would fetch from there."""
    answer = TestClient(Starlette(routes=ROUTES)).get(address)
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, dtype)
