"""A class on the pages and at the addresses of the browser: a student comes to nothing of another's by guessing where it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.cache import pictures
from pages.ui.ground import state
from pages.ui.screens.train.uploads import OWN
from pages.ui.server import door
from pages.ui.server.routes import ROUTES
from tests.pages.steps import captions, open_page, press
from tests.runs.test_catalogue import make_run
from tests.runs.test_damage import cut
from vae_core import data
from vae_core.base import owners, passes
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import catalogue, pins

ANNA, BEN = "a" * 16, "b" * 16


@pytest.fixture(autouse=True)
def words(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> passes.Words:
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://127.0.0.1:8501")
    return passes.settled("apple-tree", "a-long-word-of-the-teacher")


@pytest.fixture
def as_ben(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are opened by this student."""
    monkeypatch.setattr(owners, "_who", lambda: BEN)


@pytest.fixture
def of_anna() -> str:
    with owners.acting_as(ANNA):
        return make_run("Of Anna")


def texts(page: AppTest) -> str:
    return "\n".join(text.value for text in page.text)


@pytest.mark.usefixtures("as_ben")
def test_a_link_to_anothers_model_opens_it_for_nobody_else(of_anna: str) -> None:
    page = open_page("models", model=of_anna)
    assert f'There is no model "{of_anna}"' in texts(page)
    assert "Of Anna" not in page.dataframe[0].value["Model"].tolist()
    assert state.MODEL not in page.session_state or page.session_state[state.MODEL] != of_anna


@pytest.mark.usefixtures("as_ben")
def test_a_student_is_told_how_much_may_be_uploaded_and_what_the_models_are() -> None:
    page = open_page("train")
    page.button_group(key=state.TRAIN_SOURCE).set_value(OWN).run()
    (said,) = (text for text in captions(page).splitlines() if text.startswith("Your files stay"))
    assert said.startswith("Your files stay on the computer of the class, up to 50 MB at a time. A file marked with ! was not taken:")
    assert "or shared with the class" in "\n".join(each.value for each in open_page("models").markdown)


@pytest.mark.usefixtures("as_ben")
def test_a_student_sees_the_room_left_and_cannot_change_what_is_shared(of_anna: str) -> None:
    with owners.acting_as(ANNA):
        catalogue.share(of_anna, shared=True)
    page = open_page("models", model=of_anna)
    assert "You use 0.0 MB of 500.0 MB, and 0 of 100 places for runs, models and sets." in captions(page)
    buttons = {button.label: button.disabled for button in page.button}
    assert buttons["Delete"]
    assert not {"Share with the class", "Stop sharing", "Pin for the lesson"} & set(buttons)
    row = page.dataframe[0].value.set_index("Model").loc["Of Anna"]
    assert row["From"] == "of the class"


def test_a_damaged_model_is_mended_and_deleted_by_who_made_it_alone(of_anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with owners.acting_as(ANNA):
        catalogue.share(of_anna, shared=True)
        cut(catalogue.models()[of_anna].folder / "card.json")
    for name, buttons in ((BEN, set()), (ANNA, {"Delete it"}), (None, {"Delete it"})):
        monkeypatch.setattr(owners, "_who", lambda name=name: name)
        page = open_page("models", model=of_anna)
        assert 'The model "Of Anna" is damaged' in texts(page)
        assert {"Delete it"} & {button.label for button in page.button} == buttons
        assert ("Only who shared it with the class and the teacher can change it." in captions(page)) == (name == BEN)
    monkeypatch.setattr(owners, "_who", lambda: None)
    pins.pin([of_anna])
    monkeypatch.setattr(owners, "_who", lambda: ANNA)
    page = open_page("models", model=of_anna)
    assert "Delete it" not in {button.label for button in page.button}
    assert "The teacher has pinned it for the lesson." in captions(page)


def test_the_teacher_shares_and_pins(of_anna: str) -> None:
    press(open_page("models", model=of_anna), "Pin for the lesson")
    with owners.acting_as(BEN):
        assert next(iter(catalogue.models())) == of_anna
    page = press(open_page("models", model=of_anna), "Unpin")
    press(page, "Stop sharing")
    with owners.acting_as(BEN):
        assert of_anna not in catalogue.models()


def test_a_set_is_shared_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "seconds_per_image", lambda model, train: 1e-3)
    name = data.save_imported(Images("own", np.full((20, 1, 8, 8), 7, np.uint8)), "Squares")
    page = press(open_page("train", **{state.TRAIN_DATA: name}), "Share with the class")
    with owners.acting_as(BEN):
        assert cache.images(name).pixels.max() == 7
    press(page, "Stop sharing")
    with owners.acting_as(BEN), pytest.raises(InputError, match="There is no data set"):
        cache.images(name)


def test_on_a_laptop_there_is_nothing_of_a_class(of_anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LATENT_LOOM_CLASS")
    page = open_page("models", model=of_anna)
    assert not {"Share with the class", "Pin for the lesson"} & {button.label for button in page.button}
    assert "You use" not in captions(page)


def test_what_is_in_memory_of_one_is_not_given_to_another() -> None:
    with owners.acting_as(ANNA):
        name = data.save_imported(Images("own", np.full((20, 1, 8, 8), 7, np.uint8)), "Squares")
        assert cache.images(name).pixels.max() == 7
    with owners.acting_as(BEN):
        for asked in (cache.images, pictures.exact_images):
            with pytest.raises(InputError, match="There is no data set"):
                asked(name)


def test_the_addresses_of_a_model_answer_its_owner_alone(of_anna: str, words: passes.Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "_who", owners._who)  # the door sets it
    with owners.acting_as(ANNA):
        weights = cache.opened(catalogue.models()[of_anna].folder).weights_hash
    client = TestClient(Starlette(routes=ROUTES, middleware=[door.built()]))

    def status(name: str) -> int:
        return client.get(f"/live/model/{of_anna}/{weights}", headers={"cookie": f"{door.COOKIE}={words.signed(name)}"}).status_code

    assert {name: status(name) for name in (ANNA, BEN, passes.TEACHER)} == {ANNA: 200, BEN: 404, passes.TEACHER: 200}
    assert owners.asking() == owners.NOBODY  # what runs apart from requests and pages sees nothing of anybody
    with client.websocket_connect(
        f"ws://127.0.0.1:8501/live/stream/{of_anna}/{weights}", headers={"cookie": f"{door.COOKIE}={words.signed(BEN)}"}
    ) as socket:
        assert "no such model" in socket.receive_json()["error"]
