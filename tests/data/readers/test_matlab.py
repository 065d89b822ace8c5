"""matlab: matrices of every version are arrays, as they are in MATLAB."""

from __future__ import annotations

import io

import numpy as np
import pytest
from scipy.io import savemat

from tests.data.readers.reading import found, smooth, spots
from tests.data.readers.test_pictures import read
from tests.memory import at_most
from vae_core.base.errors import InputError
from vae_core.data.readers.blobs import from_uploads

HEADER = b"MATLAB 7.3 MAT-file, Platform: GLNXA64"


def mat(*, packed: bool = False, **values: object) -> bytes:
    stream = io.BytesIO()
    savemat(stream, values, do_compression=packed)
    return stream.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_images_last_as_svhn_has_them(packed: bool) -> None:
    images, labels = spots(), np.arange(40) % 10 + 1
    svhn = found(from_uploads([("train_32x32.mat", mat(packed=packed, X=images.transpose(1, 2, 3, 0), y=labels[:, None]))]))
    np.testing.assert_array_equal(svhn.frames, images)
    assert svhn.labels is not None
    assert [svhn.class_names[label] for label in svhn.labels] == [str(label) for label in labels]


def test_pictures_in_columns_as_the_frey_faces() -> None:
    images = smooth(60, 28, 20)
    frey = found(from_uploads([("frey_rawface.mat", mat(ff=images.reshape(60, -1).T))]))
    np.testing.assert_array_equal(frey.frames[..., 0], images)


def test_names_in_a_list_and_what_is_no_matrix() -> None:
    images, labels = smooth(), np.arange(40) % 3 + 1
    names = np.array(["face", "car", "cup"], object)
    data = mat(X=images.reshape(40, -1), Y=labels[None], classnames=names, mixed=np.array([1, "a"], object), meta={"by": "us"})
    caltech = found(from_uploads([("silhouettes.mat", data)]))
    assert caltech.labels is not None
    assert [caltech.class_names[label] for label in caltech.labels[:4]] == ["face", "car", "cup", "face"]
    assert "Not used: meta is of the kind struct, and only numbers and texts are read." in caltech.notes
    assert "Not used: mixed is a list of other things than texts, which is not read." in caltech.notes


def test_version_7_3_keeps_its_axes_turned_round() -> None:
    h5py = pytest.importorskip("h5py")
    images, labels = spots(), np.arange(40) % 4
    stream = io.BytesIO()
    with h5py.File(stream, "w", userblock_size=512) as file:
        file["X"], file["y"] = images.transpose(1, 2, 3, 0).T, labels[None].astype(float)
    data = bytearray(stream.getvalue())
    data[: len(HEADER)] = HEADER
    newest = found(from_uploads([("x.mat", bytes(data))]))
    np.testing.assert_array_equal(newest.frames, images)
    np.testing.assert_array_equal(newest.labels, labels)


@pytest.mark.parametrize("at", [130, 200, -1])
def test_a_file_that_is_cut_short_is_one_sentence(at: int) -> None:
    with pytest.raises(InputError, match=r"x\.mat is a damaged or cut-short MATLAB file"):
        read({"x.mat": mat(X=smooth())[:at]})


def test_a_length_that_no_memory_holds_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("scipy.io.loadmat", exhausted)
    with pytest.raises(InputError, match=r"x\.mat is damaged, or its X takes more memory than there is"):
        read({"x.mat": mat(X=smooth())})


def test_numbers_are_read_when_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """So what is refused for its size has taken no memory: here pixels that lie in columns, for which a copy is needed."""
    data = mat(packed=True, X=smooth(60, 28, 20).reshape(60, -1).T.astype(float))
    whole = 60 * 28 * 20
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 8 * whole - 1)
    monkeypatch.setattr("vae_core.data.readers.matlab._loaded", refuse)
    with pytest.raises(InputError, match="takes this import over"):
        read({"x.mat": data})
    monkeypatch.undo()
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 10 * whole)
    with pytest.raises(InputError, match="takes this import over"), at_most(1):
        read({"x.mat": data})
    monkeypatch.undo()
    assert read({"x.mat": data}).images.shape == (1, 28, 20)


def refuse(*_: object) -> None:
    raise AssertionError
