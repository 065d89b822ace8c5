"""layouts: which axis is which, channels that are no colours, and images in flat rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.readers.reading import from_npz, smooth, spots
from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices
from vae_core.data.taken import Question

GREY, COLOUR = smooth(40, 12, 10), spots(40, 12, 10)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (GREY, GREY[..., None]),
        (GREY.transpose(1, 2, 0), GREY[..., None]),
        (COLOUR, COLOUR),
        (COLOUR.transpose(0, 3, 1, 2), COLOUR),
        (COLOUR.transpose(1, 2, 3, 0), COLOUR),
        (COLOUR.transpose(3, 1, 2, 0), COLOUR),
        (smooth(12, 12, 12), smooth(12, 12, 12)[..., None]),
        (smooth(12, 12, 12).transpose(1, 2, 0), smooth(12, 12, 12)[..., None]),
    ],
    ids=["NHW", "HWN", "NHWC", "NCHW", "HWCN", "CHWN", "cube NHW", "cube HWN"],
)
def test_images_are_smooth_and_their_row_is_not(stored: NDArray[np.uint8], expected: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(from_npz(images=stored).frames, expected)


def test_pictures_that_change_slowly_from_one_to_the_next_are_still_pictures() -> None:
    film = np.stack([np.roll(smooth(1, 20, 20)[0], shift, axis=1) for shift in np.arange(60) // 4])
    np.testing.assert_array_equal(from_npz(images=film).frames[..., 0], film)


def test_the_user_s_layout_wins_where_it_fits() -> None:
    assert from_npz(ImportChoices(layout="HWN"), images=GREY).frames.shape == (10, 40, 12, 1)
    with pytest.raises(InputError, match=r"^images is \[40, 12, 10\] and cannot be images × height × width × channels"):
        from_npz(ImportChoices(layout="NHWC"), images=GREY)


def test_nine_images_are_not_read_the_other_way_round() -> None:
    with pytest.raises(InputError, match="holds 9 images"):
        from_npz(images=GREY[:9])


def test_a_fourth_channel_is_a_transparency_only_if_it_looks_like_one() -> None:
    mask = np.where(GREY > 60, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(from_npz(images=np.concatenate([COLOUR, mask[..., None]], -1)).frames[..., 3], mask)
    np.testing.assert_array_equal(from_npz(images=np.stack([GREY, mask], -1)).frames, np.stack([GREY, GREY, GREY, mask], -1))
    infrared = np.concatenate([COLOUR, 100 + COLOUR[..., :1] // 4], -1)
    with pytest.raises(Question, match="4 channels, and the last is no transparency") as asked:
        from_npz(images=infrared)
    first, each = (
        from_npz(ImportChoices.model_validate(dict(remedy.choices)), images=infrared, y=np.arange(40) % 4)
        for remedy in asked.value.remedies
    )
    np.testing.assert_array_equal(first.frames, COLOUR)
    assert [name for name, _ in first.taken.unused] == ["the last channel of images"]
    np.testing.assert_array_equal(each.frames[..., 0], infrared.transpose(0, 3, 1, 2).reshape(160, 12, 10))
    assert each.labels is not None
    np.testing.assert_array_equal(each.labels, np.repeat(np.arange(40) % 4, 4))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (smooth(40, 28, 28).reshape(40, -1), smooth(40, 28, 28)[..., None]),
        (smooth(40, 28, 20).reshape(40, -1), smooth(40, 28, 20)[..., None]),
        (spots(40, 16, 16).reshape(40, -1), spots(40, 16, 16)),
        (spots(40, 16, 16).transpose(0, 3, 1, 2).reshape(40, -1), spots(40, 16, 16)),
        (smooth(64, 20, 20).reshape(64, -1).T, smooth(64, 20, 20)[..., None]),
    ],
    ids=["square", "28 × 20", "RGB", "RGB in planes", "columns"],
)
def test_flat_rows_are_unrolled(rows: NDArray[np.uint8], expected: NDArray[np.uint8]) -> None:
    read = from_npz(X=rows)
    np.testing.assert_array_equal(read.frames, expected)
    height, width, channels = expected.shape[1:]
    assert read.notes[-1].endswith(f"were taken as {height} × {width} {'grey' if channels == 1 else 'RGB'} pixels.")


def test_rows_that_do_not_say_their_shape_are_a_question() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 560), np.uint8)
    with pytest.raises(Question, match="560 numbers for each image, which can be 28 × 20 grey pixels or 20 × 28 grey pixels") as asked:
        from_npz(X=noise)
    assert from_npz(ImportChoices.model_validate(dict(asked.value.remedies[1].choices)), X=noise).frames.shape == (40, 20, 28, 1)
    with pytest.raises(InputError, match="has 560 numbers for each image, and 30 × 20 × 1 are 600"):
        from_npz(ImportChoices(frame=(30, 20, 1)), X=noise)
