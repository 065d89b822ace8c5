"""images: real and hostile files against pictures worked out by hand."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from tests.data import hostile
from vae_core.base.errors import InputError
from vae_core.data.animation import gif_bytes
from vae_core.data.images import Fit, fit_image, image_size, open_image, png_bytes, shown, strip_bytes, to_pil

BACKGROUND = (200, 30, 90)


def by_hand(data: bytes) -> NDArray[np.uint8]:
    """Upright and composited over BACKGROUND, [3, H, W]: s·α + b·(1 − α) in floating point."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    rgba = np.asarray(image.convert("RGBA"), np.float64)
    alpha = rgba[..., 3:] / 255
    return np.rint(rgba[..., :3] * alpha + np.array(BACKGROUND) * (1 - alpha)).astype(np.uint8).transpose(2, 0, 1)


def fitted(data: bytes, channels: int = 3) -> NDArray[np.uint8]:
    """The file at its own size, so that nothing is resampled."""
    image = open_image(data, "x.png")
    assert image_size(data, "x.png") == (image.height, image.width)
    return fit_image(image, channels=channels, height=image.height, width=image.width, background=BACKGROUND)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def noise(*shape: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


READABLE = [
    *("alpha/hopper.gif", "alpha/l_trns.png", "alpha/p_trns_single.png", "alpha/rgb_trns.png", "alpha/tRNS_null_1x1.png"),
    *("alpha/transparent.png", "alpha/transparent.webp", "colour/hopper_gray.jpg", "colour/pil_sample_cmyk.jpg"),
    *("exif/Landscape_3.jpg", "exif/Landscape_6.jpg", "exif/Landscape_8.jpg", "exif/Portrait_5.jpg"),
    *("exif/hopper_orientation_5.webp", "exif/hopper_orientation_6.jpg", "exif/xmp_tags_orientation.png"),
]
LAB = "colour/hopper.Lab.tif"
REFUSED = {
    "corrupt/broken.png": "broken.png is a damaged or cut-short PNG image and cannot be read.",
    "corrupt/truncated_image.png": "truncated_image.png is a damaged or cut-short PNG image and cannot be read.",
    "corrupt/truncated_jpeg.jpg": "truncated_jpeg.jpg is a damaged or cut-short JPEG image and cannot be read.",
}


def test_every_awkward_file_is_listed(shared: Path) -> None:
    folder = shared / "data/awkward"
    assert {path.relative_to(folder).as_posix() for path in folder.glob("*/*")} == {*READABLE, *REFUSED, LAB}


@pytest.mark.parametrize("name", READABLE)
def test_awkward_file_gives_the_picture_worked_out_by_hand(shared: Path, name: str) -> None:
    data = (shared / "data/awkward" / name).read_bytes()
    np.testing.assert_array_equal(fitted(data), by_hand(data))


@pytest.mark.parametrize("name", REFUSED)
def test_awkward_file_is_refused_in_one_sentence(shared: Path, name: str) -> None:
    path = shared / "data/awkward" / name
    with pytest.raises(InputError) as refusal:
        open_image(path.read_bytes(), path.name)
    assert str(refusal.value) == REFUSED[name]


def test_a_tiff_in_the_colours_of_lab_is_the_same_scene_in_rgb(shared: Path) -> None:
    lab, grey = (open_image((shared / "data/awkward" / name).read_bytes(), name) for name in (LAB, "colour/hopper_gray.jpg"))
    assert lab.mode == "RGB"
    assert np.abs(np.asarray(lab.convert("L"), np.int64) - np.asarray(grey)).mean() < 1


@pytest.mark.parametrize(
    ("data", "pixels"),
    [
        (b"P2\n2 2\n15\n0 5 10 15\n", [[0, 85], [170, 255]]),
        (b"P5 2 1 4095\n" + struct.pack(">2H", 2000, 4095), [[125, 255]]),
        (b"P4\n8 1\n\xf0", [[0] * 4 + [255] * 4]),
        (b"P6 # c\n1 1\n255\nabc", [[[97, 98, 99]]]),
    ],
)
def test_portable_maps(data: bytes, pixels: list[object]) -> None:
    assert np.asarray(open_image(data, "x.pnm")).tolist() == pixels
    with pytest.raises(InputError, match="damaged or cut-short PPM"):
        open_image(data[:-1] if data.startswith(b"P2") is False else data[:12], "x.pnm")


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_tiff_is_upright_and_its_deep_greys_are_scaled(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data, as_png = (saved(to_pil(noise(1, 5, 7)), kind, exif=exif) for kind in ("TIFF", "PNG"))
    np.testing.assert_array_equal(np.asarray(open_image(data, "x")), np.asarray(open_image(as_png, "x")))
    assert image_size(data, "x") == image_size(as_png, "x")
    deep = io.BytesIO()
    Image.fromarray(np.array([[0, 40_000, 65_535]], np.uint16)).save(deep, "TIFF")
    assert np.asarray(open_image(deep.getvalue(), "x")).tolist() == [[0, 156, 255]]


def test_upright_landscape_photos_agree(shared: Path) -> None:
    """The same scene held three ways: the transposition is right and not merely the library's."""
    thumbs = [
        fit_image(open_image((shared / f"data/awkward/exif/Landscape_{held}.jpg").read_bytes(), "x"), channels=3, height=20, width=30)
        for held in (3, 6, 8)
    ]
    assert all(np.abs(thumb.astype(int) - thumbs[0]).mean() < 3 for thumb in thumbs)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientations(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = saved(to_pil(noise(3, 5, 7)), exif=exif)
    np.testing.assert_array_equal(fitted(data), by_hand(data))


def test_damaged_metadata_does_not_cost_the_picture() -> None:
    pixels = noise(3, 5, 7)
    data = saved(to_pil(pixels), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    np.testing.assert_array_equal(fitted(data), pixels)


def test_nothing_of_the_file_but_its_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "camera"
    image = open_image(saved(to_pil(noise(3, 8, 8)), exif=exif, icc_profile=b"profile"), "x")
    assert image.info == {}
    assert not image.getexif()


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    values = [0, 128, 129, 255, 257, 40_000, 65_407, 65_535]
    data = png(8, 1, 16, 0, b"\0" + struct.pack(">8H", *values))
    np.testing.assert_array_equal(fitted(data, 1)[0, 0], [0, 0, 1, 1, 1, 156, 255, 255])


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_transparent_grey_of_every_depth(depth: int) -> None:
    """Two pixels, values 0 and the largest; the largest is the transparent one."""
    top = 2**depth - 1
    row = int.to_bytes(top << max(8, 2 * depth) - 2 * depth, max(1, depth // 4), "big")
    data = png(2, 1, depth, 0, b"\0" + row, chunk(b"tRNS", struct.pack(">H", top)))
    np.testing.assert_array_equal(fitted(data)[:, 0, 1], BACKGROUND)
    np.testing.assert_array_equal(fitted(data)[:, 0, 0], 0)


def test_transparent_colour_of_sixteen_bits_a_channel() -> None:
    colours = [(4000, 50_000, 7), (60_000, 1, 2)]
    row = b"\0" + b"".join(struct.pack(">3H", *colour) for colour in colours)
    data = png(2, 1, 16, 2, row, chunk(b"tRNS", struct.pack(">3H", *colours[0])))
    np.testing.assert_array_equal(fitted(data)[:, 0, 0], BACKGROUND)
    np.testing.assert_array_equal(fitted(data)[:, 0, 1], [60_000 >> 8, 0, 0])


def test_transparent_red_shows_the_background() -> None:
    data = saved(Image.new("RGBA", (8, 8), (255, 0, 0, 0)))
    assert fit_image(open_image(data, "x"), channels=1, height=8, width=8).max() == 0


def test_grey_with_alpha_and_bilevel() -> None:
    grey = saved(Image.new("LA", (1, 1), (100, 51)))
    np.testing.assert_array_equal(fitted(grey)[:, 0, 0], [180, 44, 92])  # 100·0.2 + b·0.8
    bilevel = saved(Image.fromarray(noise(4, 4) > 127), "BMP")
    np.testing.assert_array_equal(fitted(bilevel, 1)[0], np.where(noise(4, 4) > 127, 255, 0))


def test_animations_give_their_first_frame() -> None:
    frames = noise(3, 1, 16, 16)
    np.testing.assert_array_equal(fitted(gif_bytes(frames, milliseconds=50), 1), frames[0])
    first, second = (to_pil(frame) for frame in noise(2, 3, 16, 16))
    animated = saved(first, "WEBP", save_all=True, append_images=[second], lossless=True, duration=0)
    np.testing.assert_array_equal(fitted(animated), np.asarray(first).transpose(2, 0, 1))


PHOTO = noise(3, 40, 40)
WRONG_SUM = bytearray(png(4, 4, 8, 0, bytes(20)))
WRONG_SUM[WRONG_SUM.index(b"IEND") - 5] ^= 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"x", "is not a PNG, JPEG, WEBP, BMP, GIF, TIFF, PGM or PPM image"),
        (saved(to_pil(PHOTO))[:1000], "cut-short PNG"),
        (saved(to_pil(PHOTO), "JPEG", quality=95)[:-30], "cut-short JPEG"),
        (saved(to_pil(PHOTO), "WEBP")[:-30], "cut-short WEBP"),
        (saved(to_pil(PHOTO), "BMP")[:-30], "cut-short BMP"),
        (saved(to_pil(PHOTO), "GIF")[:-30], "cut-short GIF"),
        (bytes(WRONG_SUM), "damaged"),
        (png(0, 10, 8, 0, b""), "damaged"),
        (png(2**31 - 1, 2**31 - 1, 8, 0, b""), "an image may have 16 million"),
        (png(13_000, 13_000, 1, 0, bytes(13_000 * 1626)), "13,000 × 13,000 pixels; an image may have 16 million"),
        (png(4, 4, 8, 0, bytes(20), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))), "damaged"),
        (png(4, 4, 8, 0, bytes(20), chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26)))), "damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a PNG"),
        (b"8BPS\0\1", "is not a PNG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "is not a PNG"),
        (b"%PDF-1.7", "is not a PNG"),
        (b"MZ\x90\0", "is not a PNG"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG drawing"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC or AVIF photo.*export it as JPEG"),
        (b"PK\3\4" + bytes(40), "is a ZIP archive that is cut off"),
        (b"PK\3\4" + bytes(40) + b"PK\5\6", "is an archive: give it alone"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20 * 2**20), "20 MB"),
        (hostile.wordy_png(300_000), "is an image in more than 66,666 pieces: open it and save it again"),
        (hostile.png_of(1, 16_000_000), "16,000,000 × 1 pixels; a side may have 32,768"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=r"^photo\.png .*\.$") as refusal:
        open_image(data, "photo.png")
    refusal.match(reason)


def test_size_is_refused_before_anything_is_decoded() -> None:
    damaged = png(5000, 5000, 8, 0, b"no pixels at all")
    for read in (open_image, image_size):
        with pytest.raises(InputError, match="5,000 × 5,000 pixels"):
            read(damaged, "x")


def test_a_file_that_is_also_a_zip_is_the_image_it_begins_with() -> None:
    np.testing.assert_array_equal(fitted(saved(to_pil(PHOTO)) + b"PK\3\4PK\5\6"), PHOTO)


SEEDS = [
    saved(to_pil(noise(3, 9, 9))),
    saved(to_pil(noise(1, 9, 9)).convert("P"), transparency=3),
    saved(to_pil(noise(3, 9, 9)), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
    saved(to_pil(noise(3, 9, 9)), "JPEG"),
    saved(to_pil(noise(3, 9, 9)).convert("CMYK"), "JPEG"),
    saved(to_pil(noise(3, 9, 9)), "WEBP"),
    saved(to_pil(noise(3, 9, 9)), "BMP"),
    saved(to_pil(noise(3, 9, 9)), "GIF"),
    png(4, 2, 16, 0, bytes(18), chunk(b"tRNS", b"\1\2")),
]


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_only_input_errors_escape_from_mutated_files(seed: bytes, changes: list[tuple[int, int]], cut: int, whole: bool) -> None:
    data = bytearray(seed)
    for position, value in changes:
        data[position % len(data)] = value
    with contextlib.suppress(InputError):
        image = open_image(bytes(data if whole else data[: cut % len(data)]), "x.png")
        assert image.mode in ("L", "RGB", "LA", "RGBA")
        assert fit_image(image, channels=3, height=8, width=8).shape == (3, 8, 8)


def test_a_fitting_image_is_not_resampled() -> None:
    np.testing.assert_array_equal(fit_image(to_pil(PHOTO), channels=3, height=40, width=40), PHOTO)


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_whole_factors_are_exact(fit: Fit) -> None:
    doubled = PHOTO.repeat(2, 1).repeat(2, 2)
    np.testing.assert_array_equal(fit_image(to_pil(PHOTO), channels=3, height=80, width=80, fit=fit), doubled)
    np.testing.assert_array_equal(fit_image(to_pil(doubled), channels=3, height=40, width=40, fit=fit), PHOTO)
    halved = PHOTO.reshape(3, 20, 2, 20, 2).mean((2, 4))
    assert np.abs(fit_image(to_pil(PHOTO), channels=3, height=20, width=20, fit=fit) - halved).max() <= 1  # rounded along each axis


def test_other_factors_are_antialiased() -> None:
    """A one-pixel chequerboard shrunk by 1.5 is grey; picking single pixels would leave it black and white."""
    board = (np.indices((60, 60)).sum(0) % 2 * 255).astype(np.uint8)
    small = fit_image(Image.fromarray(board), channels=1, height=40, width=40)[0, 4:-4, 4:-4]
    assert small.min() > 90
    assert small.max() < 165


def test_crop_keeps_the_centre() -> None:
    wide = noise(3, 4, 11)
    np.testing.assert_array_equal(fit_image(to_pil(wide), channels=3, height=4, width=4), wide[:, :, 3:7])
    tall = noise(3, 10, 4)
    np.testing.assert_array_equal(fit_image(to_pil(tall), channels=3, height=4, width=4), tall[:, 3:7])
    np.testing.assert_array_equal(fit_image(to_pil(wide), channels=3, height=8, width=16), wide[:, :, 1:9].repeat(2, 1).repeat(2, 2))


def test_pad_keeps_everything() -> None:
    wide = noise(3, 4, 12)
    padded = fit_image(to_pil(wide), channels=3, height=12, width=12, background=BACKGROUND, fit="pad")
    np.testing.assert_array_equal(padded[:, 4:8], wide)
    np.testing.assert_array_equal(np.delete(padded, range(4, 8), 1), np.broadcast_to(np.array(BACKGROUND)[:, None, None], (3, 8, 12)))
    grey = fit_image(to_pil(wide[:1]), channels=1, height=12, width=12, background=(255, 255, 255), fit="pad")
    np.testing.assert_array_equal(grey[0, :4], 255)


@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1), (1, 1)])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_extreme_shapes(size: tuple[int, int], fit: Fit) -> None:
    assert fit_image(Image.new("RGB", size, "white"), channels=3, height=28, width=20, fit=fit).max() == 255


def test_grey_is_luma_and_greys_survive_the_way_through_colour() -> None:
    red, green, blue = noise(3, 8, 8).astype(float)
    grey = fit_image(to_pil(noise(3, 8, 8)), channels=1, height=8, width=8)[0]
    assert np.abs(grey - (0.299 * red + 0.587 * green + 0.114 * blue)).max() < 0.51
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    colour = fit_image(to_pil(ramp), channels=3, height=16, width=16)
    np.testing.assert_array_equal(fit_image(to_pil(colour), channels=1, height=16, width=16), ramp)


@pytest.mark.parametrize("channels", [1, 3])
def test_png_repeats_pixels_and_carries_no_metadata(channels: int) -> None:
    pixels = noise(channels, 5, 7)
    data = png_bytes(pixels, 3)
    np.testing.assert_array_equal(fitted(data, channels), pixels.repeat(3, 1).repeat(3, 2))
    kinds, position = [], 8
    while position < len(data):
        kinds.append(data[position + 4 : position + 8])
        position += 12 + struct.unpack(">I", data[position : position + 4])[0]
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


def test_strip_is_a_row() -> None:
    frames = noise(4, 3, 5, 7)
    np.testing.assert_array_equal(fitted(strip_bytes(frames)), np.concatenate(list(frames), 2))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("cat.png", "cat.png"),
        ("a\nb\tc\0.png", "abc.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("👩\u200d🎨 قطة.png", "👩\u200d🎨 قطة.png"),
        ("\ud800.png", ".png"),
        ("a" * 300 + ".png", "…" + "a" * 75 + ".png"),
    ],
)
def test_names_are_shown_as_one_line_of_text(name: str, plain: str) -> None:
    assert shown(name) == plain
