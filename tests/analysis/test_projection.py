"""project: each picture against its formula, worked out by brute force or by another library."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from vae_core.analysis import neighbours, projection
from vae_core.analysis.projection import Projection
from vae_core.base.errors import InputError

Floats = NDArray[np.float32]


def normal(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def clusters() -> Floats:
    """Five groups of 12 codes in 16 dimensions, far apart and in a row."""
    codes = normal(60, 16)
    codes[:, 0] += np.repeat(np.arange(5) * 20, 12)
    return codes


def in_time(action: Callable[[], object]) -> None:
    """Run it in a thread that may hang without holding up the tests."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(120)
    assert not thread.is_alive()


def nearest_by_hand(among: Floats, query: Floats, count: int) -> list[int]:
    distances = [sum((float(a) - float(b)) ** 2 for a, b in zip(row, query, strict=True)) for row in among]
    return sorted(range(len(among)), key=distances.__getitem__)[:count]


# raw


def test_raw_shows_two_dimensions_as_they_are() -> None:
    codes = normal(30, 12)
    plane = projection.raw(codes, (11, 2))
    assert plane.points.dtype == np.float32
    assert np.array_equal(plane.points, codes[:, [11, 2]])
    assert plane.axis_labels == ("z₁₁", "z₂")
    assert "lie on top of each other" in plane.note
    assert np.array_equal(projection.place(plane, codes, codes[4:7]), codes[4:7, [11, 2]])
    code = projection.unproject(plane, codes, np.array([3, -1], np.float32))
    assert code.dtype == np.float32
    assert code.tolist() == [0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 3]


def test_raw_of_two_dimensions_loses_nothing() -> None:
    codes = normal(30, 2)
    plane = projection.raw(codes)
    assert "nothing left out" in plane.note
    assert np.array_equal(projection.unproject(plane, codes, plane.points[7]), codes[7])
    assert neighbours.neighbour_overlap(codes, plane.points) == 1


@pytest.mark.parametrize("dims", [(0, 0), (0, 3), (-1, 0)])
def test_raw_refuses_dimensions_that_make_no_plane(dims: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="two different latent dimensions from 0 to 2"):
        projection.raw(normal(5, 3), dims)


# PCA


def test_pca_agrees_with_scikit_learn() -> None:
    codes = (normal(200, 7) * np.arange(1, 8) + 3).astype(np.float32)
    theirs = PCA(2).fit(codes.astype(np.float64))
    signs = np.sign(theirs.components_[[0, 1], abs(theirs.components_).argmax(axis=1)])
    plane = projection.pca(codes)
    assert plane.points == pytest.approx(theirs.transform(codes) * signs, abs=1e-5)
    first, second = 100 * theirs.explained_variance_ratio_
    assert plane.axis_labels == (f"PC 1 ({first:.0f} % of variance)", f"PC 2 ({second:.0f} % of variance)")
    assert f"keeps {first + second:.0f} %" in plane.note


def test_pca_is_the_same_picture_whatever_the_order_of_the_codes() -> None:
    codes = normal(50, 5)
    points = projection.pca(codes).points
    assert projection.pca(codes[::-1]).points[::-1] == pytest.approx(points, abs=1e-5)


def test_pca_places_and_inverts() -> None:
    codes = normal(50, 5) + 2
    plane = projection.pca(codes)
    assert projection.place(plane, codes, codes[:9]) == pytest.approx(plane.points[:9], abs=1e-6)
    point = np.array([0.5, -1.5], np.float32)
    code = projection.unproject(plane, codes, point)
    assert code.dtype == np.float32
    assert projection.place(plane, codes, code[np.newaxis])[0] == pytest.approx(point, abs=1e-5)
    middle = projection.unproject(plane, codes, np.zeros(2, np.float32))
    assert middle == pytest.approx(codes.mean(axis=0), abs=1e-5)


def test_pca_of_two_dimensions_loses_nothing() -> None:
    codes = normal(50, 2) + 2
    plane = projection.pca(codes)
    assert "nothing left out" in plane.note
    assert projection.unproject(plane, codes, plane.points[3]) == pytest.approx(codes[3], abs=1e-5)


def test_pca_of_equal_codes_is_one_place() -> None:
    plane = projection.pca(np.full((20, 4), 1.5, np.float32))
    assert not plane.points.any()
    assert plane.axis_labels[0] == "PC 1 (0 % of variance)"


# placing and inverting where there is no formula: no UMAP needed, any points do


def umap_like(points: Floats) -> Projection:
    return Projection("umap", points, ("UMAP 1", "UMAP 2"), "", 0)


def by_hand(keys: Floats, values: Floats, query: Floats) -> NDArray[np.float64]:
    near = nearest_by_hand(keys, query, 5)
    weights = [1 / np.linalg.norm(keys[index].astype(float) - query) for index in near]
    return np.average(values[near].astype(float), axis=0, weights=weights)


def test_a_new_code_lies_at_the_weighted_mean_of_its_neighbours() -> None:
    codes, points, new = normal(40, 6), normal(40, 2, seed=1), normal(8, 6, seed=2)
    placed = projection.place(umap_like(points), codes, new)
    assert placed.dtype == np.float32
    assert placed == pytest.approx(np.array([by_hand(codes, points, code) for code in new]), abs=1e-6)


def test_a_click_decodes_the_weighted_mean_of_the_codes_around_it() -> None:
    codes, points, click = normal(40, 6), normal(40, 2, seed=1), np.array([0.2, 0.1], np.float32)
    code = projection.unproject(umap_like(points), codes, click)
    assert code.dtype == np.float32
    assert code == pytest.approx(by_hand(points, codes, click), abs=1e-6)


def test_on_a_point_there_is_exactly_its_code() -> None:
    codes, points = normal(40, 6), normal(40, 2, seed=1)
    plane = umap_like(points)
    assert np.array_equal(projection.place(plane, codes, codes[5:9]), points[5:9])
    assert np.array_equal(projection.unproject(plane, codes, points[5]), codes[5])
    points[6] = points[5]
    assert projection.unproject(plane, codes, points[5]) == pytest.approx((codes[5] + codes[6]) / 2)


def test_fewer_codes_than_neighbours_are_enough() -> None:
    codes, points = normal(3, 6), normal(3, 2, seed=1)
    assert np.array_equal(projection.place(umap_like(points), codes, codes), points)


@pytest.mark.parametrize("make", [projection.raw, projection.pca, umap_like])
def test_a_place_that_is_no_number_is_refused(make: Callable[[Floats], Projection]) -> None:
    codes = normal(10, 2)
    broken = np.array([np.nan, 0], np.float32)
    with pytest.raises(InputError, match="nan"):
        projection.unproject(make(codes), codes, broken)
    with pytest.raises(InputError, match="nan"):
        projection.place(make(codes), codes, broken[np.newaxis])


@pytest.mark.parametrize("make", [projection.raw, projection.pca])
def test_codes_that_are_no_numbers_are_refused(make: Callable[[Floats], Projection]) -> None:
    with pytest.raises(InputError, match="nan"):
        make(np.array([[0, np.nan]], np.float32))
    with pytest.raises(InputError, match="no codes"):
        make(np.empty((0, 2), np.float32))


# subsample


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6), data=st.data())
def test_every_class_keeps_its_share(sizes: list[int], data: st.DataObject) -> None:
    n_total = sum(sizes)
    limit = data.draw(st.integers(0, n_total + 3))
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)) * 7 - 1, sizes))
    chosen = projection.subsample(n_total, limit, labels, seed=1)
    assert chosen.dtype == np.int64
    assert len(chosen) == min(limit, n_total)
    assert (np.diff(chosen) > 0).all()
    for position, size in enumerate(sizes):
        assert abs((labels[chosen] == position * 7 - 1).sum() - size * min(limit, n_total) / n_total) < 1


def test_the_largest_remainders_are_rounded_up() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    chosen = projection.subsample(100, 7, labels, seed=0)  # shares 3.5, 2.1, 1.4
    assert np.bincount(labels[chosen]).tolist() == [4, 2, 1]


def test_subsample_follows_its_seed_and_needs_no_labels() -> None:
    first, again, other = (projection.subsample(1000, 50, None, seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first)) == 50


# cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    return tmp_path / "cache" / "projections"


def never() -> Projection:
    raise AssertionError("it should have come from the disk")


def same(a: Projection, b: Projection) -> bool:
    arrays = all(
        (one is None and two is None) or (one is not None and two is not None and one.dtype == two.dtype and np.array_equal(one, two))
        for one, two in ((a.points, b.points), (a.centre, b.centre), (a.axes, b.axes))
    )
    return arrays and (a.method, a.axis_labels, a.note, a.seed) == (b.method, b.axis_labels, b.note, b.seed)


@pytest.mark.parametrize("plane", [projection.pca(normal(30, 4)), umap_like(normal(30, 2))], ids=["pca", "umap"])
def test_a_projection_comes_back_from_the_disk_as_it_was(folder: Path, plane: Projection) -> None:
    assert projection.kept("key") is None
    assert projection.cached("key", lambda: plane) is plane
    assert same(projection.cached("key", never), plane)
    other = umap_like(normal(5, 2))
    assert projection.cached("another key", lambda: other) is other


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
        lambda data: data[64:],
        lambda data: pickle.dumps("not ours"),
    ],
    ids=["empty", "cut short", "one bit", "a plain npz", "a pickle"],
)
def test_a_broken_or_foreign_file_is_made_again(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    plane = umap_like(normal(30, 2))
    projection.cached("key", lambda: plane)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert projection.cached("key", lambda: plane) is plane
    assert file.read_bytes() == whole


def test_a_file_of_another_key_is_foreign(folder: Path) -> None:
    projection.cached("a", lambda: umap_like(normal(30, 2)))
    (of_a,) = folder.iterdir()
    wanted = umap_like(normal(30, 2, seed=1))
    projection.cached("b", lambda: wanted)
    (of_b,) = set(folder.iterdir()) - {of_a}
    of_b.write_bytes(of_a.read_bytes())
    assert projection.cached("b", lambda: wanted) is wanted


def test_a_cache_that_cannot_be_written_costs_no_map(folder: Path) -> None:
    folder.parent.write_text("a file where the folder should be")
    plane = umap_like(normal(30, 2))
    assert projection.cached("key", lambda: plane) is plane


def test_a_build_that_fails_leaves_nothing(folder: Path) -> None:
    def refuse() -> Projection:
        raise InputError("no")

    with pytest.raises(InputError):
        projection.cached("key", refuse)
    assert not folder.exists()


def test_a_whole_class_that_asks_for_one_map_computes_it_once(folder: Path) -> None:
    built = []

    def build() -> Projection:
        built.append(threading.get_ident())
        threading.Event().wait(0.05)
        return umap_like(normal(30, 2))

    with ThreadPoolExecutor(8) as pool:
        points = list(pool.map(lambda _: projection.cached("key", build).points, range(8)))
    assert len(built) == 1
    assert all(np.array_equal(one, points[0]) for one in points)


@pytest.mark.slow
def test_what_is_kept_is_there_while_another_map_is_built(folder: Path) -> None:
    projection.cached("old", lambda: umap_like(normal(30, 2)))

    def build() -> Projection:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(projection.cached, "old", never).result(timeout=60).method == "umap"
            assert pool.submit(projection.kept, "new").result(timeout=60) is None
        return umap_like(normal(5, 2))

    in_time(lambda: projection.cached("new", build))
    assert projection.kept("new") is not None
