"""The latent deck in a browser: pictures that follow pointer, keys, wheel and touch, and two decks on one page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serve, window
from tests.browser.deck import DECODED, DIGITS, assert_same, decoded, enter, field, pixels, press, slider
from tests.browser.steps import canvas_pixels, grab, open_link, settle, until
from tests.conftest import ROOT
from vae_core.analysis import explore
from vae_core.runs import catalogue


def test_the_picture_follows_the_pointer_before_it_is_released_and_one_undo_leads_back(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    frames = [pixels(page)]
    x, y = grab(page, slider(page))
    for step in range(1, 5):
        page.mouse.move(x + 12 * step, y)
        frames.append(pixels(page))
    assert all(not np.array_equal(before, after) for before, after in pairwise(frames))
    expect(field(page)).to_have_value("0,0")
    page.mouse.up()
    settle(page)
    code = field(page).input_value()
    assert code != "0,0"
    assert np.array_equal(pixels(page), frames[-1])
    assert_same(frames[-1], decoded("digits-2d", code))
    expect(page.get_by_role("img", name=f"{DECODED} {code.replace(',', ', ')}")).to_be_visible()
    press(page, "Undo")
    expect(field(page)).to_have_value("0,0")
    assert np.array_equal(pixels(page), frames[0])


def test_a_slider_back_at_its_first_place_still_tells_the_code_that_it_drew(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0.123,0")  # between two steps of the slider
    low, high, value = (float(slider(page).evaluate(f"slider => slider.{name}")) for name in ("min", "max", "value"))
    width = slider(page).evaluate("slider => slider.clientWidth")
    thumb = 16
    x, y = grab(page, slider(page), (thumb / 2 + (width - thumb) * (value - low) / (high - low)) / width)
    page.mouse.move(x + 40, y)
    page.mouse.move(x, y)
    page.mouse.up()
    settle(page)
    expect(slider(page)).to_have_value(str(value))
    expect(field(page)).to_have_value(f"{value:g},0")


def test_by_keys_alone(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0&start=Zero")
    first = pixels(page)
    page.get_by_role("radio", name="Zero").or_(page.get_by_role("button", name="Zero")).first.focus()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")  # the sliders come before what they start from
        if slider(page).evaluate("slider => slider.matches(':focus')"):
            break
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert not np.array_equal(pixels(page), first)
    settle(page)
    expect(field(page)).to_have_value("0.1,0")
    page.keyboard.press("Control+z")
    settle(page)
    expect(field(page)).to_have_value("0,0")
    assert np.array_equal(pixels(page), first)
    page.keyboard.press("Control+Shift+z")
    settle(page)
    expect(field(page)).to_have_value("0.1,0")
    page.keyboard.press("End")
    settle(page)
    assert float(field(page).input_value().split(",")[0]) == float(slider(page).get_attribute("max") or "nan")
    page.keyboard.press("Delete")
    settle(page)
    expect(field(page)).to_have_value("0,0")


def test_what_python_answers_to_an_earlier_move_does_not_undo_a_later_one(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    slider(page).focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(180)  # a pace, not a wait: just slow enough for each to be told to Python on its own
    settle(page)
    expect(field(page)).to_have_value("0.12,0")


def test_undo_within_a_move_takes_back_that_move_alone(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    enter(page, "1,1")
    slider(page).press("ArrowRight")
    page.keyboard.press("Control+z")
    settle(page)
    expect(field(page)).to_have_value("1,1")


def test_the_wheel_moves_finely_and_not_the_page(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    place = "document.querySelector('[data-testid=stMain]').scrollTop"
    slider(page).focus()
    slider(page).hover()
    before = page.evaluate(place)
    page.mouse.wheel(0, -100)
    page.mouse.wheel(0, -100)
    settle(page)
    expect(field(page)).to_have_value("0.02,0")
    slider(page, "z₁").hover()
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 100)
    page.keyboard.up("Shift")
    settle(page)
    expect(field(page)).to_have_value("0.02,-0.01")
    assert page.evaluate(place) == before
    page.mouse.wheel(0, 100)  # neither chosen nor with Shift: the page scrolls
    page.wait_for_function(f"before => {place} > before", arg=before)
    settle(page)
    expect(field(page)).to_have_value("0.02,-0.01")


def test_a_double_click_brings_one_dimension_back_to_the_start(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0.25,0.25&start=Zero")
    slider(page).dblclick(position={"x": 20, "y": 8})
    settle(page)
    expect(field(page)).to_have_value("0,0.25")


def test_touch_moves_a_slider_and_the_picture_stays_in_sight(phone: Page) -> None:
    open_link(phone, "/sliders?model=mnist-16d&start=Zero")
    first = pixels(phone)
    moved = phone.get_by_role("slider").nth(9)
    moved.evaluate("slider => slider.scrollIntoView({block: 'center'})")
    box, picture = moved.bounding_box(), phone.get_by_role("img", name=DECODED).bounding_box()
    assert box is not None
    assert picture is not None
    assert picture["y"] >= 0
    assert picture["y"] + picture["height"] < box["y"]
    touch = phone.context.new_cdp_session(phone)
    y = box["y"] + box["height"] / 2
    frames = [first]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": box["x"] + box["width"] / 2, "y": y}]})
    for part in (0.6, 0.7, 0.8):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": box["x"] + part * box["width"], "y": y}]})
        frames.append(pixels(phone))
    assert all(not np.array_equal(before, after) for before, after in pairwise(frames))
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(phone)
    assert_same(frames[-1], decoded("mnist-16d", field(phone).input_value()))


def test_a_finger_that_scrolls_the_page_leaves_the_slider_it_landed_on_alone(phone: Page) -> None:
    open_link(phone, "/sliders?model=mnist-16d&start=Zero")
    before, code = pixels(phone), field(phone).input_value()
    pressed = slider(phone, "z")
    pressed.scroll_into_view_if_needed()
    box = pressed.bounding_box()
    assert box is not None
    touch = phone.context.new_cdp_session(phone)
    place = {"x": box["x"] + 0.8 * box["width"], "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [place]})
    for step in range(1, 12):
        moved = {**place, "y": place["y"] - 12 * step}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(phone)
    assert slider(phone, "z").bounding_box() != box  # it has scrolled
    assert field(phone).input_value() == code
    assert np.array_equal(pixels(phone), before)


def test_a_press_that_waits_and_then_drags_is_one_step(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    slider(page, "z₁").focus()
    grab(page, slider(page), 0.3)
    settle(page)  # the pause that ends a move by keys is over
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    settle(page)
    expect(field(page)).not_to_have_value("0,0")
    page.get_by_role("button", name="Undo").click()
    expect(field(page)).to_have_value("0,0")


def test_another_model_draws_the_same_code_beside_it_while_the_slider_moves(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0&with=digits-split")
    name = catalogue.models()["digits-split"].name
    expect(page.get_by_text(name, exact=True).last).to_be_visible()
    other = f"Decoded image of {name} at the code"
    before = canvas_pixels(page, other)
    x, y = grab(page, slider(page))
    page.mouse.move(x + 40, y)
    during = canvas_pixels(page, other)
    assert not np.array_equal(during, before)
    page.mouse.up()
    settle(page)
    code = field(page).input_value()
    assert_same(during, decoded("digits-split", code))
    assert_same(pixels(page), decoded("digits-2d", code))


def test_the_difference_to_the_start_follows_too(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0&start=Zero")
    page.get_by_text("Show the difference to the start").click()
    settle(page)
    label = "Difference between the decoded image and the start"
    assert (canvas_pixels(page, label) == 128).all()
    grab(page, slider(page), 0.9)
    during = canvas_pixels(page, label)
    page.mouse.up()
    settle(page)
    expected = explore.difference(decoded("digits-2d", field(page).input_value()), decoded("digits-2d", "0,0"))
    assert_same(during, expected)
    assert_same(canvas_pixels(page, "Decoded image at the start"), decoded("digits-2d", "0,0"))


def test_all_dimensions_are_at_hand_and_unused_ones_apart(page: Page) -> None:
    open_link(page, "/sliders?model=mnist-16d&start=Zero&rows=1")
    deck = page.get_by_role("slider", name="nats")
    expect(deck).to_have_count(12)
    press(page, "Show all 14 dimensions")
    expect(deck).to_have_count(14)
    page.get_by_text("2 unused dimensions").click()
    expect(deck).to_have_count(16)
    expect(page.get_by_text("below 0.01 nats")).to_be_visible()


TWO_DECKS = """
from functools import partial

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.live.deck import latent_deck
from vae_core.analysis import explore
from vae_core.export import live_model
from vae_core.runs import catalogue

live_model.STREAM_MACS = LIMIT
st.title("Two decks")
entry = catalogue.models()["digits-2d"]
for name, key, moved in (("first", state.SLIDERS_DECK, state.SLIDERS_WALK), ("second", state.MAP_DECK, state.MAP_PINS)):
    code = state.get(moved, explore.parse_code("0 0", 2))
    latent_deck(entry=entry, z=code, axes=cache.axes(entry), key=key, on_move=partial(state.put, moved))
    st.text(f"{name}: {explore.format_code(code)}")
"""


@contextmanager
def two_decks(browser: Browser, folder: Path, *, limit: str = "live_model.STREAM_MACS") -> Iterator[Page]:
    """A page of two decks of one model, not yet opened; a decoder of more than `limit` multiplications runs on the server."""
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    launcher = (ROOT / "app.py").read_text("utf-8").replace("import os", f"import os\nimport sys\nsys.path.insert(0, {str(ROOT)!r})", 1)
    (folder / "app.py").write_text(launcher, "utf-8")
    (folder / "router.py").write_text(TWO_DECKS.replace("LIMIT", limit), "utf-8")
    with serve(folder / "app.py", folder) as server, window(browser, server.url, 1280, 900) as opened:
        yield opened


def test_two_decks_on_one_page_do_not_mix(browser: Browser, tmp_path: Path) -> None:
    with two_decks(browser, tmp_path) as page:
        open_link(page)
        canvas = page.get_by_role("img", name=DECODED)
        read = "canvas => canvas.toDataURL()"
        pixels(page)
        before = [canvas.nth(place).evaluate(read) for place in (0, 1)]
        x, y = grab(page, page.get_by_role("slider", name="z₀").nth(1))
        page.mouse.move(x + 50, y)
        pixels(page)
        assert canvas.nth(0).evaluate(read) == before[0]
        assert canvas.nth(1).evaluate(read) != before[1]
        page.mouse.up()
        settle(page)
        expect(page.get_by_text("first: 0,0", exact=True)).to_be_visible()
        expect(page.get_by_text("second: 0,0", exact=True)).to_have_count(0)
        assert canvas.nth(0).evaluate(read) == before[0]


def test_while_the_stream_is_closed_the_page_says_so_and_the_picture_follows_on_release(browser: Browser, tmp_path: Path) -> None:
    closed = True
    with two_decks(browser, tmp_path, limit="0") as page:
        page.route_web_socket("**/live/stream/**", lambda socket: socket.close() if closed else socket.connect_to_server())
        open_link(page)
        status = page.get_by_role("status").filter(has_text="connection")
        expect(status.first).to_be_visible()
        assert_same(pixels(page), decoded("digits-2d", "0,0"))
        grab(page, slider(page), 0.8)
        assert_same(pixels(page), decoded("digits-2d", "0,0"))
        page.mouse.up()
        settle(page)
        code = page.get_by_text("first: ").inner_text().removeprefix("first: ")
        assert code != "0,0"
        assert_same(pixels(page), decoded("digits-2d", code))
        closed = False
        expect(status).to_have_count(0, timeout=20_000)
        grab(page, slider(page), 0.2)
        until(page, lambda: not np.array_equal(pixels(page), decoded("digits-2d", code)))
        page.mouse.up()
        settle(page)
        assert_same(pixels(page), decoded("digits-2d", page.get_by_text("first: ").inner_text().removeprefix("first: ")))
