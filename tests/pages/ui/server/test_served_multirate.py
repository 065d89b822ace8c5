"""What the browser may fetch of a multi-rate model: it whole, as the plain one, and its codes at all stations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import cache
from pages.ui.server import multirate_data
from pages.ui.server.routes import ROUTES
from tests import many
from tests.pages.ui.server.test_served_map import is_refused
from vae_core.export.live_model import live_bundle
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry

CLIENT = TestClient(Starlette(routes=ROUTES), raise_server_exceptions=False)


@pytest.fixture(params=[(False, True), (True, True), (False, False)], ids=["images", "split", "kept codes"])
def entry(request: pytest.FixtureRequest, fresh_home: Path) -> Entry:
    split, images = request.param
    return many.save(fresh_home, split=split, images=images)


def test_each_of_its_two_hashes_names_a_model(entry: Entry) -> None:
    whole, opened = cache.whole(entry.folder), cache.opened(entry.folder)
    assert whole.weights_hash != opened.weights_hash
    for point in (whole, opened):
        answer = CLIENT.get(f"/live/model/{entry.id}/{point.weights_hash}")
        assert answer.content == live_bundle(point.model)
        assert "immutable" in answer.headers["cache-control"]
    is_refused(CLIENT.get(f"/live/model/{entry.id}/{'0' * 64}"), 404)
    is_refused(CLIENT.get(f"/live/model/none/{whole.weights_hash}"), 404)


def test_codes_are_the_means_and_then_the_standard_deviations_at_all_stations(entry: Entry) -> None:
    found = cache.at_stations(entry)
    assert found is not None
    answer = CLIENT.get(multirate_data.codes_address(entry))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    mean, deviation = np.frombuffer(answer.content, "<f4").reshape(2, *found.posterior.mean.shape)
    assert np.array_equal(mean, found.posterior.mean)
    np.testing.assert_allclose(deviation, np.exp(0.5 * found.posterior.logvar), rtol=1e-6)
    labels = np.frombuffer(CLIENT.get(multirate_data.labels_address(entry)).content, "<f4")
    assert found.labels is not None
    assert np.array_equal(labels, found.labels)


def test_of_many_classes_the_smallest_share_a_group_on_the_map_and_in_its_legend(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    known, found = cache.pictures_of(entry), cache.at_stations(entry)
    assert known is not None
    assert known.labels is not None
    assert found is not None
    many_labels = np.minimum(np.arange(len(known.labels)) // 2, 24)  # two pictures of each class, and all the rest of the last
    names = tuple(f"class {index}" for index in range(25))
    data = entry.card.data.model_copy(update={"class_names": names})
    monkeypatch.setattr(cache, "pictures_of", lambda entry: replace(known, labels=many_labels))
    crowded = replace(entry, card=entry.card.model_copy(update={"data": data}))
    painted = multirate_data.classes(crowded)
    assert painted is not None
    assert painted.names is not None
    assert painted.names[-1] == "6 others"
    labels = np.arange(found.posterior.mean.shape[1]) % 25
    drawn = multirate_data.groups(crowded, replace(found, labels=labels))
    for group, label in zip(drawn.astype(int), labels, strict=True):
        assert painted.names[group] in (names[label], "6 others")


def test_without_classes_labels_are_nan(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    found = cache.at_stations(entry)
    assert found is not None
    monkeypatch.setattr(cache, "at_stations", lambda entry: replace(found, labels=None))
    labels = np.frombuffer(CLIENT.get(multirate_data.labels_address(entry)).content, "<f4")
    assert np.isnan(labels).all()
    assert len(labels) == found.posterior.mean.shape[1]


def test_no_other_address_is_answered(entry: Entry) -> None:
    good = multirate_data.codes_address(entry)
    opened, whole = cache.opened(entry.folder).weights_hash, cache.whole(entry.folder).weights_hash
    for wrong in (
        good.replace(multirate_data.source(entry), "0" * 16),
        good.replace(whole, opened),
        good.replace(entry.id, "none"),
        good.replace(f"{entry.id}/{whole}", f"digits-2d/{cache.whole(catalogue.models()['digits-2d'].folder).weights_hash}"),
        good.replace("/codes", "/pictures"),
    ):
        assert CLIENT.get(wrong).status_code == 404
    is_refused(CLIENT.get(good.replace(whole, opened)), 404)
    assert CLIENT.get(good).status_code == 200
