"""1 to 33: single pictures, and names of files."""

from __future__ import annotations

import io
import struct
import unicodedata
import zlib

import numpy as np
from PIL import Image

from tests.attacks.bad.doors import Cases, files, image
from tests.data.hostile import png_of, zipped
from vae_core.data.images import fit_image, open_image

case = Cases()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


PHOTO = Image.fromarray(noise(40, 40, 3))
GREYS = [Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) * 2 + 10 * step) for step in range(12)]


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


PNG = saved(PHOTO)


def sized(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IEND", b"")


def named(name: str) -> list[str]:
    """A file that is no picture, under this name."""
    return [image(b"x", name)]


@case(1)
def empty() -> list[str]:
    return [image(b"")]


@case(2)
def one_byte() -> list[str]:
    return [image(b"x")]


@case(3)
def half_a_png() -> list[str]:
    return [image(PNG[: len(PNG) // 2])]


@case(4)
def most_of_a_jpeg() -> list[str]:
    data = saved(PHOTO, "JPEG")
    return [image(data[: len(data) * 99 // 100], "x.jpg")]


@case(5)
def wrong_sum() -> list[str]:
    data = bytearray(PNG)
    data[data.index(b"IEND") - 5] ^= 1
    return [image(bytes(data))]


@case(6)
def no_width() -> list[str]:
    return [image(sized(0, 10))]


@case(7)
def endless_sides() -> list[str]:
    return [image(sized(2**31 - 1, 2**31 - 1))]


@case(8)
def bomb() -> list[str]:
    return [image(png_of(13_000, 13_000))]


@case(9)
def long_text() -> list[str]:
    return [image(png_of(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))))]


@case(10)
def long_profile() -> list[str]:
    return [image(png_of(8, 8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26)))))]


@case(11)
def sixteen_bits() -> list[str]:
    data = saved(Image.fromarray(np.full((4, 4), 40_000, np.uint16)))
    return [f"{image(data)} 40,000 is grey {open_image(data, 'x').getpixel((0, 0))}."]


@case(12)
def transparent() -> list[str]:
    data = saved(Image.new("RGBA", (4, 4), (255, 0, 0, 0)))
    return [f"{image(data)} On black it is grey {fit_image(open_image(data, 'x'), channels=1, height=4, width=4).max()}."]


@case(13)
def modes() -> list[str]:
    palette = saved(PHOTO.convert("P"), transparency=3)
    deep = saved(Image.fromarray(np.full((8, 8), 0.5, np.float32)), "TIFF")
    each = [saved(PHOTO.convert("CMYK"), "JPEG"), palette, saved(PHOTO.convert("LA")), saved(PHOTO.convert("L").convert("I"), "TIFF"), deep]
    return [" ".join(image(data) for data in each)]


@case(14)
def turned() -> list[str]:
    upright = np.asarray(PHOTO)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the way of Pillow by which a picture lies as the camera was held
    seen = []
    for orientation, way in back.items():
        exif = Image.Exif()
        exif[274] = orientation
        lain = PHOTO.transpose(Image.Transpose(way))
        seen.append(np.array_equal(np.asarray(open_image(saved(lain, "PNG", exif=exif), "x")), upright))
    return [f"Read: {sum(seen)} of {len(back)} upright."]


@case(15)
def ten_thousand_frames() -> list[str]:
    data = saved(GREYS[0], "GIF")
    start = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return [image(data[:start] + data[start:-1] * 10_000 + b";", "x.gif")]


@case(16)
def no_delay() -> list[str]:
    return [image(saved(GREYS[0], "WEBP", save_all=True, append_images=GREYS[1:3], duration=0), "x.webp")]


@case(17)
def other_formats() -> list[str]:
    heads = (b"%!PS-Adobe-3.0 EPSF-3.0\n", b"8BPS\0\1", b"SIMPLE  =                    T", b"\0\0\0\x0cjP  \r\n\x87\n")
    (sentence,) = {image(head) for head in heads}
    return [sentence, f"The TIFF. {image(saved(PHOTO, 'TIFF'))}"]


@case(18)
def drawing_with_a_script() -> list[str]:
    return [image(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "x.svg")]


@case(19)
def other_files() -> list[str]:
    (sentence,) = {image(head) for head in (b"%PDF-1.7", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", b"MZ\x90\0")}
    return [sentence]


@case(20)
def narrow() -> list[str]:
    return [image(png_of(1, 1)), image(png_of(20_000, 1)), image(png_of(40_000, 1))]


@case(21)
def two_in_one() -> list[str]:
    return [image(PNG + zipped([("a", b"x")]))]


@case(22)
def photo_of_a_phone() -> list[str]:
    return [image(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_1.HEIC")]


@case(23)
def up_the_folders() -> list[str]:
    return named("../../x.png")


@case(24)
def up_the_folders_of_windows() -> list[str]:
    return named("..\\..\\x.png")


@case(25)
def of_another_disk() -> list[str]:
    return named("C:\\x.png") + named("\\\\host\\s\\x.png")


@case(26)
def device_of_windows() -> list[str]:
    return named("CON.png") + named("aux")


@case(27)
def long_name() -> list[str]:
    return named(f"{'a' * 296}.png")


@case(28)
def control_characters() -> list[str]:
    return named("a\0b\nc\td.png")


@case(29)
def turned_name() -> list[str]:
    return named("x\u202egnp.exe")


@case(30)
def twins() -> list[str]:
    twin = "é.png"
    names = [unicodedata.normalize("NFC", twin), unicodedata.normalize("NFD", twin), "😀.png", "صورة.png", *(f"{i}.png" for i in range(8))]
    return files({"x.zip": zipped((name, saved(grey)) for name, grey in zip(names, GREYS, strict=True))})


@case(31)
def formula() -> list[str]:
    return named("=cmd!A1.png")


@case(32)
def markup() -> list[str]:
    return named("<img src=x onerror=alert(1)>.png")


@case(33)
def same_name() -> list[str]:
    return files([("a.png", saved(grey)) for grey in GREYS])
