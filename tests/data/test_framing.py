"""Uploads in the frame of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vae_core import data
from vae_core.data.framing import Frame, Framing, frame_of, framed, noticed

MIDDLE = Frame(20 / 28, 0.5, 0.5)
SET: Any = {"channels": 1, "height": 28, "width": 28, "frame": MIDDLE}


def scan(ink: int = 20, paper: int = 240, box: tuple[int, int, int, int] = (300, 60, 339, 259)) -> Image.Image:
    """A bar of ink, 40 × 200, far from the middle of a sheet."""
    image = Image.new("L", (400, 300), paper)
    ImageDraw.Draw(image).rectangle(box, fill=ink)
    return image


def transparent() -> Image.Image:
    """Dark ink on nothing, as many icons are."""
    image = Image.new("LA", (400, 300), (0, 0))
    ImageDraw.Draw(image).rectangle((300, 60, 339, 259), fill=(0, 255))
    return image


@pytest.mark.parametrize(
    ("image", "ground", "expected"),
    [
        (scan(), 0, Framing(invert=True, centre=True)),
        (scan().convert("RGB"), 0, Framing(invert=True, centre=True)),
        (transparent(), 0, Framing(invert=True, centre=True)),
        (scan(240, 20), 0, Framing(centre=True)),
        (scan(240, 20), 255, Framing(invert=True, centre=True)),
        (scan().resize((28, 28)), 0, Framing(invert=True)),
        (scan().resize((280, 280)), 0, Framing(invert=True)),
        (scan().resize((280, 281)), 0, Framing(invert=True, centre=True)),
        (Image.new("L", (400, 300), 240), 0, Framing(invert=True)),
        (scan(), 128, Framing()),
        (Image.effect_noise((400, 300), 200), 0, Framing()),
    ],
)
def test_ink_on_plain_paper_is_noticed(image: Image.Image, ground: int, expected: Framing) -> None:
    assert noticed(image, **SET, ground=ground) == expected


def test_colour_images_stay_as_they_are() -> None:
    assert noticed(scan().convert("RGB"), channels=3, height=64, width=64, ground=0, frame=None) == Framing()


def test_centred_ink_has_its_mass_in_the_middle_and_twenty_of_28_pixels() -> None:
    pixels = framed(scan(), Framing(invert=True, centre=True), **SET)[0].astype(float)
    ink = pixels - pixels.min()
    middle = [(ink.sum(axis=axis) @ (np.arange(28) + 0.5)) / ink.sum() for axis in (0, 1)]
    assert middle == pytest.approx([14, 14], abs=0.2)
    assert np.count_nonzero(ink.max(axis=1) > 110) == 20
    assert np.count_nonzero(ink.max(axis=0) > 110) == 4
    assert pixels.min() == 15
    assert pixels.max() == 235


def test_what_is_not_cropped_is_whole_on_the_paper_of_its_border() -> None:
    image = scan(20, 240, (0, 140, 399, 159))
    image.paste(Image.new("L", (400, 1), 240))
    whole = framed(image, Framing(crop=False), **SET)[0]
    cut = framed(image, Framing(), **SET)[0]
    assert (whole[:3] == 240).all()
    assert whole.shape == cut.shape == (28, 28)
    assert np.count_nonzero(whole < 128) <= np.count_nonzero(cut < 128)


def test_nothing_moves_where_there_is_no_paper_or_no_ink() -> None:
    noise = Image.effect_noise((60, 40), 200)
    for image in (noise, Image.new("L", (60, 40), 200)):
        assert np.array_equal(framed(image, Framing(centre=True), **SET), framed(image, Framing(), **SET))


def test_a_thin_long_image_takes_no_memory_to_centre() -> None:
    image = Image.new("L", (1, 200_000), 255)
    image.putpixel((0, 100_000), 0)
    assert framed(image, Framing(centre=True), **SET).shape == (1, 28, 28)


@pytest.mark.parametrize(
    ("name", "size", "centred"), [("digits", 1, False), ("mnist", 20 / 28, True), ("fashion-mnist", 1, False), ("sprites", 0.25, True)]
)
def test_the_frame_is_the_sets_own(name: str, size: float, centred: bool) -> None:
    pixels = data.load(name).take(np.arange(200))
    _, channels, height, width = pixels.shape
    frame = frame_of(pixels, 0)
    assert frame is not None
    assert frame.size == pytest.approx(size, abs=0.02)
    assert noticed(scan(), channels=channels, height=height, width=width, ground=0, frame=frame).centre == centred


def test_ink_goes_where_the_sets_ink_lies() -> None:
    images = np.zeros((3, 1, 28, 28), np.uint8)
    images[:, :, 4:14, 12:26] = 255  # 14 pixels wide, its middle at (19, 9)
    frame = frame_of(images, 0)
    assert frame == Frame(0.5, 19 / 28, 9 / 28)
    pixels = framed(scan(), Framing(invert=True, centre=True), channels=1, height=28, width=28, frame=frame)[0].astype(float)
    ink = np.where(pixels > 110, pixels, 0)  # the paper around it rings where sizes are no whole multiples
    assert (ink.sum(axis=0) @ (np.arange(28) + 0.5)) / ink.sum() == pytest.approx(19, abs=0.2)
    assert (ink.sum(axis=1) @ (np.arange(28) + 0.5)) / ink.sum() == pytest.approx(9, abs=0.2)
    assert np.count_nonzero(ink.max(axis=1) > 110) == 14


def test_without_ink_and_in_colour_there_is_no_frame() -> None:
    assert frame_of(np.full((3, 3, 64, 64), 255, np.uint8), 0) is None
    assert frame_of(np.zeros((3, 1, 28, 28), np.uint8), 0) is None
