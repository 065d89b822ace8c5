"""What the live map does by itself, on the Map page: pictures under the pointer, legend, lasso, posteriors, keyboard and fingers."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.live_map import Place, drawn, on_screen, pin, window
from tests.browser.steps import canvas_pixels, open_link, settle, until, visit
from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.posterior import Posterior
from vae_core.runs import catalogue

MODEL = "digits-2d"
DIGITS = f"/map?model={MODEL}&z=0,0"
CARD = "Decoded here"
PLOT_PIXEL = """(canvas, [x, y]) => {
  const plot = canvas.parentElement.querySelector(".map-plot")
  const box = plot.getBoundingClientRect()
  return [...plot.getContext("2d").getImageData((x - box.left) * devicePixelRatio, (y - box.top) * devicePixelRatio, 1, 1).data]
}"""


@cache
def posterior() -> Posterior:
    return explore.encode(catalogue.load(MODEL).model, data.load("digits").pixels)


@cache
def apart() -> NDArray[np.float64]:
    """How far each code is from the next."""
    codes = posterior().mean
    distances = np.linalg.norm(codes[:, np.newaxis] - codes, axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)


def lonely() -> int:
    """The image whose code is farthest from the others' within the unit square."""
    return int(np.where((abs(posterior().mean) < 1).all(axis=1), apart(), 0).argmax())


def empty(page: Page) -> Place:
    """Some place in sight, a little off the middle, at which there is no point."""
    seen = window(page, MODEL)
    grid = np.stack(np.meshgrid(*(np.linspace(seen[axis][0], seen[axis][1], 41)[4:-4] for axis in "xy")), axis=-1).reshape(-1, 2)
    distances = np.linalg.norm(grid[:, np.newaxis] - posterior().mean, axis=2).min(axis=1)
    return on_screen(page, MODEL, grid[distances.argmax()].astype(np.float32))


def code_at(page: Page, place: Place) -> NDArray[np.float32]:
    """The code under a place on the screen."""
    low, high = (on_screen(page, MODEL, np.array(corner, np.float32)) for corner in ((0, 0), (1, 1)))
    return np.array([(place.x - low.x) / (high.x - low.x), (place.y - low.y) / (high.y - low.y)], np.float32)


def shows(page: Page, code: NDArray[np.float32]) -> None:
    """The card's picture is what torch decodes, but for the rounding of a place to whole pixels."""
    expected = explore.decode(catalogue.load(MODEL).model, code[np.newaxis])[0, 0]
    until(page, lambda: np.abs(canvas_pixels(page, CARD)[..., 0].astype(int) - expected).max() <= 1)


def map_of(page: Page) -> Locator:
    return page.get_by_role("application", name="Map of codes")


def open_map(page: Page, path: str = DIGITS) -> None:
    open_link(page, path)
    drawn(page)


def hides(page: Page, number: int) -> bool:
    """Whether nothing answers for a point where it was."""
    page.mouse.move(*empty(page))
    page.mouse.move(*on_screen(page, MODEL, posterior().mean[number]))
    settle(page)  # the pause after which a point's picture appears is over
    return page.get_by_text(f"Image {number}", exact=True).count() == 0


def test_an_empty_place_is_decoded_under_the_pointer(page: Page) -> None:
    open_map(page)
    place = empty(page)
    page.mouse.move(*place)
    shows(page, code_at(page, place))
    page.mouse.move(0, 0)
    expect(page.get_by_role("img", name=CARD)).to_be_hidden()
    assert pin(page, MODEL) is None


def test_a_drag_decodes_over_points_too_before_it_is_released(page: Page) -> None:
    open_map(page)
    page.mouse.move(*empty(page))
    page.mouse.down()
    pictures = []
    for number in (lonely(), 0, 1):
        place = on_screen(page, MODEL, posterior().mean[number])
        page.mouse.move(*place)
        shows(page, code_at(page, place))
        assert pin(page, MODEL) == pytest.approx(code_at(page, place).tolist(), abs=5e-3)  # a screen pixel is 0.013
        pictures.append(canvas_pixels(page, CARD).tobytes())
    assert len(set(pictures)) == 3
    assert "z=0%2C0" in page.url or "z=0,0" in page.url
    page.mouse.up()
    settle(page)
    assert "z=0%2C0" not in page.url


def test_escape_puts_the_pin_back_where_it_was(page: Page) -> None:
    open_map(page)
    page.mouse.move(*empty(page))
    page.mouse.down()
    page.keyboard.press("Escape")
    assert pin(page, MODEL) == [0, 0]
    page.mouse.up()
    settle(page)
    assert pin(page, MODEL) == [0, 0]


def test_a_place_that_decodes_beyond_the_limit_is_held_there(page: Page) -> None:
    open_map(page)
    for _ in range(12):
        page.mouse.move(*on_screen(page, MODEL, np.zeros(2, np.float32)))
        page.mouse.wheel(0, 400)
        settle(page)
    seen = window(page, MODEL)
    far = np.array([seen["x"][1] - 0.5, 0], np.float32)
    assert far[0] > explore.MAX_COORDINATE
    place = on_screen(page, MODEL, far)
    page.mouse.move(*place)
    expect(page.locator(".map-card").first).to_contain_text("z₀ 10")
    page.mouse.click(*place)
    settle(page)
    held = pin(page, MODEL)
    assert held is not None
    assert held[0] == explore.MAX_COORDINATE
    assert "z=10%2C" in page.url


def test_the_legend_hides_a_class_from_the_eye_the_pointer_and_the_lasso(page: Page) -> None:
    open_map(page)
    number = lonely()
    labels = data.load("digits").labels
    assert labels is not None
    button = page.get_by_role("group", name="Class").get_by_role("button", name=str(labels[number]), exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    assert not hides(page, number)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert hides(page, number)
    page.get_by_text("Lasso", exact=True).click()
    x, y = on_screen(page, MODEL, posterior().mean[number])
    page.mouse.move(x - 9, y - 9)
    page.mouse.down()
    for corner in ((9, -9), (9, 9), (-9, 9)):
        page.mouse.move(x + corner[0], y + corner[1])
    page.mouse.up()
    settle(page)
    assert f"point={number}" not in page.url
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.get_by_role("group", name="Class").locator("[aria-pressed=true]")).to_have_count(0)
    page.get_by_role("button", name="All", exact=True).click()
    assert not hides(page, number)


def test_few_points_in_sight_are_drawn_as_their_pictures(page: Page) -> None:
    open_map(page)
    button = page.get_by_role("button", name="Thumbnails")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.mouse.move(*on_screen(page, MODEL, posterior().mean[lonely()]))
    for _ in range(6):
        page.mouse.wheel(0, -200)
        settle(page)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("points in sight")).to_be_visible()
    seen = window(page, MODEL)
    codes = posterior().mean
    inside = int(((codes >= [seen["x"][0], seen["y"][0]]) & (codes <= [seen["x"][1], seen["y"][1]])).all(axis=1).sum())
    assert f"{inside} points in sight" in page.get_by_text("points in sight").inner_text()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_posteriors_are_to_scale(page: Page) -> None:
    open_map(page)
    number = lonely()
    mean, deviation = posterior().mean[number], np.exp(posterior().logvar[number] / 2)
    page.goto(page.url + f"&point={number}")
    drawn(page)
    sides = np.eye(2, dtype=np.float32) * deviation
    places = [on_screen(page, MODEL, mean + sigmas * side) for sigmas in (1, 2) for side in sides]

    def pixels() -> NDArray[np.int64]:
        read = [
            [map_of(page).evaluate(PLOT_PIXEL, [place.x + dx, place.y + dy]) for dx in (-1, 0, 1) for dy in (-1, 0, 1)] for place in places
        ]
        return np.array(read)

    before = pixels()
    page.get_by_role("button", name="Posteriors").click()
    expect(page.get_by_text("Posteriors of what is chosen and its nearest neighbours, 9 points")).to_be_visible()
    assert (pixels() != before).any(axis=(1, 2)).all()
    page.get_by_role("button", name="Thumbnails").click()  # the ellipses stay above the pictures
    page.wait_for_timeout(500)
    pictured = pixels()
    page.get_by_role("button", name="Posteriors").click()
    page.wait_for_timeout(500)
    assert (pixels() != pictured).any(axis=(1, 2)).all()


def test_posteriors_are_a_sample_where_there_are_many_and_said_to_be_out_of_sight_where_they_are_large(page: Page) -> None:
    open_map(page)
    whole = window(page, MODEL)
    page.get_by_role("button", name="Posteriors").click()
    expect(page.get_by_text("Posteriors of 100 of 1,797 points in sight")).to_be_visible()
    number = int(np.exp(posterior().logvar).min(axis=1).argmax())  # the roundest of the large ones
    for _ in range(25):
        page.mouse.move(*on_screen(page, MODEL, posterior().mean[number]))
        page.mouse.wheel(0, -400)
        settle(page)
    assert np.ptp(window(page, MODEL)["x"]) == pytest.approx(np.ptp(whole["x"]) / 200)
    expect(page.get_by_text("larger than what is in sight")).to_be_visible()


def test_umap_has_no_posteriors_and_says_why(page: Page) -> None:
    open_link(page, "/map?model=mnist-2d&view=UMAP")  # its UMAP ships with it
    drawn(page)
    button = page.get_by_role("button", name="Posteriors")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", "UMAP keeps no lengths, so posteriors have no shape here")
    box = map_of(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 20)
    expect(page.get_by_text("From the mean of the 5 nearest codes")).to_be_visible()


def test_the_keyboard_does_all_that_the_pointer_does(page: Page) -> None:
    open_map(page)
    number = lonely()
    canvas = map_of(page)
    canvas.focus()
    box = canvas.bounding_box()
    assert box is not None
    middle = Place(box["x"] + 56 + (box["width"] - 64) / 2, box["y"] + 8 + (box["height"] - 48) / 2)
    goal = on_screen(page, MODEL, posterior().mean[number])
    for distance, keys in ((goal.x - middle.x, ("ArrowLeft", "ArrowRight")), (goal.y - middle.y, ("ArrowUp", "ArrowDown"))):
        steps, rest = divmod(abs(round(distance)), 10)
        for press, times in ((keys[distance > 0], steps), (f"Shift+{keys[distance > 0]}", rest)):
            for _ in range(times):
                page.keyboard.press(press)
    expect(page.locator("[aria-live=polite]").filter(has_text=f"Image {number}. Class:")).to_have_count(1)
    page.keyboard.press("p")
    settle(page)
    assert pin(page, MODEL) == pytest.approx(posterior().mean[number].tolist(), abs=0.02)
    page.keyboard.press("Enter")
    settle(page)
    assert f"point={number}" in page.url
    whole = window(page, MODEL)
    page.keyboard.press("+")
    settle(page)
    assert np.ptp(window(page, MODEL)["x"]) == pytest.approx(np.ptp(whole["x"]) / 1.5)
    page.keyboard.press("0")
    settle(page)
    assert window(page, MODEL) == whole
    page.keyboard.press("Escape")
    settle(page)
    assert f"point={number}" not in page.url


def test_a_lasso_is_drawn_by_the_keyboard(page: Page) -> None:
    open_map(page)
    page.get_by_role("radio", name="Lasso").focus()
    page.keyboard.press(" ")
    map_of(page).focus()
    page.keyboard.press("Enter")  # the crosshair appears in the middle
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press("Enter")
        for _ in range(12):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    settle(page)
    middle = [np.mean(window(page, MODEL)[axis]) for axis in "xy"]
    pixels = on_screen(page, MODEL, np.ones(2, np.float32)).x - on_screen(page, MODEL, np.zeros(2, np.float32)).x
    across, up = ((posterior().mean - middle) * pixels).T
    inside = int(((across > 0) & (across < 120) & (up < 0) & (up > -120)).sum())
    counted = page.get_by_text("the first 24 of them").inner_text()
    assert abs(int(counted.split()[0]) - inside) <= 3


def test_the_space_bar_and_the_pan_tool_move_the_map_and_not_the_pin(page: Page) -> None:
    open_map(page)
    map_of(page).focus()
    whole = window(page, MODEL)
    start = on_screen(page, MODEL, np.zeros(2, np.float32))
    page.keyboard.down(" ")
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start.x + 60, start.y, steps=3)
    page.mouse.up()
    page.keyboard.up(" ")
    settle(page)
    assert on_screen(page, MODEL, np.zeros(2, np.float32)).x == pytest.approx(start.x + 60, abs=0.2)
    page.get_by_text("Pan", exact=True).click()
    page.mouse.move(start.x + 60, start.y)
    page.mouse.down()
    page.mouse.move(*start, steps=3)
    page.mouse.up()
    settle(page)
    assert window(page, MODEL)["x"] == pytest.approx(whole["x"])
    assert pin(page, MODEL) is None


def touch(session: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]})


def test_two_fingers_move_and_enlarge_the_map(phone: Page) -> None:
    open_map(phone)
    whole, canvas = window(phone, MODEL), map_of(phone)
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = phone.context.new_cdp_session(phone)
    touch(session, "touchStart", (x - 40, y))
    touch(session, "touchStart", (x - 40, y), (x + 40, y))
    touch(session, "touchMove", (x - 60, y + 20), (x + 100, y + 20))
    touch(session, "touchEnd")
    settle(phone)
    seen = window(phone, MODEL)
    assert np.ptp(seen["x"]) == pytest.approx(np.ptp(whole["x"]) / 2)
    assert pin(phone, MODEL) is None


def test_a_finger_takes_the_pin_from_an_empty_place_and_scrolls_nothing(phone: Page) -> None:
    open_map(phone)
    box = map_of(phone).bounding_box()
    assert box is not None
    session = phone.context.new_cdp_session(phone)
    scrolled = phone.evaluate("scrollY")
    touch(session, "touchStart", (box["x"] + box["width"] - 30, box["y"] + 30))
    for step in (20, 40, 60):
        touch(session, "touchMove", (box["x"] + box["width"] - 30 - step, box["y"] + 30 + step))
    expect(phone.locator(".map-card").first).to_be_visible()
    settle(phone)
    held = pin(phone, MODEL)
    assert held is not None
    assert held[0] > 0
    assert "z=0%2C0" in phone.url or "z=0,0" in phone.url
    touch(session, "touchEnd")
    settle(phone)
    assert phone.evaluate("scrollY") == scrolled
    assert pin(phone, MODEL) == held
    assert "z=0%2C0" not in phone.url
    assert "z=0,0" not in phone.url


def test_the_pin_stays_in_the_map_however_far_it_is_dragged(page: Page) -> None:
    open_map(page)
    seen = window(page, MODEL)
    place = empty(page)
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place.x + 2000, place.y, steps=3)
    settle(page)
    held = pin(page, MODEL)
    assert held == pytest.approx([seen["x"][1], code_at(page, place)[1]], abs=1e-5)
    assert held is not None
    expect(page.locator(".map-card").first).to_contain_text(f"z₀ {held[0]:.2f}")
    page.mouse.up()


def test_it_leaves_nothing_behind(page: Page) -> None:
    open_map(page)
    assert window(page, MODEL) is not None
    visit(page, "Home")
    assert window(page, MODEL) is None
