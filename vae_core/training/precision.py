"""Which numbers a training step multiplies: float32, or bfloat16 where that is faster.

bfloat16 is for the matrix products and convolutions of encoder and decoder alone. Weights, likelihood, KL and every sum are float32,
and so is all evaluation.
"""

from __future__ import annotations

import time
from functools import cache

import torch
from torch import Tensor

from vae_core.base.config import ModelConfig, Precision, TrainConfig
from vae_core.model.macs import macs_of

LEAST_GAIN = 1.5
"""How many times faster bfloat16 products must be. Processors made for them reach 2 to 8, others stay below 1, so noise in the measurement
cannot change the choice: all runs of one configuration on one machine get the same."""
LEAST_MACS, LEAST_BATCH = 2**25, 64
"""Multiply-accumulates that one pass of a batch must take, and images in it. Below, conversions cost what is won: of activations where
there are few products, of weights where there are few images. Measured on 18 models: at least 1.2 times faster above, most often slower
below."""


def choose(model: ModelConfig, train: TrainConfig, device: torch.device) -> Precision:
    """What `train` asks for; for "auto" bfloat16 where a probe of the machine and the size of the model promise a gain."""
    if train.precision != "auto":
        return train.precision
    large = train.batch >= LEAST_BATCH and train.batch * macs_of(model) >= LEAST_MACS
    return "bf16" if large and _suits(device) else "fp32"


def autocast(precision: Precision, device: torch.device) -> torch.autocast:
    """The context of a forward pass in that precision; the backward pass follows it and stays outside."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def _suits(device: torch.device) -> bool:
    if device.type == "cpu":
        return gain() >= LEAST_GAIN
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


@cache
def gain() -> float:
    """How many times faster one thread multiplies bfloat16 matrices than float32 ones.

    Takes about 10 ms, and up to a second where bfloat16 is emulated. It uses one thread and takes the least of several times, in turn: so
    other work on the machine hardly shows.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    single = torch.ones(256, 512), torch.ones(512, 256)
    half = single[0].bfloat16(), single[1].bfloat16()
    times = [(_seconds(*single), _seconds(*half)) for _ in range(10)]
    torch.set_num_threads(threads)
    return min(slow for slow, _ in times) / min(fast for _, fast in times)


def _seconds(a: Tensor, b: Tensor) -> float:
    started = time.perf_counter()
    torch.mm(a, b)
    return time.perf_counter() - started
