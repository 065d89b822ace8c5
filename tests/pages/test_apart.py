"""What is set on one page changes nothing on another but what pages share on purpose. The widgets are found, not listed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup, Checkbox, NumberInput, Radio, Selectbox, SelectSlider, Slider, TextInput, Toggle

from pages.ui import cache
from pages.ui.ground import state
from tests.conftest import ROOT
from tests.pages.steps import open_page

NOT_ON_A_LAPTOP = {"classroom", "draw"}  # which the menu has for a class alone
PAGES = sorted({path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__", *NOT_ON_A_LAPTOP})
SHARED = {state.MODEL, state.CODE}
Switch = Toggle | Checkbox | ButtonGroup | Radio | Selectbox | SelectSlider | NumberInput | Slider
Values = dict[str, object]


@pytest.fixture(autouse=True)
def no_stopwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Train page trains a little at each change, to tell how long a run takes."""
    monkeypatch.setattr(cache, "seconds_per_image", lambda model, train: 1e-3)


def visit(page: AppTest, name: str) -> AppTest:
    """A page within the session, with all its boxes open."""
    page.switch_page(f"pages/{name}.py").run()
    assert not page.exception
    boxes = [str(user_key_from_element_id(box.proto.id)) for kind in ("expander", "popover") for box in page.get(kind) if box.proto.id]
    closed = [key for key in boxes if key in page.session_state and not page.session_state[key]]
    for key in closed:
        page.session_state[key] = True
    return page.run() if closed else page


def widgets(page: AppTest) -> dict[str, Switch | TextInput]:
    """What holds a value on the page, by key; what is shared on purpose is left out."""
    held = [node for node in page if isinstance(node, Switch | TextInput)]
    assert all(node.key for node in held), [node.label for node in held]
    return {str(node.key): node for node in held if node.key not in SHARED}


def switches(page: AppTest) -> dict[str, Switch]:
    """What can be turned, by key."""
    return {key: node for key, node in widgets(page).items() if isinstance(node, Switch) and not node.proto.disabled}


def turn(widget: Switch) -> None:
    """Set a widget to another of its values."""
    if isinstance(widget, Toggle | Checkbox):
        widget.set_value(not widget.value)
    elif isinstance(widget, NumberInput | Slider):
        widget.set_value(widget.min if widget.value != widget.min else widget.max)
    else:
        now = widget.format_func(widget.value)
        widget.set_value(next((option for option in widget.options if option != now), now))


def turn_all(page: AppTest, known: set[str]) -> Iterator[str]:
    """Turn one switch after another, and those that appear meanwhile, but none that is known."""
    while new := [key for key in switches(page) if key not in known]:
        known.add(new[0])
        turn(switches(page)[new[0]])
        page.run()
        assert not page.exception, new[0]
        yield new[0]


def values(page: AppTest) -> Values:
    """What all widgets of the page hold."""
    return {key: widget.value for key, widget in widgets(page).items()}


def undeclared(page: AppTest) -> set[str]:
    """Keys of the session that begin with none of `state`."""
    declared = {value for name, value in vars(state).items() if name.isupper() and not name.startswith("PART_")}
    return {key for key in page.session_state._state.filtered_state if key.partition("/")[0] not in declared}


@pytest.fixture(scope="module")
def untouched() -> dict[str, Values]:
    """What the widgets of each page hold in a session that turns none."""
    page = open_page("home")
    return {name: values(visit(page, name)) for name in PAGES}


def test_no_widget_is_on_two_pages(untouched: dict[str, Values]) -> None:
    places: dict[str, list[str]] = {}
    for name, held in untouched.items():
        for key in held:
            places.setdefault(key, []).append(name)
    assert {key: names for key, names in places.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", PAGES)
def test_switches_of_one_page_change_nothing_on_another(name: str, untouched: dict[str, Values]) -> None:
    known: set[str] = set()
    # a switch may hide others: those are turned in a session of their own
    while turned := list(turn_all(page := visit(open_page(name), name), known)):
        assert undeclared(page) == set()
        for other in PAGES:
            if other != name:
                changed = dict(values(visit(page, other)).items() ^ untouched[other].items())
                assert not changed, f"{turned} on {name} change {changed.keys()} on {other}"
    assert known or name in ("models", "kl_weight")  # where one chooses by cards, and the rest is a live part
