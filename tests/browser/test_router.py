"""Every page opens from the menu, on a desktop and on a phone, and by its own link; and what one page is told, no other does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.steps import open_link, visit

PAGES = {
    "Home": "/",
    "Learn": "/learn",
    "Sliders": "/sliders",
    "Map": "/map",
    "Interpolate": "/interpolate",
    "KL weight": "/kl_weight",
    "Compare": "/compare",
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
