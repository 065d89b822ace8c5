"""The Map page: every view and colour, a choice by number, by lasso and by upload, with and without the images."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.state import MAP_ACROSS, MAP_COLOUR, MAP_IMAGE, MAP_LASSO, MAP_UP, MAP_VIEW, MODEL
from tests.conftest import ROOT
from vae_core import catalogue, checkpoint, data, explore
from vae_core.images import png_bytes

FLAT, WIDE, FACTORS = "digits-2d", "mnist-16d", "sprites"


def opened(model: str = FLAT, **parameters: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=120)
    page.query_params[MODEL] = model
    for key, value in parameters.items():
        page.query_params[key] = value
    page.run()
    page.switch_page("pages/map.py").run()
    assert not page.exception
    return page


def chart(page: AppTest) -> dict[str, Any]:
    assert not page.exception
    (drawn,) = page.get("plotly_chart")
    return json.loads(drawn.proto.spec)


def lit(page: AppTest) -> list[int]:
    """How many points of each trace are marked as chosen."""
    return [len(trace.get("selectedpoints") or []) for trace in chart(page)["data"]]


def alts(page: AppTest) -> list[str]:
    assert not page.exception
    return [picture.proto.imgs[0].alt for picture in page.get("image")]


def captions(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(caption.value for caption in page.caption)


def variant(folder: Path, *, data_name: str | None = None, zero: bool = False, kept: bool = True) -> str:
    """The digits model under another id: of other images, with all weights zero, or without the codes."""
    original = catalogue.load(FLAT)
    model, card = original.model, original.card
    if zero:
        model = checkpoint.load(catalogue.find(FLAT)).model
        for parameter in model.parameters():
            torch.nn.init.zeros_(parameter)
    if data_name is not None:
        card = card.model_copy(update={"data": card.data.model_copy(update={"name": data_name})})
    codes = None
    if kept:
        mean, logvar = explore.encode(model, data.load("digits").pixels)
        codes = checkpoint.Codes(mean, logvar, None)
    checkpoint.save(folder / "made", model, card, codes)
    return catalogue.add(checkpoint.pack(folder / "made"), "made.loom")


@pytest.mark.parametrize(
    ("model", "view", "axes"),
    [
        (FLAT, "Latent space", ["z₀", "z₁"]),
        (FLAT, "PCA", ["PC 1", "PC 2"]),
        (WIDE, "PCA", ["PC 1", "PC 2"]),
        (WIDE, "Two dimensions", ["z", "z"]),
    ],
)
def test_each_view_draws_all_codes(model: str, view: str, axes: list[str]) -> None:
    page = opened(model, **{MAP_VIEW: view})
    layout = chart(page)["layout"]
    titles = [layout[axis]["title"]["text"] for axis in ("xaxis", "yaxis")]
    assert all(title.startswith(start) for title, start in zip(titles, axes, strict=True))
    assert len(layout["shapes"]) == 2
    assert "images" in captions(page)


def test_the_first_view_is_the_latent_space_where_it_is_flat_and_pca_elsewhere() -> None:
    assert opened().button_group(key=MAP_VIEW).value == "Latent space"
    assert opened(WIDE).button_group(key=MAP_VIEW).value == "PCA"


def test_two_dimensions_are_the_most_informative_until_others_are_chosen() -> None:
    page = opened(WIDE, **{MAP_VIEW: "Two dimensions"})
    codes = catalogue.load(WIDE).codes
    assert codes is not None
    order = explore.axes(explore.Posterior(codes.mean, codes.logvar)).order.tolist()
    assert [page.selectbox(key=key).value for key in (MAP_ACROSS, MAP_UP)] == order[:2]
    page.selectbox(key=MAP_ACROSS).set_value(order[1]).run()
    assert not page.exception
    assert page.selectbox(key=MAP_UP).value != order[1]


def test_classes_have_a_legend_and_quantities_a_scale() -> None:
    page = opened()
    assert set(page.selectbox(key=MAP_COLOUR).options) == {"Class", "Reconstruction error", "KL per image", "z₀", "z₁"}
    assert [trace["name"] for trace in chart(page)["data"]] == [str(digit) for digit in range(10)]
    for colour in ("Reconstruction error", "KL per image", "z₀", "z₁"):
        page.selectbox(key=MAP_COLOUR).set_value(colour).run()
        (trace,) = chart(page)["data"]
        assert trace["marker"]["colorbar"]["title"]["text"].startswith(colour)


def test_each_known_factor_colours_the_points_by_its_names_or_its_amount() -> None:
    images = data.load(FACTORS)
    page = opened(FACTORS)
    for factor, names in zip(images.factor_names, images.factor_values, strict=True):
        page.selectbox(key=MAP_COLOUR).set_value(factor).run()
        traces = chart(page)["data"]
        assert [trace["name"] for trace in traces] == list(names or [""])


def test_the_reconstruction_error_is_that_of_each_image() -> None:
    entry = catalogue.models()[FLAT]
    images = data.load("digits")
    expected = explore.reconstruction_error(images.pixels, explore.reconstruct(catalogue.load(FLAT).model, images.pixels))
    assert np.allclose(cache.errors(entry), expected, atol=1e-6)


def test_a_number_shows_the_image_its_reconstruction_and_its_neighbours() -> None:
    page = opened()
    page.number_input(key=MAP_IMAGE).set_value(12).run()
    shown = alts(page)
    assert shown[:2] == ["Image 12, class 2, the original", "Image 12, class 2, decoded from its code"]
    model, pixels = catalogue.load(FLAT).model, data.load("digits").pixels
    codes, code = explore.encode(model, pixels).mean, explore.encode(model, pixels[12:13]).mean[0]
    near, distances = explore.nearest(codes, codes[12], 9)
    assert near[0] == 12
    assert shown[2:] == [f"Image {row}, at distance {distance:.2g}" for row, distance in zip(near[1:], distances[1:], strict=True)]
    assert sum(lit(page)) == 1
    (link,) = page.get("page_link")
    assert link.proto.query_string == f"model={FLAT}&z={explore.format_code(code).replace(',', '%2C')}"


def test_a_link_restores_view_colour_and_image() -> None:
    page = opened(**{MAP_VIEW: "PCA", MAP_COLOUR: "z₁", MAP_IMAGE: "7"})
    assert chart(page)["layout"]["xaxis"]["title"]["text"].startswith("PC 1")
    assert page.selectbox(key=MAP_COLOUR).value == "z₁"
    assert alts(page)[0].startswith("Image 7,")


@pytest.mark.parametrize("number", ["-1", "99999", "x", "1e9"])
def test_a_link_to_an_image_that_is_not_there_chooses_none(number: str) -> None:
    assert alts(opened(**{MAP_IMAGE: number})) == []


def test_several_are_shown_together_and_forgotten_with_another_model() -> None:
    page = opened()
    page.session_state[MAP_LASSO] = (FLAT, list(range(30)))
    page.run()
    assert sum(lit(page)) == 30
    assert "**30 images**, the first 24 of them" in [text.value for text in page.markdown]
    assert alts(page) == ["Images inside the lasso"] * 3 + ["The mean of the chosen codes, decoded"]
    next(button for button in page.button if button.label == "Clear the choice").click().run()
    assert alts(page) == []
    assert sum(lit(page)) == 0
    page.session_state[MAP_LASSO] = ("another", list(range(30)))
    page.run()
    assert alts(page) == []


def test_an_upload_is_a_star_at_its_own_code() -> None:
    pixels = data.load("digits").pixels[5]
    page = opened()
    page.file_uploader(key="map_upload").upload("five.png", png_bytes(pixels, 8), "image/png").run()
    star = chart(page)["data"][-1]
    assert star["name"] == "Your image"
    expected = explore.encode(catalogue.load(FLAT).model, pixels[np.newaxis]).mean[0]
    position = [np.frombuffer(base64.b64decode(star[axis]["bdata"]), np.float32)[0] for axis in "xy"]
    assert np.allclose(position, expected, atol=1e-5)
    assert alts(page)[:2] == ["Your image, the original", "Your image, decoded from its code"]


def test_a_file_that_is_no_image_is_refused_beside_the_map() -> None:
    page = opened()
    page.file_uploader(key="map_upload").upload("bad.png", b"not an image", "image/png").run()
    assert len(chart(page)["data"]) == 10
    assert any("bad.png" in text.value for text in page.text)


def test_without_the_images_decoded_pictures_stand_in_and_the_page_says_so() -> None:
    page = opened(WIDE, **{MAP_IMAGE: "3"})
    assert "not on this computer" in page.info[0].value
    assert "Reconstruction error" not in page.selectbox(key=MAP_COLOUR).options
    assert not any("original" in alt for alt in alts(page))
    assert "download" in page.get("page_link")[0].proto.label


def test_an_image_outside_the_sample_gets_a_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_POINTS", 500)
    cache._codes.clear()
    page = opened()
    drawn = set(cache.codes(catalogue.models()[FLAT]).numbers.tolist())  # type: ignore[union-attr]
    outside = next(number for number in range(1797) if number not in drawn)
    page.number_input(key=MAP_IMAGE).set_value(outside).run()
    assert "Showing 500 of 1,797 images, each class in its share." in captions(page)
    assert chart(page)["data"][-1]["name"] == "Chosen image"
    assert alts(page)[0].startswith(f"Image {outside},")
    cache._codes.clear()


def test_codes_that_are_all_alike_are_still_a_map(tmp_path: Path, fresh_home: Path) -> None:
    model = variant(tmp_path, zero=True, kept=False)
    for view in ("Latent space", "PCA"):
        chart(opened(model, **{MAP_VIEW: view, MAP_IMAGE: "0"}))
    page = opened(model, **{MAP_VIEW: "UMAP"})
    next(button for button in page.button if button.label == "Draw the UMAP").click().run()
    assert not page.exception
    assert any("different codes" in text.value for text in page.text)


def test_codes_without_classes_are_coloured_by_a_quantity(tmp_path: Path, fresh_home: Path) -> None:
    page = opened(variant(tmp_path, data_name="elsewhere"))
    assert page.selectbox(key=MAP_COLOUR).value == "KL per image"
    assert "import" in page.get("page_link")[0].proto.label


def test_a_model_without_images_and_codes_says_so(tmp_path: Path, fresh_home: Path) -> None:
    page = opened(variant(tmp_path, data_name="elsewhere", kept=False))
    assert "no map" in page.info[0].value
    assert not page.get("plotly_chart")
