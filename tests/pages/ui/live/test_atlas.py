"""The small map beside the sliders: what it is given, and what it may send."""

from __future__ import annotations

import pytest

from pages.ui.ground import state
from tests.pages.live import send, sent
from tests.pages.steps import open_page


def test_its_dot_is_the_code_of_the_sliders_and_moves_it() -> None:
    page = open_page("sliders", model="digits-2d", z="0.25,1")
    data = sent(page, state.SLIDERS_ATLAS)
    assert data["z"] == [0.25, 1]
    assert data["channel"] == state.SLIDERS_DECK
    assert len(data["points"]["xy"]) == 2 * len(data["points"]["classes"])
    assert data["posterior"]["mean"] == sent(page, state.SLIDERS_DECK)["posterior"]["mean"]
    send(page, state.SLIDERS_ATLAS, {"kind": "move", "z": [1.5, -2]})
    assert sent(page, state.SLIDERS_DECK)["z"] == [1.5, -2]
    send(page, state.SLIDERS_ATLAS, {"kind": "move", "z": [1.5]})
    assert sent(page, state.SLIDERS_ATLAS)["z"] == [1.5, -2]


@pytest.mark.parametrize("asked", [{"model": "mnist-16d"}, {"plain": "true"}, {"with": "digits-split"}, {"start": "Own image"}])
def test_it_gives_way_to_what_needs_the_room(asked: dict[str, str]) -> None:
    page = open_page("sliders", **{"model": "digits-2d", **asked})
    assert state.SLIDERS_ATLAS not in [part.key for part in page.get("bidi_component")]
