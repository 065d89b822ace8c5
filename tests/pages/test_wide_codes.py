"""Codes with too many numbers for a slider each: what every page shows of such a model, with images and without."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from tests.export.test_takehome import Parts, content
from tests.foreign.test_adopting import flat, spatial
from tests.pages.live import send, sent
from tests.pages.steps import open_page
from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.audit.sheet import audit
from vae_core.export import takehome
from vae_core.export.live_model import live_bundle
from vae_core.export.wire.builders import direction_bytes
from vae_core.foreign import importing, joining, opening
from vae_core.foreign.adopting import Choices, readings
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry


@pytest.fixture
def wide(fresh_home: object, request: pytest.FixtureRequest) -> Entry:
    """A model with a code of 4 × 8 × 8 numbers, joined to images where the test says nothing else."""
    opened = opening.open_files(spatial())
    choices = Choices(encoder_gives="joined,logvar")
    images = None if getattr(request, "param", "") == "without images" else joining.fitted(data.load("digits"), (3, 16, 16))
    (reading,) = readings(opened.halves, choices, None)
    entry_id = catalogue.keep(importing.adopted(opened, reading, [], "wide", images))
    return catalogue.models()[entry_id]


def words(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def test_sliders_move_along_principal_components(wide: Entry) -> None:
    page = open_page("sliders", model=wide.id)
    deck = sent(page, state.SLIDERS_DECK)
    assert [dimension["name"] for dimension in deck["dims"][:2]] == ["PC 1", "PC 2"]
    assert "too many for a slider each" in deck["directions"]["about"]
    assert len(deck["z"]) == 256
    assert len(deck["posterior"]["mean"]) == len(deck["posterior"]["std"]) == len(deck["dims"])
    directions = cache.directions(wide)
    assert directions is not None
    assert len(direction_bytes(directions)) == 4 * 256 * (1 + len(deck["dims"]))
    moved = directions.put(np.array(deck["z"], np.float32), 0, 1.5)
    page = send(page, state.SLIDERS_DECK, {"kind": "move", "z": moved.tolist()})
    np.testing.assert_allclose(sent(page, state.SLIDERS_DECK)["z"], moved, rtol=1e-6)
    assert "too long for a field" in words(page)
    assert not [field for field in page.text_input if field.label == "Code"]
    page.toggle(key=state.SLIDERS_PLAIN).set_value(True).run()
    slider = page.slider(key=state.part(state.SLIDERS_DECK, wide.id, state.PART_SLIDER, 0))
    assert slider.label.startswith("PC 1")
    assert slider.value == pytest.approx(1.5, abs=1e-4)
    slider.set_value(0.5).run()
    assert not page.exception


@pytest.mark.parametrize("wide", ["without images"], indirect=True)
def test_without_images_sliders_move_channels(wide: Entry) -> None:
    page = open_page("sliders", model=wide.id)
    assert [dimension["name"] for dimension in sent(page, state.SLIDERS_DECK)["dims"]] == [f"Channel {number}" for number in range(1, 5)]
    assert "PC 1" not in takehome.html_page(catalogue.load(wide.id), "wide", None)


def test_the_map_is_a_pca_of_the_flattened_codes(wide: Entry) -> None:
    page = open_page("map", model=wide.id)
    shown = sent(page, state.MAP_LIVE)
    assert shown["codes"] is None  # too many numbers for a browser
    assert shown["view"]["method"] == "pca"
    assert np.shape(shown["view"]["axes"]) == (2, 256)
    assert sent(page, state.MAP_DECK)["directions"] is not None
    (colours,) = [box for box in page.selectbox if box.label == "Colour"]
    assert "PC 1" in colours.options
    colours.select("PC 1").run()
    assert not page.exception


def test_interpolation_and_the_page_to_take_home_know_it(wide: Entry) -> None:
    path = sent(open_page("interpolate", model=wide.id), state.INTERPOLATE_LIVE)
    assert len(path["a"]) == len(path["b"]) == 256
    html = takehome.html_page(catalogue.load(wide.id), "wide", cache.images_of(wide))
    assert "too many for a slider each" in html
    assert "256 latent dimensions, 4 × 8 × 8" in html
    live = Parts(html).live
    directions = cache.directions(wide)
    assert directions is not None
    assert [dim["name"] for dim in live["deck"]["dims"]] == list(directions.names)  # not only those of the few codes on its map
    assert 200 <= len(content(live["map"]["numbers"])) // 4 < 1797
    assert len(html) <= 1.5 * len(live_bundle(catalogue.load(wide.id).model)) + 1_200_000 + len(live["map"]["pictures"]["sheet"])


def test_a_wide_code_reaches_further() -> None:
    assert explore.check_code([50.0] * 256, 256)[0] == 50


def test_a_plain_autoencoder_from_elsewhere_is_audited_too() -> None:
    files = flat()  # a code alone, without a width
    opened = opening.open_files(files)
    reading = readings(opened.halves, Choices(channels_last=True), None)[0]
    point = importing.adopted(opened, reading, [], "plain", None)
    images = joining.fitted(data.load("digits"), (3, 8, 8))
    assert "Pixels" in {finding.name for finding in audit(point, images, lambda share, words: None).findings}
