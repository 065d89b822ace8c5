"""Snapshots of a run: what its model makes of the same held-out images at steps that lie evenly in log time.

snapshots/images.bin   which images these are: pixels, labels, names of classes
snapshots/<step>.bin   what the model made of them after that step

Each file is sealed, and none is waited for: a power cut may take the newest ones, which are then left out. A run keeps at most `MOST`
snapshots and 10 MB of them, however long it is, and under 2 % of the time of training goes into them: the shorter a run, the fewer
images.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from vae_core.base.config import ModelConfig, RunConfig
from vae_core.base.storage import read_sealed, write_sealed
from vae_core.data import Images
from vae_core.model.vae import VAE

MOST = 24
MOST_BYTES = 10 * 2**20
MOST_IMAGES = 500
SHOWN = 8
"""So many images at least have a reconstruction in every snapshot, in smaller pictures if they must, where so many are held out."""

_LEAST_IMAGES = 32  # a map of fewer would show nothing; a run too short for these takes a second or two
_SEEN_PER_IMAGE = 1_200  # training images to each image of a snapshot, which costs half as much as one: 24 / 2 / 1,200 is 1 %
_LEAST, _STEPS_EACH = 6, 24  # snapshots of a short run, and the steps that it has for each: a snapshot of few images takes a third of one
_NOW_SECONDS, _NOW_COSTS = 1.0, 400  # between two snapshots of "now": at least this, and this many times what the last one took
_BATCH = 250
_NAME = 40  # letters of a class's name, of up to four bytes each
_WORDS = MOST_IMAGES * (8 + 4 * _NAME)  # bytes that labels and names may take
_HEADER = 1024  # and all else in a file that is no array
FOLDER = "snapshots"
"""In the directory of a run, or of a model that ships with them."""
_IMAGES = "images"
_HIGHEST = float(np.finfo(np.float16).max)
_Arrays = dict[str, NDArray[Any]]


class Subjects(NamedTuple):
    """The n images of all snapshots of a run, one of each class in turn; m ≤ n of them, the first, have pictures.

    Attributes:
        pixels: uint8 [m, C, h, w].
        shrunk: how many pixels of the set lie side by side in one of `pixels`: 1 where they fit as they are.
        labels: int64 [n], indices into `class_names`; None for a set without.
        class_names: of the classes that these images are of, in their order; empty for a set without.
    """

    pixels: NDArray[np.uint8]
    shrunk: int
    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]


class Snapshot(NamedTuple):
    """What a model made of the subjects.

    Attributes:
        step, epoch: steps and passes over the data done.
        codes: float16 [n, K], each image's mean code, or the code itself of a plain autoencoder.
        amounts: float32 [K], how much each dimension carries: its mean KL in nats, or the variance of a plain autoencoder's codes.
        pictures: uint8 [m, C, h, w], reconstructions from those codes.
    """

    step: int
    epoch: float
    codes: NDArray[np.float16]
    amounts: NDArray[np.float32]
    pictures: NDArray[np.uint8]


class History(NamedTuple):
    """The snapshots of a run, fewest steps first, at least one; `damaged` files were left out."""

    subjects: Subjects
    snapshots: tuple[Snapshot, ...]
    damaged: int


def planned(steps: int) -> tuple[int, ...]:
    """The steps of a run of so many at which a snapshot is taken that stays: from 0 to the last, at most `MOST`.

    They are a fixed distance apart in log(1 + step), or one step where that is more.
    """
    most = min(MOST, max(_LEAST, steps // _STEPS_EACH))
    apart = math.log1p(steps) / (most - 2)  # one less than there is room for, as the last step may follow the one before it closely
    found = [0]
    while found[-1] < steps:
        found.append(min(steps, max(found[-1] + 1, math.ceil(math.expm1(math.log1p(found[-1]) + apart) - 1e-9))))
    return tuple(found)


class Sizes(NamedTuple):
    """How many images a run's snapshots have, how many of these have pictures, and by which factor these are shrunk."""

    images: int
    pictures: int
    shrunk: int


def sizes(model: ModelConfig, *, held_out: int, seen: int) -> Sizes:
    """What fits into `MOST_BYTES` and the time.

    Args:
        model: says how large a code and an image are.
        held_out: images there are to choose from.
        seen: images that the run trains on, each counted as often as it comes.
    """
    images = min(held_out, MOST_IMAGES, max(_LEAST_IMAGES, seen // _SEEN_PER_IMAGE))
    room = (MOST_BYTES - _WORDS) // (MOST + 1) - _HEADER - 2 * images * model.latent - 4 * model.latent  # one more: the images themselves
    shrunk = 1
    while (fit := room // _bytes(model, shrunk)) < min(SHOWN, images):
        shrunk += 1
    return Sizes(images, min(images, fit), shrunk)


class Recorder:
    """Takes the snapshots of one run while it trains.

    Args:
        run: the run's directory.
        config: of the run.
        images: its data set.
        steps: of the run in all.
    """

    def __init__(self, run: Path, config: RunConfig, images: Images, steps: int) -> None:
        split = images.split()
        wanted = sizes(config.model, held_out=len(split.validation), seen=config.train.epochs * len(split.train))
        rows = split.validation
        if images.labels is not None:
            rows = rows[_in_turn(images.labels[rows])]
        rows = rows[: wanted.images]
        self._folder, self._config = run / FOLDER, config
        self._pixels = torch.from_numpy(images.take(rows))
        self._sizes = wanted
        self._planned = frozenset(planned(steps))
        self._newest = max(_steps(self._folder), default=-1)
        self._rests_until = -math.inf
        present, labels = np.empty(0, np.int64), np.empty(0, np.int64)
        if images.labels is not None:
            present, labels = np.unique(images.labels[rows], return_inverse=True)
        names = [images.class_names[label][:_NAME] for label in present]
        arrays: _Arrays = {
            "pixels": _shrunken(self._pixels[: wanted.pictures].numpy(), wanted.shrunk),
            "shrunk": np.array(wanted.shrunk, np.int64),
            "labels": labels.astype(np.int64),
            "class_names": np.frombuffer("\0".join(names).encode(), np.uint8),
        }
        write_sealed(self._folder / f"{_IMAGES}.bin", _key(_IMAGES), save_arrays(arrays))

    def follow(self, model: VAE, step: int, epoch: float, *, now: bool = False) -> None:
        """Take a snapshot after this step where one is planned, or, if `now`, where the last one is some time ago.

        Raises:
            OSError: the disk refuses the file.
        """
        if step in self._planned or (now and time.monotonic() > self._rests_until):
            self.take(model, step, epoch)

    def take(self, model: VAE, step: int, epoch: float) -> None:
        """Take one, unless it is there, and forget the one before where that was not planned. Codes that are not finite give none.

        Raises:
            OSError: the disk refuses the file.
        """
        if step <= self._newest:
            return
        began = time.monotonic()
        snapshot = self._seen(model, step, epoch)
        if snapshot is None:
            return
        arrays: _Arrays = {
            "epoch": np.array(epoch, np.float64),
            "codes": snapshot.codes,
            "amounts": snapshot.amounts,
            "pictures": snapshot.pictures,
        }
        write_sealed(_file(self._folder, step), _key(str(step)), save_arrays(arrays), synced=False)
        if self._newest not in self._planned:
            _file(self._folder, self._newest).unlink(missing_ok=True)
        self._newest = step
        now = time.monotonic()
        self._rests_until = now + max(_NOW_SECONDS, _NOW_COSTS * (now - began))

    @torch.inference_mode()
    def _seen(self, model: VAE, step: int, epoch: float) -> Snapshot | None:
        device = next(model.parameters()).device
        self._pixels = self._pixels.to(device)
        beta = self._config.train.weights if model.config.beta_range else None
        codes, amounts, pictures, left = [], [], [], self._sizes.pictures
        for chunk in torch.split(self._pixels, _BATCH):
            posterior = model.encode(chunk.float().div_(255), beta)
            codes.append(posterior.mode)
            if model.config.variational:
                amounts.append(posterior.kl_per_dim())
            if left > 0:
                means = model.likelihood.mean(model.decode(posterior.mode[:left], beta))
                pictures.append(means.clamp_(0, 1).mul_(255).round_().to(torch.uint8).cpu().numpy())
                left -= len(means)
        found = torch.cat(codes).cpu()
        carried = torch.cat(amounts).cpu().mean(0) if amounts else found.var(0, correction=0)
        if not (found.isfinite().all() and carried.isfinite().all()):
            return None
        shrunken = _shrunken(np.concatenate(pictures), self._sizes.shrunk)
        return Snapshot(step, epoch, found.clamp_(-_HIGHEST, _HIGHEST).half().numpy(), carried.float().numpy(), shrunken)


def place_of(checkpoint: Path) -> Path:
    """Where `read` finds the snapshots of the training that a checkpoint is of: in its run's directory, or beside it where it ships."""
    return checkpoint.parents[1] if checkpoint.parent.name == "checkpoints" else checkpoint


def forget_after(run: Path, step: int) -> None:
    """Remove the snapshots after this step, because training will take them again."""
    for later in _steps(run / FOLDER):
        if later > step:
            _file(run / FOLDER, later).unlink()


def version(run: Path) -> tuple[tuple[str, int], ...]:
    """Names what `read` would give now: the name and the time of writing of each file."""
    try:
        return tuple(sorted((path.name, path.stat().st_mtime_ns) for path in (run / FOLDER).glob("*.bin")))
    except OSError:  # one that was listed is gone: another is about to come
        return ()


def read(run: Path) -> History | None:
    """The snapshots of a run; None where it has none that can be read, as one that was trained before there were snapshots."""
    folder = run / FOLDER
    known = _opened(folder / f"{_IMAGES}.bin", _IMAGES)
    if known is None:
        return None
    labels, names = known["labels"], known["class_names"].tobytes().decode()
    subjects = Subjects(
        known["pixels"],
        int(known["shrunk"]),
        labels if len(labels) else None,
        tuple(names.split("\0")) if names else (),
    )
    found: list[Snapshot] = []
    damaged = 0
    for step in _steps(folder):
        part = _opened(_file(folder, step), str(step))
        if part is not None:
            found.append(Snapshot(step, float(part["epoch"]), part["codes"], part["amounts"], part["pictures"]))
        elif _file(folder, step).exists():  # the next one may just have replaced it
            damaged += 1
    return History(subjects, tuple(found), damaged) if found else None


def _opened(path: Path, what: str) -> _Arrays | None:
    payload = read_sealed(path, _key(what))
    return None if payload is None else load_arrays(payload)


def _key(what: str) -> str:
    return f"snapshot 1 of {what}"


def _file(folder: Path, step: int) -> Path:
    return folder / f"{step:08d}.bin"


def _steps(folder: Path) -> list[int]:
    """The steps of the snapshots in a folder, ascending."""
    return sorted(int(path.stem) for path in folder.glob("*.bin") if path.stem.isdecimal())


def _in_turn(labels: NDArray[np.int64]) -> NDArray[np.intp]:
    """An order of images in which each class has its turn: first the first of every class, then the second."""
    by_class = np.argsort(labels, kind="stable")
    counts = np.unique(labels, return_counts=True)[1]
    turns = np.empty(len(labels), np.int64)
    turns[by_class] = np.concatenate([np.arange(count) for count in counts])
    return np.lexsort((labels, turns))


def _bytes(model: ModelConfig, shrunk: int) -> int:
    return model.channels * math.ceil(model.height / shrunk) * math.ceil(model.width / shrunk)


def _shrunken(pictures: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Pictures [m, C, H, W] of which each pixel is the mean of factor × factor, at the right and lower edge of fewer."""
    if factor == 1:
        return np.ascontiguousarray(pictures)
    height, width = pictures.shape[2:]
    down, across = np.arange(0, height, factor), np.arange(0, width, factor)
    sums = np.add.reduceat(np.add.reduceat(pictures.astype(np.int64), down, axis=2), across, axis=3)
    areas = np.outer(np.diff(np.append(down, height)), np.diff(np.append(across, width)))
    means: NDArray[np.uint8] = np.rint(sums / areas).astype(np.uint8)
    return means
