"""The Map page: every view and colour, a choice by number, by lasso and by upload, the pin, with and without the images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.cache import encoding, maps
from pages.ui.ground import state
from pages.ui.ground.state import CODE, MAP_ACROSS, MAP_COLOUR, MAP_GRID, MAP_IMAGE, MAP_LASSO, MAP_POINTS, MAP_UP, MAP_VIEW
from tests import many
from tests.pages.live import fetched, send, sent
from tests.pages.steps import captions, choose_model, open_page
from vae_core import data
from vae_core.analysis import explore, neighbours, projection
from vae_core.analysis.projection import Projection
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue
from vae_core.training import checkpoint

FLAT, WIDE, FACTORS = "digits-2d", "mnist-16d", "sprites"
MAP, DECK, GRID = state.MAP_LIVE, state.MAP_DECK, state.MAP_PLANE


def opened(model: str = FLAT, **parameters: str) -> AppTest:
    return open_page("map", model=model, **parameters)


def shown(page: AppTest) -> dict[str, Any]:
    """What the map was told."""
    assert not page.exception
    return sent(page, MAP)


def alts(page: AppTest) -> list[str]:
    """Of the pictures below the model's own, which is the first."""
    assert not page.exception
    return [picture.proto.imgs[0].alt for picture in page.get("image")][1:]


def said(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(text.value for text in page.text)


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
    told = shown(page)
    assert all(label.startswith(start) for label, start in zip(told["view"]["labels"], axes, strict=True))
    codes = cache.codes(catalogue.models()[model])
    assert codes is not None
    expected = (codes.posterior.mean - told["view"]["centre"]) @ np.transpose(told["view"]["axes"])
    assert np.allclose(fetched(told["points"]).reshape(-1, 2), expected, atol=1e-5)
    assert told["prior"]
    assert told["numbers"] is None
    assert "images" in captions(page)


def test_the_first_view_is_the_latent_space_where_it_is_flat_and_pca_elsewhere() -> None:
    assert opened().button_group(key=MAP_VIEW).value == "Latent space"
    assert opened(WIDE).button_group(key=MAP_VIEW).value == "PCA"


def test_two_dimensions_are_the_most_informative_until_others_are_chosen() -> None:
    page = opened(WIDE, **{MAP_VIEW: "Two dimensions"})
    order = explore.axes(explore.encode(catalogue.load(WIDE).model, data.load("mnist").pixels)).order.tolist()
    assert [page.selectbox(key=key).value for key in (MAP_ACROSS, MAP_UP)] == order[:2]
    assert shown(page)["view"]["axes"] == np.eye(len(order))[order[:2]].tolist()
    page.selectbox(key=MAP_ACROSS).set_value(order[1]).run()
    assert not page.exception
    assert page.selectbox(key=MAP_UP).value != order[1]


def test_classes_have_names_and_quantities_a_scale() -> None:
    page = opened()
    assert set(page.selectbox(key=MAP_COLOUR).options) == {"Class", "Reconstruction error", "KL per image", "z₀", "z₁"}
    assert shown(page)["colour"]["names"] == [str(digit) for digit in range(10)]
    labels = data.load("digits").labels
    assert labels is not None
    assert np.array_equal(fetched(shown(page)["colour"]["url"]), labels)
    posterior = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels)
    expected = {"z₀": posterior.mean[:, 0], "z₁": posterior.mean[:, 1], "KL per image": posterior.kl().sum(axis=1)}
    for colour in ("Reconstruction error", *expected):
        page.selectbox(key=MAP_COLOUR).set_value(colour).run()
        told = shown(page)["colour"]
        assert told["title"].startswith(colour)
        assert told["names"] is None
        values = fetched(told["url"])
        assert len(values) == len(labels)
        assert np.allclose(values, expected.get(colour, values), atol=1e-4)


def test_each_known_factor_colours_the_points_by_its_names_or_its_amount() -> None:
    images = data.load(FACTORS)
    page = opened(FACTORS)
    for factor, names in zip(images.factor_names, images.factor_values, strict=True):
        page.selectbox(key=MAP_COLOUR).set_value(factor).run()
        assert shown(page)["colour"]["names"] == (list(names) or None)


def test_the_reconstruction_error_is_that_of_each_image() -> None:
    entry = catalogue.models()[FLAT]
    images, found = data.load("digits"), cache.codes(entry)
    assert found is not None
    expected = explore.reconstruction_error(images.pixels, explore.reconstruct(catalogue.load(FLAT).model, images.pixels))
    assert np.allclose(cache.errors(entry, found), expected, atol=1e-4)  # its codes come from another processor


def test_a_number_shows_the_image_its_reconstruction_and_its_neighbours() -> None:
    page = opened()
    page.number_input(key=MAP_IMAGE).set_value(12).run()
    seen = alts(page)
    assert seen[:2] == ["Image 12, class 2, the original", "Image 12, class 2, decoded from its code"]
    model, pixels = catalogue.load(FLAT).model, data.load("digits").pixels
    codes, code = explore.encode(model, pixels).mean, explore.encode(model, pixels[12:13]).mean[0]
    near, distances = neighbours.nearest(codes, codes[12], 9)
    assert near[0] == 12
    assert seen[2:] == [f"Image {row}, at distance {distance:.2g}" for row, distance in zip(near[1:], distances[1:], strict=True)]
    assert shown(page)["selected"] == [12]
    link = page.get("page_link")[0]
    assert link.proto.query_string == f"model={FLAT}&z={explore.format_code(code).replace(',', '%2C')}"


def test_a_link_restores_view_colour_image_and_pin() -> None:
    page = opened(**{MAP_VIEW: "PCA", MAP_COLOUR: "z₁", MAP_IMAGE: "7", CODE: "1,-0.5", MAP_GRID: "20"})
    told = shown(page)
    assert told["view"]["labels"][0].startswith("PC 1")
    assert told["colour"]["title"] == "z₁"
    assert (told["selected"], told["pin"]) == ([7], [1, -0.5])
    assert sent(page, GRID)["side"] == 20
    assert alts(page)[0].startswith("Image 7,")


@pytest.mark.parametrize("number", ["-1", "99999", "x", "1e9"])
def test_a_link_to_an_image_that_is_not_there_chooses_none(number: str) -> None:
    assert alts(opened(**{MAP_IMAGE: number})) == []


def test_a_click_on_the_map_chooses_an_image_and_a_lasso_several() -> None:
    page = send(opened(), MAP, {"kind": "choose", "numbers": [12]})
    assert page.number_input(key=MAP_IMAGE).value == 12
    assert alts(page)[0] == "Image 12, class 2, the original"
    page = send(page, MAP, {"kind": "choose", "numbers": [3, 1, 2]})
    assert shown(page)["selected"] == [1, 2, 3]
    assert alts(page)[-1] == "The mean of the chosen codes, decoded"
    page = send(page, MAP, {"kind": "choose", "numbers": []})
    assert (shown(page)["selected"], alts(page)) == ([], [])


@pytest.mark.parametrize("numbers", [[1797], [-1], [1, 2.5], ["1"], [True], [10**30], "12", None, {"1": 1}])
def test_a_choice_of_what_is_not_on_the_map_is_refused(numbers: object) -> None:
    page = send(opened(**{MAP_IMAGE: "7"}), MAP, {"kind": "choose", "numbers": numbers})
    assert "A choice on the map" in said(page)
    assert shown(page)["selected"] == [7]


def test_several_are_shown_together_and_forgotten_with_another_model() -> None:
    page = opened()
    page.session_state[MAP_LASSO] = (FLAT, list(range(30)))
    page.run()
    assert shown(page)["selected"] == list(range(30))
    assert "**30 images**, the first 24 of them" in [text.value for text in page.markdown]
    assert alts(page) == ["Images inside the lasso"] * 3 + ["The mean of the chosen codes, decoded"]
    next(button for button in page.button if button.label == "Clear the choice").click().run()
    assert alts(page) == []
    assert shown(page)["selected"] == []
    page.session_state[MAP_LASSO] = ("another", list(range(30)))
    page.run()
    assert alts(page) == []


def test_what_is_chosen_together_is_in_the_link_while_it_is_short() -> None:
    page = send(opened(), MAP, {"kind": "choose", "numbers": [3, 1, 2]})
    assert page.query_params[MAP_POINTS] == "1,2,3"
    assert shown(opened(**{MAP_POINTS: "1,2,3"}))["selected"] == [1, 2, 3]
    page = send(page, MAP, {"kind": "choose", "numbers": list(range(100))})
    assert page.query_params[MAP_POINTS].count(",") == 99
    assert "The link holds" not in captions(page)
    page = send(page, MAP, {"kind": "choose", "numbers": list(range(101))})
    assert MAP_POINTS not in page.query_params
    assert "The link holds at most 100" in captions(page)
    page = send(page, MAP, {"kind": "choose", "numbers": [1, 2]})
    page = send(page, MAP, {"kind": "choose", "numbers": []})
    assert MAP_POINTS not in page.query_params
    assert shown(page)["selected"] == []


@pytest.mark.parametrize("numbers", ["1,1797", "-1,2", "1,2.5", "a", "1,", "9" * 5000, "[1]"])
def test_a_link_to_several_that_are_not_there_chooses_none(numbers: str) -> None:
    page = opened(**{MAP_POINTS: numbers})
    assert said(page)
    assert shown(page)["selected"] == []
    assert MAP_POINTS not in page.query_params


def test_the_pin_begins_in_the_middle_of_the_codes_and_is_in_no_link() -> None:
    page = opened()
    codes = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels).mean
    assert np.allclose(shown(page)["pin"], codes.mean(axis=0), atol=1e-5)
    assert CODE not in page.query_params


@pytest.mark.parametrize(("key", "kind"), [(MAP, "pin"), (DECK, "move"), (GRID, "pin")])
def test_map_deck_and_grid_move_one_pin(key: str, kind: str) -> None:
    page = send(opened(), key, {"kind": kind, "z": [1.25, -2]})
    assert [shown(page)["pin"], sent(page, DECK)["z"], sent(page, GRID)["pin"]] == [[1.25, -2]] * 3
    assert page.query_params[CODE] == "1.25,-2"
    assert len({sent(page, part)["channel"] for part in (MAP, DECK, GRID)}) == 1
    assert f"model={FLAT}&z=1.25%2C-2" in [link.proto.query_string for link in page.get("page_link")]


def test_an_address_from_before_the_last_move_does_not_bring_the_pin_back() -> None:
    page = opened()
    send(page, DECK, {"kind": "move", "z": [1, 0]})
    del page.query_params[CODE]  # as a busy browser sends it: it has not heard of the move yet
    send(page, DECK, {"kind": "move", "z": [2, 0]})
    page.query_params[CODE] = "1,0"
    send(page, DECK, {"kind": "move", "z": [3, 0]})
    assert sent(page, DECK)["z"] == [3, 0]


def test_the_pin_can_be_put_on_the_chosen_image() -> None:
    page = opened(**{MAP_IMAGE: "7"})
    next(button for button in page.button if button.label == "Put the pin here").click().run()
    expected = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[7:8]).mean[0]
    assert np.allclose(shown(page)["pin"], expected, atol=1e-5)


def test_the_pin_does_not_go_where_the_sliders_do_not_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore, "MAX_COORDINATE", 0.1)
    page = opened(**{MAP_IMAGE: "7"})
    before = shown(page)["pin"]
    next(button for button in page.button if button.label == "Put the pin here").click().run()
    assert "not a number from" in said(page)
    assert shown(page)["pin"] == before


@pytest.mark.parametrize("z", [[1], [1, 2, 3], [1, 11], [1, None], ["1", 2], "1,2", None])
@pytest.mark.parametrize("key", [MAP, GRID])
def test_a_pin_that_is_no_code_is_refused(key: str, z: object) -> None:
    page = send(opened(**{CODE: "1,1"}), key, {"kind": "pin", "z": z})
    assert shown(page)["pin"] == [1, 1]
    assert said(page)


def test_a_code_in_the_link_that_is_none_of_this_model_is_refused() -> None:
    page = opened(**{CODE: "1,2,3"})
    assert "3 numbers" in said(page)
    assert CODE not in page.query_params


def test_each_model_has_a_pin_of_its_own_over_a_change_of_pages_and_models() -> None:
    page = send(opened(), MAP, {"kind": "pin", "z": [1, 2]})
    page.switch_page("pages/sliders.py").run()
    page.switch_page("pages/map.py").run()
    assert shown(page)["pin"] == [1, 2]
    assert page.query_params[CODE] == "1,2"
    choose_model(page, "mnist-2d")
    assert shown(page)["pin"] != [1, 2]
    assert CODE not in page.query_params
    choose_model(page, FLAT)
    assert shown(page)["pin"] == [1, 2]


def test_the_grid_is_there_for_two_dimensions_only() -> None:
    page = opened()
    assert sent(page, GRID)["side"] == 15
    page.button_group(key=MAP_GRID).set_value(25).run()
    assert sent(page, GRID)["side"] == 25
    assert [part.key for part in opened(WIDE).get("bidi_component")] == [MAP, DECK]


def test_an_upload_is_a_star_at_its_own_code() -> None:
    pixels = data.load("digits").pixels[5]
    page = opened()
    assert shown(page)["star"] is None
    page.file_uploader(key=state.part(state.MAP_OWN, state.PART_UPLOAD)).upload("five.png", png_bytes(pixels, 8), "image/png").run()
    expected = explore.encode(catalogue.load(FLAT).model, pixels[np.newaxis]).mean[0]
    assert np.allclose(shown(page)["star"], expected, atol=1e-5)
    assert alts(page)[:2] == ["Your image, the original", "Your image, decoded from its code"]


def test_a_file_that_is_no_image_is_refused_beside_the_map() -> None:
    page = opened()
    page.file_uploader(key=state.part(state.MAP_OWN, state.PART_UPLOAD)).upload("bad.png", b"not an image", "image/png").run()
    assert shown(page)["star"] is None
    assert "bad.png" in said(page)


def test_a_model_of_all_mnist_is_shown_on_the_test_images_and_the_page_says_so() -> None:
    page = opened(WIDE, **{MAP_IMAGE: "3"})
    assert not page.info
    assert "Showing 10,000 of 10,000 images. They are the 10,000 test images of MNIST, which the model has not seen." in captions(page)
    images = data.load("mnist")
    assert images.labels is not None
    assert f"Test image 3, class {images.labels[3]}, the original" in alts(page)
    pictures = fetched(f"{shown(page)['pictures']['url']}?n=3", "u1")
    np.testing.assert_array_equal(pictures.reshape(28, 28), images.pixels[3, 0])


def test_without_the_images_decoded_pictures_stand_in_and_the_page_says_so(fresh_home: Path) -> None:
    page = opened(many.away(fresh_home).id, **{MAP_IMAGE: "3"})
    assert "not on this computer" in page.info[0].value
    assert "Reconstruction error" not in page.selectbox(key=MAP_COLOUR).options
    assert not any("original" in alt for alt in alts(page))
    assert shown(page)["pictures"] is None
    assert "import" in page.get("page_link")[0].proto.label


def test_of_more_images_than_fit_a_sample_is_shown_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_POINTS", 500)
    page = opened()
    drawn = fetched(shown(page)["numbers"], "<i4")
    assert len(drawn) == len(fetched(shown(page)["points"])) // 2 == 500
    outside = next(number for number in range(1797) if number not in drawn)
    page.number_input(key=MAP_IMAGE).set_value(outside).run()
    assert "Showing 500 of 1,797 images, each class in its share." in captions(page)
    assert f"Image {outside} is not among those shown here." in captions(page)
    assert alts(page)[0].startswith(f"Image {outside},")


def test_umap_and_the_search_for_neighbours_take_a_sample(monkeypatch: pytest.MonkeyPatch, fresh_home: Path) -> None:
    # The layout has its own tests, and its library takes half a minute to compile.
    quick = Projection("umap", np.zeros((60, 2), np.float32), ("UMAP 1", "UMAP 2"), "")
    monkeypatch.setattr(projection, "umap_project", lambda codes, **_: quick)
    for module in (encoding, maps):
        monkeypatch.setattr(module, "SAMPLE", 60)
    page = opened()
    assert "Showing 1,797 of 1,797 images." in captions(page)
    assert "Of the 10 nearest neighbours in latent space, among 60 images, " in captions(page)
    assert "chance would keep 16.9 %." in captions(page)
    page.button_group(key=MAP_VIEW).set_value("UMAP").run()
    assert page.get("bidi_component")[0].key != MAP
    next(button for button in page.button if button.label == "Draw the UMAP").click().run()
    told = shown(page)
    assert len(fetched(told["points"])) == 120
    assert len(fetched(told["numbers"], "<i4")) == 60
    assert len(fetched(told["colour"]["url"])) == 60
    assert len(fetched(told["codes"])) == 60 * 4
    assert (told["view"]["axes"], told["prior"]) == (None, False)
    assert "Showing 60 of 1,797 images, each class in its share." in captions(page)
    again = opened(**{MAP_VIEW: "UMAP"})
    assert not any(button.label == "Draw the UMAP" for button in again.button)
    assert len(fetched(shown(again)["numbers"], "<i4")) == 60


def test_codes_that_are_all_alike_are_still_a_map(tmp_path: Path, fresh_home: Path) -> None:
    model = variant(tmp_path, zero=True, kept=False)
    for view in ("Latent space", "PCA"):
        assert shown(opened(model, **{MAP_VIEW: view, MAP_IMAGE: "0"}))["selected"] == [0]
    page = opened(model, **{MAP_VIEW: "UMAP"})
    next(button for button in page.button if button.label == "Draw the UMAP").click().run()
    assert "different codes" in said(page)


def test_codes_without_classes_are_coloured_by_a_quantity(tmp_path: Path, fresh_home: Path) -> None:
    page = opened(variant(tmp_path, data_name="elsewhere"))
    assert page.selectbox(key=MAP_COLOUR).value == "KL per image"
    assert "import" in page.get("page_link")[0].proto.label


def test_a_model_without_images_and_codes_says_so(tmp_path: Path, fresh_home: Path) -> None:
    page = opened(variant(tmp_path, data_name="elsewhere", kept=False))
    assert "no map" in page.info[0].value
    assert not page.get("bidi_component")
