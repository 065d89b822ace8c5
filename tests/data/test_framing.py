"""Uploads in the frame of a data set."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vae_core.data.framing import Framing, framed, noticed

SET = {"channels": 1, "height": 28, "width": 28}


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
    assert noticed(scan().convert("RGB"), channels=3, height=64, width=64, ground=0) == Framing()


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
