"""An image of the user's own, from a file: what is noticed, and how it goes into the machine of the Home page."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.pages.live import send, sent
from tests.pages.steps import open_page
from vae_core.runs import catalogue

MACHINE, UPLOAD = state.HOME_MACHINE, state.part(state.HOME_OWN, state.PART_UPLOAD)


def scan() -> bytes:
    """A dark bar at the edge of light paper, as PNG."""
    image = Image.new("RGB", (300, 200), (245, 240, 230))
    ImageDraw.Draw(image).rectangle((250, 20, 269, 119), fill=(30, 20, 60))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def picture(page: AppTest) -> NDArray[np.uint8]:
    assert not page.exception
    return np.frombuffer(base64.b64decode(sent(page, MACHINE)["picture"]), np.uint8).reshape(28, 28)


def test_dark_on_light_is_inverted_and_centred_with_a_switch_each_and_what_is_drawn_on_it_stays() -> None:
    page = open_page("home")
    page.file_uploader(key=UPLOAD).upload("scan.png", scan(), "image/png").run()
    switches = {toggle.label: toggle for toggle in page.toggle}
    assert {label: toggle.value for label, toggle in switches.items()} == {"Invert": True, "Centre": True, "Crop": True}
    taken = picture(page)
    assert taken[14, 14] > 180 > 30 > taken[0].max()
    switches["Invert"].set_value(False).run()
    assert picture(page)[14, 14] < 60 < 200 < picture(page)[0].min()
    drawn = np.full((28, 28), 77, np.uint8)
    send(page, MACHINE, {"kind": "drawn", "pixels": base64.b64encode(drawn.tobytes()).decode()})
    assert np.array_equal(picture(page), drawn)


def test_one_line_says_that_a_picture_is_strange_and_none_that_it_is_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    only = {"digits-2d": catalogue.models()["digits-2d"]}
    monkeypatch.setattr(catalogue, "models", lambda: only)
    page = open_page("home")
    images = base64.b64decode(sent(page, MACHINE)["images"])[:64]
    for pixels, note in ((bytes(255 - level for level in images), "Stranger to this model than any of its images."), (images, "")):
        send(page, MACHINE, {"kind": "drawn", "pixels": base64.b64encode(pixels).decode()})
        assert sent(page, MACHINE)["note"] == note
