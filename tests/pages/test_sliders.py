"""The Sliders page: a code that sliders, text, starts and undo all move, and the picture that follows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Slider

from pages.ui.ground import state
from pages.ui.ground.choice import gallery_image
from pages.ui.ground.state import CODE, SLIDERS_COMPARED, SLIDERS_IMAGE, SLIDERS_PLAIN, SLIDERS_SEED, SLIDERS_START
from pages.ui.sliders.start import SAMPLE
from pages.ui.sliders.walk import Walk
from tests import many
from tests.pages.live import send, sent
from tests.pages.steps import choose_model, open_page, press
from vae_core import data
from vae_core.analysis import explore
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue

FLAT, WIDE = "digits-2d", "mnist-16d"


def opened(model: str = FLAT, **parameters: str) -> AppTest:
    return open_page("sliders", model=model, **parameters)


def code(page: AppTest) -> str:
    assert not page.exception
    text = page.text_input(key=CODE).value
    assert text is not None
    return text


def start_from(page: AppTest, start: str) -> AppTest:
    return page.button_group(key=SLIDERS_START).set_value(start).run()


def typed(page: AppTest, text: str) -> AppTest:
    return page.text_input(key=CODE).set_value(text).run()


def z(page: AppTest) -> list[float]:
    """Where the deck stands."""
    found: list[float] = sent(page, state.SLIDERS_DECK)["z"]
    return found


def released(page: AppTest, *code: float) -> AppTest:
    """The sliders of the deck let go at a code."""
    return send(page, state.SLIDERS_DECK, {"kind": "move", "z": list(code)})


def plain_slider(page: AppTest, dimension: int, model: str = FLAT) -> Slider:
    return page.slider(key=state.part(state.SLIDERS_DECK, model, state.PART_SLIDER, dimension))


def test_it_starts_from_the_code_of_a_data_image() -> None:
    mean = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[:1]).mean[0]
    page = opened()
    assert code(page) == explore.format_code(mean)
    assert np.array_equal(np.array(z(page), np.float32), mean)
    assert z(page) == sent(page, state.SLIDERS_DECK)["start"]["z"]


def test_a_release_moves_the_code_the_link_and_the_traversal() -> None:
    page = typed(opened(), "0.25,-1.5")
    before = [str(picture.proto) for picture in page.get("image")]
    released(page, 0.25, 0.5)
    assert code(page) == "0.25,0.5"
    assert z(page) == [0.25, 0.5]
    assert [str(picture.proto) for picture in page.get("image")] != before


def test_a_typed_code_moves_the_deck() -> None:
    page = typed(opened(), "0.25, 9.5")
    assert code(page) == "0.25,9.5"
    assert z(page) == [0.25, 9.5]


@pytest.mark.parametrize("answer", [[1.0], [1.0, 2.0, 3.0], [1.0, float("nan")], [1.0, 10.5], [1.0, None], "1,2", None])
def test_a_code_from_the_browser_that_cannot_be_is_refused_and_nothing_is_lost(answer: object) -> None:
    page = typed(opened(), "0.25,1")
    send(page, state.SLIDERS_DECK, {"kind": "move", "z": answer})
    assert code(page) == "0.25,1"
    assert any("number" in shown.value for shown in page.text)
    released(page, 0.5, 1.0)
    assert code(page) == "0.5,1"
    assert not any("number" in shown.value for shown in page.text)


def test_an_event_that_nobody_knows_is_ignored() -> None:
    page = typed(opened(), "0.25,1")
    send(page, state.SLIDERS_DECK, {"kind": "explode"})
    assert code(page) == "0.25,1"


@pytest.mark.parametrize("text", ["1,2,3", "1,x", "1,nan", "1,10.5", "1"])
def test_a_code_that_cannot_be_is_refused_and_nothing_is_lost(text: str) -> None:
    page = typed(opened(), "0.25,1")
    typed(page, text)
    assert code(page) == text
    assert z(page) == [0.25, 1]
    assert any("number" in shown.value for shown in page.text)
    released(page, 0.5, 1)
    assert code(page) == "0.5,1"
    assert not any("number" in shown.value for shown in page.text)


def test_undo_and_redo_go_through_every_way_to_move() -> None:
    page = start_from(opened(), "Zero")
    released(page, 1, 0)
    typed(page, "1,-2")
    press(page, "Undo")
    assert code(page) == "1,0"
    press(page, "Undo")
    assert code(page) == "0,0"
    assert z(page) == [0, 0]
    press(press(page, "Redo"), "Redo")
    assert code(page) == "1,-2"
    send(page, state.SLIDERS_DECK, {"kind": "undo"})
    assert code(page) == "1,0"
    send(page, state.SLIDERS_DECK, {"kind": "redo"})
    assert code(page) == "1,-2"
    press(page, "Reset")
    assert code(page) == "0,0"
    press(page, "Undo")
    assert code(page) == "1,-2"


def test_randomise_draws_by_the_next_seed_and_undo_leads_back_to_the_same_start() -> None:
    page = opened()
    start, first = page.segmented_control(key=SLIDERS_START).value, code(page)
    press(press(page, "Randomise"), "Randomise")
    assert code(page) == explore.format_code(explore.sample_prior(2, 1, seed=1)[0])
    press(press(page, "Undo"), "Undo")
    assert (page.segmented_control(key=SLIDERS_START).value, code(page)) == (start, first)


def test_a_seed_gives_the_same_draw_again() -> None:
    page = start_from(opened(), "Random")
    page.number_input(key=SLIDERS_SEED).set_value(0).run()
    assert code(page) == explore.format_code(explore.sample_prior(2, 1, seed=0)[0])


def test_an_uploaded_image_starts_at_the_mean_of_its_posterior() -> None:
    pixels = data.load("digits").pixels[7]
    page = start_from(opened(), "Own image")
    before = code(page)
    page.file_uploader(key=state.part(state.SLIDERS_OWN, state.PART_UPLOAD)).upload("mine.png", png_bytes(pixels), "image/png").run()
    assert code(page) == explore.format_code(explore.encode(catalogue.load(FLAT).model, pixels[None]).mean[0]) != before


def test_a_file_that_is_no_image_is_refused_and_the_code_stays() -> None:
    page = start_from(opened(), "Own image")
    before = code(page)
    page.file_uploader(key=state.part(state.SLIDERS_OWN, state.PART_UPLOAD)).upload("mine.png", b"not an image", "image/png").run()
    assert code(page) == before
    assert any("mine.png" in shown.value for shown in page.text)


def test_a_link_restores_code_and_start() -> None:
    page = opened(z="0.5,-0.5", start="Data image", image="3")
    assert code(page) == "0.5,-0.5"
    assert z(page) == [0.5, -0.5]
    press(page, "Reset")
    assert code(page) == explore.format_code(explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[3:4]).mean[0])


def test_a_link_for_another_model_says_so_and_keeps_its_text() -> None:
    page = opened(z="1,2,3")
    assert code(page) == "1,2,3"
    assert any("3 numbers; this model takes 2" in shown.value for shown in page.text)


def test_another_model_with_another_length_goes_back_to_the_start_with_a_note() -> None:
    page = start_from(opened(), "Zero")
    typed(page, "1,2")
    choose_model(page, WIDE)
    assert code(page) == ",".join(["0"] * 16)
    assert any("back at the start" in caption.value for caption in page.caption)


def test_dimensions_come_in_order_of_information_and_unused_ones_say_so() -> None:
    page = opened(WIDE)
    dims, axes = sent(page, state.SLIDERS_DECK)["dims"], axes_of(WIDE)
    assert [dimension["index"] for dimension in dims] == axes.order.tolist()
    assert [dimension["unused"] for dimension in dims] == axes.unused[axes.order].tolist()
    nats = [float(dimension["note"].removesuffix(" nats")) for dimension in dims]
    assert nats == sorted(nats, reverse=True)
    assert "0.01 nats" in sent(page, state.SLIDERS_DECK)["unused_note"]


def axes_of(model: str) -> explore.Axes:
    """Of a model of MNIST: those of the test images."""
    return explore.axes(explore.encode(catalogue.load(model).model, data.load("mnist").pixels))


def test_from_a_code_only_kin_can_be_compared_with_and_they_draw_the_same_code() -> None:
    page = start_from(opened(**{SLIDERS_COMPARED: "digits-split"}), "Zero")
    others = set(page.selectbox(key=SLIDERS_COMPARED).options)
    assert catalogue.models()["mnist-2d"].name not in others  # as many dimensions, but other images
    other = sent(page, state.SLIDERS_DECK)["other"]
    assert (other["name"], other["z"]) == (catalogue.models()["digits-split"].name, None)
    assert any("need not share the meaning" in caption.value for caption in page.caption)


def test_from_an_image_each_model_draws_it_from_a_code_of_its_own() -> None:
    page = opened("mnist-2d", **{SLIDERS_COMPARED: "mnist-16d"})
    other, start = sent(page, state.SLIDERS_DECK)["other"], gallery_image(catalogue.models()["mnist-2d"], 0)
    expected = explore.encode(catalogue.load("mnist-16d").model, start.picture[None]).mean[0]
    assert np.array_equal(np.array(other["z"], np.float32), expected)
    assert any("encodes the image itself" in caption.value for caption in page.caption)
    choose_model(page, "sprites")  # which takes other images
    assert not page.exception
    assert sent(page, state.SLIDERS_DECK)["other"] is None


def test_an_image_starts_at_a_seeded_sample_of_its_posterior_if_that_is_wanted() -> None:
    page = opened()
    posterior = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[:1])
    assert sent(page, state.SLIDERS_DECK)["posterior"] == {"mean": posterior.mean[0].tolist(), "std": posterior.std[0].tolist()}
    page.button_group(key=state.SLIDERS_POSTERIOR).set_value(SAMPLE).run()
    press(page, "Roll again")
    drawn = posterior.mean + posterior.std * explore.sample_prior(2, 1, seed=1)
    assert z(page) == drawn[0].tolist()
    assert sent(page, state.SLIDERS_DECK)["posterior"]["mean"] == posterior.mean[0].tolist()
    start_from(page, "Zero")
    assert sent(page, state.SLIDERS_DECK)["posterior"] is None


def test_a_dimension_gets_a_name_that_stands_on_every_page_and_nothing_else_is_taken_for_one() -> None:
    page = opened("mnist-2d")
    for index, name in ((1, "slant"), (2, "beyond"), (True, "no number"), (0, 7)):
        send(page, state.SLIDERS_DECK, {"kind": "name", "index": index, "name": name})
    assert {dimension["index"]: dimension["given"] for dimension in sent(page, state.SLIDERS_DECK)["dims"]} == {0: "", 1: "slant"}
    assert any("slant" in label.value for label in page.markdown)  # of the traversal
    page.switch_page("pages/map.py").run()
    assert "slant" in [dimension["given"] for dimension in sent(page, state.MAP_DECK)["dims"]]


def test_plain_sliders_move_their_own_number_and_no_other() -> None:
    page = typed(opened(**{SLIDERS_PLAIN: "true"}), "0.25,-1.5")
    assert not page.get("bidi_component")
    plain_slider(page, 1).set_value(0.5).run()
    assert code(page) == "0.25,0.5"
    plain_slider(page, 0).set_value(-0.1).run()
    assert code(page) == "-0.1,0.5"
    press(page, "Undo")
    assert plain_slider(page, 0).value == 0.25


def test_a_typed_code_widens_the_range_of_a_plain_slider_for_good() -> None:
    page = typed(opened(**{SLIDERS_PLAIN: "true"}), "0.25, 9.5")
    assert plain_slider(page, 1).value == 9.5
    assert plain_slider(page, 1).max >= 9.5
    plain_slider(page, 1).set_value(0.5).run()
    plain_slider(page, 0).set_value(-0.5).run()
    assert code(page) == "-0.5,0.5"
    assert plain_slider(page, 1).max >= 9.5


def test_plain_unused_dimensions_say_so_and_still_move() -> None:
    page = start_from(opened(WIDE, **{SLIDERS_PLAIN: "true"}), "Zero")
    assert any("unused" in expander.label for expander in page.expander)
    unused = int(np.flatnonzero(axes_of(WIDE).unused)[0])
    shown = plain_slider(page, unused, WIDE)
    assert shown.label.startswith(":gray[")
    shown.set_value(shown.max).run()
    assert np.flatnonzero(explore.parse_code(code(page), 16)).tolist() == [unused]


def test_where_the_browser_cannot_draw_the_page_says_so_and_plain_sliders_stand_in_until_it_can() -> None:
    page = typed(opened(), "0.25,1")
    send(page, state.SLIDERS_DECK, {"kind": "failed", "reason": "No canvas."})
    assert not page.get("bidi_component")
    assert any("only when you let go. No canvas." in shown.value for shown in page.text)
    plain_slider(page, 0).set_value(0.5).run()
    assert code(page) == "0.5,1"
    press(page, "Try again")
    assert z(page) == [0.5, 1]


def test_an_address_from_before_the_last_move_does_not_undo_a_later_one() -> None:
    page = opened(z="0,0")
    released(page, 0.1, 0)
    page.query_params[CODE] = "0,0"  # as a busy browser sends it: it has not heard of the moves yet
    released(page, 0.2, 0)
    page.query_params[CODE] = "0.1,0"
    released(page, 0.3, 0)
    assert code(page) == "0.3,0"
    page.query_params[CODE] = "0.3,0"
    page.run()
    page.query_params[CODE] = "0.1,0"  # by now the browser has heard of all, so this is a link
    page.run()
    assert code(page) == "0.1,0"


def test_images_that_are_not_here_are_chosen_by_their_codes(fresh_home: Path) -> None:
    model = many.away(fresh_home).id
    kept = catalogue.load(model).codes
    assert kept is not None
    page = opened(model, start="Data image", image="5")
    assert code(page) == explore.format_code(kept.mean[5])
    page.number_input(key=SLIDERS_IMAGE).set_value(6).run()
    assert code(page) == explore.format_code(kept.mean[6])


def test_a_place_beyond_a_smaller_set_becomes_its_last() -> None:
    page = opened("sprites", start="Data image", image="5000")
    choose_model(page, FLAT)
    assert not page.exception
    assert page.number_input(key=SLIDERS_IMAGE).value == 1796


def test_the_walk_forgets_what_could_be_redone_when_it_turns_elsewhere() -> None:
    steps = [np.full(2, value, np.float32) for value in range(4)]
    walk = Walk(steps[0])
    walk.visit(steps[1])
    walk.visit(steps[1])
    walk.undo()
    assert (walk.can_undo, walk.can_redo) == (False, True)
    walk.visit(steps[2])
    assert (walk.can_undo, walk.can_redo) == (True, False)
    walk.undo()
    assert walk.now is steps[0]
