"""A newcomer's whole way through the app: by the mouse, from the data to the KL weight; by keyboard alone; by touch alone."""

from __future__ import annotations

import re

import numpy as np
from PIL import Image, ImageSequence
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.live_map import drawn
from tests.browser.steps import arrive, model_bar, open_link, settle, until, upload, visit
from tests.browser.test_interpolate_touch import touch
from tests.browser.test_train import badge, start
from vae_core import data
from vae_core.data.images import png_bytes


def test_the_whole_journey(page: Page) -> None:
    """Train digits, choose the model, map, a click, sliders, two uploads, a walk between them as a GIF, the KL weight."""
    open_link(page)
    visit(page, "Train")
    start(page, name="Journey", hidden="64", epochs=3)
    badge(page, "Finished")
    settle(page)

    page.get_by_role("link", name="Next: Models").click()
    arrive(page, "Models")
    expect(model_bar(page)).to_contain_text("Journey")

    visit(page, "Map")
    drawn(page)
    page.get_by_role("spinbutton", name="Image number").fill("7")
    page.get_by_role("spinbutton", name="Image number").press("Enter")
    expect(page.get_by_text("Nearest in latent space")).to_be_visible()
    settle(page)

    visit(page, "Sliders")
    before = page.get_by_label("Code", exact=True).input_value()
    page.get_by_role("slider", name=re.compile("^z")).first.press("ArrowRight")
    expect(page.get_by_label("Code", exact=True)).not_to_have_value(before)

    visit(page, "Interpolate")
    for place, letter in enumerate("AB"):
        page.get_by_role("radio", name="Own image").nth(place).click()
        settle(page)
        picture = png_bytes(data.load("digits").pixels[place])
        upload(page, f"Upload image {letter}", [FilePayload(name=f"{letter}.png", mimeType="image/png", buffer=picture)])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download GIF").click()
    with Image.open(download.value.path()) as film:
        frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    assert len(frames) > 2
    assert not np.array_equal(frames[0], frames[len(frames) // 2])

    visit(page, "KL weight")
    settle(page, seconds=90)
    expect(page.get_by_role("heading", name="KL weight", exact=True)).to_be_visible()


# What has the focus, by its name for a screen reader; empty where it cannot be seen: out of the window, or below something else.
_FOCUS = """() => {
  const inmost = (root, next) => { let at = next(root); while (at?.shadowRoot && next(at.shadowRoot)) at = next(at.shadowRoot); return at }
  const at = inmost(document, (root) => root.activeElement)
  const { left, top, width, height } = at.getBoundingClientRect()
  const seen = inmost(document, (root) => root.elementFromPoint(left + width / 2, top + height / 2))
  const name = at.ariaLabel ?? at.labels?.[0]?.textContent ?? at.textContent
  return at !== document.body && (at.contains(seen) || seen?.contains(at)) ? name : ""
}"""


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until what is called so has the focus, in sight."""
    seen = []
    for _ in range(100):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        seen.append(page.evaluate(_FOCUS))
        if re.search(name, seen[-1]):
            return
    raise AssertionError(f"Tab does not come to {name}, only to {seen}")


def go_on(page: Page, title: str) -> None:
    """Tab to the link at the end of the page, and follow it."""
    page.get_by_role("link", name=f"Next: {title}").wait_for()
    tab_to(page, f"Next: {title}")
    page.keyboard.press("Enter")
    arrive(page, title)


def test_the_journey_by_keyboard_alone(page: Page) -> None:
    open_link(page)
    keys, press = page.get_by_text("arrow keys move the brush"), page.keyboard.press
    tab_to(page, "to draw on")
    shown = keys.bounding_box()
    assert shown is not None
    assert shown["width"] > 200
    page.keyboard.down(" ")
    for _ in range(6):
        press("ArrowDown")
    page.keyboard.up(" ")
    settle(page)
    picture = page.get_by_role("img", name="Decoded picture at the code")
    before = picture.get_attribute("aria-label") or ""
    tab_to(page, "Roll the dice")
    press("Enter")
    expect(picture).not_to_have_attribute("aria-label", before)
    tab_to(page, "tune.*Sliders")
    press("Enter")
    arrive(page, "Sliders")

    code = page.get_by_label("Code", exact=True)
    before = code.input_value()
    tab_to(page, "^z")
    tab_to(page, "^z")  # after the pencil of its name
    press("ArrowRight")
    expect(code).not_to_have_value(before)
    image, dialog = page.get_by_role("spinbutton", name="Image"), page.get_by_role("dialog")
    before = image.input_value()
    tab_to(page, "Choose by eye")
    press("Enter")
    dialog.get_by_role("radio").first.wait_for()
    settle(page)
    for key in ("Tab", "Tab", "ArrowRight", "Enter"):
        press(key)
    dialog.wait_for(state="detached")
    settle(page)
    expect(image).not_to_have_value(before)
    go_on(page, "Map")

    tab_to(page, "Map of codes")
    for key in ("Enter", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        press(key)
    expect(page.get_by_text("Nearest in latent space")).to_be_visible()
    go_on(page, "Interpolate")

    tab_to(page, "Place on the way")
    press("ArrowRight")
    expect(page.get_by_text("51 % of the way from A to B")).to_be_visible()
    tab_to(page, "Download GIF")
    with page.expect_download():
        press("Enter")
    go_on(page, "KL weight")

    tab_to(page, "^β")
    press("End")
    expect(page.get_by_role("slider", name="KL weight")).to_have_attribute("aria-valuetext", "10")
    go_on(page, "Compare")
    go_on(page, "Train")

    tab_to(page, "^Epochs")
    for key in ("ControlOrMeta+a", "1", "Enter"):
        press(key)
    settle(page)
    tab_to(page, "Start training", back=True)
    press("Enter")
    page.get_by_text("It starts in a few seconds").wait_for()
    page.get_by_role("button", name="Start training").scroll_into_view_if_needed()
    until(page, lambda: "Start training" in page.evaluate(_FOCUS))
    go_on(page, "Models")


def drag(page: Page, start: Locator, *ways: tuple[float, float], at: tuple[float, float] = (0.5, 0.5)) -> None:
    """Put a finger on this, at a part of its width and height, and move it to these distances in turn."""
    start.scroll_into_view_if_needed()
    settle(page)  # a scroll is drawn some frames later
    start.tap(trial=True)  # waits until it has come to rest: else it may move away from under the finger
    box = start.bounding_box()
    assert box is not None
    x, y = box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]
    session = page.context.new_cdp_session(page)
    touch(session, "touchStart", (x, y))
    for across, down in ways:
        touch(session, "touchMove", (x + across, y + down))
    touch(session, "touchEnd")
    session.detach()
    settle(page)


_SMALL = """(buttons) => buttons.filter((each) => each.checkVisibility()).filter((each) => {
  const { width, height } = each.getBoundingClientRect()
  return Math.min(width, height) < 43.5
}).map((each) => each.ariaLabel || each.textContent)"""


def assert_fit(page: Page) -> None:
    """Nothing is cut off at the side, and a finger hits each button of the live parts."""
    page.locator(".live:not(:empty)").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".live button").evaluate_all(_SMALL) == []


def tap_on(page: Page, title: str) -> None:
    page.get_by_role("link", name=f"Next: {title}").tap()
    arrive(page, title)


def test_the_journey_by_touch_alone(phone: Page) -> None:
    open_link(phone)
    assert_fit(phone)
    phone.get_by_role("button", name="Clear").tap()
    drag(phone, phone.get_by_role("application", name="to draw on"), (0, 40), (0, 90), at=(0.5, 0.2))
    z = phone.get_by_role("button", name="z, at")
    for move in (phone.get_by_role("button", name="Roll the dice").tap, lambda: drag(phone, z, (10, 10), (30, 20))):
        before = z.get_attribute("aria-label") or ""
        move()
        expect(z).not_to_have_attribute("aria-label", before)
    phone.get_by_test_id("stMain").get_by_role("link", name="Sliders").tap()
    arrive(phone, "Sliders")

    assert_fit(phone)
    code = phone.get_by_label("Code", exact=True)
    before = code.input_value()
    drag(phone, phone.get_by_role("slider", name=re.compile("^z")).first, (20, 0), (60, 0))
    expect(code).not_to_have_value(before)
    phone.get_by_role("button", name="Choose by eye").tap()
    phone.get_by_role("dialog").get_by_role("radio").nth(3).tap()
    phone.get_by_role("dialog").wait_for(state="detached")
    settle(phone)
    tap_on(phone, "Map")

    drawn(phone)
    assert_fit(phone)
    phone.get_by_role("application", name="Map of codes").tap()
    settle(phone)
    assert "point=" in phone.url or "z=" in phone.url
    tap_on(phone, "Interpolate")

    assert_fit(phone)
    drag(phone, phone.get_by_role("slider", name="Place on the way"), (20, 0), (60, 0))
    assert "t=" in phone.url
    with phone.expect_download():
        phone.get_by_role("button", name="Download GIF").tap()
    tap_on(phone, "KL weight")

    assert_fit(phone)
    slider = phone.get_by_role("slider", name="KL weight")
    drag(phone, slider, (-20, 0), (-80, 0), at=(0.65, 0.5))
    assert float(slider.get_attribute("aria-valuetext") or "1") < 1
    tap_on(phone, "Compare")
    tap_on(phone, "Train")
    tap_on(phone, "Models")
    model_bar(phone).tap()
    phone.get_by_role("dialog").get_by_role("button", name="Faces, β = 1", exact=True).tap()
    settle(phone)
    expect(model_bar(phone)).to_contain_text("Faces, β = 1")
