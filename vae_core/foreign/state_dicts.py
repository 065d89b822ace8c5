"""The weights of a checkpoint by name: from safetensors, or from a file of PyTorch, of which nothing is run."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vae_core.base.config import MAX_PARAMETERS
from vae_core.base.errors import InputError
from vae_core.base.zips import members_at_most
from vae_core.data.budget import MAX_MEMBERS
from vae_core.data.images import shown
from vae_core.foreign.onnx_file import MAX_BYTES

_MAX_HEADER_BYTES = 2**20

State = Mapping[str, NDArray[np.float32]]


def read_weights(data: bytes, name: str) -> State:
    """The weights of a checkpoint, float32.

    Args:
        data: the file's bytes.
        name: what to call it in a message.

    Raises:
        InputError: it is no such file, would run code, is over a limit, or holds what is no number.
    """
    label = shown(name)
    if len(data) > MAX_BYTES:
        raise InputError(f"{label} has {len(data) / 2**20:.0f} MB; a checkpoint may have {MAX_BYTES // 2**20} MB.")
    arrays = _of_safetensors(data, label) if name.lower().endswith(".safetensors") else _unpickled(data, label)
    if not arrays or sum(array.size for array in arrays.values()) > MAX_PARAMETERS:
        raise InputError(f"{label} holds no weights, or more than {MAX_PARAMETERS:,} of them, which is the limit.")
    return arrays


def _of_safetensors(data: bytes, label: str) -> dict[str, NDArray[np.float32]]:
    from safetensors.torch import load  # which knows bfloat16, and imports torch

    try:
        if struct.unpack_from("<Q", data)[0] > _MAX_HEADER_BYTES:
            raise ValueError("the header is too long")
        tensors = load(data)
    except Exception as error:
        raise InputError(f"{label} cannot be read: it is cut short, or no safetensors file.") from error
    return {key: tensor.float().numpy() for key, tensor in tensors.items() if tensor.is_floating_point()}


def _unpickled(data: bytes, label: str) -> dict[str, NDArray[np.float32]]:
    """The tensors of a file of PyTorch."""
    _refuse_programs(data, label)
    from vae_core.foreign.unpickling import unpickled  # torch, which nothing else in this process needs

    try:
        return unpickled(data)
    except Exception as error:
        raise InputError(
            f"{label} holds no weights that can be read without running code. Save its weights alone, on the computer where it was made: "
            'torch.save(model.state_dict(), "model.pt").'
        ) from error


def _refuse_programs(data: bytes, label: str) -> None:
    """Refuse the kinds of ZIP that hold a program beside weights."""
    if not data.startswith(b"PK"):
        return
    if members_at_most(data) > MAX_MEMBERS:
        raise InputError(f"{label} holds more than {MAX_MEMBERS:,} parts, which no file of weights has.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            inflated = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError, EOFError) as error:
        raise InputError(f"{label} is a damaged or cut-short file of PyTorch.") from error
    if inflated > 2 * MAX_BYTES:
        raise InputError(f"{label} unpacks to {inflated / 2**20:,.0f} MB; the limit is {2 * MAX_BYTES // 2**20} MB.")
    inside = {name.partition("/")[2].partition("/")[0] for name in names}
    if "code" in inside or "constants.pkl" in inside:
        raise InputError(f"{label} is TorchScript, a program, which is not opened: export the model as ONNX, or save its state_dict.")
    if "archive_format" in inside or "models" in inside:
        raise InputError(f"{label} is a program of torch.export, which is not opened: export the model as ONNX, or save its state_dict.")
