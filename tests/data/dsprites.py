"""A file of the very form in which dSprites is published, drawn anew: the same arrays by name, type and order, compressed as NumPy does."""

from __future__ import annotations

import zipfile
from itertools import product
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

SIZES = (1, 3, 6, 40, 32, 32)
"""Of the published set: colour, shape, scale, orientation, x and y; 737,280 images."""
SIDE, _CANVAS = 64, 96


def write(path: Path, sizes: tuple[int, int, int, int, int, int] = SIZES) -> None:
    """Write images of every combination of so many factors, an orientation of one shape and scale at a time: never all in memory."""
    count = int(np.prod(sizes))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("metadata.npy", "w", force_zip64=True) as file:
            npy.write_array(file, np.array({"title": "dSprites dataset"}, dtype=object), allow_pickle=True)
        with archive.open("imgs.npy", "w", force_zip64=True) as file:
            npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (count, SIDE, SIDE)})
            for _, shape, scale, orientation in product(*map(range, sizes[:4])):
                canvas = _drawn(shape, (scale + 1) / sizes[2], 2 * np.pi * orientation / sizes[3])
                places = sliding_window_view(canvas, (SIDE, SIDE))[::-1, ::-1]  # the further along, the further left the window begins
                across, down = (np.linspace(0, _CANVAS - SIDE - 1, size).astype(int) for size in sizes[4:])
                file.write(np.ascontiguousarray(places[down[None, :], across[:, None]]).data)
        classes = np.indices(sizes).reshape(6, count).T
        for name, array in (("latents_values", _values(classes, sizes)), ("latents_classes", classes)):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                npy.write_array(file, np.ascontiguousarray(array))


def _drawn(shape: int, scale: float, turned: float) -> NDArray[np.uint8]:
    """A square, an ellipse or a heart in the middle of a canvas, of 0 and 1."""
    y, x = (np.mgrid[:_CANVAS, :_CANVAS] - _CANVAS / 2) / (6 + 6 * scale)
    u, v = np.cos(turned) * x + np.sin(turned) * y, np.cos(turned) * y - np.sin(turned) * x
    if shape == 0:
        inside = np.maximum(abs(u), abs(v)) < 0.8
    elif shape == 1:
        inside = np.square(u) + np.square(1.6 * v) < 1
    else:
        inside = (np.square(1.2 * u) + np.square(1.2 * v) - 0.6) ** 3 < 1.7 * np.square(u) * v**3
    return inside.astype(np.uint8)


def _values(classes: NDArray[np.int64], sizes: tuple[int, ...]) -> NDArray[np.float64]:
    """What the classes stand for: colour and shape from 1, scales from a half to 1, an angle, two places from 0 to 1."""
    share = classes / np.maximum(np.array(sizes) - 1, 1)
    share[:, :2] = classes[:, :2] + 1
    share[:, 2] = 0.5 + 0.5 * share[:, 2]
    share[:, 3] *= 2 * np.pi
    return share
