"""Two models linked: what the browser is told puts every code where the alignment does, and what it sends is checked."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.live.pair import check_step
from tests.pages.live import fetched, send, sent
from tests.pages.steps import open_page
from vae_core.analysis import alignment, projection
from vae_core.base.errors import InputError


def opened(**more: str) -> AppTest:
    return open_page("compare", **{state.COMPARE_VIEW: "Two models", **more})


def numbers(text: str, latent: int) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(-1, latent).astype(np.float64)


def places(model: dict[str, Any]) -> NDArray[np.float64]:
    """As the browser computes them."""
    centre, axes = np.array(model["centre"]), np.array(model["axes"])
    return (numbers(model["codes"], len(centre)) - centre) @ axes.T


def test_codes_of_equal_size_lie_where_procrustes_puts_them() -> None:
    page = opened()
    told = sent(page, state.COMPARE_PAIR)
    first, second = told["models"]
    assert (first["name"], second["name"]) == ("MNIST, 2-D", "MNIST, 2-D, plain autoencoder")  # the twin comes first
    one, two = (numbers(model["codes"], 2) for model in told["models"])
    over = alignment.procrustes(two, one).move(two)
    np.testing.assert_allclose(places(first), one, atol=1e-5)
    np.testing.assert_allclose(places(second), over, atol=1e-4)
    np.testing.assert_allclose(numbers(told["aligned"], 2), over, atol=1e-4)
    axes = np.array(second["axes"])
    np.testing.assert_allclose(axes @ axes.T, np.eye(2) * (axes[0] @ axes[0]), atol=1e-9)  # a step comes back by the same axes
    apart = np.linalg.norm(one[:, None] - one, axis=2)
    assert told["near"] == 10
    mine = [set(row[1:11]) for row in apart.argsort(axis=1)]
    its = [set(row[1:11]) for row in np.linalg.norm(two[:, None] - two, axis=2).argsort(axis=1)]
    assert told["kept"] == [len(near & far) for near, far in zip(mine, its, strict=True)]
    assert fetched(f"{told['pictures']['url']}?n={told['numbers'][3]}", "u1").size == 784
    entry = cache.models()["mnist-2d"]
    images = cache.images_of(entry)
    assert images is not None
    assert images.labels is not None
    assert [told["colour"]["names"][group] for group in told["groups"]] == [str(label) for label in images.labels[told["numbers"]]]


def test_codes_of_other_sizes_share_the_plane_of_the_first() -> None:
    told = sent(opened(**{state.COMPARE_OTHER: "mnist-16d"}), state.COMPARE_PAIR)
    first, second = told["models"]
    two = numbers(second["codes"], 16)
    own = projection.pca(two.astype(np.float32)).points
    over = alignment.procrustes(own, places(first)).move(own)
    np.testing.assert_allclose(places(second), over, atol=1e-3)
    assert told["aligned"] is None
    assert len(told["dims"]) == 16


def test_what_is_picked_moved_and_lassoed_stays_and_nonsense_is_refused() -> None:
    page = opened(**{state.COMPARE_IMAGE: "7"})
    known = sent(page, state.COMPARE_PAIR)["numbers"]
    assert 7 in known
    page = send(page, state.COMPARE_PAIR, {"kind": "choose", "numbers": [known[5]]})
    assert sent(page, state.COMPARE_PAIR)["image"] == known[5] == page.number_input(key=state.COMPARE_IMAGE).value
    page = send(page, state.COMPARE_PAIR, {"kind": "step", "step": [0.5, -1.25]})
    assert sent(page, state.COMPARE_PAIR)["step"] == [0.5, -1.25]
    assert page.query_params[state.COMPARE_STEP] == "0.5,-1.25"
    page = send(page, state.COMPARE_PAIR, {"kind": "gather", "numbers": known[3:9]})
    assert sent(page, state.COMPARE_PAIR)["group"] == known[3:9]
    page.run()
    assert (sent(page, state.COMPARE_PAIR)["group"], sent(page, state.COMPARE_PAIR)["step"]) == (known[3:9], [0.5, -1.25])
    for event in (
        {"kind": "choose", "numbers": [10_000]},
        {"kind": "gather", "numbers": ["1"]},
        {"kind": "step", "step": [1]},
        {"kind": "step", "step": [1e9, 0]},
        {"kind": "step", "step": "1,1"},
    ):
        page = send(page, state.COMPARE_PAIR, event)
        assert "Not accepted" in "".join(text.value for text in page.markdown)
        assert sent(page, state.COMPARE_PAIR)["group"] == known[3:9]
    page.number_input(key=state.COMPARE_IMAGE).set_value(known[2]).run()
    assert sent(page, state.COMPARE_PAIR)["step"] == [0, 0]  # of another image the code was not moved
    assert state.COMPARE_STEP not in page.query_params
    page = send(page, state.COMPARE_PAIR, {"kind": "step", "step": [1, 1]})
    page.query_params[state.MODEL] = "mnist-2d-ae"
    told = sent(page.run(), state.COMPARE_PAIR)
    assert (told["step"], told["group"]) == ([0, 0], [])  # they were of another model's plane


def test_a_link_brings_the_step_and_a_broken_one_is_said() -> None:
    assert sent(opened(**{state.COMPARE_STEP: "0.25,1"}), state.COMPARE_PAIR)["step"] == [0.25, 1]
    page = opened(**{state.COMPARE_STEP: "far,away"})
    assert "two numbers" in "".join(text.value for text in page.text)
    assert sent(page, state.COMPARE_PAIR)["step"] == [0, 0]


def test_where_the_browser_cannot_draw_pictures_and_codes_stand_in() -> None:
    page = send(opened(), state.COMPARE_PAIR, {"kind": "failed", "reason": "No canvas."})
    assert "No canvas." in "".join(text.value for text in page.text)
    assert page.dataframe[0].value.columns.tolist() == ["", "First", "Second", "Laid over"]
    assert not [element for element in page.get("bidi_component") if element.key == state.COMPARE_PAIR]


@pytest.mark.parametrize("value", [None, "1,1", [1], [1, 2, 3], [float("nan"), 0], [1, float("inf")], [True, "1"], [1e5, 0]])
def test_a_step_is_two_numbers(value: object) -> None:
    with pytest.raises(InputError, match="two numbers"):
        check_step(value)
