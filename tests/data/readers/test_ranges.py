"""ranges: black and white of arrays that are scaled in the ways that people scale them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.readers.reading import AS_FOUND, found, from_npz, npy, smooth
from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices
from vae_core.data.readers.blobs import from_uploads

GREY = smooth()
UNIT = GREY / 255
NOISE = np.random.default_rng(1).normal(0, 1, UNIT.shape)


def one_pixel(values: NDArray[np.generic], value: float) -> NDArray[np.generic]:
    changed = values.copy()
    changed[3, 4, 5] = value
    return changed


@pytest.mark.parametrize(
    ("values", "white", "black"),
    [
        (UNIT * 1.2 - 0.1, 1, 0),  # as after a bicubic resize
        (UNIT + 0.1 * NOISE, 1, 0),
        (one_pixel(UNIT, 300), 1, 0),
        (UNIT * 0.1, 1, 0),
        (UNIT * 2 - 1, 1, -1),
        (UNIT - 0.5, 0.5, -0.5),
        (UNIT * 16, 16, 0),
        (UNIT * 255 + NOISE, 255, 0),
        (UNIT * 4095, 4095, 0),
        ((UNIT * 16).astype(np.uint8), 16, 0),
        ((UNIT * 1023).astype(np.uint16), 1023, 0),
        ((UNIT * 4095).astype(np.int32), 4095, 0),
        (one_pixel((UNIT * 4095).astype(np.uint16), 65_535), 4095, 0),
        ((UNIT * 255 - 128).astype(np.int8), 127, -128),
        (one_pixel((GREY // 20).astype(np.uint8), 255), 255, 0),  # of 8 bits nothing is stray: stars are single bright pixels
    ],
)
def test_a_usual_range_is_found_by_what_it_costs_and_not_by_an_extreme(values: NDArray[np.generic], white: float, black: float) -> None:
    read = from_npz(images=values)
    expected = np.rint((values.astype(np.float64) - black) / (white - black) * 255).clip(0, 255)
    np.testing.assert_array_equal(read.frames[..., 0], expected)
    assert not [doubt for doubt in read.taken.doubts if "no usual range" in doubt.sentence]


@pytest.mark.parametrize("values", [(UNIT - 0.13) / 0.31, NOISE, 2 * NOISE, (UNIT * 3000 - 1000).astype(np.int16), UNIT * 1e30])
def test_any_other_range_is_the_data_s_own_and_a_doubt(values: NDArray[np.generic]) -> None:
    read = from_npz(images=values)
    assert "which is no usual range: black is" in read.notes[-1]
    assert (read.frames.min(), read.frames.max()) == (0, 255)
    assert np.corrcoef(read.frames.ravel(), values.ravel().astype(np.float64))[0, 1] > 0.99


def test_clipped_pixels_are_counted_and_many_are_a_doubt() -> None:
    assert "1 of 5,760 values of images lie outside 0 to 1 and were clipped." in from_npz(images=one_pixel(UNIT, 1.4)).notes
    (doubt,) = from_npz(images=UNIT * 1.2 - 0.1).taken.doubts
    outside = int(((UNIT * 1.2 - 0.1 < -1e-3) | (UNIT * 1.2 - 0.1 > 1 + 1e-3)).sum())
    assert doubt.sentence == f"{outside:,} of 5,760 values of images lie outside 0 to 1 and were clipped."
    wider = from_npz(AS_FOUND.model_copy(update=dict(doubt.remedies[0].choices)), images=UNIT * 1.2 - 0.1)
    assert 0 < wider.frames.min() < wider.frames.max() < 255


def test_parts_have_one_range() -> None:
    """A test part that is darker than the training part is dark in the set too."""
    read = from_npz(x_train=UNIT, x_test=UNIT * 0.004)
    assert read.frames[40:].max() == 1


def test_a_range_that_the_user_names_is_taken() -> None:
    read = from_npz(ImportChoices(range=(10, 60)), images=GREY)
    np.testing.assert_allclose(read.frames[..., 0], ((GREY.astype(float) - 10) / 50 * 255).clip(0, 255), atol=0.5)
    assert read.notes == ("The values of images were stretched: black is 10 and white is 60.",)
    inverted = from_npz(ImportChoices(range=(255, 0)), images=GREY)
    np.testing.assert_array_equal(inverted.frames[..., 0], 255 - GREY)
    with pytest.raises(InputError, match="black and white need different values"):
        from_npz(ImportChoices(range=(3, 3)), images=GREY)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(InputError, match=r"^x holds values that are not finite"):
        found(from_uploads([("x.npy", npy(one_pixel(UNIT, bad)))]))
