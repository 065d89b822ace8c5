"""The Map page in a browser: clicks, lassos, uploads, the pin and its deck, and the UMAP, on a real canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.live_map import Place, drawn, on_screen, pin, window
from tests.browser.steps import canvas_pixels, grab, open_link, settle, shown_picture, upload, visit
from vae_core import data
from vae_core.analysis import explore
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue

MODEL = "digits-2d"
DIGITS = f"/map?model={MODEL}"
LARGE = "/map?model=mnist-2d"
DECK = "Decoded image at the code"


def codes() -> NDArray[np.float32]:
    return explore.encode(catalogue.load(MODEL).model, data.load("digits").pixels).mean


def lonely() -> int:
    """The number of the image whose nearest neighbour is farthest from it."""
    points = codes()
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=2)
    np.fill_diagonal(distances, np.inf)
    return int(distances.min(axis=1).argmax())


def empty() -> NDArray[np.float32]:
    """A place between the points, a little off the middle, where no image is."""
    grid = np.stack(np.meshgrid(np.linspace(-2, 2, 41), np.linspace(-2, 2, 41)), axis=-1).reshape(-1, 2).astype(np.float32)
    distances = np.linalg.norm(grid[:, np.newaxis] - codes(), axis=2).min(axis=1)
    return grid[distances.argmax()]


def click_image(page: Page, number: int) -> None:
    page.mouse.click(*on_screen(page, MODEL, codes()[number]))
    expect(page.get_by_text("Nearest in latent space")).to_be_visible()
    settle(page)


def sliders(page: Page) -> list[float]:
    """z₀ and z₁ on the deck."""
    return [float(page.get_by_role("slider", name=name).input_value()) for name in ("z₀", "z₁")]


def decoded(code: list[float]) -> NDArray[np.uint8]:
    return explore.decode(catalogue.load(MODEL).model, np.array([code], np.float32))[0, 0]


def is_drawn(page: Page, code: list[float]) -> None:
    """The deck's picture is what torch decodes."""
    assert np.abs(canvas_pixels(page, DECK)[..., 0].astype(int) - decoded(code)).max() <= 1


def marks(page: Page) -> str:
    """All that is drawn over the points, the pin among it."""
    drawn: str = page.get_by_role("application", name="Map of codes").evaluate("(canvas) => canvas.toDataURL()")
    return drawn


def test_a_click_on_a_point_shows_its_image_and_keeps_the_zoom(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    number = lonely()
    whole = window(page, MODEL)
    page.mouse.move(*on_screen(page, MODEL, codes()[number]))
    page.mouse.wheel(0, -300)
    settle(page)
    zoomed = window(page, MODEL)
    assert np.ptp(zoomed["x"]) < 0.8 * np.ptp(whole["x"])
    expect(page.get_by_text(f"Image {number}", exact=True)).to_be_visible()  # the pointer rests there
    click_image(page, number)
    images = data.load("digits")
    shown = np.array(shown_picture(page, f"Image {number}, class {images.labels[number]}, the original"))  # type: ignore[index]
    assert np.array_equal(shown, np.kron(images.pixels[number, 0], np.ones((17, 17), np.uint8)))  # a PNG, each pixel a square
    assert window(page, MODEL) == zoomed
    assert f"point={number}" in page.url


def test_the_chosen_image_stays_when_the_colours_change_and_in_the_link(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    click_image(page, lonely())
    settle(page)
    page.get_by_role("combobox", name="Colour").scroll_into_view_if_needed()
    settle(page)  # an open menu closes when the page scrolls
    page.get_by_role("combobox", name="Colour").click()
    page.get_by_role("option", name="KL per image").click()
    drawn(page)
    chosen = page.get_by_text(f"Image {lonely()}, class", exact=False)
    expect(chosen).to_be_visible()
    open_link(page, page.url)
    drawn(page)
    expect(chosen).to_be_visible()
    expect(page.get_by_role("combobox", name="Colour")).to_have_value("KL per image")


def test_a_lasso_shows_the_images_inside_until_the_choice_is_cleared(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    page.get_by_text("Lasso", exact=True).click()
    labels = data.load("digits").labels
    middle = np.median(codes()[labels == 0], axis=0)
    corners = [(-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2)]
    path = [on_screen(page, MODEL, (middle + corner).astype(np.float32)) for corner in corners]
    page.mouse.move(*path[0])
    page.mouse.down()
    for corner in path[1:]:
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    expect(page.get_by_alt_text("The mean of the chosen codes, decoded")).to_be_visible()
    inside = int((np.abs(codes() - middle) < 0.2).all(axis=1).sum())
    counted = page.get_by_text("the first 24 of them").inner_text()
    assert abs(int(counted.split()[0]) - inside) <= 3
    open_link(page, page.url)
    drawn(page)
    expect(page.get_by_text("the first 24 of them")).to_have_text(counted)
    page.get_by_role("button", name="Clear the choice").click()
    expect(page.get_by_alt_text("The mean of the chosen codes, decoded")).to_be_hidden()
    assert "points=" not in page.url


def test_an_uploaded_image_becomes_a_star_at_its_code(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    before = marks(page)
    images = data.load("digits")
    page.get_by_role("button", name="Use your own image").click()
    file = FilePayload(name="zero.png", mimeType="image/png", buffer=png_bytes(images.pixels[lonely()], 20))
    upload(page, "An image to put on the map", [file])
    page.keyboard.press("Escape")
    drawn(page)
    expect(page.get_by_alt_text("Your image, the original")).to_have_count(1)
    assert marks(page) != before


def test_the_pin_and_its_deck_follow_each_other_before_either_is_released(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    goal = empty()
    page.mouse.move(*on_screen(page, MODEL, goal + np.float32(0.02)))
    page.mouse.down()
    page.mouse.move(*on_screen(page, MODEL, goal), steps=4)
    settle(page)
    held = pin(page, MODEL)
    assert held is not None
    assert np.allclose(held, goal, atol=0.02)
    assert np.allclose(sliders(page), held, atol=0.01)
    is_drawn(page, held)
    assert "z=" not in page.url
    page.mouse.up()
    settle(page)
    assert f"z={explore.format_code(np.array(held, np.float32)).replace(',', '%2C')}" in page.url
    before = marks(page)
    slider = page.get_by_role("slider", name="z₀")
    x, y = grab(page, slider, 0.5)
    page.mouse.move(x + 40, y, steps=4)
    settle(page)
    moved = pin(page, MODEL)
    assert moved is not None
    assert moved[0] != held[0]
    assert moved[1] == held[1]
    assert marks(page) != before
    page.mouse.up()
    settle(page)
    assert np.allclose(sliders(page), moved, atol=0.01)


def test_the_pin_is_no_other_pages_code_and_survives_a_change_of_pages_and_a_reload(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=1.5,-0.5")
    drawn(page)
    assert sliders(page) == [1.5, -0.5]
    visit(page, "Sliders")
    expect(page.get_by_role("textbox", name="Code")).not_to_have_value("1.5,-0.5")
    visit(page, "Map")
    drawn(page)
    assert sliders(page) == [1.5, -0.5]
    assert "z=1.5%2C-0.5" in page.url
    open_link(page, page.url)
    drawn(page)
    assert sliders(page) == [1.5, -0.5]


def test_it_fits_a_phone_where_a_finger_puts_the_pin_on_an_empty_place(phone: Page) -> None:
    open_link(phone, f"{DIGITS}&z=0,0&point=7")
    drawn(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    box = phone.get_by_role("application", name="Map of codes").bounding_box()
    assert box is not None
    corner = Place(box["x"] + box["width"] - 20, box["y"] + 20)
    phone.touchscreen.tap(*corner)
    settle(phone)
    assert "z=0%2C0" not in phone.url
