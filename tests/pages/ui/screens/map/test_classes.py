"""The map's classes: of more than can be coloured those that are searched for are, and the link says which."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script(count: int) -> None:
    import numpy as np
    import streamlit as st

    from pages.ui.ground.figures import Colouring
    from pages.ui.screens.map import choices

    labels = np.arange(2 * count) % count
    st.text(str(choices.classes(Colouring("Class", labels, tuple(f"class {number}" for number in range(count))))))


def opened(count: int, **address: str) -> AppTest:
    page = AppTest.from_function(script, args=(count,), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def test_of_136_classes_those_that_are_searched_for_are_in_colour() -> None:
    page = opened(136)
    (search,) = page.multiselect
    assert search.label == "Of 136 classes, those in colour"
    assert search.options[:3] == ["class 0", "class 1", "class 2"]  # in natural order
    assert page.text[0].value == "[]"
    search.set_value(["class 7", "class 100"]).run()
    assert page.text[0].value == "[7, 100]"
    assert page.query_params["classes"] == ["class 7", "class 100"]


def test_the_link_says_which_and_what_is_not_there_is_left_out() -> None:
    assert opened(136, classes="class 9").text[0].value == "[9]"
    page = opened(136)
    page.session_state["classes"] = ["class 5", "gone"]
    assert page.run().text[0].value == "[5]"
    assert not page.exception


def test_classes_that_all_have_a_colour_need_no_search() -> None:
    assert not opened(20).multiselect
