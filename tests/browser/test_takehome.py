"""The page to take home, opened from the disk without a network: it draws what torch draws, and runs nothing but its own script."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.steps import until
from vae_core import data
from vae_core.analysis import explore, folding
from vae_core.analysis.pictures import shown_with
from vae_core.export.takehome import html_page
from vae_core.runs import catalogue
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint, Codes

HOSTILE = "</script><img src=x onerror=alert(1)>"

Written = Callable[[str], Path]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The file of a bundled model's page, by the model's id."""
    folder = tmp_path_factory.mktemp("pages")

    def write(model_id: str) -> Path:
        file = folder / f"{model_id}.html"
        if not file.exists():
            entry = catalogue.models()[model_id]
            opened = checkpoint.load(entry.folder)
            file.write_bytes(html_page(opened, entry.name, shown_with(opened.card)).encode())
        return file

    return write


@contextmanager
def from_disk(browser: Browser, file: Path, *, phone: bool = False, scripts: bool = True) -> Iterator[Page]:
    """The file in a browser without a network; on the way out it fails if the page erred, asked for anything, or opened a dialog."""
    faults: list[str] = []
    asked: list[str] = []
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
        is_mobile=phone,
        has_touch=phone,
        java_script_enabled=scripts,
        offline=True,
    )
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on("console", lambda message: faults.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    page.goto(file.as_uri())
    try:
        yield page
    finally:
        context.close()
    assert faults == []
    assert [address for address in asked if not address.startswith("data:")] == [file.as_uri()]


def drawn(canvas: Locator) -> NDArray[np.uint8]:
    """What stands on a canvas, uint8 [H, W, 3]."""
    head, _, content = canvas.evaluate("canvas => canvas.toDataURL()").partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB"))


def code(page: Page, latent: int) -> NDArray[np.float32]:
    """Where the sliders stand."""
    values = [page.locator(f"#dimension-{index}").input_value() for index in range(latent)]
    return np.array([float(value) for value in values], np.float32)


def same(opened: Checkpoint, picture: NDArray[np.uint8], z: NDArray[np.float32]) -> bool:
    """Whether a picture is what torch decodes the code to, within one level of grey."""
    wanted = explore.decode(opened.model, z[np.newaxis])[0].transpose(1, 2, 0)
    return near(picture, wanted)


def near(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures agree within one level of grey."""
    return bool((abs(picture.astype(int) - other) <= 1).all())


def started(page: Page) -> Locator:
    """The deck's picture, once it is drawn."""
    canvas = page.locator("#deck canvas").first
    expect(canvas).not_to_have_js_property("width", 300)
    frames(page)
    return canvas


def frames(page: Page) -> None:
    """Wait until what was asked for is drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def opened_of(model_id: str) -> Checkpoint:
    return checkpoint.load(catalogue.models()[model_id].folder)


@pytest.mark.parametrize("model_id", ["digits-2d", "faces-beta-1"])
def test_the_picture_follows_the_drag_and_is_torchs(browser: Browser, written: Written, model_id: str) -> None:
    opened = opened_of(model_id)
    latent = opened.card.model.latent
    with from_disk(browser, written(model_id)) as page:
        canvas = started(page)
        before = drawn(canvas)
        assert same(opened, before, code(page, latent))
        box = page.locator("#deck input").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        seen = []
        for step in range(1, 6):
            page.mouse.move(box["x"] + box["width"] * (0.5 + step / 12), box["y"] + box["height"] / 2)
            frames(page)
            seen.append(drawn(canvas))
            assert same(opened, seen[-1], code(page, latent))
        assert len({picture.tobytes() for picture in seen}) == 5
        page.mouse.up()
        frames(page)
        assert (drawn(canvas) == seen[-1]).all()
        page.keyboard.press("Control+z")
        frames(page)
        assert (drawn(canvas) == before).all()
        page.keyboard.press("Control+Shift+z")
        frames(page)
        assert (drawn(canvas) == seen[-1]).all()


def test_by_keyboard_alone(browser: Browser, written: Written) -> None:
    opened = opened_of("digits-2d")
    with from_disk(browser, written("digits-2d")) as page:
        canvas = started(page)
        before = drawn(canvas)
        page.keyboard.press("Tab")
        for _ in range(30):
            page.keyboard.press("ArrowRight")
        frames(page)
        assert (drawn(canvas) != before).any()
        assert same(opened, drawn(canvas), code(page, 2))


def test_the_map_shows_the_image_that_is_pointed_at(browser: Browser, written: Written) -> None:
    images = data.load("digits")
    with from_disk(browser, written("digits-2d")) as page:
        started(page)
        stage = page.locator("#map .map-marks")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        assert box is not None
        title = page.locator("#map .map-card-title")
        for place in range(20, 80):  # across the middle, where there are images
            page.mouse.move(box["x"] + box["width"] * place / 100, box["y"] + box["height"] / 2)
            page.wait_for_timeout(200)  # longer than the pause after which a point's picture appears
            if title.is_visible() and title.inner_text().startswith("Image"):
                break
        number = int(re.findall(r"\d+", title.inner_text())[0])
        until(page, lambda: np.array_equal(drawn(page.locator("#map .map-card canvas"))[..., 0], images.pixels[number, 0]))
        assert images.labels is not None
        assert f"Class: {images.class_names[images.labels[number]]}" in page.locator("#map .map-card").inner_text()


def test_a_click_on_the_grid_takes_its_code_everywhere_and_pictures_follow_the_kl_weight(browser: Browser, written: Written) -> None:
    opened = opened_of("mnist-2d-rates")
    with from_disk(browser, written("mnist-2d-rates")) as page:
        canvas = started(page)
        grid = page.locator("#grid canvas").first
        grid.scroll_into_view_if_needed()
        until(page, lambda: drawn(grid)[28:56, 56:84].max() > 100)  # a grid is drawn over some frames
        box = grid.bounding_box()
        assert box is not None
        side = round(drawn(grid).shape[0] / opened.card.model.height)
        grid.click(position={"x": box["width"] * 2.5 / side, "y": box["height"] * 1.5 / side})
        frames(page)
        z = page.locator("#grid .note").inner_text().replace("−", "-")
        given = np.array([float(number) for number in re.findall(r"-?\d+\.\d+", z)], np.float32)
        cell = drawn(grid)[28:56, 56:84]
        np.testing.assert_allclose(code(page, 2), given, atol=0.011)
        assert near(drawn(canvas), cell)
        assert cell.max() > 100
        slider = page.get_by_role("slider", name="KL weight")
        slider.press("End")
        until(page, lambda: not near(drawn(canvas), cell) and near(drawn(canvas), drawn(grid)[28:56, 56:84]))
        for index in (0, 1):
            page.locator(f"#dimension-{index}").press("Delete")  # at zero, which the slider holds to the last digit
        assert opened.card.model.beta_range is not None
        for key, beta in zip(("Home", "End"), opened.card.model.beta_range, strict=True):
            slider.press(key)
            until(page, partial(lambda folded: same(folded, drawn(canvas), code(page, 2)), folding.at(opened, beta)))


def encoded(opened: Checkpoint, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Torch's code of a grey picture [H, W, 3] on a canvas."""
    return explore.encode(opened.model, picture[np.newaxis, np.newaxis, :, :, 0])[0][0]


def close(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two codes agree as far as sliders of two digits show them."""
    return bool((abs(one - other) <= 0.011).all())


def test_what_is_drawn_goes_to_its_code_at_every_kl_weight(browser: Browser, written: Written) -> None:
    opened = opened_of("mnist-2d-rates")
    assert opened.card.model.beta_range is not None
    with from_disk(browser, written("mnist-2d-rates")) as page:
        started(page)
        board, rebuilt = page.locator("#draw .board"), page.locator("#draw .rebuilt")
        board.scroll_into_view_if_needed()
        box = board.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.2 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
        frames(page)
        stroke = drawn(board)
        assert stroke.max() == 255
        assert close(code(page, 2), encoded(folding.plain(opened), stroke))  # before the stroke has ended
        page.mouse.up()
        slider = page.get_by_role("slider", name="KL weight")
        for key, beta in zip(("Home", "End"), opened.card.model.beta_range, strict=True):
            slider.press(key)
            folded = folding.at(opened, beta)
            until(page, partial(lambda folded: close(code(page, 2), encoded(folded, stroke)), folded))
            until(page, partial(lambda folded: same(folded, drawn(rebuilt), encoded(folded, stroke)), folded))
        page.locator("#draw").get_by_role("button", name="3, image").press("Enter")
        until(page, lambda: (drawn(board) != stroke).any() and close(code(page, 2), encoded(folded, drawn(board))))
        images = shown_with(opened.card)
        assert images is not None
        number = int((page.locator("#draw .strip button").nth(3).get_attribute("title") or "").split()[-1])
        assert np.array_equal(drawn(board)[..., 0], images.pixels[number, 0])
        page.locator("#draw").get_by_role("button", name="Clear").press("Enter")
        until(page, lambda: drawn(board).max() == 0 and close(code(page, 2), encoded(folded, drawn(board))))


def test_the_walk_shows_what_lies_between_two_images_and_plays_only_when_asked(browser: Browser, written: Written) -> None:
    opened, images = opened_of("digits-2d"), data.load("digits")
    with from_disk(browser, written("digits-2d")) as page:
        started(page)
        walk = page.locator("#walk")
        canvas, scrub = walk.locator(".path-large"), walk.get_by_role("slider")
        walk.scroll_into_view_if_needed()
        numbers = [int(walk.get_by_label(end, exact=True).locator("option:checked").inner_text().split()[-1]) for end in ("A", "B")]
        ends = explore.encode(opened.model, images.pixels[numbers])[0]
        ways: list[tuple[explore.Path, float]] = [("linear", 0.5), ("spherical", 0.25)]
        for kind, t in ways:
            walk.get_by_label("Path").select_option(kind)
            scrub.fill(str(t))
            frames(page)
            z = explore.along(ends[0], ends[1], np.array([t]), kind)[0]
            assert close(code(page, 2), z)
            assert same(opened, drawn(canvas), z)
        page.wait_for_timeout(300)  # the deck and the walk rest
        assert scrub.input_value() == "0.25"
        walk.get_by_role("button", name="Play").click()
        until(page, lambda: scrub.input_value() != "0.25")
        walk.get_by_role("button", name="Pause").click()
        frames(page)
        assert close(code(page, 2), explore.along(ends[0], ends[1], np.array([float(scrub.input_value())]), "spherical")[0])
        walk.get_by_label("B", exact=True).select_option(label="Where you set the sliders")
        page.locator("#dimension-0").press("Delete")
        page.locator("#dimension-1").press("Delete")
        scrub.press("End")
        until(page, lambda: same(opened, drawn(canvas), np.zeros(2, np.float32)))


def test_without_images_the_map_draws_them_from_their_codes(browser: Browser, tmp_path: Path) -> None:
    opened = opened_of("digits-2d")
    mean, logvar = explore.encode(opened.model, data.load("digits").pixels)
    file = tmp_path / "away.html"
    file.write_bytes(html_page(replace(opened, codes=Codes(mean, logvar, None)), "Away", None).encode())
    with from_disk(browser, file) as page:
        started(page)
        page.locator("#map").get_by_role("button", name="Thumbnails").click()
        expect(page.locator("#map")).to_contain_text("decoded from their codes")
        expect(page.get_by_text("The images were not at hand when this page was made")).to_be_visible()


def test_hostile_texts_are_text(browser: Browser, tmp_path: Path) -> None:
    opened = opened_of("digits-2d")
    images = replace(data.load("digits"), class_names=(HOSTILE,) * 10)
    known = opened.card.data.model_copy(update={"title": HOSTILE, "class_names": (HOSTILE,) * 10})
    file = tmp_path / "hostile.html"
    file.write_bytes(html_page(replace(opened, card=opened.card.model_copy(update={"data": known})), HOSTILE, images).encode())
    with from_disk(browser, file) as page:
        started(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
        expect(page.locator("#map .map-legend")).to_contain_text(f"{HOSTILE[:23]}…")  # a name is cut
        assert page.title() == HOSTILE
        assert page.locator("img").count() == 0


@pytest.mark.parametrize("model_id", ["digits-2d", "mnist-16d"])
def test_a_telephone_scrolls_only_down(browser: Browser, written: Written, model_id: str) -> None:
    with from_disk(browser, written(model_id), phone=True) as page:
        started(page)
        expect(page.locator("#map .map-plot")).not_to_have_js_property("width", 300)
        frames(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for part in page.locator("#deck canvas, #draw .boards canvas, #walk canvas, #map canvas, #grid canvas").filter(visible=True).all():
            box = part.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390


def test_the_dark_theme_is_followed_at_once(browser: Browser, written: Written) -> None:
    with from_disk(browser, written("digits-2d")) as page:
        started(page)
        plot = page.locator("#map .map-plot")
        until(page, lambda: drawn(plot)[2, 2].min() > 200)
        page.emulate_media(color_scheme="dark")
        until(page, lambda: drawn(plot)[2, 2].max() < 60)


def test_a_script_that_is_not_the_pages_own_does_not_run(browser: Browser, written: Written, tmp_path: Path) -> None:
    file = tmp_path / "changed.html"
    file.write_text(
        written("digits-2d").read_text("utf-8").replace("openPage(document)", "document.title = 'changed'\nopenPage(document)"), "utf-8"
    )
    context = browser.new_context(offline=True)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(file.as_uri())
    until(page, lambda: any("Content Security Policy" in text for text in refused))
    assert page.title() == "Digits, 2-D"
    page.evaluate("fetch('https://192.0.2.1/').catch(() => {})")
    until(page, lambda: any("192.0.2.1" in text and "Content Security Policy" in text for text in refused))
    context.close()


def test_without_scripts_the_page_says_so_and_has_its_card(browser: Browser, written: Written) -> None:
    with from_disk(browser, written("digits-2d"), scripts=False) as page:
        expect(page.get_by_text("has not run the script")).to_be_visible()
        expect(page.get_by_role("row", name="Distortion").first).to_contain_text("nats per image")
