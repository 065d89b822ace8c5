"""hdf5: with its package every dataset is an array, and without it a plain sentence."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.data import hostile
from tests.data.readers.reading import found, smooth
from tests.data.readers.test_pictures import read
from vae_core.base.errors import InputError
from vae_core.data.readers import hdf5
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


def test_values_in_another_file_of_this_computer_are_not_read(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    (tmp_path / "secret").write_bytes(bytes(range(256)) * 10)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["images"] = smooth(40)
    layout = h5py.VirtualLayout((40, 8, 8), np.uint8)
    layout[...] = h5py.VirtualSource(tmp_path / "other.h5", "images", (40, 8, 8))
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("external", (40, 8, 8), np.uint8, external=[(str(tmp_path / "secret"), 0, 2560)])
        file.create_virtual_dataset("virtual", layout)
        file["link"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "images")
    with pytest.raises(
        InputError, match=r"0 readable images \(external keeps its values in another file, which is not opened: save them in"
    ):
        read({"x.h5": stream.getvalue()})


@pytest.mark.parametrize("shape", [(40, 9, 11), (9, 11, 40), (3, 40, 9, 11), (5,), (), (0, 9), (9, 0), (2, 3, 5, 7)])
def test_all_elements_come_in_their_order_however_few_at_a_time(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for most in (1, 50, 1000, 2**24):
        monkeypatch.setattr("vae_core.data.readers.hdf5._CHUNK_BYTES", most)
        values = np.arange(np.prod(shape, dtype=int), dtype=np.int16).reshape(shape)
        parts = [values[place].reshape(-1) for place in hdf5._parts(shape, 2)]
        np.testing.assert_array_equal(np.concatenate([values[:0].reshape(-1) if shape else [], *parts]), values.reshape(-1))
        assert all(len(part) <= max(1, most // 2) for part in parts)


def test_pieces_that_are_too_large_are_not_unpacked() -> None:
    pytest.importorskip("h5py")
    with pytest.raises(InputError, match=r"images is stored in pieces of 78 MB, and pieces of 64 MB are read: save it in smaller ones"):
        read({"x.h5": hostile.hdf5((20_000, 64, 64), (20_000, 64, 64))})


def test_a_name_that_is_no_text_is_one() -> None:
    h5py = pytest.importorskip("h5py")
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file[b"im\xff"] = smooth(40)
        file["nothing"] = h5py.Empty("f4")
    images, taken = read({"x.h5": stream.getvalue()})
    np.testing.assert_array_equal(images.pixels[:, 0], smooth(40))
    assert any("im\ufffd" in sentence for sentence in taken.read)
    assert taken.unused == [("nothing", "is empty.")]
