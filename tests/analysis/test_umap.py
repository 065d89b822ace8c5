"""projection: what UMAP keeps, refuses and tells of its progress, and one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.analysis.test_projection import Floats, clusters, in_time, nearest_by_hand, normal
from vae_core.analysis import projection
from vae_core.base.errors import InputError


@pytest.mark.slow
def test_umap_keeps_clusters_and_says_how_far_it_is() -> None:
    codes = clusters()
    codes[1] = codes[0]
    parts: list[float] = []
    plane = projection.umap_project(codes, seed=4, progress=parts.append)
    assert plane.points.dtype == np.float32
    assert (plane.seed, plane.axis_labels) == (4, ("UMAP 1", "UMAP 2"))
    neighbourhoods = [nearest_by_hand(plane.points, point, 8) for point in plane.points]
    assert np.mean([[other // 12 == index // 12 for other in near] for index, near in enumerate(neighbourhoods)]) > 0.95
    assert np.array_equal(plane.points[0], plane.points[1])
    assert (parts[0], parts[-1]) == (0, 1)
    assert parts == sorted(parts)
    assert len(parts) > 3
    assert np.array_equal(projection.umap_project(codes, seed=4).points, plane.points)
    assert not np.array_equal(projection.umap_project(codes, seed=5).points, plane.points)


def test_umap_asks_for_no_more_neighbours_than_there_are() -> None:
    assert np.isfinite(projection.umap_project(normal(5, 3), seed=0).points).all()


@pytest.mark.parametrize(
    ("codes", "options", "reason"),
    [
        (normal(0, 3), {}, "no codes"),
        (normal(1, 3), {}, "at least 5 different codes"),
        (normal(4, 3), {}, "at least 5 different codes"),
        (np.ones((50, 3), np.float32), {}, "at least 5 different codes"),
        (np.repeat(normal(4, 3), 10, axis=0), {}, "at least 5 different codes"),
        (normal(50, 3) * np.float32(1e-40), {}, "1e-09 or more apart"),
        (np.array([[0, 1], [2, np.nan]], np.float32), {}, "one of these is nan"),
        (np.array([[0, 1], [2, -np.inf]], np.float32), {}, "one of these is inf"),
        (normal(50, 3) * np.float32(1e30), {}, "up to 1e"),
        (normal(50, 3), {"neighbours": 1}, "2 to 100 neighbours, not 1"),
        (normal(50, 3), {"neighbours": 101}, "2 to 100 neighbours, not 101"),
        (normal(50, 3), {"min_dist": -0.1}, "from 0 to 1, not -0.1"),
        (normal(50, 3), {"min_dist": float("nan")}, "from 0 to 1, not nan"),
        (normal(50, 3), {"seed": -1}, "seed"),
        (normal(50, 3), {"seed": 2**32}, "seed"),
    ],
)
def test_umap_refuses_what_it_cannot_draw(codes: Floats, options: dict[str, float], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        projection.umap_project(codes, **{"seed": 0, **options})  # type: ignore[arg-type]


def test_one_umap_at_a_time() -> None:
    stages: list[float] = []

    def run(seed: int) -> None:
        projection.umap_project(normal(30, 3), seed=seed, progress=lambda part: stages.append(part) if part in (0, 1) else None)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert stages == [0, 1] * 4


@pytest.mark.parametrize("call", [1, 2, 3], ids=["start", "neighbours", "layout"])
def test_a_progress_that_raises_stops_its_own_umap_and_no_other(call: int) -> None:
    parts: list[float] = []

    def stop(part: float) -> None:
        parts.append(part)
        if len(parts) == call:
            raise KeyError(part)

    def run_into_it() -> None:
        with pytest.raises(KeyError):
            projection.umap_project(normal(30, 3), seed=0, progress=stop)

    in_time(run_into_it)
    assert len(parts) == call
    in_time(lambda: projection.umap_project(normal(30, 3), seed=0))


def test_a_progress_that_raised_is_not_called_again() -> None:
    parts: list[float] = []

    def stop(part: float) -> None:
        parts.append(part)
        raise KeyError(part)

    meter = projection._Meter(stop)
    for text in ("\r50.0", "\r100.0", "\r   \r", "\n"):
        assert meter.write(text) == len(text)
    assert parts == pytest.approx([0.55])
    assert isinstance(meter.raised, KeyError)


def test_the_umap_kept_of_a_model_is_found_by_the_text_that_it_was_kept_under() -> None:
    found = projection.umap_key("0123abcd", "digits-1", 10_000)
    assert found == "umap of 0123abcd over digits-1 at most 10000, seed 0, neighbours 15, min_dist 0.1"
