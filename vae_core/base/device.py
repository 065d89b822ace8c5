"""What a model is trained on: the processor, or a GPU where torch finds one."""

from __future__ import annotations

from typing import Literal

import torch

from vae_core.base.config import Device
from vae_core.base.errors import InputError

_WORDS: dict[Device, str] = {"cuda": "NVIDIA GPU (cuda)", "mps": "Apple GPU (mps)"}


def choose(asked: Literal["auto"] | Device) -> torch.device:
    """The device of that name; "auto" is an NVIDIA GPU, else an Apple one, else the processor.

    Raises:
        InputError: there is no such GPU, or this build of torch cannot use it.
    """
    there: dict[Device, bool] = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    name = next(name for name in there if there[name]) if asked == "auto" else asked
    if not there[name]:
        raise InputError(f"torch finds no {_WORDS[name]} on this machine: choose the device auto or cpu.")
    return torch.device(name)


def keep_freed_memory() -> None:
    """Let this process keep the memory that one training step frees for the next one, with glibc; elsewhere nothing happens.

    glibc would return it to the system, which maps and zeroes it again at each step: a tenth to a fifth of the step's time. Once a block of
    up to 32 MB has been freed, glibc keeps up to twice that size (mallopt(3), M_MMAP_THRESHOLD).
    """
    torch.empty(2**25 - 2**16, dtype=torch.uint8)  # the block is freed at once
