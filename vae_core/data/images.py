"""Any image file a user gives → clean pixels, and clean pixels → PNG.

Nothing is decoded before its format, its size on disk and its number of pixels are known to be acceptable.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from vae_core.base.errors import InputError
from vae_core.base.zips import is_cut_off, is_of_torch

Fit = Literal["crop", "pad"]
Colour = tuple[int, int, int]

MORE = "more"
"""In the `info` of a decoded image: its file has other frames or pages too."""
MAX_FILE_BYTES = 20 * 2**20
MAX_PIXELS = 16_000_000
MAX_LENGTH = 2**15

OF_TORCH = "is a file of PyTorch, a model or tensors: `import-model` opens a model, and numpy.savez makes an .npz of tensors."
"""The rest of the sentence about one where images are due."""

_PIECES = 200_000  # that a file may be read in: a PNG has three for each chunk
_LARGE = 4_000_000  # pixels: a photograph with more is made smaller while it is decoded
_READ_FORMATS = "PNG, JPEG, WEBP, BMP, GIF, TIFF, PGM and PPM"
# Pillow's own classes, not Image.open: that one would also read formats with a long history of flaws, and only warns of huge images.
_READERS: dict[str, type[ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WEBP": WebPImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "TIFF": TiffImageFile,
    "PPM": PpmImageFile,  # PBM and PGM too
}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Size(NamedTuple):
    """Height and width in pixels."""

    height: int
    width: int


class _Pieces(io.BytesIO):
    """A file that may be read in so many pieces: one made of a million tiny ones keeps a decoder busy and says nothing."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self._title, self._left = name, _PIECES

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise InputError(f"{shown(self._title)} is an image in more than {_PIECES // 3:,} pieces: open it and save it again.")
        return super().read(size)


def shown(name: str) -> str:
    """A user's file or folder name for use in a sentence or as a label: `printable`, at most 80 characters.

    A long name keeps its end, where the difference usually is.
    """
    plain = printable(name)
    return plain if len(plain) <= 80 else f"…{plain[-79:]}"


def printable(text: str) -> str:
    """A text without what reorders or breaks the text around it: control characters, right-to-left overrides, half surrogates.

    The joiners that build one emoji out of several stay.
    """
    return "".join(character for character in text if character.isprintable() or character in "\u200c\u200d")


def image_format(head: bytes) -> str | None:
    """The format that a file's first 16 bytes announce; None where we do not read it."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith(b"BM"):
        return "BMP"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if re.match(rb"P[1-6][\s#]", head):
        return "PPM"
    return None


def image_size(data: bytes, name: str) -> Size:
    """The upright size of an image file, read from its header alone.

    Raises:
        InputError: we do not read its format, it is too large, or its header is damaged.
    """
    with _opened(data, name) as image:
        width, height = image.size
        turned = _orientation(image) >= 5 and image.format != "TIFF"  # whose size is the upright one already
        return Size(width, height) if turned else Size(height, width)


def deep_values(data: bytes, name: str) -> NDArray[np.uint16 | np.float32] | None:
    """The values [H, W] of a grey picture with more than 8 bits, in the file's own numbers; None for every other picture.

    Raises:
        InputError: as `open_image`.
    """
    with _opened(data, name) as image:
        if not _is_deep(image.mode):
            return None
        try:
            image.load()
        except Exception as error:
            raise InputError(f"{shown(name)} is a damaged or cut-short {image.format} image and cannot be read.") from error
        return _deep(image)


def eight_bits(values: NDArray[np.uint16 | np.float32]) -> NDArray[np.uint8]:
    """Deep values of a single picture as grey levels: whole numbers from 0 to 65,535, floats from 0 to 1 or to 255."""
    if values.dtype == np.uint16:
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    gain = 255 if values.max(initial=0) <= 1 else 1
    return np.rint(np.nan_to_num(values) * gain).clip(0, 255).astype(np.uint8)


def open_image(
    data: bytes,
    name: str,
    shallow: Callable[[NDArray[np.uint16 | np.float32]], NDArray[np.uint8]] = eight_bits,
    least: int | None = None,
) -> Image.Image:
    """Decode an image file: upright, 8 bits a channel, mode "L", "RGB", "LA" or "RGBA" (straight alpha), without metadata.

    Reads PNG, JPEG, WEBP, BMP, GIF, TIFF, PGM and PPM; of an animation or several pages, the first, with `MORE` in its `info`.
    Palettes and CMYK become RGB, and a transparent colour becomes an alpha channel.

    Args:
        data: the file.
        name: quoted in refusals.
        shallow: turns the values of a grey picture with more than 8 bits into grey levels.
        least: a JPEG of more than 4 million pixels comes a half, a quarter or an eighth as large, with no side shorter than this, where
            nobody needs more: that takes a fraction of the time.

    Raises:
        InputError: not one of these formats, more than 20 MB or 16 million pixels, a side over 32,768 pixels, damaged or cut short.
    """
    with _opened(data, name) as image:
        kind = image.format
        try:
            if kind == "PNG":  # Pillow decodes past a wrong checksum unless it is asked to look
                PngImageFile(_Pieces(data, name)).verify()
            if least is not None and image.height * image.width > _LARGE:
                image.draft(image.mode, (least, least))
            more = _has_more(image, data, name)
            image.load()
            _check_size(Size(image.height, image.width), name)
            clean = _eight_bit(image, data[24] if kind == "PNG" else 8, shallow)
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{shown(name)} is a damaged or cut-short {kind} image and cannot be read.") from error
        turn = _UPRIGHT.get(_orientation(image))
    clean.info.clear()
    clean.info |= {MORE: True} if more else {}
    return clean.transpose(turn) if turn is not None else clean


def fit_image(
    image: Image.Image, *, channels: int, height: int, width: int, background: Colour = (0, 0, 0), fit: Fit = "crop"
) -> NDArray[np.uint8]:
    """One image as uint8 [C, H, W]: composited over `background`, fitted to the aspect ratio, resized, then grey or RGB.

    "crop" keeps the largest centred part that has the aspect ratio; "pad" keeps the whole image and fills with `background`.
    An image that has the size already is not resampled. Whole factors are exact (each pixel repeated, or the mean of each
    block), so that pixel art stays what it is; every other factor is an antialiased Lanczos resize.

    Args:
        image: mode "L", "LA", "RGB" or "RGBA", as `open_image` returns it.
        channels: 1 for grey (ITU-R BT.601 luma), 3 for RGB.
    """
    opaque = _over(image, background, channels)
    if opaque.size != (width, height):
        opaque = _cropped(opaque, width, height) if fit == "crop" else _padded(opaque, width, height, background)
    pixels = np.array(opaque.convert("L" if channels == 1 else "RGB"))
    return pixels[None] if channels == 1 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def to_pil(pixels: NDArray[np.uint8]) -> Image.Image:
    """uint8 [C, H, W] with C 1 or 3 → a Pillow image of mode "L" or "RGB"."""
    return Image.fromarray(pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))


def png_bytes(pixels: NDArray[np.uint8], scale: int = 1) -> bytes:
    """uint8 [C, H, W] as a PNG file, every pixel repeated `scale` times in both directions; it carries no metadata."""
    file = io.BytesIO()
    to_pil(enlarged(pixels, scale)).save(file, "PNG")
    return file.getvalue()


def strip_bytes(frames: NDArray[np.uint8], scale: int = 1) -> bytes:
    """uint8 [K, C, H, W] side by side, first on the left, as one PNG file."""
    return png_bytes(np.concatenate(list(frames), axis=-1), scale)


def sheet_bytes(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    """uint8 [N, C, H, W] as the tiles of one PNG file, in reading order, and how many stand side by side: as many as there are rows."""
    count, channels, height, width = pixels.shape
    columns = math.ceil(math.sqrt(count))
    tiles = np.zeros((columns * columns, channels, height, width), np.uint8)
    tiles[:count] = pixels
    sheet = tiles.reshape(columns, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    return png_bytes(sheet.reshape(channels, columns * height, columns * width)), columns


def _opened(data: bytes, name: str) -> ImageFile:
    """The file with its header read and found acceptable, its pixels not yet decoded."""
    if not data:
        raise InputError(f"{shown(name)} is empty.")
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{shown(name)} has {len(data) / 2**20:.1f} MB; an image file may have {MAX_FILE_BYTES // 2**20} MB.")
    kind = image_format(data[:16])
    if kind is None:
        raise InputError(f"{shown(name)} {_other_format(data)}")
    try:
        image = _READERS[kind](io.BytesIO(data) if kind == "BMP" else _Pieces(data, name))  # whose runs are read one by one
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{shown(name)} is a damaged or cut-short {kind} image and cannot be read.") from error
    _check_size(Size(image.height, image.width), name)
    return image


def _has_more(image: ImageFile, data: bytes, name: str) -> bool:
    """Whether a file has more than one frame or page. To look, Pillow moves on in a GIF, so another reader does."""
    try:
        return bool(getattr(_READERS["GIF"](_Pieces(data, name)) if image.format == "GIF" else image, "is_animated", False))
    except Exception:  # noqa: BLE001  # what follows the first frame is damaged: nothing is missed
        return False


def _other_format(data: bytes) -> str:
    """The rest of the sentence about a file whose format we do not read."""
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"):
        return f"is a HEIC or AVIF photo, and only {_READ_FORMATS} are read: export it as JPEG."
    if b"<svg" in data[:1024].lower():
        return f"is an SVG drawing, and only {_READ_FORMATS} are read: export it as PNG."
    if is_cut_off(data):
        return "is a ZIP archive that is cut off, its end is missing: copy or download it again."
    if is_of_torch(data):
        return OF_TORCH
    if data.startswith(b"PK\3\4"):
        return "is an archive: give it alone, or unpack it first."
    if data.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x9d", b"BZh", b"\xfd7zXZ")) or data[257:262] == b"ustar":
        return "is an archive of a kind that is not opened: unpack it, or make a ZIP."
    if data[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        return "is a pickled Python object, which is never loaded: save its arrays as .npz."
    return f"is not a {_READ_FORMATS.replace(' and', ' or')} image."


def _check_size(size: Size, name: str) -> None:
    if size.height * size.width > MAX_PIXELS:
        raise InputError(f"{shown(name)} has {size.width:,} × {size.height:,} pixels; an image may have 16 million.")
    if max(size) > MAX_LENGTH:
        raise InputError(f"{shown(name)} has {size.width:,} × {size.height:,} pixels; a side may have {MAX_LENGTH:,}.")


def _orientation(image: ImageFile) -> int:
    """How the camera was held, 1 to 8 (EXIF 2.3, tag 274); unreadable metadata says nothing about the picture and counts as upright."""
    try:
        # The PNG class's own getexif would decode the pixels to look behind them; after load() it has nothing more to find.
        return int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - Pillow has no common base for what damaged metadata raises
        return 1


def _is_deep(mode: str) -> bool:
    return mode in ("I", "F") or mode.startswith("I;16")


def _deep(image: Image.Image) -> NDArray[np.uint16 | np.float32]:
    """The values of a picture for which `_is_deep` holds; 32-bit whole numbers that 16 bits hold become those."""
    values = np.asarray(image)
    if image.mode == "F":
        return values.astype(np.float32)
    fits = image.mode != "I" or (values.min(initial=0) >= 0 and values.max(initial=0) <= 65535)
    return values.astype(np.uint16) if fits else values.astype(np.float32)


def _eight_bit(image: Image.Image, depth: int, shallow: Callable[[NDArray[np.uint16 | np.float32]], NDArray[np.uint8]]) -> Image.Image:
    """The decoded picture as "L", "RGB", "LA" or "RGBA"; `depth` is the bits per channel in the file."""
    key = image.info.get("transparency")
    if image.mode == "P":
        return image.convert("RGB" if key is None else "RGBA")
    if _is_deep(image.mode):
        samples = _deep(image)
        grey = Image.fromarray(shallow(samples))
        return grey if key is None else _with_hole(grey, samples == key)
    if image.mode in ("1", "CMYK"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if image.mode == "L" and key is not None:  # the key is in the file's own units, the pixels are stretched to 255
        return _with_hole(image, np.asarray(image) == key * {2: 85, 4: 17}.get(depth, 1))
    if image.mode == "RGB" and key is not None:  # of 16 bits a channel Pillow keeps the upper 8
        return _with_hole(image, (np.asarray(image) == [part >> (depth - 8) for part in key]).all(axis=-1))
    return image.convert(image.mode if image.mode in ("L", "LA", "RGB", "RGBA") else "RGB")


def _with_hole(image: Image.Image, hole: NDArray[np.bool_]) -> Image.Image:
    image.putalpha(Image.fromarray(np.where(hole, 0, 255).astype(np.uint8)))
    return image


def _over(image: Image.Image, background: Colour, channels: int) -> Image.Image:
    """The image without transparency, "L" only where it was grey and grey is wanted."""
    if image.mode == "L" and channels == 1:
        return image
    if image.mode in ("L", "RGB"):
        return image.convert("RGB")
    canvas = Image.new("RGB", image.size, background)
    canvas.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return canvas


def _cropped(image: Image.Image, width: int, height: int) -> Image.Image:
    shrink = min(Fraction(image.width, width), Fraction(image.height, height))
    # Whole pixels: half a pixel of offset would blur an image that only needs cutting.
    left, top = (image.width - shrink * width) // 2, (image.height - shrink * height) // 2
    return image.resize((width, height), _method(shrink), (left, top, float(left + shrink * width), float(top + shrink * height)))


def _padded(image: Image.Image, width: int, height: int, background: Colour) -> Image.Image:
    # Resized before it is padded: padding a 1 x 16,000,000 image to a square first would take 10^14 pixels.
    shrink = max(Fraction(image.width, width), Fraction(image.height, height))
    inner = max(1, round(image.width / shrink)), max(1, round(image.height / shrink))
    canvas = Image.new("RGB", (width, height), background)
    canvas.paste(image.resize(inner, _method(shrink)), ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return canvas


def _method(shrink: Fraction) -> Image.Resampling:
    if shrink.denominator == 1:
        return Image.Resampling.BOX
    return Image.Resampling.NEAREST if shrink.numerator == 1 else Image.Resampling.LANCZOS


def enlarged(pixels: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Each pixel of uint8 [..., H, W] repeated `scale` times in both directions."""
    return pixels.repeat(scale, axis=-2).repeat(scale, axis=-1)
