"""The class draws its data set: the teacher's side on the Class page, the students' on their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pages.ui.ground import state
from tests.pages.live import send, sent
from tests.pages.steps import captions, open_page, press
from tests.pages.ui.live.test_draw import in_base64
from vae_core import data
from vae_core.base import owners, passes
from vae_core.base.errors import InputError
from vae_core.data import drawings

ANNA = "a" * 16
CANVAS = state.part(state.CLASS_DRAWN, state.PART_CANVAS)


@pytest.fixture(autouse=True)
def in_class(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://192.0.2.7:8501")
    passes.settled("apple-tree", "a-long-word-of-the-teacher")


def drawn(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, drawings.SHAPE, np.uint8)


def test_the_teacher_opens_it_sees_what_comes_and_keeps_it_as_a_set() -> None:
    page = open_page("classroom")
    page.text_input(key=state.CLASS_NAMES).set_value("circle, cross").run()
    press(page, "Let the class draw")
    session = drawings.current()
    assert session is not None
    assert (session.classes, session.model) == (("circle", "cross"), "mnist-2d")
    press(page, "End and keep the set")
    assert any("at least 10 images, and 0 were drawn" in text.value for text in page.text)
    for seed in range(10):
        with owners.acting_as(ANNA):
            drawings.add(session.id, seed % 2, drawn(seed))
    page.run()
    assert "10 drawings: circle 5, cross 5. The students draw on their page Draw." in [text.value for text in page.text]
    (chart,) = page.get("plotly_chart")
    assert '"cross"' in chart.proto.spec
    key = state.part(state.CLASS_PICKED, state.PART_PICK)
    tiles = sent(page, key)
    assert tiles["titles"] == ["cross", "circle"] * 5
    send(page, key, {"kind": "choose", "numbers": [tiles["numbers"][0]]})
    press(page, "Take it away")
    assert len(drawings.drawings(session.id)) == 9
    with owners.acting_as(ANNA):
        drawings.add(session.id, 0, drawn(11))
    press(page.run(), "End and keep the set")
    (made,) = data.imported()
    (link,) = page.get("page_link")
    assert f"{state.TRAIN_DATA}={made}" in link.proto.query_string
    assert data.known()[made].title == "Drawings: circle, cross"


def test_a_student_waits_draws_and_is_told_when_it_has_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "_who", lambda: ANNA)
    page = open_page("draw")
    assert any("has not asked for drawings yet" in text.value for text in page.markdown)
    with owners.acting_as(None):
        drawings.begin(["circle", "cross"], None)
    page.run()
    assert next(button for button in page.button if button.label == "Send").disabled
    session = drawings.current()
    assert session is not None
    page.button_group(key=state.part(state.CLASS_LABEL, session.id)).set_value(1).run()
    send(page, CANVAS, {"kind": "drawn", "pixels": in_base64(drawn(1))})
    press(page, "Send")
    assert "Arrived. You have sent 1 drawing." in captions(page)
    assert sent(page, CANVAS)["picture"] is None
    with owners.acting_as(None):
        (kept,) = drawings.drawings(session.id)
    assert kept.label == 1
    assert np.array_equal(kept.pixels, drawn(1))


def test_what_cannot_be_shown_just_now_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(session_id: str) -> list[drawings.Drawing]:
        raise InputError(f"The session {session_id} has ended.")

    drawings.begin(["circle", "cross"], "mnist-2d")
    session = drawings.current()
    assert session is not None
    monkeypatch.setattr(drawings, "drawings", ended)
    page = open_page("classroom")
    assert f"The session {session.id} has ended." in "".join(text.value for text in page.text)
