"""Damaged runs and models on the pages: each is said under its own name, none is swapped for another, and the address stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from tests.pages.steps import choose_model, open_page, press
from tests.pages.test_models import TINY
from tests.runs.test_damage import cut, flip
from vae_core.runs import catalogue, directory, jobs
from vae_core.runs.execute import execute

SAID = 'The model "Tiny" is damaged: {} has changed since it was saved.'


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with an older checkpoint beside its newest."""
    run = directory.create(TINY, tmp_path_factory.mktemp("trained") / "run", state="running")
    for _ in execute(run):
        pass
    newest = directory.newest_checkpoint(run)
    assert newest is not None
    shutil.copytree(newest, newest.with_name("00000001"))
    return run


@pytest.fixture
def run(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, the only run there is."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    monkeypatch.setattr(cache, "seconds_per_image", lambda model, train: 1e-3)
    folder = directory.RUNS.place / "0123456789ab"
    shutil.copytree(trained, folder)
    return folder


def newest(run: Path) -> Path:
    found = directory.newest_checkpoint(run)
    assert found is not None
    return found


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.text, *page.caption))


@pytest.mark.parametrize(("name", "parameter"), [("sliders", state.MODEL), ("kl_weight", state.KL_SWEEP)])
def test_a_link_to_a_damaged_model_opens_no_other(name: str, parameter: str, run: Path) -> None:
    flip(newest(run) / "card.json")
    page = open_page(name, **{parameter: run.name})
    assert SAID.format("card.json") in texts(page)
    assert page.query_params[parameter] == run.name
    page.run()
    assert page.query_params[parameter] == run.name
    assert parameter not in page.session_state


def test_a_link_to_no_model_opens_none_until_one_is_chosen(run: Path) -> None:
    page = open_page("map", model="y" * 10 + "x" * 200)
    assert 'There is no model "…' in texts(page)
    assert not page.get("bidi_component")
    choose_model(page, "digits-2d")
    assert page.query_params[state.MODEL] == "digits-2d"
    assert "There is no model" not in texts(page)


def test_what_can_be_done_stands_on_the_models_page(run: Path) -> None:
    flip(newest(run) / "weights.safetensors")
    page = open_page("models", model=run.name)
    assert SAID.format("weights.safetensors") in texts(page)
    flip(newest(run) / "card.json")
    page.run()
    assert SAID.format("card.json") in texts(page)
    assert "1 run without a model" not in texts(page)
    press(page, "Go back to step 1")
    assert "damaged" not in texts(page)
    assert page.session_state[state.MODEL] == run.name
    cut(run / "run.json")
    page.run()
    assert 'The run "Tiny" is damaged: run.json cannot be read. Its model is whole and stays in the list.' in texts(page)
    press(page, "Delete it")
    assert run.name not in catalogue.models()
    press(page, "Undo")
    assert run.name in catalogue.models()


def test_the_train_page_opens_whatever_is_cut(run: Path) -> None:
    for file in ("preview.png", "records.jsonl", "snapshots/images.bin", "status.json"):
        cut(run / file)
    (run / "records.jsonl").write_bytes(b"half a record\n")
    page = open_page("train", run=run.name)
    said = texts(page)
    assert "1 record of this run cannot be read" in said
    assert "The preview of this run, preview.png in its folder, is damaged." in said
    assert "The snapshots of this run are damaged" in said
    assert "The run's status cannot be read." in said
    flip(run / "run.json")
    page.run()
    assert 'The run "' in texts(page)
    assert "run.json cannot be read" in texts(page)
