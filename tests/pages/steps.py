"""The moves of a user that tests of the pages make without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

SECONDS = 120  # that one run of a page may take before it counts as stuck


def open_page(name: str, **parameters: str) -> AppTest:
    """The page in pages/ of this name, as a link with these parameters opens it."""
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=SECONDS)
    for key, value in parameters.items():
        page.query_params[key] = value
    page.run()
    page.switch_page(f"pages/{name}.py").run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Press the button with this label."""
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page
