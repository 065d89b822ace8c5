"""stacks: the pages of one file are a set."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.data.readers.reading import smooth
from tests.data.readers.test_pictures import read
from vae_core.base.errors import InputError


def stack(pixels: np.ndarray, kind: str = "TIFF", **options: object) -> bytes:
    stream = io.BytesIO()
    first, *others = map(Image.fromarray, pixels)
    first.save(stream, kind, save_all=True, append_images=others, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_each_page_is_an_image(kind: str) -> None:
    images = smooth(30)
    pictures, taken = read({"stack.x": stack(images, kind)})
    np.testing.assert_array_equal(pictures.pixels[:, 0], images)
    assert "The 30 pages of stack.x were taken as images of their own." in taken.notes


def test_deep_pages_share_one_range() -> None:
    images = smooth(30)
    pictures, _ = read({"stack.tif": stack(images.astype(np.uint16) * 16)})
    np.testing.assert_allclose(pictures.pixels[:, 0].astype(int), images, atol=1)  # white is 4,095 and not 255 · 16


def test_few_pages_are_one_picture() -> None:
    with pytest.raises(InputError, match="has 1 readable image"):
        read({"stack.tif": stack(smooth(9))})


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_stack_that_is_cut_short_is_said(share: float) -> None:
    whole = stack(smooth(30), compression="tiff_deflate")
    with pytest.raises(InputError, match=r"damaged or cut.short"):
        read({"stack.tif": whole[: int(share * len(whole))]})


def test_pages_count_in_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_MEMBERS", 29)
    with pytest.raises(InputError, match="holds too many files"):
        read({"stack.tif": stack(smooth(30))})
