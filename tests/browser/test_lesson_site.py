"""The lesson of a static site from the disk: by keyboard through all steps, each with its picture, in both languages, without an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.export.lessons import coarse
from vae_core.base.translation import sections
from vae_core.cli.lesson_models import lesson_models
from vae_core.export.lesson_page import STEPS
from vae_core.export.site import site, write_site

NOW = "[data-step]:visible"


def comes(page: Page, key: str) -> None:
    """The picture of this step is there, and is all that is shown of the lesson."""
    article = page.locator(NOW)
    expect(article).to_have_count(1)
    expect(article).to_have_attribute("data-step", key)
    expect(article.locator("canvas").first).to_be_visible()
    expect(article.locator(".lesson-picture > [role=status]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


@pytest.mark.slow
def test_the_lesson_is_walked_by_keyboard_from_the_disk(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coarse(monkeypatch)
    write_site(tmp_path, site([], lesson=lesson_models(), precision="float16"))
    faults: list[str] = []
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844}, reduced_motion="reduce", locale="de-AT")
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.goto((tmp_path / "index.html").as_uri())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    german, english = sections("learn", "de"), sections("learn")
    for key in STEPS:
        comes(page, key)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(f".lesson-language[lang=de] {NOW}")).to_contain_text(german[f"{key}: predict"].split("\n")[0])
        if key == "regions":  # its picture is a live part, with words of its own
            expect(page.get_by_role("button", name="Würfeln")).to_be_visible()
        answers = page.locator(NOW).get_by_role("radio")
        answers.first.focus()
        page.keyboard.press("Space")
        expect(page.locator(NOW).locator(".lesson-verdict strong")).to_have_text(re.compile(r"Richtig\.|Nein\."))
        expect(page.locator(NOW).locator(".lesson-why")).to_be_visible()
        page.keyboard.press("PageDown")
    comes(page, "create")
    page.get_by_role("button", name="EN").press("Enter")
    comes(page, "create")
    expect(page.locator(f".lesson-language[lang=en] {NOW}")).to_contain_text(english["create: predict"].split("\n")[0])
    page.keyboard.press("ArrowLeft")
    comes(page, "before")
    page.goto((tmp_path / "learn.html").as_uri() + "#compress?lang=en&kept=9&digit=7")
    comes(page, "compress")
    slider = page.get_by_role("slider", name="Numbers kept")
    expect(slider).to_have_value("9")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(NOW).get_by_role("img", name="By the network, 10 numbers")).to_be_visible()
    assert "kept=10" in page.url
    context.close()
    assert faults == []
