"""The grain of decoded pictures, in grey levels of 255: ``python -m bench.grain [model …]``.

Where an 8 × 8 window of an image is flat, its reconstruction should be too. The first figure is how much it varies there: the standard
deviation within a window and a colour, as a root mean square over all of them. The others say what the variation is made of, by the
frequencies of the window: periods of 8 pixels, of 4, and of 2. A decoder that treats each second pixel alike, such as a transposed
convolution, weaves a pattern of periods 2, 4 and 8 into flat areas: "woven" is the part of the variation that is the same in all windows.
"Off edges" is the first figure of the windows around which 4 more pixels are flat: beside an edge that is drawn in the wrong place a window
varies without any grain.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import explore, folding
from vae_core.analysis.explore import Pixels
from vae_core.runs import catalogue
from vae_core.training import checkpoint

SIDE, AROUND, IMAGES = 8, 4, 300
FLATTEST = 1.0
"""How many levels a window of an image may vary to count as flat."""


class Grain(NamedTuple):
    """How much flat areas vary, in grey levels: in all, away from edges, the part that is the same everywhere, the parts of each period."""

    windows: int
    all: float
    off_edges: float
    worst: float
    woven: float
    period_8: float
    period_4: float
    period_2: float


def grain(images: Pixels, decoded: Pixels) -> Grain:
    """Of reconstructions `decoded`, where `images` are flat; both uint8 [N, C, H, W]."""
    rebuilt, flat = windows(decoded), is_flat(images, 0)
    found = (rebuilt[flat] - rebuilt[flat].mean(axis=(2, 3), keepdims=True)).reshape(-1, SIDE, SIDE)
    spectrum = np.abs(np.fft.fft2(found) / SIDE**2) ** 2
    turns = np.abs(np.fft.fftfreq(SIDE) * SIDE)
    period = np.maximum(turns[:, None], turns)
    parts = [spectrum[:, which].sum(axis=1).mean() ** 0.5 for which in (period == 1, (period == 2) | (period == 3), period == 4)]
    deviations = found.std(axis=(1, 2))
    calm = np.repeat(is_flat(images, AROUND)[flat], images.shape[1])
    rms, off_edges = ((deviations[which] ** 2).mean() ** 0.5 for which in (slice(None), calm))
    worst = np.quantile(deviations, 0.95)
    return Grain(
        int(flat.sum()), float(rms), float(off_edges), float(worst), float(found.mean(axis=0).std()), *(float(part) for part in parts)
    )


def is_flat(images: Pixels, around: int) -> NDArray[np.bool_]:
    """Whether each window varies by `FLATTEST` at most, with so many pixels around it, [M]; beyond the image all is as its edge."""
    _, _, height, width = images.shape
    padded = np.pad(images, ((0, 0), (0, 0), (around, around), (around, around)), mode="edge")
    places = [(row, column) for row in range(0, height - SIDE + 1, SIDE) for column in range(0, width - SIDE + 1, SIDE)]
    side = SIDE + 2 * around
    spans = [np.ptp(padded[:, :, row : row + side, column : column + side], axis=(2, 3)).max(axis=1) for row, column in places]
    return np.asarray(np.stack(spans, axis=1).reshape(-1) <= FLATTEST)


def windows(pixels: Pixels) -> NDArray[np.float64]:
    """Windows of a grid, float64 [M, C, SIDE, SIDE]."""
    count, channels, height, width = pixels.shape
    rows, columns = height // SIDE, width // SIDE
    tiles = pixels[:, :, : rows * SIDE, : columns * SIDE].reshape(count, channels, rows, SIDE, columns, SIDE)
    return tiles.transpose(0, 2, 4, 1, 3, 5).reshape(-1, channels, SIDE, SIDE).astype(np.float64)


def main() -> None:
    """Print a table of the models named, or of all bundled models of faces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", help="ids, or folders of checkpoints")
    ids = parser.parse_args().models or [entry.id for entry in catalogue.models().values() if entry.card.data.name == "faces"]
    print(
        "| model | windows | varies by | off edges | 95 % below | woven | period 8 | periods 4 and 3 | period 2 |\n|---" + "|---" * 8 + "|"
    )
    for name in ids:
        loaded = folding.plain(checkpoint.load(Path(name)) if Path(name).is_dir() else catalogue.load(name))
        images = data.load(loaded.card.data.name)
        pixels = images.take(images.split().validation[:IMAGES])
        found = grain(pixels, explore.reconstruct(loaded.model, pixels))
        print(f"| {name} | {found.windows:,} | " + " | ".join(f"{level:.2f}" for level in found[1:]) + " |", flush=True)


if __name__ == "__main__":
    main()
