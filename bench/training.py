"""How fast `fit` trains next to others, on the same network, images and batch and in turn with them, and what bfloat16 costs."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

import numpy as np
import torch

from bench import theirs
from tests.conftest import ROOT
from vae_core import data
from vae_core.base import device
from vae_core.base.config import ModelConfig, Precision, TrainConfig, default_hidden
from vae_core.data import Images, ImportChoices
from vae_core.model.macs import macs_of
from vae_core.model.vae import VAE
from vae_core.training import precision
from vae_core.training.train import fit

REPEATS = 5
SEEDS = (0, 1, 2)
MLP = ModelConfig(body="mlp", channels=1, height=28, width=28, latent=20, hidden=(400,))
CONV = ModelConfig(body="conv", channels=1, height=28, width=28, latent=20, hidden=default_hidden("conv", 28, 28), enlarge="nearest")
COLOUR = ModelConfig(body="conv", channels=3, height=64, width=64, latent=20, hidden=default_hidden("conv", 64, 64), enlarge="nearest")


class Case(NamedTuple):
    """One network, trained on `images` images (a fifth of them held out) in batches of `batch`."""

    title: str
    model: ModelConfig
    batch: int
    images: int


SPEED = (
    Case("MLP 784-400-20", MLP, 128, 25_600),
    Case("MLP 784-400-20", MLP, 512, 25_600),
    Case("conv 28 x 28", CONV, 128, 6_400),
    Case("conv 64 x 64 RGB", COLOUR, 128, 800),
)
COST = (Case("MLP 784-400-20", MLP, 128, 60_000), Case("conv 28 x 28", CONV, 128, 60_000))


class Rates(NamedTuple):
    """Images a second over the training steps of one epoch; NaN for what was not measured."""

    ours: float
    each: float
    ready: float
    pythae: float


OTHERS = {
    "each": "a DataLoader over images as of torchvision",
    "ready": "a DataLoader over ready tensors",
    "pythae": "Pythae 0.1.2",
}


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table.

    The rate of products is that of matrix products alone, in the precision that training chose; three times the multiplications of a
    forward pass count as those of a step.
    """
    for number in ("fp32", "bf16"):
        yield f"matrix products, {number}", f"{2 * products_per_second(number) / 1e9:,.0f} GFLOP/s ({torch.get_num_threads()} threads)"
    for case in SPEED:
        yield from compared(case)
    for case in COST:
        yield f"bf16 less fp32, {case.title}, batch {case.batch}", cost(case)


def compared(case: Case) -> Iterator[tuple[str, str]]:
    """Our images a second, as a share of what the machine could do, and as ratios of the others'."""
    sample, source = images(case)
    pixels = sample.pixels[sample.split().train]
    measured = [
        Rates(
            our_rate(case, sample),
            theirs.loader_rate(case.model, theirs.Each(pixels), case.batch),
            theirs.loader_rate(case.model, theirs.Ready(pixels), case.batch),
            theirs.pythae_rate(case.model, pixels, case.batch) if theirs.has_pythae() else float("nan"),
        )
        for _ in range(REPEATS + 1)
    ][1:]
    what, number = f"{case.title}, batch {case.batch}", chosen(case)
    rate = median(rates.ours for rates in measured)
    share = 3 * macs_of(case.model) * rate / products_per_second(number)
    yield f"{what}: fit", f"{rate:,.0f} images/s ({source}; {number}; {share:.0%} of the rate of products)"
    for name, title in OTHERS.items():
        theirs_rate = median(getattr(rates, name) for rates in measured)
        ratio = median(rates.ours / getattr(rates, name) for rates in measured)
        known = f"{ratio:.2f} x ({theirs_rate:,.0f} images/s)"
        yield f"{what}: over {title}", "not measured: make bench sets it up" if math.isnan(ratio) else known


def our_rate(case: Case, sample: Images) -> float:
    """Images a second of one epoch of `fit`, validation not counted."""
    *_, last = fit(VAE(case.model), sample, TrainConfig(epochs=1, batch=case.batch, lr=theirs.LEARNING_RATE))
    return last.images_per_second


def cost(case: Case) -> str:
    """How much higher the validation loss is after an epoch in bfloat16 than in float32, for each seed; both judged in float32."""
    sample, source = images(case)
    differences = []
    for seed in SEEDS:
        loss = {number: validation_loss(case, sample, seed, number) for number in ("fp32", "bf16")}
        differences.append(loss["bf16"] - loss["fp32"])
    each = ", ".join(f"{difference:+.2f}" for difference in differences)
    steps = -(-len(sample.split().train) // case.batch)
    return f"{mean(differences):+.2f} nats after {steps} steps ({source}; seeds {each})"


def validation_loss(case: Case, sample: Images, seed: int, number: Precision) -> float:
    """The validation loss after one epoch, nats per image."""
    config = TrainConfig(epochs=1, batch=case.batch, seed=seed, precision=number)
    *_, last = fit(VAE(case.model, seed=seed), sample, config)
    assert last.validation is not None
    return last.validation.loss


def chosen(case: Case) -> Precision:
    """The precision that `fit` takes by itself."""
    return precision.choose(case.model, TrainConfig(batch=case.batch), device.choose("cpu"))


@cache
def products_per_second(number: Precision) -> float:
    """Multiply-adds a second in a product of two large matrices: the limit that training is held against."""
    side = 2048
    matrix = torch.ones(side, side, dtype=torch.bfloat16 if number == "bf16" else torch.float32)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        torch.mm(matrix, matrix)
        seconds.append(time.perf_counter() - started)
    return float(side**3 / min(seconds))


def images(case: Case) -> tuple[Images, str]:
    """As many images as the case takes and what they are: MNIST for 28 x 28 where it is at hand, else noise; faces for 64 x 64 RGB."""
    if case.model == COLOUR:
        return Images("faces", data.load("faces").pixels[: case.images]), "built-in faces"
    mnist = _mnist()
    if mnist is not None:
        return Images("mnist", mnist[: case.images]), "MNIST"
    noise = np.random.default_rng(0).integers(0, 256, (case.images, 1, 28, 28), dtype=np.uint8)
    return Images("noise", noise), "noise"


@cache
def _mnist() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None:
    folder = Path(os.environ.get("LATENT_LOOM_SHARED", ROOT.parent / "shared")) / "data" / "mnist"
    if folder.is_dir():
        return data.read_path(folder, ImportChoices()).images.pixels
    return data.load_exactly("mnist").pixels if data.complete("mnist") else None


def main() -> None:
    """Print the table as it is measured."""
    for what, figure in rows():
        print(f"{what:52} {figure}", flush=True)


if __name__ == "__main__":
    main()
