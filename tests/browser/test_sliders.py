"""The Sliders page in a browser: pixels that are torch's and the command line's, links, ways back, and plain sliders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.deck import DECODED, DIGITS, assert_same, decoded, enter, field, pixels, press, slider
from tests.browser.steps import arrive, damage_models, grab, open_link, repair_models, settle, shown_picture, visit
from vae_core import data
from vae_core.analysis import explore
from vae_core.cli.main import main
from vae_core.runs import catalogue


@pytest.mark.parametrize("model", ["mnist-16d", "faces-beta-1"])
def test_the_picture_is_torchs(page: Page, model: str) -> None:
    latent = catalogue.models()[model].card.model.latent
    code = explore.format_code(explore.sample_prior(latent, 1, seed=4)[0])
    open_link(page, f"/sliders?model={model}&z={code}", seconds=90)  # the first use of the faces draws and encodes them all
    assert_same(pixels(page), decoded(model, code))
    box = page.get_by_role("img", name=DECODED).bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 360
    assert box["y"] + box["height"] <= 800
    control = slider(page, "z").bounding_box()
    assert control is not None
    assert control["y"] < 800
    assert box["width"] % pixels(page).shape[1] == 0


def test_a_code_gives_the_same_pixels_as_on_the_command_line(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "decoded.png"
    assert main(["decode", "digits-2d", "--z=0.1,-1.3", "--out", str(picture)]) == 0
    open_link(page, DIGITS)
    enter(page, "0.1,-1.3")
    assert_same(pixels(page), np.array(Image.open(picture).convert("RGB")))


def test_back_from_another_page_loses_nothing(page: Page) -> None:
    """The browser goes back to an address with an older code, or with none: the newer one is then an undo away."""
    open_link(page, DIGITS)
    grab(page, slider(page), 0.9)
    page.mouse.up()
    settle(page)
    code = field(page).input_value()
    visit(page, "Map")
    page.go_back()
    if page.url.partition("?")[0].endswith("/map"):  # Streamlit may keep a page's bare address as an entry of its own
        page.go_back()
    arrive(page, "Sliders")
    expect(page.get_by_text("Not accepted")).to_have_count(0)
    if field(page).input_value() != code:
        page.get_by_role("button", name="Undo").click()
    expect(field(page)).to_have_value(code)
    settle(page)
    assert_same(pixels(page), decoded("digits-2d", code))


def test_a_page_switch_and_return_keeps_the_code_and_so_does_a_reload(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    dot = page.get_by_role("button", name="z, at")
    grab(page, slider(page), 0.8)
    expect(dot).not_to_have_attribute("aria-label", "z, at (0.00, 0.00)")  # before Python hears of it
    page.mouse.up()
    settle(page)
    code, picture = field(page).input_value(), pixels(page)
    assert code != "0,0"
    dot.press("ArrowUp")
    settle(page)
    expect(field(page)).not_to_have_value(code)
    assert not np.array_equal(pixels(page), picture)
    code, picture = field(page).input_value(), pixels(page)
    visit(page, "Map")
    visit(page, "Sliders")
    expect(field(page)).to_have_value(code)
    assert np.array_equal(pixels(page), picture)
    page.reload()
    settle(page)
    expect(field(page)).to_have_value(code)
    assert np.array_equal(pixels(page), picture)


def test_a_picture_chooses_the_start_by_click_and_by_keys(page: Page) -> None:
    """In a dialog that is whole in view and closes with the choice."""
    page.set_viewport_size({"width": 1280, "height": 800})
    open_link(page, DIGITS)
    opener, dialog = page.get_by_role("button", name="Choose by eye"), page.get_by_role("dialog")
    tiles = dialog.get_by_role("radio")
    opener.click()
    expect(dialog).to_be_in_viewport(ratio=1)
    tiles.nth(2).click()
    row = chosen_row(page)
    opener.press("Enter")
    expect(tiles.nth(2)).to_be_checked()
    keys(page, "Tab", "Tab")
    expect(tiles.nth(2)).to_be_focused()
    keys(page, "ArrowRight", "Enter")
    assert chosen_row(page) != row


def chosen_row(page: Page) -> str:
    """The number of the image that was chosen in the dialog, which closes."""
    page.get_by_role("dialog").wait_for(state="detached")
    settle(page)
    row = page.get_by_role("spinbutton", name="Image").input_value()
    assert f"image={row}" in page.url
    return row


def keys(page: Page, *names: str) -> None:
    """Press these keys one after the other."""
    for name in names:
        page.keyboard.press(name)


@pytest.mark.parametrize("address", [f"{DIGITS}&with=digits-split", "/"])
def test_on_a_phone_nothing_is_cut_off(phone: Page, address: str) -> None:
    open_link(phone, address, seconds=90)
    phone.get_by_role("img", name="Decoded").first.wait_for()
    for part in [*phone.get_by_role("slider").all(), *phone.get_by_role("img", name="Decoded").all()]:
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


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
    expect(page.get_by_text("move the picture only when you let go. This browser cannot draw on a canvas.")).to_be_visible()
    settle(page)
    assert_plain(page)


def test_damaged_weights_are_refused_and_the_plain_sliders_work_until_they_come_whole(page: Page) -> None:
    damage_models(page)
    open_link(page, f"{DIGITS}&z=0,0")
    expect(page.get_by_text("The live sliders do not work here")).to_be_visible()
    settle(page)
    assert_plain(page)
    repair_models(page)
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
