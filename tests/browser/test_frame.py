"""The frame around all pages: the model's bar by keyboard, what the browser keeps, Back, and a page that stands still while it loads."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import arrive, model_bar, open_link, settle, visit

# What moved on the page without being asked to, in the terms of the layout instability API: shares of the window, times how far.
SHIFTS = """window.shifted = 0
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { if (!entry.hadRecentInput) window.shifted += entry.value }))
  .observe({ type: "layout-shift", buffered: true })"""
HIGHEST = 120  # screen pixels of heading, bar and first sentence together


def test_a_model_is_chosen_by_keyboard_kept_by_the_browser_and_back_takes_one_press(page: Page) -> None:
    open_link(page)
    visit(page, "Sliders")
    expect(model_bar(page)).to_contain_text("MNIST, 2-D")
    heading, sentence = page.get_by_role("heading", level=1).bounding_box(), page.get_by_text("Every picture this model").bounding_box()
    assert heading is not None
    assert sentence is not None
    assert sentence["y"] + sentence["height"] - heading["y"] <= HIGHEST

    model_bar(page).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search").fill("digits 2-d")
    expect(dialog.get_by_role("button", name=re.compile("^Faces"))).to_have_count(0)
    while not dialog.get_by_role("button", name="Digits, 2-D", exact=True).evaluate("(button) => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    settle(page)
    expect(model_bar(page)).to_contain_text("Digits, 2-D")
    page.get_by_role("slider", name=re.compile("^z")).first.press("ArrowRight")
    settle(page)

    page.get_by_role("link", name="Next: Map").click()
    arrive(page, "Map")
    expect(page).to_have_url(re.compile("model=digits-2d"))
    page.go_back()
    arrive(page, "Sliders")
    expect(model_bar(page)).to_contain_text("Digits, 2-D")
    page.go_back()
    arrive(page, "Home")

    other = page.context.new_page()  # a session of its own, in the same browser
    open_link(other, "/map")
    expect(model_bar(other)).to_contain_text("Digits, 2-D")


def test_a_page_stands_still_while_its_live_parts_load(page: Page) -> None:
    """Streamlit fetches its own widgets at first use and moves the page for each: so each page is looked at when it opens again."""
    page.add_init_script(SHIFTS)
    open_link(page, "/sliders")
    visit(page, "Map")
    for title in ("Sliders", "Map"):
        page.evaluate("shifted = 0")
        visit(page, title)
        page.locator(".live:not(:empty)").first.wait_for()
        settle(page)
        assert page.evaluate("shifted") < 0.05
