"""The Interpolate page under a finger."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.steps import open_link, settle
from tests.browser.test_interpolate import DIGITS, asked, assert_shown, centre, dragged, handle, image_code, pixels, scrubber


def touch(session: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]})


def test_fingers_move_the_scrubber_and_an_end(phone: Page) -> None:
    open_link(phone, f"/interpolate?model={DIGITS}&t=0")
    session = phone.context.new_cdp_session(phone)
    b = image_code(DIGITS, 1)
    x, y = centre(scrubber(phone))
    frames = [pixels(phone)]
    touch(session, "touchStart", (x, y))
    for step in range(1, 4):
        touch(session, "touchMove", (x + 20 * step, y))
        frames.append(pixels(phone))
    assert all(not np.array_equal(before, after) for before, after in pairwise(frames))
    touch(session, "touchEnd")
    settle(phone)
    t = float(asked(phone, "t"))
    assert_shown(frames[-1], DIGITS, image_code(DIGITS, 0), b, t)

    x, y = centre(handle(phone, "A"))
    box = handle(phone, "A").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    touch(session, "touchStart", (x, y))
    for step in range(1, 4):
        touch(session, "touchMove", (x + 12 * step, y + 20 * step))
        frames.append(pixels(phone))
    assert all(not np.array_equal(before, after) for before, after in pairwise(frames[-4:]))
    touch(session, "touchEnd")
    settle(phone)
    assert_shown(frames[-1], DIGITS, dragged(phone, "from_z"), b, t)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_finger_that_scrolls_the_page_leaves_the_scrubber_as_it_was(phone: Page) -> None:
    open_link(phone, f"/interpolate?model={DIGITS}&t=0.25")
    before = pixels(phone)
    session = phone.context.new_cdp_session(phone)
    x, y = centre(scrubber(phone))
    touch(session, "touchStart", (x + 60, y))
    for step in range(1, 9):
        touch(session, "touchMove", (x + 60, y - 20 * step))
    touch(session, "touchEnd")
    settle(phone)
    box = scrubber(phone).bounding_box()
    assert box is not None
    assert box["y"] < y - 60
    expect(scrubber(phone)).to_have_value("0.25")
    expect(scrubber(phone)).to_have_attribute("aria-valuetext", "25 % of the way from A to B")
    assert asked(phone, "t") == "0.25"
    assert np.array_equal(pixels(phone), before)
