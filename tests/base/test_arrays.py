"""arrays: files of safetensors, to the byte those of the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from vae_core.base.arrays import read_safetensors, safetensors_parts

ARRAYS: dict[str, NDArray[Any]] = {
    "pixels": np.arange(12 * 3 * 8 * 9, dtype=np.uint8).reshape(12, 3, 8, 9),
    "labels": np.arange(-6, 6, dtype=np.int64),
    "factors": np.linspace(-1, 1, 24, dtype=np.float32).reshape(12, 2),
}


def test_files_are_those_of_the_library_and_are_read_back(tmp_path: Path) -> None:
    for names in (("pixels",), ("pixels", "factors"), ("labels", "factors"), tuple(ARRAYS)):
        arrays = {name: ARRAYS[name] for name in names}
        file = tmp_path / "x.safetensors"
        file.write_bytes(b"".join(safetensors_parts(arrays)))
        assert file.read_bytes() == safetensors.numpy.save(arrays)
        with open(file, "rb") as stream:
            found = read_safetensors(stream)
        assert found.keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array, strict=True)


def test_parts_are_the_arrays_themselves() -> None:
    array = np.zeros(8, np.uint8)
    _, part = safetensors_parts({"x": array})
    array[3] = 7
    assert part[3] == 7
