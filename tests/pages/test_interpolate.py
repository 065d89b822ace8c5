"""The Interpolate page: two ends, the way between them, and what its captions say of it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.state import FROM, MODEL, PATH, STEPS, TO
from tests.conftest import ROOT
from vae_core import catalogue, data, explore
from vae_core.images import png_bytes

FLAT, WIDE = "digits-2d", "mnist-16d"


def opened(model: str = FLAT, **parameters: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=60)
    page.query_params[MODEL] = model
    for key, value in parameters.items():
        page.query_params[key] = value
    page.run()
    page.switch_page("pages/interpolate.py").run()
    assert not page.exception
    return page


def captions(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(caption.value for caption in page.caption)


def place(row: int) -> str:
    x, y = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[row : row + 1]).mean[0]
    return f"({x:.1f}, {y:.1f})".replace("-", "−")


def test_the_walk_begins_and_ends_at_the_codes_of_the_chosen_images() -> None:
    page = opened()
    assert f"from {place(0)} to {place(1)}" in captions(page)
    page.number_input(key=FROM).set_value(12).run()
    page.number_input(key=TO).set_value(0).run()
    assert f"from {place(12)} to {place(0)}" in captions(page)


def test_a_link_restores_images_path_and_frames() -> None:
    page = opened(**{FROM: "3", TO: "0", PATH: "Spherical", STEPS: "30"})
    assert f"from {place(3)} to {place(0)}" in captions(page)
    assert page.button_group(key=PATH).value == "spherical"
    assert page.slider(key="frame").max == 30


def test_the_shown_frame_stays_inside_a_shorter_walk() -> None:
    page = opened(**{STEPS: "60"})
    page.slider(key="frame").set_value(60).run()
    page.slider(key=STEPS).set_value(3).run()
    assert page.slider(key="frame").value == 3
    assert any("100% of the way" in str(picture.proto) for picture in page.get("image"))


def test_uploads_take_the_place_of_data_images() -> None:
    page = opened()
    page.button_group(key=f"{FROM}_source").set_value("Upload").run()
    assert any("Choose or upload both images" in info.value for info in page.info)
    page.file_uploader(key=f"interpolate_{FROM}_upload").upload("a.png", png_bytes(data.load("digits").pixels[5]), "image/png").run()
    assert f"from {place(5)} to {place(1)}" in captions(page)


def test_without_the_images_the_kept_codes_do() -> None:
    page = opened(WIDE)
    assert page.number_input(key=FROM).max == 4_999
    assert "1,667 of 5,000 codes" in captions(page)


@pytest.mark.parametrize("model", [FLAT, WIDE, "faces-beta-1", "sprites"])
def test_every_kind_of_model_walks_both_ways(model: str) -> None:
    page = opened(model)
    for kind in ("linear", "spherical"):
        page.button_group(key=PATH).set_value(kind).run()
        assert "The picture changes most from frame" in captions(page)


def test_the_cross_fade_explains_itself() -> None:
    page = opened()
    page.toggle(key="fade").set_value(True).run()
    assert "two ghosts" in captions(page)
