"""A download is kept only when its content is the published one, and a failure is one plain sentence."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import Message
from http.client import IncompleteRead, RemoteDisconnected
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import BaseHandler, OpenerDirector, Request, install_opener
from urllib.response import addinfourl

import numpy as np
import pytest
import sklearn.datasets
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data import openml

TRAINING, ALL = 30, 40
Arrays = tuple[NDArray[Any], NDArray[Any]]


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Arrays:
    """A small set as OpenML gives it (whole numbers, labels as text), with MNIST's pins replaced by its own."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(256, size=(ALL, 784))
    labels = generator.integers(10, size=ALL)

    def pin(part: range) -> str:
        each = sorted(hashlib.sha256(bytes(pixels[i].tolist()) + bytes([labels[i]])).digest() for i in part)
        return hashlib.sha256(b"".join(each)).hexdigest()

    pins = pin(range(TRAINING)), pin(range(TRAINING, ALL))
    monkeypatch.setitem(openml.SOURCES, "mnist", replace(openml.SOURCES["mnist"], digests=pins))
    monkeypatch.setattr(openml, "TRAINING_IMAGES", TRAINING)
    return pixels, labels.astype(str).astype(object)


def serve(monkeypatch: pytest.MonkeyPatch, data: NDArray[Any], target: NDArray[Any]) -> None:
    def fetch(name: str, *, data_home: str, **options: object) -> SimpleNamespace:
        (Path(data_home) / "raw.arff").write_bytes(b"as OpenML sent it")
        return SimpleNamespace(data=data, target=target)

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch)


def test_a_good_download_becomes_a_set(toy: Arrays, monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    data, target = toy
    serve(monkeypatch, data, target)
    images = openml.download("mnist")
    assert images.pixels.shape == (ALL, 1, 28, 28)
    assert np.array_equal(images.pixels.reshape(ALL, 784), data)
    assert images.labels is not None
    assert images.labels.tolist() == [int(label) for label in target]
    assert (images.name, images.test_start) == ("mnist", TRAINING)
    assert [path for path in empty_home.rglob("*") if path.is_file()] == []


def test_the_order_inside_a_part_does_not_matter(toy: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    data, target = toy
    order = np.concatenate([np.arange(TRAINING)[::-1], np.arange(TRAINING, ALL)[::-1]])
    serve(monkeypatch, data[order].astype(np.float64), target[order].astype(np.int64))
    assert np.array_equal(openml.download("mnist").pixels.reshape(ALL, 784), data[order])


class Replies(BaseHandler):
    """Answers each request to openml.org as that server does, for a small set that has the columns of MNIST."""

    def __init__(self, data: NDArray[Any], target: NDArray[Any]) -> None:
        names = [f"pixel{number}" for number in range(1, 785)]
        attributes = [f"@ATTRIBUTE {name} real" for name in names] + ["@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}"]
        rows = [",".join(map(str, [*row, label])) for row, label in zip(data.tolist(), target.tolist(), strict=True)]
        arff = "\n".join(["@RELATION mnist_784", *attributes, "@DATA", *rows]).encode()
        columns = [
            {"index": str(index), "name": name, "data_type": kind, "is_target": str(kind == "nominal").lower(), **COMMON}
            for index, (name, kind) in enumerate([*((name, "numeric") for name in names), ("class", "nominal")])
        ]
        description = {
            "id": "554",
            "name": "mnist_784",
            "version": "1",
            "status": "active",
            "format": "ARFF",
            "description": "digits",
            "url": "https://www.openml.org/data/v1/download/52667/mnist_784.arff",
            "md5_checksum": hashlib.md5(arff, usedforsecurity=False).hexdigest(),
        }
        found = {"dataset": [{"did": 554, "name": "mnist_784", "version": 1, "status": "active"}]}
        size = {"quality": [{"name": "NumberOfInstances", "value": f"{ALL}.0"}]}
        self.bodies = {
            "/api/v1/json/data/list/data_name/mnist_784/limit/2/data_version/1": json.dumps({"data": found}).encode(),
            "/api/v1/json/data/554": json.dumps({"data_set_description": description}).encode(),
            "/api/v1/json/data/features/554": json.dumps({"data_features": {"feature": columns}}).encode(),
            "/api/v1/json/data/qualities/554": json.dumps({"data_qualities": size}).encode(),
            "/data/v1/download/52667/mnist_784.arff": arff,
        }

    def https_open(self, request: Request) -> addinfourl:
        return addinfourl(BytesIO(self.bodies[request.selector]), Message(), request.full_url, 200)


COMMON = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}


def test_scikit_learn_reads_what_openml_sends(toy: Arrays) -> None:
    """The one test that goes through the real fetch_openml."""
    data, target = toy
    server = OpenerDirector()
    server.add_handler(Replies(data, target))
    install_opener(server)
    try:
        images = openml.download("mnist")
    finally:
        install_opener(None)
    assert np.array_equal(images.pixels.reshape(ALL, 784), data)


def one_pixel(data: NDArray[Any], target: NDArray[Any]) -> Arrays:
    data = data.copy()
    data[7, 300] ^= 1
    return data, target


SPOILED: dict[str, Callable[[NDArray[Any], NDArray[Any]], Arrays]] = {
    "a pixel": one_pixel,
    "labels moved on": lambda data, target: (data, np.roll(target, 1)),
    "an image twice": lambda data, target: (data[[0, *range(ALL - 1)]], target[[0, *range(ALL - 1)]]),
    "an image less": lambda data, target: (data[:-1], target[:-1]),
    "a label less": lambda data, target: (data, target[:-1]),
    "test images first": lambda data, target: (np.roll(data, TRAINING, axis=0), np.roll(target, TRAINING)),
    "a column less": lambda data, target: (data[:, 1:], target),
    "labels that are words": lambda data, target: (data, np.full(ALL, "Trouser", dtype=object)),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_any_other_content_is_refused(spoiled: str, toy: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, *SPOILED[spoiled](*toy))
    with pytest.raises(InputError, match=r"^What openml\.org sent as MNIST is not MNIST"):
        openml.download("mnist")


@pytest.mark.parametrize(
    "error",
    [
        URLError(OSError(-2, "Name or service not known")),
        HTTPError("https://api.openml.org", 503, "Service Unavailable", None, None),  # type: ignore[arg-type]
        TimeoutError("timed out"),
        ConnectionResetError(104, "Connection reset by peer"),
        RemoteDisconnected("Remote end closed connection without response"),
        IncompleteRead(b"part"),
        ValueError("The md5 checksum of the file cached at /home/someone/x does not match"),
        KeyError("data_set_description"),
        EOFError("Compressed file ended before the end-of-stream marker was reached"),
        zlib.error("invalid stored block lengths"),
        OSError(28, "No space left on device"),
        URLError("two\nlines"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failed_download_is_one_sentence(error: Exception, monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    def fetch(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch)
    with pytest.raises(
        InputError, match=r"could not download Fashion-MNIST .* sets digits, sprites and faces work without a network"
    ) as caught:
        openml.download("fashion-mnist")
    assert "\n" not in str(caught.value)
    assert "/home" not in str(caught.value)
    assert list((empty_home / "cache" / "openml").iterdir()) == []


@pytest.fixture
def silent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A proxy on the way to openml.org that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        install_opener(None)  # urllib reads the proxy when it first opens anything, and keeps it
        yield
    install_opener(None)


@pytest.mark.usefixtures("silent_server")
def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openml, "SILENCE_SECONDS", 0.2)
    before = socket.getdefaulttimeout()
    start = time.monotonic()
    with pytest.warns(UserWarning, match="network error"), pytest.raises(InputError, match=r"could not download MNIST .*timed out"):
        openml.download("mnist")
    assert 0.4 < time.monotonic() - start < 5
    assert socket.getdefaulttimeout() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", openml.SOURCES)
def test_the_pins_are_those_of_the_published_files(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shared / "data" / name.replace("-", "_")

    def idx(kind: str, header: int) -> NDArray[np.uint8]:
        parts = (gzip.decompress((folder / f"{part}-{kind}-ubyte.gz").read_bytes()) for part in ("train", "t10k"))
        return np.concatenate([np.frombuffer(part, np.uint8, offset=header) for part in parts])

    data, target = idx("images-idx3", 16).reshape(-1, 784), idx("labels-idx1", 8)
    serve(monkeypatch, data, target.astype(str).astype(object))
    images = openml.download(name)
    assert (len(images), images.test_start) == (70_000, 60_000)
    assert np.array_equal(images.pixels.reshape(-1, 784), data)
