"""A user's files → `Images`: loose pictures, folders or a ZIP of them, arrays in `.npy` or `.npz`, or IDX files."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from vae_core.base.errors import InputError
from vae_core.data.images import MAX_FILE_BYTES, Fit, Size, fit_image, image_format, image_size, open_image, shown
from vae_core.data.imageset import MAX_SIDE, MIN_IMAGES, MIN_SIDE, Images
from vae_core.data.mapped import LEAST_BYTES, Source
from vae_core.data.readers.archives import check_inflated, from_zip
from vae_core.data.readers.arrays import MAX_BYTES, MAX_CLASSES, Found, map_npy, read_npy, read_npz
from vae_core.data.readers.blobs import Blob, from_path, from_uploads
from vae_core.data.readers.idx import is_idx, read_idx

MAX_UPLOAD_BYTES = 100 * 2**20
REDUCED_SIDE = 64

_COMPARED = 1024  # images whose channels are compared at once

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")

Progress = Callable[[float], None]
_Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)]
_Level = Annotated[int, Field(ge=0, le=255)]


class ImportChoices(BaseModel):
    """What the user decides at import; None means as found in the source.

    Attributes:
        channels: 1 for grey, 3 for RGB.
        height: pixels.
        width: pixels.
        background: the colour behind transparent pixels and beside padded images.
        fit: how an image of another aspect ratio is fitted, see `vae_core.data.images.fit_image`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: Literal[1, 3] | None = None
    height: _Side | None = None
    width: _Side | None = None
    background: tuple[_Level, _Level, _Level] = (0, 0, 0)
    fit: Fit = "crop"


class Imported(NamedTuple):
    """A data set and, as sentences, what was guessed, left out or changed on the way."""

    images: Images
    notes: tuple[str, ...]


def read_files(files: Sequence[tuple[str, bytes]], choices: ImportChoices, progress: Progress | None = None) -> Imported:
    """Uploads as (name, bytes): any number of images, the IDX files of a set, or one ZIP, `.npz` or `.npy`.

    Args:
        files: names are only ever shown, never used as paths.
        choices: how images are fitted.
        progress: called with the share that is done, 0 to 1, up to 100 times.

    Raises:
        InputError: a file is over 100 MB, or fewer than 10 images can be read.
    """
    for name, data in files:
        if len(data) > MAX_UPLOAD_BYTES:
            raise InputError(f"{shown(name)} has {len(data) / 2**20:,.0f} MB; an upload may have {MAX_UPLOAD_BYTES // 2**20} MB.")
    blobs = from_uploads(files)
    name = blobs[0].name if len(blobs) == 1 else "upload"
    return _read(blobs, name, choices, progress)


def read_path(path: Path, choices: ImportChoices, progress: Progress | None = None) -> Imported:
    """A folder, or one file of those that `read_files` takes.

    A folder with IDX files is read as such. In any other, images come from all sub-folders, and the sub-folders are the classes.
    A `.npy` file of more than 256 MB whose pixels need no conversion is mapped: it may be larger than memory, and nothing is copied.

    Args:
        path: anything outside a folder that a link leads to is left out.
        choices: how images are fitted.
        progress: called with the share that is done, 0 to 1, up to 100 times.

    Raises:
        InputError: there is no such file or folder, or fewer than 10 images can be read in it.
    """
    return _mapped(path, choices) or _read(from_path(path), path.resolve().name, choices, progress)


def _mapped(path: Path, choices: ImportChoices) -> Imported | None:
    """The images of a large file whose pixels need no change, left in that file; None for all else."""
    if path.suffix.lower() != ".npy" or not path.is_file() or path.stat().st_size <= LEAST_BYTES:
        return None
    source = Source.of(path)
    pixels = map_npy(path)
    if pixels is None:
        return None
    channels, height, width = pixels.shape[1:]
    if choices.channels not in (None, channels) or _target(Size(height, width), choices) != (height, width):
        return None
    note = f"{shown(path.name)} is used where it lies: keep it there, unchanged, as long as you train on it or look at its models."
    return Imported(Images(_title(path.name), _as_found(pixels, choices), source=source), (note,))


def _read(blobs: Sequence[Blob], name: str, choices: ImportChoices, progress: Progress | None) -> Imported:
    if len(blobs) != 1:
        return _read_members(blobs, name, choices, progress)
    blob = blobs[0]
    if blob.head().startswith(b"\x93NUMPY"):
        return _from_arrays(read_npy(blob), name, choices, progress)
    if image_format(blob.head()) is None and _is_zip(blob):
        members = from_zip(blob.read(MAX_BYTES), blob.name)
        if members and all(member.name.endswith(".npy") for member in members):
            return _from_arrays(read_npz(members, blob.name), name, choices, progress)
        check_inflated(members, blob.name)
        return _read_members(members, name, choices, progress)
    return _read_members(blobs, name, choices, progress)


def _is_zip(blob: Blob) -> bool:
    try:
        with blob.open() as stream:
            return zipfile.is_zipfile(stream)
    except OSError:
        return False


def _read_members(blobs: Sequence[Blob], name: str, choices: ImportChoices, progress: Progress | None) -> Imported:
    idx = [blob for blob in blobs if not blob.name.lower().endswith(_PICTURES) and is_idx(blob.head())]
    return _from_arrays(read_idx(idx), name, choices, progress) if idx else _from_pictures(blobs, name, choices, progress)


def _from_pictures(blobs: Sequence[Blob], name: str, choices: ImportChoices, progress: Progress | None) -> Imported:
    tick = _ticker(progress, 2 * len(blobs))
    sizes: dict[Blob, Size] = {}
    refused: list[str] = []
    for blob in blobs:
        tick()
        try:
            sizes[blob] = image_size(blob.read(MAX_FILE_BYTES), blob.name)
        except InputError as error:
            refused.append(str(error))
    common = Counter(sizes.values()).most_common(1)
    size = _target(common[0][0] if common else Size(MIN_SIDE, MIN_SIDE), choices)
    pixels = _room(len(sizes), choices.channels or 3, size, name)
    kept: list[Blob] = []
    resized = 0
    for blob in sizes:
        tick()
        try:
            image = open_image(blob.read(MAX_FILE_BYTES), blob.name)
        except InputError as error:
            refused.append(str(error))
            continue
        pixels[len(kept)] = _fitted(image, choices, size)
        resized += image.size != (size.width, size.height)
        kept.append(blob)
    if len(kept) < MIN_IMAGES:
        raise InputError(_too_few(name, len(kept), refused))
    labels, class_names = _classes([blob.folder for blob in kept])
    pixels = np.ascontiguousarray(_as_found(pixels[: len(kept)], choices))
    notes = _notes(refused, len(blobs), resized, len(kept), size)
    return Imported(Images(_title(name), pixels, labels, class_names), notes)


def _from_arrays(found: Found, name: str, choices: ImportChoices, progress: Progress | None) -> Imported:
    n, height, width, channels = found.frames.shape
    size = _target(Size(height, width), choices)
    # A grey array that is padded with a colour is grey no more: only one that fits as it is stays grey without a look at its pixels.
    wanted = choices.channels or (1 if channels == 1 and size == (height, width) else 3)
    pixels = _room(n, wanted, size, name)
    tick = _ticker(progress, n)
    if (height, width, channels) == (*size, wanted):
        pixels[:] = found.frames.transpose(0, 3, 1, 2)
    else:
        for index, frame in enumerate(found.frames):
            tick()
            picture = Image.fromarray(np.ascontiguousarray(frame[..., 0] if channels == 1 else frame))
            pixels[index] = _fitted(picture, choices.model_copy(update={"channels": wanted}), size)
    images = Images(
        _title(name),
        np.ascontiguousarray(_as_found(pixels, choices)),
        found.labels,
        found.class_names,
        found.factors,
        found.factor_names,
        found.factor_values,
        found.test_start,
    )
    return Imported(images, found.notes + _notes([], n, n if size != (height, width) else 0, n, size))


def _target(common: Size, choices: ImportChoices) -> Size:
    """The size to fit to: as chosen, else as found; what is larger than 128 becomes 64 on its longer side."""
    zoom = REDUCED_SIDE / max(common) if max(common) > MAX_SIDE else 1
    height, width = (max(MIN_SIDE, round(side * zoom)) for side in common)
    return Size(choices.height or height, choices.width or width)


def _room(n: int, channels: int, size: Size, name: str) -> NDArray[np.uint8]:
    if n * channels * size.height * size.width > MAX_BYTES:
        raise InputError(
            f"{shown(name)} holds {n:,} images; at {size.height} × {size.width} that is more than the {MAX_BYTES // 2**30} GB of pixels "
            "that are read: choose a smaller size or grey."
        )
    return np.empty((n, channels, *size), np.uint8)


def _fitted(image: Image.Image, choices: ImportChoices, size: Size) -> NDArray[np.uint8]:
    channels = choices.channels or 3
    return fit_image(image, channels=channels, height=size.height, width=size.width, background=choices.background, fit=choices.fit)


def _as_found(pixels: NDArray[np.uint8], choices: ImportChoices) -> NDArray[np.uint8]:
    """The pixels; one channel of them where nothing was chosen and every pixel of every image is grey."""
    if choices.channels is not None or pixels.shape[1] == 1:
        return pixels
    parts = (pixels[start : start + _COMPARED] for start in range(0, len(pixels), _COMPARED))
    return pixels[:, :1] if all((part == part[:, :1]).all() for part in parts) else pixels


def _classes(folders: Sequence[tuple[str, ...]]) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """A class for each folder that holds images, named without the folders that all have in common."""
    names = sorted(set(folders))
    if not 2 <= len(names) <= MAX_CLASSES:
        return None, ()
    levels = enumerate(zip(*names, strict=False))
    shared = next((depth for depth, level in levels if len(set(level)) > 1), min(map(len, names)))
    position = {folder: index for index, folder in enumerate(names)}
    labels = np.array([position[folder] for folder in folders], np.int64)
    return labels, tuple(shown("/".join(folder[shared:])) or "(top folder)" for folder in names)


def _too_few(name: str, kept: int, refused: Sequence[str]) -> str:
    why = f" ({refused[0].removesuffix('.')})" if refused else ""
    return f"{shown(name)} has {kept} readable image{'' if kept == 1 else 's'}{why}, and at least {MIN_IMAGES} are needed."


def _notes(refused: Sequence[str], files: int, resized: int, kept: int, size: Size) -> tuple[str, ...]:
    notes = []
    if refused:
        notes.append(f"Skipped {len(refused):,} of {files:,} files: {' '.join(refused[:3])}{' …' if len(refused) > 3 else ''}")
    if resized:
        notes.append(f"Resized {resized:,} of {kept:,} images to {size.height} × {size.width} pixels (height × width).")
    return tuple(notes)


def _title(name: str) -> str:
    return shown(Path(name).stem) or "images"


def _ticker(progress: Progress | None, total: int) -> Callable[[], None]:
    """A function to call after each of `total` steps, which reports every whole per cent once."""
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None and done * 100 // total > (done - 1) * 100 // total:
            progress(done / total)

    return tick
