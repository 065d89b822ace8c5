"""The Sliders page in a browser: pictures that follow the pointer, keys, links, undo, and pixels that are the command line's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import serve, window
from tests.browser.steps import canvas_pixels, grab, open_link, settle, shown_picture, visit
from tests.conftest import ROOT
from vae_core import catalogue, data, explore

DIGITS = "/sliders?model=digits-2d"
DECODED = "Decoded image at the code"
CLOSE = 1  # grey levels by which the browser's float32 sums may differ from torch's

Pixels = NDArray[np.uint8]


def pixels(page: Page) -> Pixels:
    return canvas_pixels(page, DECODED)


def decoded(model: str, code: str) -> Pixels:
    """What torch draws from a code given as text, [H, W, 3]."""
    checkpoint = catalogue.load(model)
    picture = explore.decode(checkpoint.model, explore.parse_code(code, checkpoint.card.model.latent)[None])[0]
    return np.broadcast_to(picture.transpose(1, 2, 0), (*picture.shape[1:], 3))


def assert_same(shown: Pixels, expected: Pixels) -> None:
    off = np.abs(shown.astype(int) - expected)
    assert off.max() <= CLOSE
    assert (off > 0).mean() < 0.01


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Code")


def slider(page: Page, name: str = "z₀") -> Locator:
    return page.get_by_role("slider", name=name).first


def enter(page: Page, code: str) -> None:
    field(page).fill(code)
    field(page).press("Enter")
    settle(page)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    settle(page)


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


@pytest.mark.parametrize("model", ["digits-2d", "sprites", "mnist-2d", "mnist-16d", "faces-beta-1"])
def test_the_picture_is_torchs(page: Page, model: str) -> None:
    latent = catalogue.models()[model].card.model.latent
    code = explore.format_code(explore.sample_prior(latent, 1, seed=4)[0])
    page.goto(f"/sliders?model={model}&z={code}")
    settle(page, seconds=90)  # the first use of the faces draws and encodes them all
    assert_same(pixels(page), decoded(model, code))
    box = page.get_by_role("img", name=DECODED).bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 256
    assert box["width"] % pixels(page).shape[1] == 0


def test_a_code_gives_the_same_pixels_as_on_the_command_line(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "decoded.png"
    command = [sys.executable, "-m", "vae_core", "decode", "digits-2d", "--z=0.1,-1.3", "--out", str(picture)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)
    open_link(page, DIGITS)
    enter(page, "0.1,-1.3")
    assert_same(pixels(page), np.array(Image.open(picture).convert("RGB")))


def test_by_keys_alone(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0&start=Zero")
    first = pixels(page)
    page.get_by_role("radio", name="Zero").or_(page.get_by_role("button", name="Zero")).first.focus()
    for _ in range(12):
        page.keyboard.press("Tab")
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
        page.wait_for_timeout(180)  # just long enough for each to be told to Python on its own
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
    page.wait_for_timeout(300)
    assert page.evaluate(place) > before
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
    page.wait_for_timeout(600)
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    settle(page)
    expect(field(page)).not_to_have_value("0,0")
    page.get_by_role("button", name="Undo").click()
    expect(field(page)).to_have_value("0,0")


def test_back_from_another_page_loses_nothing(page: Page) -> None:
    """The browser goes back to an address with an older code, or with none: the newer one is then an undo away."""
    open_link(page, DIGITS)
    grab(page, slider(page), 0.9)
    page.mouse.up()
    settle(page)
    code = field(page).input_value()
    visit(page, "Map")
    page.go_back()
    settle(page)
    expect(page.get_by_text("Not accepted")).to_have_count(0)
    if field(page).input_value() != code:
        page.get_by_role("button", name="Undo").click()
    expect(field(page)).to_have_value(code)
    settle(page)
    assert_same(pixels(page), decoded("digits-2d", code))


def test_a_page_switch_and_return_keeps_the_code_and_so_does_a_reload(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    grab(page, slider(page), 0.8)
    page.mouse.up()
    settle(page)
    code, picture = field(page).input_value(), pixels(page)
    assert code != "0,0"
    visit(page, "Map")
    visit(page, "Sliders")
    expect(field(page)).to_have_value(code)
    assert np.array_equal(pixels(page), picture)
    page.reload()
    settle(page)
    expect(field(page)).to_have_value(code)
    assert np.array_equal(pixels(page), picture)


def test_a_link_restores_the_picture(page: Page) -> None:
    open_link(page, DIGITS)
    enter(page, "1.25,-0.75")
    picture, address = pixels(page), page.url
    assert "z=1.25" in address
    enter(page, "0,0")
    assert not np.array_equal(pixels(page), picture)
    open_link(page, address)
    assert np.array_equal(pixels(page), picture)


def test_back_in_the_browser_brings_the_code_back(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=1,1")
    picture = pixels(page)
    enter(page, "-1,-1")
    assert not np.array_equal(pixels(page), picture)
    page.go_back()
    settle(page)
    if "z=1" in page.url:  # where the browser keeps the change as an entry of its own
        assert np.array_equal(pixels(page), picture)


def test_another_model_draws_the_same_code_beside_it_while_the_slider_moves(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0&with=mnist-2d")
    name = catalogue.models()["mnist-2d"].name
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
    assert_same(during, decoded("mnist-2d", code))
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


def test_a_thumbnail_chooses_the_start(page: Page) -> None:
    open_link(page, DIGITS)
    page.get_by_role("button", name="Choose by eye").click()
    settle(page)
    tile = page.get_by_test_id("stPopoverBody").get_by_role("button").first
    row = tile.inner_text().strip()
    tile.click()
    settle(page)
    expect(page.get_by_role("spinbutton", name="Image")).to_have_value(row)
    assert f"image={row}" in page.url


@pytest.mark.parametrize("address", [DIGITS, f"{DIGITS}&with=mnist-2d", "/"])
def test_on_a_phone_nothing_is_cut_off(phone: Page, address: str) -> None:
    phone.goto(address)
    settle(phone, seconds=90)
    pixels(phone)
    for part in [*phone.get_by_role("slider").all(), *phone.get_by_role("img", name="Decoded").all()]:
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_picture_on_the_home_page_is_live(page: Page) -> None:
    page.goto("/")
    settle(page, seconds=90)
    before = pixels(page)
    x, y = grab(page, page.get_by_role("slider").first)
    page.mouse.move(x + 60, y)
    during = pixels(page)
    assert not np.array_equal(during, before)
    page.mouse.up()
    settle(page)
    visit(page, "Map")
    visit(page, "Home")
    assert np.array_equal(pixels(page), during)


def assert_plain(page: Page) -> None:
    """Streamlit's own sliders move the picture, and the code with it."""
    before = np.array(shown_picture(page, DECODED))
    assert len(before) >= 256
    slider(page).press("ArrowRight")
    settle(page)
    slider(page).press("End")
    settle(page)
    assert not np.array_equal(np.array(shown_picture(page, DECODED)), before)
    code = field(page).input_value()
    factor = len(before) // len(decoded("digits-2d", code))
    assert np.array_equal(np.array(shown_picture(page, DECODED).convert("RGB"))[::factor, ::factor], decoded("digits-2d", code))


def test_without_a_canvas_the_page_says_so_and_the_plain_sliders_work(page: Page) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    open_link(page, f"{DIGITS}&z=0,0")
    expect(page.get_by_text("move the picture on release only. This browser cannot draw on a canvas.")).to_be_visible()
    settle(page)
    assert_plain(page)


def test_damaged_weights_are_refused_and_the_plain_sliders_work_until_they_come_whole(page: Page) -> None:
    def damage(route: Route) -> None:
        answer = route.fetch()
        body = bytearray(answer.body())
        body[-3] ^= 1
        route.fulfill(response=answer, body=bytes(body))

    page.route("**/live/model/**", damage)
    open_link(page, f"{DIGITS}&z=0,0")
    expect(page.get_by_text("The live sliders do not work here")).to_be_visible()
    settle(page)
    assert_plain(page)
    page.unroute("**/live/model/**")
    press(page, "Try again")
    assert_same(pixels(page), decoded("digits-2d", field(page).input_value()))


def test_plain_sliders_can_be_chosen_and_are_in_the_link(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    page.get_by_text("Plain sliders").click()
    settle(page)
    assert "plain=true" in page.url
    page.reload()
    settle(page)
    assert_plain(page)


TWO_DECKS = """
import streamlit as st

from pages.ui import cache, state
from pages.ui.live.deck import latent_deck
from vae_core import catalogue, explore, export

export.STREAM_MACS = LIMIT
st.title("Two decks")
entry = catalogue.models()["digits-2d"]
for key in ("first", "second"):
    code = state.get(f"{key}_code", explore.parse_code("0 0", 2))
    latent_deck(entry=entry, z=code, axes=cache.axes(entry), key=key, on_move=lambda z, key=key: state.put(f"{key}_code", z))
    st.text(f"{key}: {explore.format_code(code)}")
"""


@contextmanager
def two_decks(browser: Browser, folder: Path, *, limit: str = "export.STREAM_MACS") -> Iterator[Page]:
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
        page.wait_for_timeout(500)
        assert not np.array_equal(pixels(page), decoded("digits-2d", code))
        page.mouse.up()
        settle(page)
        assert_same(pixels(page), decoded("digits-2d", page.get_by_text("first: ").inner_text().removeprefix("first: ")))


def test_a_code_opened_from_the_map_takes_the_place_of_the_one_before(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=1,1")
    visit(page, "Map")
    number = page.get_by_role("spinbutton", name="Image number")
    number.fill("7")
    number.press("Enter")
    settle(page)
    page.get_by_text("Open this code on the sliders").first.click()
    settle(page)
    point = catalogue.load("digits-2d")
    code = explore.encode(point.model, data.load("digits").pixels[7:8]).mean[0]
    expect(field(page)).to_have_value(explore.format_code(code))
