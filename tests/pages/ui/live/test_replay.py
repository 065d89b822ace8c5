"""How a model came to be, on the Train and the Map page: what the browser is told of a run's snapshots, and what is said of them."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.panels import replay
from tests.pages.live import send, sent
from tests.pages.steps import captions, open_page
from vae_core import data
from vae_core.analysis import explore
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.cli.main import main
from vae_core.runs import catalogue, directory, jobs
from vae_core.runs.execute import execute
from vae_core.training import snapshots

WIDE = RunConfig(
    name="Wide",
    data="digits",
    model=ModelConfig(channels=1, height=8, width=8, latent=4, hidden=(16,)),
    train=TrainConfig(epochs=3, threads=1),
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished run in it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATENT_LOOM_HOME", str(home))
        for _ in execute(directory.create(WIDE)):
            pass
    return home


@pytest.fixture(autouse=True)
def own_home(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(trained, tmp_path / "home")
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)


def run_folder() -> Path:
    (run,) = directory.listing()
    return run.folder


def tiles(page: AppTest) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The sheet of pictures that the browser was sent, [rows, columns, H, W]."""
    pictures = sent(page, state.TRAIN_RUN_REPLAY)["pictures"]
    png = base64.b64decode(pictures["sheet"].partition("base64,")[2])
    with Image.open(io.BytesIO(png)) as sheet:
        pixels = np.asarray(sheet)
    return pixels.reshape(-1, 8, pictures["columns"], 8).transpose(0, 2, 1, 3)


def test_the_browser_is_told_of_every_snapshot() -> None:
    page = open_page("train")
    told, (run,) = sent(page, state.TRAIN_RUN_REPLAY), directory.listing()
    known = snapshots.read(run.folder)
    assert known is not None
    assert told["run"] == run.id
    assert told["steps"] == [snapshot.step for snapshot in known.snapshots] == list(snapshots.planned(run.status.steps))
    places = np.frombuffer(base64.b64decode(told["places"]), "<f2").reshape(len(told["steps"]), -1, 2)
    codes = known.snapshots[-1].codes.astype(np.float64)
    apart = np.linalg.norm(codes[:, None] - codes, axis=2)
    assert (np.linalg.norm(places[-1][:, None].astype(np.float64) - places[-1], axis=2) <= apart + 0.01).all()  # a plane through them
    assert len(places[0]) == len(codes) == len(told["groups"]) == told["pictured"]
    assert np.argsort(-known.snapshots[-1].amounts).tolist() == ["z₀z₁z₂z₃".index(name) // 2 for name in told["dims"]]
    np.testing.assert_allclose(np.array(told["amounts"])[-1], np.sort(known.snapshots[-1].amounts)[::-1], atol=1e-4)
    shown = tiles(page)
    assert shown.shape == (1 + len(told["steps"]), 8, 8, 8)
    model = catalogue.load(run.id).model
    np.testing.assert_allclose(shown[-1].astype(int), explore.reconstruct(model, shown[0][:, None])[:, 0], atol=1)
    digits = data.load("digits")
    held_out = digits.take(digits.split().validation)[:, 0]
    assert all((held_out == picture).all((1, 2)).any() for picture in shown[0])
    said = captions(page)
    assert f"{len(codes)} validation images, the same in each of {len(told['steps'])} snapshots, each at the mean of its posterior." in said
    assert "of the variance" in said


def test_a_point_that_is_clicked_has_its_picture_first_in_the_row() -> None:
    page = open_page("train")
    known = snapshots.read(run_folder())
    assert known is not None
    send(page, state.TRAIN_RUN_REPLAY, {"kind": "choose", "numbers": [20]})
    assert sent(page, state.TRAIN_RUN_REPLAY)["shown"] == [20, 0, 1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(tiles(page)[0][0], known.subjects.pixels[20, 0])
    np.testing.assert_array_equal(tiles(page)[3][0], known.snapshots[2].pictures[20, 0])
    send(page, state.TRAIN_RUN_REPLAY, {"kind": "choose", "numbers": [100_000]})
    assert sent(page, state.TRAIN_RUN_REPLAY)["shown"][0] == 20
    assert "Choose a point on the map whose image has a picture." in [text.value for text in page.text]


def test_a_damaged_snapshot_is_left_out_and_the_page_says_so() -> None:
    file = sorted((run_folder() / "snapshots").glob("0*.bin"))[2]
    file.write_bytes(file.read_bytes()[:-40])
    page = open_page("train")
    assert int(file.stem) not in sent(page, state.TRAIN_RUN_REPLAY)["steps"]
    assert "1 more could not be read and is left out." in captions(page)


def test_where_nothing_can_be_read_the_page_says_why() -> None:
    (run,) = directory.listing()
    (run.folder / "snapshots" / "images.bin").unlink()
    assert replay.snapshots_of(run.folder, run.config) is None
    assert "are damaged" in replay.none_of(run.folder)


def test_a_run_of_the_version_before_has_no_way_back_and_says_so() -> None:
    shutil.rmtree(run_folder() / "snapshots")
    page = open_page("train")
    assert not page.get("bidi_component")
    assert len(page.get("plotly_chart")) == 2
    assert "This run was trained before runs kept snapshots" in captions(page)


def test_the_map_page_has_them_for_a_model_that_was_trained_here() -> None:
    page = open_page("map", model=run_folder().name)
    assert "How it came to be" in [expander.label for expander in page.expander]
    assert sent(page, state.MAP_REPLAY)["run"] == run_folder().name


def test_the_snapshots_that_ship_with_a_model_lead_to_that_model() -> None:
    entry = catalogue.models()["digits-2d"]
    known = snapshots.read(snapshots.place_of(entry.folder))
    assert known is not None
    assert known.damaged == 0
    last = known.snapshots[-1]
    posterior = explore.encode(catalogue.load(entry.id).model, known.subjects.pixels)
    np.testing.assert_allclose(last.codes, posterior.mean, rtol=1e-3, atol=1e-3)
    assert last.step == entry.card.steps


def test_the_command_line_writes_them_as_a_gif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", run_folder().name, "--format", "gif", "--out", str(tmp_path / "x.gif")]) == 0
    with Image.open(tmp_path / "x.gif") as animation:
        assert sum(1 for _ in ImageSequence.Iterator(animation)) == len(list((run_folder() / "snapshots").glob("0*.bin")))
    assert main(["export", "mnist-2d", "--format", "gif", "--out", str(tmp_path / "y.gif")]) == 2
    assert "This model brings no snapshots of its training" in capsys.readouterr().err
    assert main(["export", "digits-2d", "--format", "gif", "--beta", "1", "--out", str(tmp_path / "y.gif")]) == 2
    assert "leave --beta out" in capsys.readouterr().err
