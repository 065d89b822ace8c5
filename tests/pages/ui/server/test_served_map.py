"""What the browser may fetch of a map, and what it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import cache
from pages.ui.cache import encoding
from pages.ui.server import map_data
from pages.ui.server.routes import ROUTES
from tests import many
from vae_core import data
from vae_core.analysis import explore, projection
from vae_core.runs import catalogue

FLAT, WIDE, COLOUR = "digits-2d", "mnist-16d", "faces-beta-1"
CLIENT = TestClient(Starlette(routes=ROUTES), raise_server_exceptions=False)


def base(model: str = FLAT) -> str:
    entry = catalogue.models()[model]
    return f"/live/map/{model}/{cache.opened(entry.folder).weights_hash}/{map_data.source(entry)}"


def get(path: str, model: str = FLAT) -> Any:  # noqa: ANN401 — httpx is Starlette's business
    return CLIENT.get(f"{base(model)}/{path}")


def array(path: str, dtype: str = "<f4", model: str = FLAT) -> np.ndarray:
    answer = get(path, model)
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, dtype)


def is_refused(answer: Response, status: int) -> None:
    """Refused with a plain sentence."""
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.endswith(".")
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize(("view", "model"), [("raw-0-1", FLAT), ("raw-1-0", FLAT), ("pca", FLAT), ("pca", WIDE), ("raw-3-15", WIDE)])
def test_points_are_those_of_the_view(view: str, model: str) -> None:
    codes = cache.codes(catalogue.models()[model])
    assert codes is not None
    mean = codes.posterior.mean
    expected = projection.pca(mean) if view == "pca" else projection.raw(mean, tuple(int(dim) for dim in view.split("-")[1:]))  # type: ignore[arg-type]
    assert np.array_equal(array(f"points/{view}", model=model).reshape(-1, 2), expected.points)


def test_codes_are_the_means_and_then_the_standard_deviations() -> None:
    mean, logvar = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels)
    found = array("codes/all").reshape(2, -1, 2)
    assert np.allclose(found[0], mean, atol=1e-5)
    assert np.allclose(found[1] ** 2, np.exp(logvar), rtol=1e-4)


def test_numbers_are_places_in_the_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.array_equal(array("numbers/all", "<i4"), np.arange(1797))
    monkeypatch.setattr(encoding, "SAMPLE", 100)
    labels = data.load("digits").labels
    assert np.array_equal(array("numbers/sample", "<i4"), projection.subsample(1797, 100, labels, seed=0))


@pytest.mark.parametrize("colour", ["Class", "KL per image", "Reconstruction error", "z₁"])
def test_colours_have_one_value_per_point(colour: str) -> None:
    found = array(f"colour/all?name={quote(colour)}")
    assert found.shape == (1797,)
    assert np.isfinite(found).all()


def test_pictures_come_in_the_order_asked_for() -> None:
    images = data.load("digits")
    assert np.array_equal(array("pictures?n=9,0,9,1796", "u1").reshape(4, 1, 8, 8), images.pixels[[9, 0, 9, 1796]])
    colour = data.load("faces")
    assert np.array_equal(array("pictures?n=3", "u1", COLOUR).reshape(colour.shape), colour.pixels[3])


def test_answers_are_kept_for_good_and_not_compressed() -> None:
    for path in ("points/pca", "numbers/all", "codes/all", "colour/all?name=Class", "pictures?n=1"):
        answer = get(path)
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "identity"


def test_no_more_pictures_at_once_than_fit_an_answer() -> None:
    most = map_data.most_pictures(catalogue.models()[COLOUR])
    assert most == 1_000_000 // data.load("faces").pixels[0].size
    assert get(f"pictures?n={','.join(['1'] * most)}", COLOUR).status_code == 200
    is_refused(get(f"pictures?n={','.join(['1'] * (most + 1))}", COLOUR), 400)
    assert map_data.most_pictures(catalogue.models()[FLAT]) == 256


@pytest.mark.parametrize(
    "asked",
    ["", "?n=", "?n=1797", "?n=-1", "?n=1,", "?n=,1", "?n=1.5", "?n=x", "?n=1%202", "?n=9999999999", "?n=%D9%A1", "?n=1%0A", "?m=1"],
)
def test_pictures_that_are_not_there_are_refused(asked: str) -> None:
    is_refused(get(f"pictures{asked}"), 400)


def test_a_list_of_a_million_numbers_is_refused_at_once() -> None:
    is_refused(get("pictures?n=" + ",".join(["1"] * 30_000)), 400)


def test_without_the_images_there_are_no_pictures(fresh_home: Path) -> None:
    is_refused(get("pictures?n=1", many.away(fresh_home).id), 404)


@pytest.mark.parametrize(
    "path",
    [
        "points/raw",
        "points/raw-0",
        "points/raw-0-0",
        "points/raw-0-2",
        "points/raw--1-0",
        "points/raw-00-1",
        "points/raw-0-1-2",
        "points/PCA",
        "points/%2e%2e",
        "numbers/everything",
        "codes/..%5c",
        "colour/all",
        "colour/all?name=",
        "colour/all?name=z%E2%82%82",
        "colour/all?name=__class__",
    ],
)
def test_what_a_map_has_not_is_refused(path: str, fresh_home: Path) -> None:
    is_refused(get(path), 404)


def test_a_umap_that_nobody_has_drawn_is_refused(fresh_home: Path) -> None:
    is_refused(get("points/umap", many.away(fresh_home).id), 404)


@pytest.mark.parametrize("model", ["nobody", "..", "%2e%2e", "digits-2d%2f..%2fdigits-2d", "%00", "digits-2D"])
def test_models_that_are_not_listed_are_refused(model: str) -> None:
    for path in ("points/pca", "pictures?n=1"):
        answer = CLIENT.get(f"/live/map/{model}/{'0' * 64}/{'0' * 16}/{path}")
        assert answer.status_code == 404


@pytest.mark.parametrize("part", [3, 4])
def test_an_address_of_other_weights_or_images_is_refused(part: int) -> None:
    pieces = base().split("/")
    pieces[part + 1] = "0" * len(pieces[part + 1])
    is_refused(CLIENT.get("/".join([*pieces, "points/pca"])), 404)
