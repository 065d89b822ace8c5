"""What the folders of pictures say: which part of a set a picture belongs to, and its class, at each level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vae_core.data.images import shown
from vae_core.data.readers.columns import NO_LABEL, Column
from vae_core.data.readers.names import Part, natural, part_levels
from vae_core.data.taken import Taken

_IMAGES = {"image", "images", "img", "imgs", "photos", "pictures", "jpegimages"}
_MASKS = {"mask", "masks", "annotation", "annotations", "segmentation", "segmentations", "segmentationclass", "gt", "groundtruth", "labels"}


class Folders(NamedTuple):
    """What the folders say of each picture: its part, and columns of classes, the most exact first."""

    parts: list[Part | None]
    columns: list[Column]


def read_folders(folders: Sequence[tuple[str, ...]], taken: Taken) -> Folders:
    """Parts and classes from the folders of pictures.

    A level that names parts (train, val, test …) makes no classes, and neither does one that all pictures share. What is left is the
    class; of folders in folders each upper level is a column of its own.

    Args:
        folders: for each picture the folders it lies in, outermost first.
        taken: is told of levels that are no classes.
    """
    left = [list(folder) for folder in folders]
    parts: list[Part | None] = [None] * len(left)
    depth = 0
    while depth < min(map(len, left), default=0):
        names = sorted({folder[depth] for folder in left}, key=natural)
        said = part_levels(names)
        if said is not None and len(names) > 1:
            parts = [said[folder[depth]] for folder in left]
            taken.read.append(f"The folders {', '.join(map(shown, names))} are parts of the set, not classes.")
        elif len(names) == 1:
            taken.read.append(f"The folder {shown(names[0])} holds all images and is no class.")
        else:
            depth += 1
            continue
        for folder in left:
            del folder[depth]
    paths = sorted({tuple(folder) for folder in left}, key=lambda path: [natural(name) for name in path])
    if len(paths) < 2:
        return Folders(parts, [])
    beside = sum(not folder for folder in left)
    if beside:
        taken.notes.append(f'{beside:,} of {len(left):,} images lie beside the folders of classes and are shown as "{NO_LABEL}".')
    columns = [_column("folder", [tuple(folder) for folder in left], -1)]
    deepest = max(map(len, paths))
    columns += [_column(f"folder level {level}", [tuple(folder[:level]) for folder in left], None) for level in range(1, deepest)]
    return Folders(parts, [column for column in columns if len(column.texts) > 1])


def without_masks(folders: Sequence[tuple[str, ...]]) -> list[bool]:
    """Which pictures to learn from: not the masks, where at some level the folders are "images" and "masks" and the like."""
    for depth in range(min(map(len, folders), default=0)):
        names = {folder[depth].lower() for folder in folders}
        if names & _IMAGES and names & _MASKS and names <= _IMAGES | _MASKS:
            return [folder[depth].lower() not in _MASKS for folder in folders]
    return [True] * len(folders)


def _column(name: str, paths: Sequence[tuple[str, ...]], rank: int | None) -> Column:
    distinct = sorted(set(paths), key=lambda path: (not path, [natural(part) for part in path]))
    place = {path: index for index, path in enumerate(distinct)}
    texts = tuple(shown("/".join(path)) or NO_LABEL for path in distinct)
    return Column(name, np.array([place[path] for path in paths], np.int64), texts, rank)
