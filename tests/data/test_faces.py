"""Each factor of a face does what its name says, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_core.data import Images, faces
from vae_core.data.faces.face import CENTRE, EYE_Y, GLASSES, HAIR, RANGES, Face
from vae_core.data.faces.portrait import draw

PLAIN = Face(0.5, 0.3, "short", 0.3, 0.7, 0.5, 0.0, 0.0, 0.5, 0.4, "none", 0.4, 0.6)

# Where in the picture a factor may show: first row, last row, first column, last column.
REACH = {
    "eye_openness": (28, 42, 15, 48),
    "gaze": (29, 41, 16, 47),
    "brow_angle": (22, 34, 16, 47),
    "smile": (39, 57, 20, 43),
    "nose": (38, 46, 26, 37),
    "blush": (38, 47, 12, 51),
}


@pytest.fixture(scope="module")
def images() -> Images:
    return faces.generate(count=60, seed=0)


def changed(a: Face, b: Face) -> NDArray[np.bool_]:
    """[64, 64], where two portraits differ."""
    return (draw(a) != draw(b)).any(axis=0)


def plain_but(name: str, value: float | str) -> Face:
    change: dict[str, Any] = {name: value}
    return replace(PLAIN, **change)


def extremes(name: str) -> tuple[Face, Face]:
    low, high = RANGES[name]
    return plain_but(name, low), plain_but(name, high)


def test_a_set_is_complete(images: Images) -> None:
    assert images.pixels.shape == (60, 3, 64, 64)
    assert images.factors is not None
    assert images.labels is not None
    assert images.factors.dtype == np.float32
    assert images.factor_names == tuple(field.name.replace("_", " ") for field in fields(Face))
    assert len(images.factor_names) == len(images.factor_values) == 13
    assert np.array_equal(images.labels, images.factors[:, images.factor_names.index("hair")])
    assert images.class_names == images.factor_values[images.factor_names.index("hair")] == HAIR


def test_the_seed_decides_everything(images: Images) -> None:
    again, other = faces.generate(count=60, seed=0), faces.generate(count=60, seed=1)
    assert again.identity == images.identity
    assert images.factors is not None
    assert again.factors is not None
    assert other.factors is not None
    assert np.array_equal(again.factors, images.factors)
    assert not np.array_equal(other.factors, images.factors)
    assert other.identity != images.identity


def test_the_factor_table_redraws_every_face(images: Images) -> None:
    assert images.factors is not None
    assert all(np.array_equal(draw(faces.face_of(row)), pixels) for row, pixels in zip(images.factors, images.pixels, strict=True))


def test_factors_fill_their_ranges_evenly() -> None:
    columns = dict(zip((field.name for field in fields(Face)), faces.sample(4000, seed=3).T, strict=True))
    for name, (low, high) in RANGES.items():
        share, _ = np.histogram(columns[name], bins=4, range=(low, high))
        assert share.sum() == 4000
        assert abs(share / 4000 - 0.25).max() < 0.04
    assert abs(np.bincount(columns["hair"].astype(int)) / 4000 - 1 / len(HAIR)).max() < 0.03
    assert abs(np.bincount(columns["glasses"].astype(int)) / 4000 - faces.GLASSES_SHARES).max() < 0.03


def test_factors_are_independent() -> None:
    correlation = np.corrcoef(faces.sample(6000, seed=4).T)
    assert abs(correlation - np.eye(13)).max() < 0.06


@pytest.mark.parametrize("name", RANGES)
def test_each_quantity_shows(name: str) -> None:
    assert changed(*extremes(name)).sum() >= 12


@pytest.mark.parametrize("name", REACH)
def test_a_feature_changes_only_its_own_part_of_the_face(name: str) -> None:
    rows, columns = np.nonzero(changed(*extremes(name)))
    top, bottom, left, right = REACH[name]
    assert top <= rows.min()
    assert rows.max() <= bottom
    assert left <= columns.min()
    assert columns.max() <= right


def test_the_background_leaves_the_face_alone() -> None:
    assert not changed(*extremes("background"))[26:46, 18:46].any()


def test_a_wider_face_covers_more_of_the_background() -> None:
    behind = draw(replace(PLAIN, hair="bald"))[:, 0, 0]
    cover = [
        (draw(replace(PLAIN, hair="bald", width=width)) != behind[:, np.newaxis, np.newaxis]).any(axis=0)[20:50].sum()
        for width in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert all(narrow < wide for narrow, wide in pairwise(cover))


def test_a_deeper_skin_tone_is_darker() -> None:
    light = [int(draw(replace(PLAIN, skin=skin))[:, 40, 26].sum()) for skin in np.linspace(0, 1, 9).tolist()]
    assert all(before > after for before, after in pairwise(light))


def test_a_smile_lifts_the_corners_of_the_mouth() -> None:
    heights = []
    for smile in (0.0, 0.2, 0.4, 0.6):
        column = draw(replace(PLAIN, smile=smile, blush=0.0))[:, 39:54, 26].astype(int).sum(axis=0)
        heights.append(np.average(np.arange(39, 54), weights=column.max() - column))
    assert all(lower > higher for lower, higher in pairwise(heights))


@pytest.mark.slow
def test_small_steps_change_little() -> None:
    """A quantity is an axis that a model can learn: no step of 2 % of its range makes the picture jump."""
    for name, (low, high) in RANGES.items():
        steps = [draw(plain_but(name, low + (high - low) * step / 50)).astype(int) for step in range(51)]
        assert max(abs(a - b).mean() for a, b in pairwise(steps)) < 3, name


def test_every_style_is_its_own() -> None:
    styles = [replace(PLAIN, hair=hair, glasses=glasses) for hair in HAIR for glasses in GLASSES]
    assert len({draw(style).tobytes() for style in styles}) == len(HAIR) * len(GLASSES)


def test_glasses_sit_on_the_eyes_at_any_spacing() -> None:
    for spacing in (0.0, 0.5, 1.0):
        bare = replace(PLAIN, eye_spacing=spacing)
        for glasses in ("round", "square"):
            frame = np.argwhere(changed(bare, replace(bare, glasses=glasses)))
            assert frame.mean(axis=0) == pytest.approx((EYE_Y, CENTRE), abs=1.0)
            eyes = changed(bare, replace(bare, gaze=1.0))
            rows, columns = np.nonzero(eyes)
            assert (frame.min(axis=0) < (rows.min(), columns.min())).all()
            assert (frame.max(axis=0) > (rows.max(), columns.max())).all()


@pytest.mark.parametrize(("name", "value"), [("smile", -0.1), ("gaze", 1.01), ("skin", float("nan")), ("hair", "mohawk"), ("glasses", "")])
def test_a_factor_outside_its_range_is_refused(name: str, value: float | str) -> None:
    with pytest.raises(ValueError, match=name):
        plain_but(name, value)


def test_the_version_stands_for_exactly_these_pixels(images: Images) -> None:
    assert (faces.VERSION, images.identity[:16]) == (1, "612d743966efffff")
