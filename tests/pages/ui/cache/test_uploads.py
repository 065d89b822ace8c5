"""uploads: a picture is decoded once, however often its page is drawn; few are kept, and none outlives its session."""

from __future__ import annotations

import gc

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.cache import uploads
from pages.ui.ground import state
from tests.pages.steps import open_page
from vae_core import data
from vae_core.data import apart
from vae_core.data.images import png_bytes

HOME, SLIDERS = state.HOME_OWN, state.SLIDERS_OWN
A, B = state.part(state.INTERPOLATE_FROM, state.PART_OWN), state.part(state.INTERPOLATE_TO, state.PART_OWN)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are decoded from now on."""
    real, names = apart.open_picture, list[str]()

    def watched(content: bytes, name: str, least: int | None) -> object:
        names.append(name)
        return real(content, name, least)

    monkeypatch.setattr(uploads, "open_picture", watched)
    return names


def bring(page: AppTest, where: str, name: str, picture: int) -> AppTest:
    content = png_bytes(data.load("digits").pixels[picture], 3)
    page.file_uploader(key=state.part(where, state.PART_UPLOAD)).upload(name, content, "image/png").run()
    assert not page.exception
    return page


def test_home_and_sliders_decode_an_upload_once(opened: list[str]) -> None:
    bring(open_page("home"), HOME, "home.png", 3).run().run()
    bring(open_page("sliders", start="Own image"), SLIDERS, "sliders.png", 4).run().run()
    assert opened == ["home.png", "sliders.png"]


def test_interpolate_decodes_both_of_its_uploads_once_and_another_file_of_the_same_name_anew(opened: list[str]) -> None:
    page = open_page("interpolate")
    for key in (state.INTERPOLATE_FROM, state.INTERPOLATE_TO):
        page.segmented_control(key=state.part(key, state.PART_SOURCE)).set_value("Own image")
    page.run()
    bring(bring(page, A, "a.png", 1), B, "b.png", 2).run().run()
    assert opened == ["a.png", "b.png"]
    bring(page, B, "b.png", 5).run()
    assert opened == ["a.png", "b.png", "b.png"]


def test_what_is_refused_is_tried_again(opened: list[str]) -> None:
    page = open_page("home")
    page.file_uploader(key=state.part(HOME, state.PART_UPLOAD)).upload("no.png", b"no image", "image/png").run().run()
    assert opened == ["no.png", "no.png"]


def test_a_session_keeps_two_and_all_together_so_many_bytes(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    kept = uploads._Kept()
    monkeypatch.setattr(uploads, "_of_session", lambda: kept)
    content = png_bytes(data.load("digits").pixels[0])
    for upload in ("1", "2", "1", "3", "1", "2"):
        uploads.decoded(upload, content, upload)
    assert opened == ["1", "2", "3", "2"]
    assert list(kept.pictures) == ["1", "2"]
    monkeypatch.setattr(uploads, "MOST", 100)
    assert uploads.decoded("4", content, "4").size == uploads.decoded("4", content, "4").size == (8, 8)
    assert opened[4:] == ["4", "4"]
    assert "4" not in kept.pictures


def test_what_a_session_kept_goes_with_it() -> None:
    kept = uploads._Kept()
    uploads._sessions.add(kept)
    before = len(uploads._sessions)
    del kept
    gc.collect()
    assert len(uploads._sessions) < before
