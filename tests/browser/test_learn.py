"""The lesson in a browser, for what only its scripts do: the keys of a presenter's clicker, and words that explain themselves."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.steps import open_link, settle
from vae_core.base.glossary import glossary

MEANINGS = glossary("en").meanings


def test_a_clicker_turns_the_steps_and_a_word_says_what_it_means_until_escape(page: Page) -> None:
    open_link(page, "learn?step=Dream&present=true")
    question = page.get_by_role("heading", level=1)  # the page has no other title then
    expect(question).to_contain_text("Can it also make new ones")
    expect(page.get_by_role("link", name="Train")).to_have_count(0)  # the menu is out of the way
    page.get_by_text("All kinds of digits").click()  # which has the focus then
    settle(page)
    page.keyboard.press("PageDown")
    expect(question).to_contain_text("not a point but a region")
    settle(page)
    page.locator("body").press("ArrowLeft")
    expect(question).to_contain_text("Can it also make new ones")
    settle(page)
    page.get_by_role("spinbutton", name="Seed").press("ArrowRight")
    settle(page)
    expect(question).to_contain_text("Can it also make new ones")  # in a field an arrow is the field's

    word = page.get_by_role("button", name="seed", exact=True)
    meaning = page.get_by_role("tooltip").filter(has_text=MEANINGS["seed"])
    expect(word).to_have_accessible_description(MEANINGS["seed"])
    for show in (word.focus, word.hover, word.click):
        show()
        expect(meaning).to_be_visible()
        page.keyboard.press("Escape")
        expect(meaning).to_be_hidden()
        page.mouse.move(0, 0)
        word.blur()
