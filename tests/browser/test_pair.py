"""Two models under one hand: the code is dragged, a group is lassoed, the second map is played, all by mouse and by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from pages.ui.ground import state
from tests.browser.steps import canvas_pixels, open_link, settle, until

VIEW = f"/compare?{state.COMPARE_VIEW}=Two+models"
PICTURES = ("First: ", "Second: ")


def maps(page: Page) -> tuple[Locator, Locator]:
    first, second = (page.get_by_role("application", name=name) for name in PICTURES)
    return first, second


def plots(page: Page) -> list[str]:
    """What is drawn below the marks of both maps."""
    found: list[str] = page.locator(".pair .map-plot").evaluate_all("(plots) => plots.map((plot) => plot.toDataURL())")
    return found


def pictures(page: Page) -> list[bytes]:
    """What both models draw now."""
    return [canvas_pixels(page, name).tobytes() for name in PICTURES]


def middle(map_: Locator) -> tuple[float, float]:
    box = map_.bounding_box()
    assert box is not None
    return box["x"] + 48 + (box["width"] - 56) / 2, box["y"] + 8 + (box["height"] - 48) / 2


def test_a_code_that_is_dragged_on_one_map_changes_both_pictures_before_it_is_let_go(page: Page) -> None:
    open_link(page, VIEW)
    first, second = maps(page)
    expect(page.get_by_role("img", name="Rebuilt: First: ")).to_be_visible()
    before = pictures(page)
    for map_ in (first, second):
        x, y = middle(map_)
        page.mouse.move(x + 80, y - 90)  # where no point lies the code comes to the pointer
        page.mouse.down()
        page.mouse.move(x + 60, y - 100, steps=3)
        expect(page.get_by_role("img", name="Decoded at the moved code: First")).to_be_visible()
        until(page, lambda before=before: all(now != then for now, then in zip(pictures(page), before, strict=True)))  # type: ignore[misc]
        assert state.COMPARE_STEP not in page.url or map_ is second
        page.mouse.up()
        settle(page)
        expect(page).to_have_url(re.compile(rf"{state.COMPARE_STEP}=-?[0-9.]+(%2C|,)-?[0-9.]+"))
        before = moved = pictures(page)  # the step has three digits in the address
    page.reload()
    settle(page)
    expect(page.get_by_role("img", name="Decoded at the moved code: Second")).to_be_visible()
    until(page, lambda: pictures(page) == moved)
    page.get_by_role("button", name="Back to the image").click()
    expect(page.get_by_role("img", name="Rebuilt: Second: ")).to_be_visible()
    settle(page)
    assert state.COMPARE_STEP not in page.url


def test_a_lasso_on_one_map_lights_the_group_on_both_and_keys_do_all_of_it(page: Page) -> None:
    open_link(page, VIEW)
    first, second = maps(page)
    people = page.locator(".pair-people")
    expect(people).to_contain_text("Who changed neighbours")
    before = plots(page)
    page.get_by_text("Lasso", exact=True).click()
    x, y = middle(second)
    page.mouse.move(x - 30, y - 30)
    page.mouse.down()
    for right, down in ((30, -30), (30, 30), (-30, 30), (-30, -28)):
        page.mouse.move(x + right, y + down, steps=2)
    page.mouse.up()
    expect(people).to_contain_text("The group has")
    settle(page)
    assert all(now != then for now, then in zip(plots(page), before, strict=True))
    by_mouse = people.inner_text()
    first.press("Escape")
    expect(people).to_contain_text("Who changed neighbours")
    assert plots(page) == before
    for turn in (["ArrowUp"] * 3, ["ArrowRight"] * 3, ["ArrowDown"] * 3, ["ArrowLeft"] * 3, ["ArrowUp"] * 3):
        first.press("Enter")  # begins the crosshair, then sets corners, and closes at the first
        for key in turn:
            first.press(key)
    first.press("Enter")
    expect(people).to_contain_text("The group has")
    assert people.inner_text() != by_mouse
    page.get_by_text("Pick", exact=True).click()
    first.press("c")
    shown = pictures(page)
    first.press("ArrowUp")
    expect(page.get_by_role("img", name="Decoded at the moved code: First")).to_be_visible()
    until(page, lambda: all(now != then for now, then in zip(pictures(page), shown, strict=True)))
    first.press("c")
    settle(page)
    assert state.COMPARE_STEP in page.url
    page.get_by_role("group", name="Kept the fewest").get_by_role("button").nth(3).click()
    settle(page)
    assert state.COMPARE_STEP not in page.url
    chosen = page.locator(".pair-screen").first.inner_text().removeprefix("Image ")
    expect(page.get_by_role("spinbutton", name="Image number")).to_have_value(chosen)


def test_the_second_map_begins_where_the_first_has_the_images_and_plays(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    open_link(page, VIEW)
    _, second = maps(page)
    slider = page.get_by_role("slider", name="From the first map to the second")
    expect(slider).to_have_value("1")
    here = plots(page)
    assert here[0] != here[1]
    slider.press("Home")
    expect(second).to_have_attribute("aria-label", re.compile("Where the first model has them"))
    there = plots(page)
    assert there[0] == there[1] == here[0]
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    expect(slider).not_to_have_value("0")
    assert len({*plots(page), *here}) == 3
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(slider).to_have_value("1")
    assert plots(page) == here
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    expect(slider).to_have_value("0")  # at once
