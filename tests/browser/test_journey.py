"""One newcomer's whole way through the app, with real clicks: train → map → sliders → interpolate → KL weight."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.steps import open_link, settle, visit
from vae_core import data
from vae_core.images import png_bytes

PAGES = ("Home", "Train", "Models", "Map", "Sliders", "Interpolate", "KL weight")


@pytest.mark.parametrize("title", PAGES)
def test_each_page_works_on_first_launch_on_a_desktop(page: Page, title: str) -> None:
    open_link(page)
    visit(page, title)
    settle(page, seconds=90)


@pytest.mark.parametrize("title", PAGES)
def test_each_page_fits_a_phone(phone: Page, title: str) -> None:
    open_link(phone)
    visit(phone, title)
    settle(phone, seconds=90)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
