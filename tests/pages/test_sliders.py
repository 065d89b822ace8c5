"""The Sliders page: a code that sliders, text, starts and undo all move, and the picture that follows it."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.state import CODE, IMAGE, MODEL, SEED, START, Walk
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
    page.switch_page("pages/sliders.py").run()
    assert not page.exception
    return page


def code(page: AppTest) -> str:
    assert not page.exception
    text = page.text_input(key=CODE).value
    assert text is not None
    return text


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def start_from(page: AppTest, start: str) -> AppTest:
    return page.button_group(key=START).set_value(start).run()


def typed(page: AppTest, text: str) -> AppTest:
    return page.text_input(key=CODE).set_value(text).run()


def slider(page: AppTest, dimension: int, model: str = FLAT) -> float:
    value = page.slider(key=f"deck_{model}_{dimension}").value
    assert isinstance(value, float)
    return value


def test_it_starts_from_the_code_of_a_data_image() -> None:
    mean = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[:1]).mean[0]
    page = opened()
    assert code(page) == explore.format_code(mean)
    assert np.float32(slider(page, 0)) == mean[0]


def test_a_slider_moves_its_own_number_and_no_other() -> None:
    page = typed(opened(), "0.25,-1.5")
    page.slider(key=f"deck_{FLAT}_1").set_value(0.5).run()
    assert code(page) == "0.25,0.5"
    page.slider(key=f"deck_{FLAT}_0").set_value(-0.1).run()
    assert code(page) == "-0.1,0.5"


def test_a_typed_code_moves_the_sliders_and_widens_their_range_for_good() -> None:
    page = typed(opened(), "0.25, 9.5")
    assert code(page) == "0.25,9.5"
    assert slider(page, 1) == 9.5
    assert page.slider(key=f"deck_{FLAT}_1").max >= 9.5
    page.slider(key=f"deck_{FLAT}_1").set_value(0.5).run()
    assert code(page) == "0.25,0.5"
    assert slider(page, 1) == 0.5
    page.slider(key=f"deck_{FLAT}_0").set_value(-0.5).run()
    assert code(page) == "-0.5,0.5"


@pytest.mark.parametrize("text", ["1,2,3", "1,x", "1,nan", "1,10.5", "1"])
def test_a_code_that_cannot_be_is_refused_and_nothing_is_lost(text: str) -> None:
    page = typed(opened(), "0.25,1")
    typed(page, text)
    assert code(page) == text
    assert slider(page, 0) == 0.25
    assert any("number" in shown.value for shown in page.text)
    page.slider(key=f"deck_{FLAT}_0").set_value(0.5).run()
    assert code(page) == "0.5,1"


def test_undo_and_redo_go_through_every_way_to_move() -> None:
    page = start_from(opened(), "Zero")
    page.slider(key=f"deck_{FLAT}_0").set_value(1.0).run()
    typed(page, "1,-2")
    press(page, "Undo")
    assert code(page) == "1,0"
    press(page, "Undo")
    assert code(page) == "0,0"
    assert slider(page, 0) == 0
    press(press(page, "Redo"), "Redo")
    assert code(page) == "1,-2"
    press(page, "Reset")
    assert code(page) == "0,0"
    press(page, "Undo")
    assert code(page) == "1,-2"


def test_randomise_draws_by_the_next_seed_and_undo_leads_back_to_the_same_start() -> None:
    page = opened()
    start, first = page.segmented_control(key=START).value, code(page)
    press(press(page, "Randomise"), "Randomise")
    assert code(page) == explore.format_code(explore.sample_prior(2, 1, seed=1)[0])
    press(press(page, "Undo"), "Undo")
    assert (page.segmented_control(key=START).value, code(page)) == (start, first)


def test_a_seed_gives_the_same_draw_again() -> None:
    page = start_from(opened(), "Random")
    page.number_input(key=SEED).set_value(0).run()
    assert code(page) == explore.format_code(explore.sample_prior(2, 1, seed=0)[0])


def test_an_uploaded_image_starts_at_the_mean_of_its_posterior() -> None:
    pixels = data.load("digits").pixels[7]
    page = start_from(opened(), "Upload")
    before = code(page)
    page.file_uploader(key="sliders_upload").upload("mine.png", png_bytes(pixels), "image/png").run()
    assert code(page) == explore.format_code(explore.encode(catalogue.load(FLAT).model, pixels[None]).mean[0]) != before


def test_a_file_that_is_no_image_is_refused_and_the_code_stays() -> None:
    page = start_from(opened(), "Upload")
    before = code(page)
    page.file_uploader(key="sliders_upload").upload("mine.png", b"not an image", "image/png").run()
    assert code(page) == before
    assert any("mine.png" in shown.value for shown in page.text)


def test_a_link_restores_code_and_start() -> None:
    page = opened(z="0.5,-0.5", start="Data image", image="3")
    assert code(page) == "0.5,-0.5"
    assert slider(page, 1) == -0.5
    press(page, "Reset")
    assert code(page) == explore.format_code(explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[3:4]).mean[0])


def test_a_link_for_another_model_says_so_and_keeps_its_text() -> None:
    page = opened(z="1,2,3")
    assert code(page) == "1,2,3"
    assert any("3 numbers; this model takes 2" in shown.value for shown in page.text)


def test_another_model_with_another_length_goes_back_to_the_start_with_a_note() -> None:
    page = start_from(opened(), "Zero")
    typed(page, "1,2")
    page.selectbox(key=MODEL).set_value(WIDE).run()
    assert code(page) == ",".join(["0"] * 16)
    assert any("back at the start" in caption.value for caption in page.caption)


def test_unused_dimensions_say_so_and_still_move() -> None:
    page = start_from(opened(WIDE), "Zero")
    assert any("unused" in expander.label for expander in page.expander)
    entry = catalogue.models()[WIDE]
    kept = catalogue.load(WIDE).codes
    assert kept is not None
    axes = explore.axes(explore.Posterior(kept.mean, kept.logvar))
    unused = int(np.flatnonzero(axes.unused)[0])
    shown = page.slider(key=f"deck_{entry.id}_{unused}")
    assert shown.label.startswith(":gray[")
    shown.set_value(shown.max).run()
    assert np.flatnonzero(explore.parse_code(code(page), 16)).tolist() == [unused]


def test_sliders_come_in_order_of_information() -> None:
    page = opened(WIDE)
    nats = [float(shown.label.split(" · ")[1].split()[0]) for shown in page.slider if shown.key and shown.key.startswith("deck_")]
    assert nats == sorted(nats, reverse=True)
    assert len(nats) > 2


def test_images_that_may_not_be_shipped_are_chosen_by_their_codes() -> None:
    kept = catalogue.load(WIDE).codes
    assert kept is not None
    page = opened(WIDE, start="Data image", image="5")
    assert code(page) == explore.format_code(kept.mean[5])
    page.number_input(key=IMAGE).set_value(6).run()
    assert code(page) == explore.format_code(kept.mean[6])


def test_a_place_beyond_a_smaller_set_becomes_its_last() -> None:
    page = opened("sprites", start="Data image", image="5000")
    page.selectbox(key=MODEL).set_value(FLAT).run()
    assert not page.exception
    assert page.number_input(key=IMAGE).value == 1796


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
