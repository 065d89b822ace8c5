"""Spoilt files by the thousand, read in a child of their own: `tests/attacks/test_mutants.py` starts it."""

from __future__ import annotations

import functools
import gzip
import io
import random
import struct
import tarfile
import traceback
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from tests.data.hostile import zipped
from vae_core.base.errors import InputError
from vae_core.base.serving import Progress, serve
from vae_core.data.choices import ImportChoices
from vae_core.data.images import open_image
from vae_core.data.importing import read_files

Reader = Callable[[bytes], object]
_NUMBERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\1", b"\xff", b"%", b"-1", b"1e999")


def grey(count: int) -> np.ndarray:
    steps = np.arange(8 * 9, dtype=np.uint8).reshape(8, 9) * 3
    return np.stack([np.roll(steps, index, 1) for index in range(count)])


def picture(kind: str, mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(grey(1)[0]).convert(mode).save(stream, kind)
    return stream.getvalue()


def array(kind: str) -> bytes:
    stream = io.BytesIO()
    pixels, labels = grey(12), np.arange(12) % 3
    if kind == "npy":
        np.save(stream, pixels)
    elif kind == "npz":
        np.savez_compressed(stream, images=pixels, labels=labels)
    else:
        stream.write(struct.pack(">BBBBIII", 0, 0, 8, 3, *pixels.shape) + pixels.tobytes())
    return gzip.compress(stream.getvalue()) if kind == "gz" else stream.getvalue()


def table(end: str) -> bytes:
    rows = ["name,class,age", *(f"{index}.png,{'cat' if index % 2 else 'dog'},{index / 7}" for index in range(12))]
    return "\n".join(rows).replace(",", "\t" if end == "tsv" else ",").encode()


def parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    files = [{"bytes": picture("PNG"), "path": f"{index}.png"} for index in range(12)]
    pq.write_table(pa.table({"image": files, "label": [index % 3 for index in range(12)], "row": [[1, 2, 3]] * 12}), stream)
    return stream.getvalue()


def matlab() -> bytes:
    from scipy.io import savemat

    stream = io.BytesIO()
    savemat(stream, {"X": grey(12), "y": np.arange(12)[None] % 3, "names": np.array(["a", "b", "c"], object)}, do_compression=True)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in pictures():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def stack() -> bytes:
    stream = io.BytesIO()
    first, *others = map(Image.fromarray, grey(12))
    first.save(stream, "TIFF", save_all=True, append_images=others)
    return stream.getvalue()


def hdf5() -> bytes:
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["images"], file["label"] = grey(12), np.arange(12) % 3
        file.create_dataset("packed", data=grey(12), chunks=(3, 8, 9), compression="gzip")
    return stream.getvalue()


def set_of(name: str) -> Reader:
    return lambda data: read_files([(name, data)], ImportChoices())


def beside_pictures(name: str) -> Reader:
    files = [(f"{index}.png", picture("PNG")) for index in range(12)]
    return lambda data: read_files([*files, (name, data)], ImportChoices())


def pictures() -> list[tuple[str, bytes]]:
    return [(f"{index % 2}/{index}.png", picture("PNG")) for index in range(12)]


def shown(data: bytes) -> object:
    return open_image(data, "x").size


def model_file() -> bytes:
    from vae_core.runs import catalogue
    from vae_core.training import checkpoint

    return checkpoint.pack(catalogue.models()["digits-2d"].folder)


def model(data: bytes) -> object:
    from vae_core.training import arrival, checkpoint

    return arrival.admitted(checkpoint.unpack(data, "m.zip").card)


def state() -> bytes:
    import torch

    stream = io.BytesIO()
    names = [f"fc{layer}.{part}" for layer in (1, 21, 22, 3, 4) for part in ("weight", "bias")]
    torch.save({name: torch.ones(2, 2) for name in names}, stream)
    return stream.getvalue()


def weights(data: bytes) -> object:
    from vae_core.foreign.state_dicts import read_weights

    return read_weights(data, "m.pt")


LOADERS: Mapping[str, tuple[Callable[[], bytes], Reader]] = {
    **{kind: (functools.partial(picture, kind), shown) for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")},
    "PNG with a palette": (lambda: picture("PNG", "P"), shown),
    **{kind: (functools.partial(array, kind), set_of(f"x.{kind}")) for kind in ("npy", "npz", "idx", "gz")},
    **{end: (functools.partial(table, end), beside_pictures(f"labels.{end}")) for end in ("csv", "tsv")},
    "parquet": (parquet, set_of("x.parquet")),
    "MATLAB": (matlab, set_of("x.mat")),
    "tar": (tarred, set_of("x.tar")),
    "pages": (stack, set_of("x.tif")),
    "HDF5": (hdf5, lambda data: read_files([("x.h5", data)], ImportChoices(take="images"))),
    "ZIP": (lambda: zipped([*pictures(), ("l.csv", table("csv"))]), set_of("x.zip")),
    "model": (model_file, model),
    "checkpoint of PyTorch": (state, weights),
}  # fmt: skip


def spoilt(data: bytes, draw: random.Random) -> bytes:
    """Bytes changed, a number put in, a piece cut out, moved or written twice, or the end cut off."""
    content = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(content))
        match draw.randrange(8):
            case 0 | 1 | 2 | 3:
                content[at] = draw.randrange(256)
            case 4:
                number = draw.choice(_NUMBERS)
                content[at : at + len(number)] = number
            case 5:
                del content[at : at + draw.randint(1, 40)]
            case 6:
                first = draw.randrange(len(content))
                content[at:at] = content[first : first + draw.randint(1, 40)]
            case _:
                del content[max(16, at) :]
        content = content or bytearray(b"\0")
    return bytes(content)


@functools.cache
def sound(loader: str) -> bytes:
    return LOADERS[loader][0]()


def tried(progress: Progress, loader: str, first: int, last: int) -> tuple[int, list[str]]:
    """How many of these mutants were read, and what escaped that is no sentence."""
    read, escaped = 0, []
    reader = LOADERS[loader][1]
    if first == 0:
        reader(sound(loader))  # the sound one is read, or the mutants would show nothing
    for number in range(first, last):
        progress((number - first) / (last - first))
        try:
            reader(spoilt(sound(loader), random.Random(number)))
            read += 1
        except InputError as error:
            if "\n" in str(error) or len(str(error)) > 1000:
                escaped.append(f"mutant {number}: {str(error)[:2000]!r}")
        except Exception:  # noqa: BLE001 - it is what we look for
            escaped.append(f"mutant {number}: {traceback.format_exc()[-1500:]}")
    return read, escaped


if __name__ == "__main__":
    serve({"tried": tried}, {})
