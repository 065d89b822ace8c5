"""73 to 94: checkpoints and models."""

from __future__ import annotations

import functools
import io
import json
import os
import pickle
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load, save

from tests.attacks.bad.doors import Cases, foreign, model, said
from tests.foreign.test_importing import opened, pair
from tests.model.test_vae import small
from tests.training.checkpoints import WEIGHTS, forged, saved

case = Cases()


@functools.cache
def parts() -> dict[str, bytes]:
    """The files of a small model of ours, but for its manifest."""
    with tempfile.TemporaryDirectory() as folder:
        saved(Path(folder) / "model", small())
        return {path.name: path.read_bytes() for path in sorted((Path(folder) / "model").iterdir()) if path.name != "manifest.json"}


def with_weights(change: Callable[[dict[str, torch.Tensor]], object]) -> str:
    weights = load(parts()[WEIGHTS])
    change(weights)
    return model(forged({**parts(), WEIGHTS: save(weights)}))


class Gadget:
    """Makes a folder as soon as it is unpickled."""

    def __init__(self, canary: str) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (self.canary,)


def stored(content: object, **options: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, **options)  # type: ignore[arg-type]
    return file.getvalue()


def with_pickle(data: bytes) -> bytes:
    """A file of PyTorch whose pickle is this one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (("data.pkl", data), ("byteorder", b"little"), ("version", b"3\n")):
            archive.writestr(f"archive/{name}", content)
    return file.getvalue()


def gadget(pack: Callable[[Gadget], bytes]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder, "canary")
        sentences = [foreign(pack(Gadget(str(canary))))]
        assert not canary.exists()
        return sentences


def safetensors(header: object, content: bytes = b"", length: int | None = None) -> str:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return foreign(struct.pack("<Q", len(text) if length is None else length) + text + content, "m.safetensors")


def tensor(start: int, end: int, shape: list[int] | None = None, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": [1] if shape is None else shape, "data_offsets": [start, end]}


@case(73)
def code_in_a_zip() -> list[str]:
    return gadget(lambda harm: stored({"model": harm})) + gadget(lambda harm: with_pickle(pickle.dumps(harm)))


@case(74)
def code_in_an_older_file() -> list[str]:
    return gadget(lambda harm: stored({"model": harm}, _use_new_zipfile_serialization=False))


@case(75)
def script() -> list[str]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("data.pkl", "code/__torch__.py", "constants.pkl"):
            archive.writestr(f"archive/{name}", b"")
    return [foreign(file.getvalue())]


@case(76)
def whole_module() -> list[str]:
    return [foreign(stored(torch.nn.Linear(2, 2)))]


@case(77)
def tar() -> list[str]:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            archive.addfile(tarfile.TarInfo(name))
    return [foreign(file.getvalue())]


@case(78)
def deflated() -> list[str]:
    piece = bytes(2**20)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", piece)
    data = bytearray(file.getvalue())
    struct.pack_into("<I", data, data.rindex(b"PK\1\2") + 24, 2**32 - 2)
    return [foreign(bytes(data))]


@case(79)
def no_stride() -> list[str]:
    return [foreign(stored({"fc1.weight": torch.ones(1).expand(2**40)}))]


@case(80)
def odd_tensors() -> list[str]:
    sparse = torch.sparse_coo_tensor(torch.zeros(1, 1, dtype=torch.long), torch.ones(1), (2**60,))
    each = [torch.ones(2, device="meta"), sparse, torch.quantize_per_tensor(torch.ones(2), 1.0, 0, torch.quint8)]
    each.append(torch.ones(2, dtype=torch.complex64))
    return [foreign(stored({"fc1.weight": odd})) for odd in each]


@case(81)
def keys_and_shapes() -> list[str]:
    first = next(iter(load(parts()[WEIGHTS])))
    return [
        with_weights(lambda weights: weights.update(extra=torch.ones(1))),
        with_weights(lambda weights: weights.pop(first)),
        with_weights(lambda weights: weights.update({first: torch.ones(7)})),
    ]


@case(82)
def deep_list() -> list[str]:
    return [foreign(with_pickle(b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b"."))]


@case(83)
def aliases() -> list[str]:
    content: object = ()
    for _ in range(39):
        content = (content, content)
    return [foreign(stored({"fc1.weight": content}))]


@case(84)
def header_lengths() -> list[str]:
    return list(dict.fromkeys(safetensors(b"{}", length=length) for length in (0, 2**63, 10**6)))


@case(85)
def offsets() -> list[str]:
    overlap = {"a": tensor(0, 4), "b": tensor(0, 4)}
    hole, reverse = {"a": tensor(0, 4), "b": tensor(8, 12)}, {"a": tensor(4, 0)}
    return list(dict.fromkeys(safetensors(header, bytes(12)) for header in (overlap, hole, reverse)))


@case(86)
def same_key() -> list[str]:
    entry = json.dumps(tensor(0, 4))
    return [safetensors(f'{{"a":{entry},"a":{entry}}}'.encode(), bytes(4))]


@case(87)
def metadata() -> list[str]:
    return list(dict.fromkeys(safetensors({"__metadata__": data, "a": tensor(0, 4)}, bytes(4)) for data in ({"k": "x" * 2**20}, {"k": 1})))


@case(88)
def precisions() -> list[str]:
    kinds = {"F8_E4M3": 1, "BF16": 2, "F64": 8}
    return list(dict.fromkeys(safetensors({"fc1.weight": tensor(0, size, dtype=kind)}, bytes(size)) for kind, size in kinds.items()))


@case(89)
def no_number() -> list[str]:
    def spoil(weights: dict[str, torch.Tensor]) -> None:
        next(iter(weights.values())).view(-1)[0] = float("nan")

    return [with_weights(spoil)]


@case(90)
def other_code() -> list[str]:
    encoder, decoder = dict(pair("mean logvar", "Sigmoid", latent=16)), dict(pair("mean logvar", "Sigmoid", latent=2))
    given = [("encoder.onnx", encoder["encoder.onnx"]), ("decoder.onnx", decoder["decoder.onnx"])]
    return [said(lambda: f"Read: {opened(given)}.")]


@case(91)
def renamed() -> list[str]:
    (sentence,) = {model(head + bytes(1000)) for head in (b"\x08\x07\x12\x07pytorch", b"\x89HDF\r\n\x1a\n", b"GGUF\3\0\0\0")}
    return [sentence]


@case(92)
def no_tensors() -> list[str]:
    return [safetensors({}), foreign(stored({}))]


@case(93)
def one_bit() -> list[str]:
    whole = forged(parts())
    data = bytearray(whole)
    data[whole.index(parts()[WEIGHTS]) + len(parts()[WEIGHTS]) - 100] ^= 1
    return [model(bytes(data))]
