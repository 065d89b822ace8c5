"""A single file of many pictures: the pages of a TIFF, as microscopes write them, or the frames of an animation."""

from __future__ import annotations

import io
import math
from functools import partial

from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from vae_core.base.errors import InputError
from vae_core.data.images import image_format, shown
from vae_core.data.imageset import MIN_IMAGES
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.stored import MAX_BYTES
from vae_core.data.taken import Taken

_LARGEST = 4  # bytes of a pixel
_READERS: dict[str | None, type[ImageFile]] = {"TIFF": TiffImageFile, "GIF": GifImageFile}


def pages_of(blob: Blob, taken: Taken) -> list[Blob]:
    """Each page of a TIFF, or frame of a GIF, as a picture of its own; the file alone where it has fewer than 10, or no first.

    They are decoded in turn, when they are read.

    Args:
        blob: the file.
        taken: is told; its budget counts pages and their pixels.

    Raises:
        InputError: it is cut short after the first, or the pages are more, or larger, than an import may take.
    """
    reader = _READERS.get(image_format(blob.head()))
    if reader is None:
        return [blob]
    data = blob.read(MAX_BYTES)
    try:
        image = reader(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - whoever decodes it says what is wrong
        return [blob]
    try:
        count: int = getattr(image, "n_frames", 1)
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is damaged or cut short after its first page.") from error
    if count < MIN_IMAGES:
        return [blob]
    taken.budget.list(count, blob.name)
    taken.budget.decode(count * math.prod(image.size), blob.name)
    taken.notes.append(f"The {count:,} pages of {shown(blob.name)} were taken as images of their own.")

    def page(index: int) -> io.BytesIO:
        picture = io.BytesIO()
        image.seek(index)
        image.convert("RGBA" if image.mode == "P" else image.mode).save(picture, "TIFF")
        picture.seek(0)
        return picture

    size = math.prod(image.size) * _LARGEST
    return [Blob(f"{blob.name} {index + 1}", size, partial(page, index)) for index in range(count)]
