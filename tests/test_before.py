"""What the version before wrote still opens: runs, models, image sets, caches. tests/fixtures/before/README.md says what made the files."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from PIL import Image

from pages.ui import cache
from tests.conftest import ROOT
from vae_core import data
from vae_core.analysis import pictures, tradeoff_file
from vae_core.cli.main import main
from vae_core.export.live_model import Precision, live_bundle
from vae_core.runs import catalogue

pytestmark = pytest.mark.slow

BEFORE = ROOT / "tests" / "fixtures" / "before"
EXPECTED: dict[str, Any] = json.loads((BEFORE / "expected.json").read_text("utf-8"))
STOPPED, RATES, SHAPES, SET = (EXPECTED[name] for name in ("stopped", "rates", "shapes", "set"))


@pytest.fixture(autouse=True)
def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the home that the version before left."""
    folder = tmp_path / "home"
    shutil.copytree(BEFORE / "home", folder)
    monkeypatch.setenv("LATENT_LOOM_HOME", str(folder))
    return folder


def command(*arguments: str) -> str:
    """What a command prints."""
    with redirect_stdout(StringIO()) as printed:
        assert main(arguments) == 0
    return printed.getvalue()


def refuse(*_: object) -> NoReturn:
    pytest.fail("computed anew")


def test_every_run_and_model_is_listed() -> None:
    rows = [line.split() for line in command("runs").splitlines()]
    own = {row[0]: (row[1], row[-1]) for row in rows if row[1] in ("run", "upload")}
    assert own == {
        STOPPED["id"]: ("run", "Stopped"),
        RATES["id"]: ("run", "Rates"),
        SHAPES["id"]: ("run", "Shapes"),
        EXPECTED["upload"]: ("upload", "Brought"),
    }
    [left] = [row for row in rows if row[1] == "stopped"]
    assert left[:6] == [STOPPED["id"], "stopped", "step", str(STOPPED["step"]), "of", str(STOPPED["steps"])]


def test_a_stopped_run_is_resumed_to_its_end(old_home: Path) -> None:
    run = old_home / "runs" / STOPPED["id"]
    before = (run / "records.jsonl").read_text("utf-8").splitlines()
    assert len(before) == STOPPED["records"]
    newest = run / "checkpoints" / f"{STOPPED['step']:08}"
    for older in set(newest.parent.iterdir()) - {newest}:
        shutil.rmtree(older)  # it would stand in for a newest one that does not open
    summary = json.loads(command("train", "--resume", STOPPED["id"]))
    after = (run / "records.jsonl").read_text("utf-8").splitlines()
    kept = len(before) - 1  # the last one ended where the run was stopped, and may make way for a whole one
    assert after[:kept] == before[:kept]
    steps = [json.loads(line)["step"] for line in after]
    assert steps == sorted(set(steps))
    assert steps[-1] == STOPPED["steps"]
    assert max(np.diff(steps)) == steps[0]
    assert (summary["run"], summary["epochs"]) == (STOPPED["id"], 100)
    assert summary["loss"] < json.loads(before[-1])["distortion"]
    assert json.loads((run / "status.json").read_bytes())["state"] == "finished"


@pytest.mark.parametrize("model_id", [SHAPES["id"], EXPECTED["upload"]])
def test_a_model_is_judged_on_its_images_as_before(model_id: str) -> None:
    figures = json.loads(command("evaluate", model_id))
    assert figures["data"] == SET["id"]
    assert {name: figures[name] for name in SHAPES["validation"]} == pytest.approx(SHAPES["validation"], rel=1e-5)


def test_a_downloaded_model_file_is_imported(tmp_path: Path) -> None:
    model_id = catalogue.add((BEFORE / "model.zip").read_bytes(), "model.zip")
    assert catalogue.load(model_id).weights_hash == SHAPES["weights"]
    picture = tmp_path / "picture.png"
    command("decode", model_id, "--z", SHAPES["code"], "--out", str(picture))
    assert np.ptp(SHAPES["picture"]) > 20
    np.testing.assert_allclose(np.asarray(Image.open(picture)), SHAPES["picture"], atol=1)


def test_a_deleted_model_comes_back() -> None:
    model_id = EXPECTED["deleted model"]
    assert model_id not in catalogue.models()
    catalogue.restore(model_id)
    assert catalogue.load(model_id).weights_hash == SHAPES["weights"]


def test_an_imported_set_is_listed_and_the_same() -> None:
    assert {name: info.title for name, info in data.imported().items()} == {SET["id"]: "shapes"}
    images = data.load(SET["id"])
    assert images.identity == SET["identity"]
    assert images.class_names == ("bar", "dot")
    assert images.labels is not None
    assert np.bincount(images.labels).tolist() == [18, 18]
    bars = images.pixels[images.labels == 0]
    assert ((bars == 0).sum(axis=(1, 2, 3)) == 56).all()


def test_a_deleted_set_comes_back() -> None:
    known = EXPECTED["deleted set"]
    assert known["id"] not in data.known()
    data.restore_imported(known["id"])
    images = data.load(known["id"])
    assert (images.identity, images.shape, images.labels) == (known["identity"], (3, 8, 8), None)


def test_the_kept_digits_are_read_and_not_made_anew(old_home: Path) -> None:
    file = old_home / "cache" / "sets" / "digits.npz"
    os.utime(file, (0, 0))
    assert data.load("digits").identity == EXPECTED["digits"]
    assert file.stat().st_mtime == 0


def test_a_kept_umap_is_found() -> None:
    entry = catalogue.models()[RATES["id"]]
    found = cache.umap(entry, np.zeros((0, 3), np.float32), refuse)  # no codes: a layout would fail
    assert found.method == "umap"
    assert found.points.shape == (1797, 2)
    np.testing.assert_array_equal(found.points[:3], np.array(RATES["umap"], np.float32))


def test_a_kept_tradeoff_is_found() -> None:
    entry, point = catalogue.models()[RATES["id"]], catalogue.load(RATES["id"])
    assert point.weights_hash == RATES["weights"]
    found = tradeoff_file.cached(entry.folder, point, pictures.of_images(data.load("digits")), refuse)
    assert (found.axes[0][0], found.axes[0][-1]) == pytest.approx((0.1, 1))
    assert (found.distortion.tolist(), found.rate.tolist()) == (RATES["distortion"], RATES["rate"])


@pytest.mark.parametrize(("precision", "file"), [("float32", "live.bin"), ("float16", "live16.bin")])
def test_a_live_bundle_is_the_same_to_the_byte(precision: Precision, file: str) -> None:
    assert live_bundle(catalogue.load(STOPPED["id"]).model, precision=precision) == (BEFORE / file).read_bytes()


@pytest.mark.parametrize("model_id", EXPECTED["bundled"])
def test_a_bundled_model_has_the_weights_that_it_had(model_id: str) -> None:
    assert catalogue.load(model_id).weights_hash == EXPECTED["bundled"][model_id]
