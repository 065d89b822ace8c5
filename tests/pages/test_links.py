"""Links that say nonsense: whatever a parameter of an address holds, each page opens, with its own value or with a sentence."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import address, state
from pages.ui.screens.sliders.start import SAMPLE
from tests.conftest import ROOT
from tests.pages.steps import SECONDS
from tests.pages.test_apart import PAGES
from tests.pages.ui.ground.test_state import DECLARED

PARAMETERS = [
    *(value for name, value in DECLARED.items() if not name.startswith("PART_") and value not in (state.MODEL, state.KL_SWEEP)),
    *(state.part(state.LEARN_ELLIPSE, number) for number in range(3)),
    state.part(state.LEARN_ANSWER, "compress"),
]
UNUSABLE = ["", "a\0b", "x" * 10_000, "9" * 5_000, "1e999", "nan", "-inf", "a\nb"]
STRANGE: list[str | list[str]] = ["-1", ["1", "2"], "🙂", "0.5", "10", "1e300", "a b&c=%00", "true", "1e999"]
DEEPER = [
    ("sliders", {"start": "Random"}),
    ("sliders", {"start": "Data image", "posterior": SAMPLE}),
    ("sliders", {"start": "Data image", "with": "mnist-2d-rates"}),
    ("map", {"model": "mnist-16d", "view": "Two dimensions"}),
    ("train", {"schedule": "Cyclical"}),
    ("train", {"every": "true"}),
    ("train", {"halves": "true"}),
    ("train", {"pixel": "Brightness with noise (Gaussian)"}),
    ("compare", {"compare": "Two models"}),
]


@pytest.fixture(autouse=True)
def no_stopwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Train page trains a little, to tell how long a run takes."""
    monkeypatch.setattr(cache, "seconds_per_image", lambda model, train: 1e-3)


def follow(name: str, said: dict[str, str | list[str]]) -> AppTest:
    """The page as a link opens it."""
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=SECONDS)
    for key, value in said.items():
        page.query_params[key] = value
    page.switch_page(f"pages/{name}.py").run()
    assert not page.exception, said
    assert not page.error
    return page


def test_what_no_page_can_use_is_left_out_and_said() -> None:
    """Each parameter holds each of them once, over as many links as there are values. It is left out before any page reads it."""
    for start in range(len(UNUSABLE)):
        said: dict[str, str | list[str]] = {key: UNUSABLE[(place + start) % len(UNUSABLE)] for place, key in enumerate(PARAMETERS)}
        page = follow("home", said)
        assert any("that cannot be used and is left out." in text.value for text in page.text)
        assert not set(said) & set(page.query_params)


def test_of_what_is_empty_nothing_is_said() -> None:
    page = follow("home", dict.fromkeys(PARAMETERS, ""))
    assert not any("left out" in text.value for text in page.text)
    assert not page.query_params


@pytest.mark.parametrize(("name", "said"), [*((name, {}) for name in PAGES), *DEEPER])
def test_what_fits_no_parameter_breaks_no_page(name: str, said: dict[str, str]) -> None:
    """Over the links, and the ways deeper into a page, a parameter holds one strange value after another, and one that is left out."""
    for start in range(1 if said else 3):
        values = {key: STRANGE[(place + 3 * start) % len(STRANGE)] for place, key in enumerate(PARAMETERS)}
        follow(name, {**values, **said})


@pytest.mark.parametrize(("name", "parameter"), [("sliders", state.MODEL), ("train", state.TRAIN_RUN), ("kl_weight", state.KL_SWEEP)])
def test_an_id_that_reads_like_a_number_without_an_end_is_an_id(name: str, parameter: str) -> None:
    page = follow(name, {parameter: "78e753078354"})
    assert not any("left out" in text.value for text in page.text)
    assert page.query_params[parameter] == "78e753078354"


def test_all_choices_among_ids_are_known_to_be_of_ids() -> None:
    pages = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "pages").rglob("*.py")))
    menus = re.findall(r"\bchoose_(?:id|second)\((?:(?!\bdef\b)[\s\S])*?\bkey=state\.([A-Z_]+)", pages)
    assert {getattr(state, name) for name in (*menus, *re.findall(r"\bstate\.choose\(state\.([A-Z_]+)", pages))} == address.IDS


def test_a_sound_link_is_left_as_it_is() -> None:
    said: dict[str, str | list[str]] = {state.INTERPOLATE_FROM: "3", state.INTERPOLATE_STEPS: "5"}
    page = follow("interpolate", said)
    assert page.session_state[state.INTERPOLATE_FROM] == 3
    assert page.query_params[state.INTERPOLATE_FROM] == "3"
    assert not any("left out" in text.value for text in page.text)


@pytest.mark.parametrize(
    ("name", "key", "label"), [("train", state.TRAIN_DATA, "Data set"), ("interpolate", state.INTERPOLATE_TWIN, "Beside")]
)
def test_a_link_to_what_is_not_here_says_so_until_the_user_chooses(name: str, key: str, label: str) -> None:
    page = follow(name, {key: "gone"})
    for _ in range(2):
        (said,) = [text.value for text in page.text if 'there is no "gone" here, which the link asks for.' in text.value]
        assert said.startswith(label)
        assert page.query_params[key] == "gone"
        page.run()
    (menu,) = [box for box in page.selectbox if box.key == key]
    menu.select(menu.options[1]).run()
    assert not any("gone" in text.value for text in page.text)
    assert page.query_params[key] == page.session_state[key] != "gone"


@pytest.mark.parametrize("value", [*UNUSABLE, "inf", "NaN", "1e309", "\u0085"])
def test_what_is_unusable(value: str) -> None:
    assert address._is_unsound(value)


@pytest.mark.parametrize("value", ["0", "-1", "1e300", "Mean μ", SAMPLE, "🙂", "mnist-2d", ",".join(["-10.1234"] * 128)])
def test_what_is_not(value: str) -> None:
    assert not address._is_unsound(value)
