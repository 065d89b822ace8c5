"""hdf5: with its package every dataset is an array, and without it a plain sentence."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

from tests.data.readers.reading import found, smooth
from tests.data.readers.test_pictures import read
from vae_core.base.errors import InputError
from vae_core.data.readers.blobs import from_uploads


def test_without_the_package_the_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"x\.h5 is an HDF5 file, which needs the package h5py: `pip install h5py`"):
        read({"x.h5": b"\x89HDF\r\n\x1a\n" + bytes(100)})


def test_images_and_factors_as_3d_shapes_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    h5py = pytest.importorskip("h5py")
    monkeypatch.setattr("vae_core.data.readers.hdf5._CHUNK_BYTES", 1000)
    images, labels = smooth(40), np.random.default_rng(0).uniform(size=(40, 6)).astype(np.float32)
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["images"], file["labels"] = images, labels
    read_back = found(from_uploads([("3dshapes.h5", stream.getvalue())]))
    np.testing.assert_array_equal(read_back.frames[..., 0], images)
    np.testing.assert_array_equal(read_back.factors, labels)
    with pytest.raises(InputError, match="damaged or cut-short HDF5"):
        read({"x.h5": stream.getvalue()[:600]})
