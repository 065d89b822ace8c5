"""The codes of a set's images, what is known of each image and what it costs, as a table for other programs: CSV, or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.data import Images
from vae_core.training import binarise
from vae_core.training.checkpoint import Checkpoint

Rows = NDArray[np.int64]
Column = NDArray[Any] | list[str]

_CHUNK = 512
_RUN = ("=", "+", "-", "@", "\t", "\r")  # what a text begins with that a spreadsheet would run


class CodesTable(NamedTuple):
    """One line for each image.

    Attributes:
        about: columns by name: "image", its place in the set; "part" of the set's split; "class"; the factors; and in nats "distortion", of
            one seeded draw of its code, and "rate".
        mean: of its posterior, float32 [N, K].
        std: σ of it, float32 [N, K]; None for a plain autoencoder.
    """

    about: Mapping[str, Column]
    mean: NDArray[np.float32]
    std: NDArray[np.float32] | None

    def columns(self) -> dict[str, Column]:
        """All columns by name, those of the dimensions as "mean_0", "std_0" and so on."""
        found: dict[str, Column] = dict(self.about)
        for name, part in (("mean", self.mean), ("std", self.std)):
            if part is not None:
                found |= {f"{name}_{dim}": part[:, dim] for dim in range(part.shape[1])}
        return found


def codes_table(point: Checkpoint, images: Images, rows: Rows, tell: Callable[[float], None], *, seed: int = 0) -> CodesTable:
    """The table of these rows of a set.

    Args:
        point: a model of one KL weight.
        images: of its shape; in black and white where it was trained so.
        rows: int64 [n].
        tell: is told the share that is done, from 0 to 1.
        seed: of the codes that are drawn for the distortion.
    """
    model, generator = point.model, torch.Generator().manual_seed(seed)
    variational = model.config.variational
    parts: list[list[NDArray[np.float32]]] = []
    for first in range(0, len(rows), _CHUNK):
        pixels = binarise.for_evaluation(images.take(rows[first : first + _CHUNK]), point.card.train)
        with torch.inference_mode():
            x = torch.from_numpy(pixels).float().div_(255)
            passage = model(x, generator)
            posterior = passage.posterior
            found = [posterior.mean, posterior.std, model.likelihood.nll(passage.params, x), posterior.kl()]
        parts.append([part.numpy() for part in found])
        tell(min(1.0, (first + _CHUNK) / len(rows)))
    mean, std, distortion, rate = (np.concatenate(part) for part in zip(*parts, strict=True))
    about = {"image": rows, "part": _parts(images, rows), **_known(images, rows), "distortion": distortion}
    return CodesTable(about | {"rate": rate} if variational else about, mean, std if variational else None)


def csv_file(table: CodesTable) -> bytes:
    """The table as CSV, UTF-8: texts are quoted, numbers have up to nine digits, and no text begins with what a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    columns = table.columns()
    writer.writerow([safe(name) for name in columns])
    for line in zip(*map(_written, columns.values()), strict=True):
        writer.writerow(line)
    return text.getvalue().encode()


def parquet_file(table: CodesTable, point: Checkpoint) -> bytes:
    """The table as Parquet, with the model's card in the file's metadata as "latent_loom_card"."""
    import pyarrow as pa  # slow to import
    import pyarrow.parquet as pq

    card = point.card.model_dump_json(exclude={"model"})
    made = pa.table(table.columns()).replace_schema_metadata({"latent_loom_card": card})
    file = io.BytesIO()
    pq.write_table(made, file)
    return file.getvalue()


def safe(text: str) -> str:
    """A text that a spreadsheet shows and does not run: behind an apostrophe where it begins with = + - @ or a tab."""
    return f"'{text}" if text.lstrip(" ").startswith(_RUN) else text


def _written(column: Column) -> list[Any]:
    if isinstance(column, list):
        return [safe(text) for text in column]
    if column.dtype == np.float32:
        return [float(f"{value:.9g}") for value in column.tolist()]
    values: list[Any] = column.tolist()
    return values


def _parts(images: Images, rows: Rows) -> list[str]:
    names = np.empty(len(images), dtype="<U10")
    for name, part in zip(("training", "validation", "test"), images.split(), strict=True):
        names[part] = name
    found: list[str] = names[rows].tolist()
    return found


def _known(images: Images, rows: Rows) -> dict[str, Column]:
    """Class and factors of these images, under names of their own."""
    found: dict[str, Column] = {}
    if images.labels is not None:
        found["class"] = [images.class_names[label] for label in images.labels[rows].tolist()]
    if images.factors is not None:
        for place, name in enumerate(images.factor_names):
            values, texts = images.factors[rows, place], images.factor_values[place] if images.factor_values else ()
            column = f"factor_{name}" if f"factor_{name}" not in found else f"factor_{name}_{place}"
            found[column] = [texts[int(value)] for value in values.tolist()] if texts else values
    return found
