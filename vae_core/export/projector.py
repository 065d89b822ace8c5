"""Codes for TensorBoard's embedding projector: a folder of vectors, what is known of each image, a sheet of pictures, and settings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vae_core.analysis import projection
from vae_core.data import Images
from vae_core.data.images import sheet_bytes
from vae_core.export.codes_table import codes_table
from vae_core.training.checkpoint import Checkpoint

POINTS = 10_000
"""Images at most: with more the projector is slow."""
_SHEET_SIDE = 8192  # pixels of the sheet of pictures in each direction, at most: what the projector takes
_SETTINGS = """embeddings {{
  tensor_name: "codes"
  tensor_path: "vectors.tsv"
  metadata_path: "metadata.tsv"
  sprite {{
    image_path: "sprite.png"
    single_image_dim: {width}
    single_image_dim: {height}
  }}
}}
"""


def projector_files(point: Checkpoint, images: Images, tell: Callable[[float], None]) -> dict[str, bytes]:
    """The files by name: for `tensorboard --logdir FOLDER`, or the first three to load into the projector in a browser.

    At most 10,000 images, each class with its share, and no more than fit the sheet.

    Args:
        point: a model of one KL weight.
        images: of its shape.
        tell: is told the share that is done, from 0 to 1.
    """
    _, height, width = images.shape
    most = min(POINTS, (_SHEET_SIDE // max(height, width)) ** 2)
    rows = projection.subsample(len(images), most, images.labels, seed=0)
    table = codes_table(point, images, rows, tell)
    sheet, _ = sheet_bytes(images.take(rows))
    lines = ["\t".join(map(_cell, table.about)), *("\t".join(map(_cell, line)) for line in zip(*table.about.values(), strict=True))]
    return {
        "vectors.tsv": "".join("\t".join(f"{value:.9g}" for value in code) + "\n" for code in table.mean.tolist()).encode(),
        "metadata.tsv": "".join(f"{line}\n" for line in lines).encode(),
        "sprite.png": sheet,
        "projector_config.pbtxt": _SETTINGS.format(width=width, height=height).encode(),
    }


def _cell(value: object) -> str:
    """A value in one cell of one line."""
    text = f"{value:.9g}" if isinstance(value, float | np.floating) else str(value)
    return " ".join(text.split())
