"""The Interpolate page in a browser: a picture that follows the pointer, ends that can be dragged, and an animation to keep."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.steps import (
    canvas_pixels,
    choose_model,
    damage_models,
    grab,
    open_link,
    repair_models,
    settle,
    shown_picture,
    until,
    upload,
    visit,
)
from vae_core import data
from vae_core.analysis import explore, projection
from vae_core.analysis.explore import Floats
from vae_core.analysis.folding import plain
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue

DIGITS, WIDE = "digits-2d", "mnist-16d"


STEPS = 7


DECODED = "Decoded picture"


THUMB = 16  # screen pixels of the scrubber's


Pixels = NDArray[np.uint8]


def image_code(model: str, row: int) -> Floats:
    """The code that an end has before it is dragged."""
    return image_codes(model)[row]


def image_codes(model: str) -> Floats:
    """The codes of the images that a model is shown with, [N, K]."""
    return explore.encode(plain(catalogue.load(model)).model, data.load("mnist" if model == WIDE else "digits").pixels).mean


def asked(page: Page, name: str) -> str:
    """A parameter of the address."""
    return parse_qs(urlsplit(page.url).query)[name][0]


def dragged(page: Page, name: str, latent: int = 2) -> Floats:
    return explore.parse_code(asked(page, name), latent)


def pixels(page: Page) -> Pixels:
    return canvas_pixels(page, DECODED)


def assert_shown(shown: Pixels, model: str, a: Floats, b: Floats, t: float, kind: explore.Path = "linear") -> None:
    """The picture is what torch decodes at t, within a grey level."""
    expected = explore.decode(plain(catalogue.load(model)).model, explore.along(a, b, np.array([t]), kind))[0]
    off = np.abs(shown.astype(int) - expected.transpose(1, 2, 0))
    assert off.max() <= 1
    assert (off > 0).mean() < 0.02


def scrubber(page: Page) -> Locator:
    return page.get_by_role("slider", name="Place on the way from A to B")


def handle(page: Page, letter: str) -> Locator:
    return page.get_by_role("button", name=f"End {letter}: ")


def part(page: Page, t: float) -> float:
    """Where on the scrubber's width t is."""
    width = scrubber(page).evaluate("slider => slider.clientWidth")
    share = (t + 0.5) / 2
    return float((THUMB / 2 + (width - THUMB) * share) / width)


def centre(locator: Locator) -> tuple[float, float]:
    locator.evaluate("element => element.scrollIntoView({block: 'center'})")
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def film_frames(page: Page) -> list[Pixels]:
    """The GIF, one way, each pixel once."""
    page.get_by_text("There and back").click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download GIF").click()
    with Image.open(download.value.path()) as film:
        frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    return [frame[:: len(frame) // 8, :: len(frame) // 8] for frame in frames]


def test_two_uploads_become_an_animation_between_their_reconstructions(page: Page) -> None:
    given = data.load("digits").pixels[[3, 8]]
    open_link(page, f"/interpolate?model=digits-2d&steps={STEPS}")
    for letter, image in zip("AB", given, strict=True):
        page.get_by_role("radio", name="Own image").nth("AB".index(letter)).click()
        settle(page)
        upload(page, f"Upload image {letter}", [FilePayload(name=f"{letter}.png", mimeType="image/png", buffer=png_bytes(image))])
    frames = film_frames(page)
    assert len(frames) == STEPS
    rebuilt = explore.reconstruct(catalogue.load(DIGITS).model, given)
    assert np.array_equal(frames[0], rebuilt[0, 0])
    assert np.array_equal(frames[-1], rebuilt[1, 0])


def test_the_picture_follows_the_scrubber_before_it_is_released(page: Page) -> None:
    model = WIDE
    kind: explore.Path = "spherical"
    a, b = image_code(model, 3), image_code(model, 8)
    open_link(page, f"/interpolate?model={model}&from=3&to=8&path={kind.title()}")
    frames = [pixels(page)]
    assert_shown(frames[0], model, a, b, 0.5, kind)
    x, y = grab(page, scrubber(page), part(page, 0.5))
    for step in range(1, 5):
        page.mouse.move(x + 30 * step, y)
        frames.append(pixels(page))
        assert_shown(frames[-1], model, a, b, float(scrubber(page).input_value()), kind)
    assert all(not np.array_equal(before, after) for before, after in pairwise(frames))
    assert "&t=" not in page.url
    t = scrubber(page).input_value()
    page.mouse.up()
    settle(page)
    assert float(asked(page, "t")) == float(t)
    assert np.array_equal(pixels(page), frames[-1])
    page.reload()
    settle(page)
    expect(scrubber(page)).to_have_value(t)
    assert np.array_equal(pixels(page), frames[-1])


def test_the_walk_goes_on_beyond_its_ends(page: Page) -> None:
    a, b = image_code(DIGITS, 0), image_code(DIGITS, 1)
    open_link(page, f"/interpolate?model={DIGITS}")
    grab(page, scrubber(page), part(page, 1.2))
    expect(page.get_by_text("20 % beyond B")).to_be_visible()
    assert_shown(pixels(page), DIGITS, a, b, 1.2)
    x, y = centre(scrubber(page))
    page.mouse.move(x - 1000, y)
    expect(page.get_by_text("50 % beyond A")).to_have_count(2)  # at the end of the scale, and where the walk is
    assert_shown(pixels(page), DIGITS, a, b, -0.5)
    page.mouse.up()
    settle(page)
    assert asked(page, "t") == "-0.5"
    expect(scrubber(page)).to_have_attribute("aria-valuetext", "50 % beyond A")


def test_an_end_is_dragged_on_the_map_and_everything_follows(page: Page) -> None:
    b = image_code(DIGITS, 1)
    open_link(page, f"/interpolate?model={DIGITS}&t=0.25&steps={STEPS}")
    frames = [pixels(page)]
    x, y = centre(handle(page, "A"))
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(x - 15 * step, y + 10 * step)
        frames.append(pixels(page))
    assert all(not np.array_equal(before, after) for before, after in pairwise(frames))
    assert "from_z" not in page.url
    page.mouse.up()
    settle(page)
    a = dragged(page, "from_z")
    moved = a - image_code(DIGITS, 0)
    assert moved[1] / moved[0] == pytest.approx(40 / 60, rel=0.02)  # one scale both ways
    assert moved[0] < 0
    assert "to_z" not in page.url
    assert np.array_equal(pixels(page), frames[-1])
    assert_shown(frames[-1], DIGITS, a, b, 0.25)
    expect(page.get_by_text("You dragged A away")).to_be_visible()
    expected = explore.decode(catalogue.load(DIGITS).model, explore.interpolate(a, b, STEPS))[:, 0]
    found = film_frames(page)
    assert len(found) == STEPS
    assert all(np.array_equal(frame, wanted) for frame, wanted in zip(found, expected, strict=True))

    page.reload()
    settle(page)
    for _ in range(2):
        assert np.array_equal(dragged(page, "from_z"), a)
        assert asked(page, "t") == "0.25"
        assert np.array_equal(pixels(page), frames[-1])
        visit(page, "Map")
        visit(page, "Interpolate")

    page.get_by_role("button", name="Back to the images").click()
    settle(page)
    assert "from_z" not in page.url
    assert np.array_equal(pixels(page), frames[0])


def test_the_row_of_small_pictures_follows_a_dragged_end(page: Page) -> None:
    open_link(page, f"/interpolate?model={DIGITS}")
    pixels(page)
    row = page.get_by_role("img", name="Nine pictures on the way").locator("canvas")
    expect(row).to_have_count(9)

    def shown() -> list[str]:
        return [canvas.evaluate("canvas => canvas.toDataURL()") for canvas in row.all()]

    until(page, lambda: len(set(shown())) == 9)
    before = shown()
    x, y = centre(handle(page, "B"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y - 60)
    until(page, lambda: all(old != new for old, new in zip(before[1:], shown()[1:], strict=True)))
    assert shown()[0] == before[0]
    page.mouse.up()


def test_a_drag_on_the_plane_keeps_what_is_out_of_it(page: Page) -> None:
    axes = projection.pca(image_codes(WIDE)).axes
    assert axes is not None
    a, b = image_code(WIDE, 0), image_code(WIDE, 1)
    open_link(page, f"/interpolate?model={WIDE}&t=1")
    before = pixels(page)
    x, y = centre(handle(page, "B"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 90)
    during = pixels(page)
    page.mouse.up()
    settle(page)
    assert not np.array_equal(during, before)
    moved = dragged(page, "to_z", 16)
    assert_shown(during, WIDE, a, moved, 1)
    across, up = axes @ (moved - b)
    assert across > 0.1
    assert up / across == pytest.approx(1.5, rel=0.02)
    np.testing.assert_allclose(moved - b, across * axes[0] + up * axes[1], atol=1e-5)


def test_by_keys_alone(page: Page) -> None:
    a, b = image_code(DIGITS, 0), image_code(DIGITS, 1)
    open_link(page, f"/interpolate?model={DIGITS}&t=1")
    scrubber(page).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert_shown(pixels(page), DIGITS, a, b, 1.1)
    settle(page)
    assert asked(page, "t") == "1.1"
    for _ in range(3):  # past the button that plays, and past A
        page.keyboard.press("Tab")
    expect(handle(page, "B")).to_be_focused()
    before = pixels(page)
    page.keyboard.down("Shift")
    page.keyboard.press("ArrowLeft")
    page.keyboard.up("Shift")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    settle(page)
    moved = dragged(page, "to_z") - b
    assert moved[0] < 0
    assert moved[1] / -moved[0] == pytest.approx(1 / 6, rel=0.01)
    assert not np.array_equal(pixels(page), before)
    assert_shown(pixels(page), DIGITS, a, dragged(page, "to_z"), 1.1)
    expect(handle(page, "B")).to_be_focused()


def test_it_plays_only_when_asked_and_stays_where_it_is_paused(page: Page) -> None:
    open_link(page, f"/interpolate?model={DIGITS}&t=0.25")
    first = pixels(page)
    page.wait_for_timeout(300)  # a twelfth of the way, were it playing
    assert np.array_equal(pixels(page), first)
    page.get_by_role("button", name="Play").click()
    until(page, lambda: float(scrubber(page).input_value()) > 0.4)
    assert not np.array_equal(pixels(page), first)
    page.get_by_role("button", name="Pause").click()
    settle(page)
    t = float(asked(page, "t"))
    assert 0.3 < t < 0.9
    assert_shown(pixels(page), DIGITS, image_code(DIGITS, 0), image_code(DIGITS, 1), t)


# Clicks Play and returns the scrubber's place in each frame of two seconds, and how much the clock allows it to differ from the one before.
_PLAYED = """async (slider) => {
  slider.getRootNode().querySelector(".path-walk button").click()
  const frames = []
  let before = performance.now()
  const end = before + 2000
  while (before < end) {
    const now = await new Promise(requestAnimationFrame)
    frames.push([Number(slider.value), Math.max(0, now - before) / 4000 + 0.04])  // late frames; a jump is 0.1
    before = now
  }
  return frames
}"""


@pytest.mark.parametrize(("t", "after"), [(-0.3, 0.2), (0.9, 0.6)])
def test_playing_walks_in_from_beyond_an_end_and_turns_round_at_the_other(page: Page, t: float, after: float) -> None:
    open_link(page, f"/interpolate?model={DIGITS}&t={t}")
    pixels(page)
    played = scrubber(page).evaluate(_PLAYED)
    places = [t, *(place for place, _ in played)]
    assert all(abs(new - old) <= allowed for (old, new), (_, allowed) in zip(pairwise(places), played, strict=True))
    assert places[-1] == pytest.approx(after, abs=0.1)


def test_another_model_ends_the_playing_at_the_place_of_the_address(page: Page) -> None:
    open_link(page, f"/interpolate?model={DIGITS}&t=0.25")
    pixels(page)
    page.get_by_role("button", name="Play").click()
    name = catalogue.models()[WIDE].name
    choose_model(page, name)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert asked(page, "t") == "0.25"
    expect(scrubber(page)).to_have_value("0.25")
    page.wait_for_timeout(300)  # a twelfth of the way, did it still play
    assert_shown(pixels(page), WIDE, image_code(WIDE, 0), image_code(WIDE, 1), 0.25)


def test_a_drag_ends_at_the_edge_of_the_map_which_holds_the_way_beyond_its_ends(page: Page) -> None:
    open_link(page, f"/interpolate?model={DIGITS}")
    x, y = centre(handle(page, "B"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4000, y - 4000)
    page.mouse.up()
    settle(page)
    assert abs(dragged(page, "to_z")).max() <= 10
    expect(handle(page, "B")).to_be_in_viewport()
    shown = []
    for key in ("Home", "End"):
        scrubber(page).press(key)
        settle(page)
        shown.append(canvas_pixels(page, "Map of the codes").astype(int))
    changed = np.argwhere(np.abs(shown[1] - shown[0]).max(axis=2) > 64)
    middle = (changed.min(axis=0) + changed.max(axis=0)) / 2
    first, last = (len(changed[(changed[:, 1] < middle[1]) == left]) for left in (True, False))
    assert min(first, last) > 60  # the whole disc of the walker, at both places


def test_without_the_live_path_a_slider_and_the_server_do(page: Page) -> None:
    damage_models(page)
    open_link(page, f"/interpolate?model={DIGITS}&t=1")
    # Requests that are watched are slow, and none comes from the browser's cache: there is a module after another to fetch.
    expect(page.get_by_text("The live path does not work here")).to_be_visible(timeout=30_000)
    slider = page.get_by_role("slider", name="Place on the way")
    slider.press("ArrowRight")
    settle(page)
    assert asked(page, "t") == "1.01"
    shown = np.array(shown_picture(page, "Decoded picture at 1.01 on the way").convert("RGB"))
    factor = len(shown) // 8
    assert_shown(shown[::factor, ::factor], DIGITS, image_code(DIGITS, 0), image_code(DIGITS, 1), 1.01)
    repair_models(page)
    page.get_by_role("button", name="Try again").click()
    settle(page)
    expect(scrubber(page)).to_have_value("1.01")
    assert_shown(pixels(page), DIGITS, image_code(DIGITS, 0), image_code(DIGITS, 1), 1.01)


def test_a_second_model_follows_the_scrubber_beside_the_first(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    open_link(page, "/interpolate?model=digits-2d&twin=digits-split&t=0")
    second = "The second model's picture"
    before = canvas_pixels(page, second)
    x, y = grab(page, scrubber(page), part(page, 0))
    page.mouse.move(x + 60, y)
    assert not np.array_equal(canvas_pixels(page, second), before)
    page.mouse.up()
    settle(page)
    a, b = image_codes("digits-split")[:2]
    assert_shown(canvas_pixels(page, second), "digits-split", a, b, float(asked(page, "t")))
    for seen in (page.get_by_role("img", name=second), page.get_by_role("img", name=DECODED), scrubber(page)):
        box = seen.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800
