"""The moves of a user that tests of the pages make without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.conftest import ROOT

SECONDS = 120  # that one run of a page may take before it counts as stuck


def open_page(name: str, **parameters: str) -> AppTest:
    """The page in pages/ of this name, as a link with these parameters opens it."""
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=SECONDS)
    for key, value in parameters.items():
        page.query_params[key] = value
    page.switch_page(f"pages/{name}.py").run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Press the button with this label."""
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def chosen_model(page: AppTest) -> str:
    """The id of the model that the page is at."""
    model_id: str = page.session_state[state.MODEL]
    return model_id


def model_cards(page: AppTest) -> dict[str, str]:
    """Open the dialog of all models: what stands on each card's button, by the model's id, in the dialog's order."""
    return open_cards(page, state.SHARED_MODEL_CHANGE, state.MODEL)


def open_cards(page: AppTest, button: str, choice: str) -> dict[str, str]:
    """Open the dialog of this choice by its button: what stands on each card's button, by its id, in the dialog's order."""
    page.button(key=button).click().run()
    scope = state.part(choice, state.PART_PICK, "")
    return {key.removeprefix(scope): button.label for button in page.button if (key := button.key or "").startswith(scope)}


def choose_model(page: AppTest, model_id: str) -> AppTest:
    """Open another model by the bar at the top of the page."""
    assert model_id in model_cards(page)
    page.button(key=state.part(state.MODEL, state.PART_PICK, model_id)).click().run()
    assert not page.exception
    return page


def captions(page: AppTest) -> str:
    """All captions of the page, a line each."""
    assert not page.exception
    return "\n".join(caption.value for caption in page.caption)
