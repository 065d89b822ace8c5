"""Every page opens from the menu, on a desktop and on a phone, and by its own link; and what one page is told, no other does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import open_link, settle, visit

PAGES = {
    "Home": "/",
    "Sliders": "/sliders",
    "Map": "/map",
    "Interpolate": "/interpolate",
    "KL weight": "/kl_weight",
    "Train": "/train",
    "Models": "/models",
}


@pytest.mark.parametrize("width", ["page", "phone"])
def test_every_page_opens_from_the_menu_and_fits_the_window(request: pytest.FixtureRequest, width: str) -> None:
    page: Page = request.getfixturevalue(width)
    open_link(page)
    for title, path in reversed(PAGES.items()):
        visit(page, title)
        assert page.url.endswith(path)
        assert page.title() == "Latent Loom"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{title} scrolls sideways"


@pytest.mark.parametrize("path", PAGES.values())
def test_every_page_opens_by_its_link(page: Page, path: str) -> None:
    open_link(page, path)
    assert page.url.endswith(path)


def test_plain_sliders_leave_the_next_model_its_kl_term(page: Page) -> None:
    open_link(page, "/sliders?model=digits-2d")
    toggle = page.get_by_test_id("stCheckbox")
    plain = toggle.filter(has_text="Plain sliders")
    plain.locator("label").click()
    settle(page)
    expect(plain.locator("input")).to_be_checked()
    visit(page, "Train")
    expect(toggle.filter(has_text="Plain autoencoder").locator("input")).not_to_be_checked()
    expect(page.get_by_label("KL weight", exact=True)).to_be_enabled()
    visit(page, "Sliders")
    expect(plain.locator("input")).to_be_checked()
