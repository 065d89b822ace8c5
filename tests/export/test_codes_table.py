"""Codes of images as CSV, Parquet and for TensorBoard's projector: read back by other libraries, they are what the model says."""

from __future__ import annotations

import csv
import io
import math
import re
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.training.test_objectives import digits, optimum
from vae_core import data
from vae_core.analysis import explore
from vae_core.data import Images
from vae_core.export.codes_table import CodesTable, codes_table, csv_file, parquet_file, safe
from vae_core.export.projector import projector_files
from vae_core.runs import catalogue
from vae_core.training.checkpoint import Checkpoint

POINT = catalogue.load("digits-2d")
ODD = replace(
    data.load("digits"),
    class_names=("=1+1", "+2", "-3", "@four", "\tfive", " =6", "seven, 7", 'eight "8"', "nine\nlines", "0"),
    factors=np.stack([np.arange(1797) % 3, np.arange(1797) / 7], axis=1).astype(np.float32),
    factor_names=("=kind", "size"),
    factor_values=(("=a", "b", "c"), ()),
)


def table_of(point: Checkpoint, images: Images, rows: np.ndarray | None = None) -> CodesTable:
    return codes_table(point, images, np.arange(len(images)) if rows is None else rows, lambda share: None)


def test_distortion_and_rate_average_to_those_of_the_linear_models_optimum() -> None:
    best = optimum(1.0)
    point = Checkpoint(deepcopy(best.model).float(), POINT.card.model_copy(update={"model": best.model.config}), None, "")
    about = table_of(point, Images("digits", digits().copy())).about
    distortion, rate = (np.asarray(about[name], np.float64) for name in ("distortion", "rate"))
    assert rate.mean() == pytest.approx(best.rate, rel=1e-5)
    assert abs(distortion.mean() - best.distortion) < 4 * distortion.std() / math.sqrt(len(distortion))


def test_parquet_holds_every_image_with_its_posterior_and_what_is_known() -> None:
    rows = np.array([3, 1000, 7])
    read = pq.read_table(io.BytesIO(parquet_file(table_of(POINT, ODD, rows), POINT)))
    found = read.to_pydict()
    posterior = explore.encode(POINT.model, ODD.take(rows))
    np.testing.assert_allclose(np.stack([found["mean_0"], found["mean_1"]], axis=1), posterior.mean, atol=1e-6)
    np.testing.assert_allclose(np.stack([found["std_0"], found["std_1"]], axis=1), posterior.std, atol=1e-6)
    np.testing.assert_allclose(found["rate"], posterior.kl().sum(axis=1), rtol=1e-4)
    assert (found["image"], found["factor_=kind"]) == ([3, 1000, 7], ["=a", "b", "b"])
    labels = ODD.labels
    assert labels is not None
    assert found["class"] == [ODD.class_names[label] for label in labels[rows]]
    parts = [next(name for name, part in zip(("training", "validation", "test"), ODD.split(), strict=True) if row in part) for row in rows]
    assert found["part"] == parts
    assert b"Digits, 2-D" in read.schema.metadata[b"latent_loom_card"]


def test_a_spreadsheet_shows_every_text_of_the_csv_and_runs_none() -> None:
    table = table_of(POINT, ODD)
    content = csv_file(table).decode()
    names, *lines = csv.reader(io.StringIO(content, newline=""), quoting=csv.QUOTE_NONNUMERIC)
    assert len(lines) == len(ODD)
    texts = {cell for line in (names, *lines) for cell in line if isinstance(cell, str)}
    assert {"'=1+1", "'+2", "'-3", "'@four", "'\tfive", "' =6", "seven, 7", "'=a", "factor_=kind"} <= texts
    assert not {text for text in texts if re.match(r"\s*[=+@\t\r-]", text)}
    column = [line[list(names).index("mean_0")] for line in lines]
    assert all(isinstance(number, float) for number in column)  # a negative number too
    assert np.array_equal(np.array(column, np.float32), table.mean[:, 0])
    assert (safe("=x"), safe("x=")) == ("'=x", "x=")


def test_a_plain_autoencoder_has_neither_widths_nor_a_rate() -> None:
    plain = catalogue.load("mnist-2d-ae")
    columns = table_of(plain, data.load_exactly("mnist-10k"), np.arange(3)).columns()
    assert list(columns) == ["image", "part", "class", "distortion", "mean_0", "mean_1"]


def test_the_projectors_files_agree_line_by_line() -> None:
    files = projector_files(POINT, ODD, lambda share: None)
    vectors = np.loadtxt(io.BytesIO(files["vectors.tsv"]), delimiter="\t", dtype=np.float32)
    np.testing.assert_allclose(vectors, explore.encode(POINT.model, ODD.pixels).mean, atol=1e-6)
    names, *lines = [line.split("\t") for line in files["metadata.tsv"].decode().splitlines()]
    assert names == ["image", "part", "class", "factor_=kind", "factor_size", "distortion", "rate"]
    assert len(lines) == len(ODD)
    assert {len(line) for line in lines} == {len(names)}  # no line or tab within a cell
    assert [int(line[0]) for line in lines] == list(range(len(ODD)))
    assert re.findall(r"single_image_dim: (\d+)", files["projector_config.pbtxt"].decode()) == ["8", "8"]
    with Image.open(io.BytesIO(files["sprite.png"])) as sheet:
        tiles = np.asarray(sheet)
    across = tiles.shape[1] // 8  # by which the projector finds a picture: row by row
    for number in (0, 1, 500, 1796):
        top, left = 8 * (number // across), 8 * (number % across)
        assert np.array_equal(tiles[top : top + 8, left : left + 8], ODD.pixels[number, 0])


def test_the_projector_gets_as_many_images_as_its_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    from vae_core.export import projector

    monkeypatch.setattr(projector, "_SHEET_SIDE", 83)  # ten pictures of 8 pixels, and a rest
    files = projector_files(POINT, ODD, lambda share: None)
    assert files["vectors.tsv"].count(b"\n") == 100
    with Image.open(io.BytesIO(files["sprite.png"])) as sheet:
        assert max(sheet.size) <= 83
