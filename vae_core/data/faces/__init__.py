"""Cartoon faces with known causes: 64 × 64 RGB portraits, drawn from thirteen independent factors."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.data.faces.face import GLASSES, HAIR, RANGES, Face
from vae_core.data.faces.portrait import draw
from vae_core.data.imageset import GeneratedSet, Images, SetInfo

LICENCE = "Apache-2.0, drawn by this program"
VERSION = 1  # raise it when any pixel changes: cached copies are then drawn again
COUNT = 6_000
GLASSES_SHARES = (0.5, 0.25, 0.25)


def sample(count: int, seed: int) -> NDArray[np.float32]:
    """Independent factors of `count` faces, float32 [count, 13], columns in the order of Face.

    Quantities are uniform over their ranges, hair styles equally likely, glasses by GLASSES_SHARES.
    A named factor is the index of its value.
    """
    generator = np.random.default_rng(seed)
    columns: dict[str, NDArray[np.float32]] = {
        name: low + (high - low) * generator.random(count, dtype=np.float32) for name, (low, high) in RANGES.items()
    }
    columns["hair"] = generator.integers(len(HAIR), size=count).astype(np.float32)
    columns["glasses"] = generator.choice(len(GLASSES), size=count, p=GLASSES_SHARES).astype(np.float32)
    return np.stack([columns[field.name] for field in fields(Face)], axis=1)


def face_of(factors: NDArray[np.float32]) -> Face:
    """The face that one row of a factor table, float32 [13], stands for."""
    values: dict[str, Any] = dict(zip((field.name for field in fields(Face)), factors.tolist(), strict=True))
    return Face(**values | {"hair": HAIR[int(values["hair"])], "glasses": GLASSES[int(values["glasses"])]})


def generate(count: int = COUNT, seed: int = 0) -> Images:
    """`count` faces with random factors: pixels uint8 [count, 3, 64, 64], factors float32 [count, 13], labels the hair styles."""
    return describe(np.stack([draw(face_of(row)) for row in sample(count, seed)]), seed)


def describe(pixels: NDArray[np.uint8], seed: int = 0) -> Images:
    """The set of these pixels, uint8 [count, 3, 64, 64], which `generate` drew with this seed."""
    factors = sample(len(pixels), seed)
    names = [field.name for field in fields(Face)]
    named = {"hair": HAIR, "glasses": GLASSES}
    return Images(
        name="faces",
        pixels=pixels,
        labels=factors[:, names.index("hair")].astype(np.int64),
        class_names=HAIR,
        factors=factors,
        factor_names=tuple(name.replace("_", " ") for name in names),
        factor_values=tuple(named.get(name, ()) for name in names),
        licence=LICENCE,
    )


FACES = GeneratedSet(
    "faces",
    SetInfo(
        title="Faces",
        description="6,000 cartoon faces in colour, 64 × 64, each drawn from thirteen known causes such as smile, hair and glasses.",
        licence=LICENCE,
        download=False,
    ),
    generate,
    VERSION,
    describe,
)
