"""Where a resized picture takes its pixels from: two places along an axis, and how much of the second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_core.base.layers import Resize


def taps(layer: Resize, axis: int, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For each place of the output along an axis: the place to its left in the input, the one to its right, and the share of the right one.

    Places are found as ONNX's operator Resize finds them (its specification, version 19). Both modes hold at the edge what lies beyond.

    Args:
        layer: the layer.
        axis: 0 for rows, 1 for columns.
        side: places of the input along it.

    Returns:
        int64 [size] twice and float32 [size]; of mode "nearest" the first alone counts.
    """
    size, scale = layer.size[axis], layer.scales[axis]
    x = np.arange(size, dtype=np.float64)
    match layer.coordinates:
        case "half_pixel":
            place = (x + 0.5) / scale - 0.5
        case "pytorch_half_pixel":
            place = (x + 0.5) / scale - 0.5 if size > 1 else 0 * x
        case "half_pixel_symmetric":
            whole = scale * side
            place = side / 2 * (1 - size / whole) + (x + 0.5) / scale - 0.5
        case "asymmetric":
            place = x / scale
        case "align_corners":
            place = x * (side - 1) / (size - 1) if size > 1 else 0 * x
    if layer.mode == "nearest":
        rounded = {
            "round_prefer_floor": np.ceil(place - 0.5),
            "round_prefer_ceil": np.floor(place + 0.5),
            "floor": np.floor(place),
            "ceil": np.ceil(place),
        }[layer.rounding]
        first = _inside(rounded, side)
        return first, first, np.zeros(size, np.float32)
    left = np.floor(place)
    return _inside(left, side), _inside(left + 1, side), (place - left).astype(np.float32)


def _inside(places: NDArray[np.float64], side: int) -> NDArray[np.int64]:
    return np.clip(places, 0, side - 1).astype(np.int64)
