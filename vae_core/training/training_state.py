"""Where training stands between two steps: with it, a run that was stopped goes on as if nothing had happened.

It leaves out what follows from the configuration and the step (learning rate, β, which batch comes next). On the disk, the weights and
the card are files of the same checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.base.config import Device, Precision
from vae_core.base.errors import InputError
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Card

Tensors = Mapping[str, Tensor]


class Unusable(InputError):
    """A training state that no training can go on from."""


@dataclass(frozen=True)
class TrainingState:
    """All that decides how training goes on, on the CPU; `step` is 1 or more.

    Attributes:
        step: steps done.
        seconds: in training so far, validation included.
        images_per_second: over the steps alone.
        device, precision: what it is trained on and with. On another device, the same steps give other weights.
        weights: the model's parameters and buffers, by name.
        first, second: Adam's moments, by parameter.
        generator: the generator's own state, uint8 [n].
        generator_at_epoch: as it was before it drew the order of the images of the epoch under way; uint8 [n].
        sums: loss, distortion and rate over the images since the last record, float64 [3].
    """

    step: int
    seconds: float
    images_per_second: float
    device: Device
    precision: Precision
    weights: Tensors
    first: Tensors
    second: Tensors
    generator: Tensor
    generator_at_epoch: Tensor
    sums: Tensor

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a checkpoint keeps of it besides its weights and its card, for `checkpoint.save`."""
        tensors = {
            **{f"first.{name}": moment for name, moment in self.first.items()},
            **{f"second.{name}": moment for name, moment in self.second.items()},
            **{name: getattr(self, name) for name in _OWN},
        }
        return {name: tensor.numpy() for name, tensor in tensors.items()}


_OWN = ("generator", "generator_at_epoch", "sums")


def load(folder: Path) -> tuple[Card, TrainingState]:
    """The training state in a checkpoint folder, and the card, which says what was trained on what.

    Raises:
        Unusable: the state does not fit the model.
        InputError: the folder has none, or is damaged.
    """
    opened, arrays = checkpoint.load_training(folder)
    label = f"The training state in {folder.name}"
    card, moments = opened.card, {name: tuple(p.shape) for name, p in opened.model.named_parameters()}
    expected = {f"{which}.{name}": shape for which in ("first", "second") for name, shape in moments.items()}
    if arrays.keys() != {*expected, *_OWN}:
        odd = sorted(arrays.keys() ^ {*expected, *_OWN})[0]
        raise Unusable(f"{label} does not fit its model: {odd[:60]} is {'not expected' if odd in arrays else 'missing'}.")
    for name, shape in (*expected.items(), ("sums", (3,))):
        kind = np.float64 if name == "sums" else np.float32
        array = arrays[name]
        if array.shape != shape or array.dtype != kind:
            raise Unusable(f"{label} does not fit its model: {name} is {array.dtype} {array.shape}, not {np.dtype(kind)} {shape}.")
        if not np.isfinite(array).all() or (name.startswith("second.") and (array < 0).any()):
            raise Unusable(f"{label} holds numbers in {name} that training never leaves there.")
    if any(arrays[name].dtype != np.uint8 or arrays[name].ndim != 1 for name in ("generator", "generator_at_epoch")):
        raise Unusable(f"{label} does not hold the state of a random number generator.")
    if card.steps < 1 or card.images_per_second <= 0:
        raise Unusable(f"{label} is from before the first step.")
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return card, TrainingState(
        step=card.steps,
        seconds=card.seconds,
        images_per_second=card.images_per_second,
        device=card.device,
        precision=card.precision,
        weights=opened.model.state_dict(),
        first={name: tensors[f"first.{name}"] for name in moments},
        second={name: tensors[f"second.{name}"] for name in moments},
        **{name: tensors[name] for name in _OWN},
    )
