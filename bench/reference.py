"""What our models reach, beside what was published: the rows of REFERENCE.md, ``python -m bench.reference [row …]``.

Each row is trained by the command that it prints, or by the few lines here where no command says it, and prints Markdown. One thread.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tests.conftest import ROOT
from tests.model.test_linear import PCA_LOG_LIKELIHOOD, TO_SIXTEENTHS, WATER_FILLING
from tests.training.test_objectives import digits, expected_distortion, optimum
from vae_core import data
from vae_core.analysis import importance
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.cli.main import main as command_line
from vae_core.data import Images, ImportChoices
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.priors import StandardNormal
from vae_core.model.vae import VAE
from vae_core.runs import directory
from vae_core.training import binarise, checkpoint
from vae_core.training.objectives import average, elbo
from vae_core.training.train import fit

THREADS = 1
FOLDERS = {"path/to/mnist": "mnist", "path/to/fashion-mnist": "fashion_mnist"}
BOUND, SAMPLED = "−ELBO", "NLL, {} samples"
MNIST = "train --data path/to/mnist --binarise static --latent 128 --hidden 256,256 --batch 128 --lr 0.001"
SMALL = "--latent 8 --hidden 128,128 --batch 128 --lr 0.002 --epochs 150"

SMALL_MODEL = ModelConfig(channels=1, height=8, width=8, latent=8, hidden=(128, 128))

Pixels = NDArray[np.uint8]
Cost = Callable[[VAE, Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Obtained:
    """Figures by name, in nats per image, and the seconds of training that they took."""

    figures: Mapping[str, float]
    seconds: float = 0.0


@dataclass(frozen=True)
class Row:
    """One model of REFERENCE.md.

    Attributes:
        how: the arguments of `python -m vae_core`, without the seed, or the function of this file that takes the seed.
        seeds: one training each.
        published: what to hold the figures against, by their names; a range where several runs are.
        samples: codes for each image in the estimates of −log p(x); the last number, where there are two, for the first seed alone.
        places: decimals to print.
    """

    how: str | Callable[[int], Obtained]
    seeds: tuple[int, ...] = (0,)
    published: Mapping[str, str] = field(default_factory=dict)
    samples: tuple[int, ...] = ()
    places: int = 2

    @property
    def needs(self) -> str | None:
        """The name of the folder of IDX files that it reads; None where it reads none."""
        words = ["path/to/mnist"] if self.how is recipe_on_mnist else self.how.split() if isinstance(self.how, str) else []
        return next((FOLDERS[word] for word in words if word in FOLDERS), None)

    def run(self, seed: int) -> Obtained:
        """Train and judge with one seed."""
        if not isinstance(self.how, str):
            return self.how(seed)
        return commanded(self.how, seed, self.samples if seed == self.seeds[0] else self.samples[:1])


def shared(name: str) -> Path:
    """Where the IDX files of a set lie: under $LATENT_LOOM_SHARED, else under shared/ beside the checkout."""
    return Path(os.environ.get("LATENT_LOOM_SHARED", ROOT.parent / "shared")) / "data" / name


def commanded(command: str, seed: int, samples: tuple[int, ...]) -> Obtained:
    """Run `python -m vae_core` with this command, and judge what it trained on the validation images."""
    words = [str(shared(FOLDERS[word])) if word in FOLDERS else word for word in shlex.split(command)]
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        arguments = [*words, "--seed", str(seed), "--threads", str(THREADS), "--precision", "fp32", "--out", str(Path(folder, "run"))]
        if command_line(arguments):
            raise RuntimeError(f"{command} failed")
        opened = checkpoint.load(directory.newest_checkpoint(Path(folder, "run")) or Path())
    images = data.load(opened.card.data.name)
    held_out = binarise.for_evaluation(images.take(images.split().validation), opened.card.train)
    return Obtained(judged(opened.model, held_out, samples, seed), opened.card.seconds)


def judged(model: VAE, pixels: Pixels, samples: tuple[int, ...], seed: int) -> dict[str, float]:
    """−ELBO, and the estimates of −log p(x) after each of these numbers of codes, in one pass."""
    estimates = enumerate(importance.estimates(model, pixels, samples=max(samples), seed=seed), 1)
    found = {SAMPLED.format(count): float(estimate.nll.mean()) for count, estimate in estimates if count in samples}
    return {BOUND: average(model, torch.tensor(pixels), beta=1, seed=seed).loss, **found}


def arranged(training: Pixels, held_out: Pixels) -> Images:
    """A set whose split has exactly `training` as its training part; `held_out` is the rest, of at least a ninth as many images."""
    own = next(count for count in range(len(training), 2 * len(training)) if count - count // 10 == len(training))
    both = np.concatenate([training, held_out])
    split = Images("arranged", both, test_start=own).split()
    pixels = np.empty_like(both)
    pixels[np.concatenate(split)] = both
    return Images("arranged", pixels, test_start=own)


def black_and_white() -> tuple[Pixels, Pixels]:
    """Digits with the pixels of at least half ink white and the others black: 1,347 to train on, 450 to judge."""
    from sklearn.model_selection import train_test_split

    ink = np.where(digits() >= 8 * 15, 255, 0).astype(np.uint8)
    training, held_out = train_test_split(ink, test_size=450, random_state=0)
    return training, held_out


def ours_on_digits(seed: int) -> Obtained:
    """`fit` on the black and white digits, 150 epochs."""
    training, held_out = black_and_white()
    model = VAE(SMALL_MODEL, seed=seed)
    *_, last = fit(model, arranged(training, held_out), TrainConfig(epochs=150, batch=128, lr=2e-3, seed=seed))
    return Obtained(judged(model, held_out, (1000,), seed), last.seconds)


def at_the_optimum(_: int) -> Obtained:
    """A linear model set to probabilistic PCA, or to reverse water-filling where β is not 1, and judged by our objective."""
    figures = {}
    for latent in PCA_LOG_LIKELIHOOD:
        best = optimum(1.0, latent)
        figures[f"log p(x), {latent} dimensions"] = -float(importance.nll(best.model, digits(), samples=2).mean()) - TO_SIXTEENTHS
    for beta in WATER_FILLING:
        best = optimum(beta)
        figures[f"D, β = {beta:g}"] = expected_distortion(best.model, best.x).mean().item() + TO_SIXTEENTHS
        figures[f"R, β = {beta:g}"] = best.model.encode(best.x).kl().mean().item()
    return Obtained(figures)


def exact() -> dict[str, str]:
    """The closed forms that `at_the_optimum` is held against."""
    figures = {f"log p(x), {latent} dimensions": f"{value:.6f}" for latent, value in PCA_LOG_LIKELIHOOD.items()}
    for beta, (distortion, rate) in WATER_FILLING.items():
        figures |= {f"D, β = {beta:g}": f"{distortion:.6f}", f"R, β = {beta:g}": f"{rate:.6f}"}
    return figures


def linear(seed: int) -> Obtained:
    """The linear model with ten dimensions and a learned σ, trained by `fit` on all 1,797 digits at a time."""
    config = ModelConfig(body="linear", channels=1, height=8, width=8, latent=10, likelihood="gaussian", sigma=1.0, sigma_is="learned")
    model = VAE(config, seed=seed)
    *_, last = fit(model, arranged(digits(), digits()[:200]), TrainConfig(epochs=3000, batch=2048, lr=0.05, seed=seed))
    model, x = model.double().requires_grad_(False), torch.from_numpy(digits()).double() / 255
    loss = (expected_distortion(model, x) + model.encode(x).kl()).mean().item()
    return Obtained({"ELBO": -loss - TO_SIXTEENTHS}, last.seconds)


class Plain(VAE):
    """A model with ReLU in place of LeakyReLU."""

    def __init__(self, config: ModelConfig, *, seed: int) -> None:
        super().__init__(config, seed=seed)
        for body in (self.encoder, self.decoder):
            for place, layer in enumerate(body):
                if isinstance(layer, nn.LeakyReLU):
                    body[place] = nn.ReLU()


class Softplus(Plain):
    """The same, and σ is softplus of what the encoder's last layer says."""

    def _encode(self, x: Tensor, h: Tensor | None) -> DiagonalGaussian:
        location, raw = self.encoder(x).chunk(2, dim=1)
        return DiagonalGaussian(location, 2 * F.softplus(raw).log())


def bound(model: VAE, x: Tensor, generator: torch.Generator) -> Tensor:
    """−ELBO with the KL in closed form, [B]."""
    return elbo(model, x, beta=1, generator=generator).loss


def sampled_bound(model: VAE, x: Tensor, generator: torch.Generator) -> Tensor:
    """−ELBO with the KL from the one code that was drawn, [B]: the same in expectation, with a noisier gradient."""
    passage = model(x, generator)
    gained = passage.posterior.log_prob(passage.z) - StandardNormal(model.config.latent).log_prob(passage.z)
    cost: Tensor = model.likelihood.nll(passage.params, x) + gained
    return cost


def by_hand(
    model: VAE,
    optimiser: torch.optim.Optimizer,
    training: Pixels,
    stops: tuple[int, ...],
    seed: int,
    cost: Cost,
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
) -> Iterator[tuple[int, float]]:
    """Train in batches of 128 without `fit`; at each of these numbers of steps, yields the number and the seconds spent in here."""
    generator, images, step, seconds = torch.Generator().manual_seed(seed), torch.from_numpy(training), 0, 0.0
    while step < stops[-1]:
        for rows in torch.split(torch.randperm(len(images), generator=generator), 128)[: stops[-1] - step]:
            started = time.perf_counter()
            optimiser.zero_grad()
            cost(model, images[rows].float().div_(255), generator).sum().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if schedule is not None:
                schedule.step()
            step += 1
            seconds += time.perf_counter() - started
            if step in stops:
                yield step, seconds


def recipe_on_digits(seed: int) -> Obtained:
    """The earlier run's recipe: ReLU, and a rate that falls from the start along a cosine; 150 epochs of 11 steps."""
    training, held_out = black_and_white()
    model, steps = Plain(SMALL_MODEL, seed=seed), 150 * 11
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    ((_, seconds),) = by_hand(model, optimiser, training, (steps,), seed, bound, schedule)
    return Obtained(judged(model, held_out, (1000,), seed), seconds)


def recipe_on_mnist(seed: int) -> Obtained:
    """The published recipe on our images, judged by our evaluation: what is left is the draw and the luck of one run.

    RMSprop (centred) at a constant rate, log q(z|x) − log p(z) of the sampled code in place of the KL, and the first 50,000 images to
    train on and the next 10,000 to judge.
    """
    pixels = data.read_path(shared("mnist"), ImportChoices()).images.pixels
    training, held_out = binarise.fixed_draw(pixels[:50_000]), binarise.fixed_draw(pixels[50_000:60_000])
    model = Softplus(ModelConfig(channels=1, height=28, width=28, latent=128, hidden=(256, 256)), seed=seed)
    optimiser = torch.optim.RMSprop(model.parameters(), lr=1e-3, centered=True)
    figures: dict[str, float] = {}
    for step, seconds in by_hand(model, optimiser, training, (5_000, 10_000), seed, sampled_bound):
        figures |= {f"{name}, {step:,} steps": value for name, value in judged(model, held_out, (128,), seed).items()}
        trained = seconds
    return Obtained(figures, trained)


AT_5K = {BOUND: "112.57", SAMPLED.format(128): "107.01"}
AT_10K = {BOUND: "108.49 to 109.12", SAMPLED.format(128): "102.62 to 103.75"}
EARLIER = {BOUND: "19.06 to 19.21", SAMPLED.format(1000): "18.54 to 18.67"}
ROWS: Mapping[str, Row] = {
    "linear-exact": Row(at_the_optimum, published=exact(), places=6),
    "linear": Row(linear, seeds=(0, 1, 2), published={"ELBO": f"at most {PCA_LOG_LIKELIHOOD[10]:.4f}"}, places=4),
    "digits-recipe": Row(recipe_on_digits, seeds=(0, 1, 2), published=EARLIER),
    "digits-fit": Row(ours_on_digits, seeds=(0, 1, 2), published=EARLIER),
    "mnist-recipe": Row(
        recipe_on_mnist,
        seeds=(0, 1, 2),
        published={f"{name}, {steps} steps": value for steps, at in (("5,000", AT_5K), ("10,000", AT_10K)) for name, value in at.items()},
    ),
    "mnist-5k": Row(f"{MNIST} --epochs 12", seeds=(0, 1, 2), published=AT_5K, samples=(128,)),
    "mnist-10k": Row(f"{MNIST} --epochs 24", seeds=(0, 1, 2), published=AT_10K, samples=(128, 1000)),
    "fashion-mnist": Row(f"{MNIST} --epochs 12".replace("path/to/mnist", "path/to/fashion-mnist"), seeds=(0, 1, 2), samples=(128, 1000)),
    "digits-static": Row(f"train --data digits --binarise static {SMALL}", seeds=(0, 1, 2), samples=(1000,)),
}


def lines(name: str, row: Row) -> Iterator[str]:
    """The row's part of the Markdown table: a line for each figure, the mean over the seeds and its extremes."""
    if row.needs and not shared(row.needs).is_dir():
        yield f"| `{name}` | not run: there is no {shared(row.needs)} | | | | |"
        return
    obtained, seconds = {}, []
    for seed in row.seeds:
        started = time.perf_counter()
        obtained[seed] = row.run(seed)
        seconds.append(time.perf_counter() - started)
    took = f"{mean(one.seconds for one in obtained.values()):.0f} of {mean(seconds):.0f}"
    for figure in obtained[row.seeds[0]].figures:
        found = {seed: one.figures[figure] for seed, one in obtained.items() if figure in one.figures}
        centre, least, most = (f"{value:.{row.places}f}" for value in (mean(found.values()), min(found.values()), max(found.values())))
        spread = f" ({least} to {most})" if len(found) > 1 else ""
        yield f"| `{name}` | {figure} | {row.published.get(figure, '')} | {centre}{spread} | {', '.join(map(str, found))} | {took} |"


def main() -> None:
    """Print the rows asked for, or all, as they are obtained."""
    parser = argparse.ArgumentParser(prog="python -m bench.reference", description="Obtain the figures of REFERENCE.md.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)} (default: all)")
    wanted = parser.parse_args().rows or list(ROWS)
    if unknown := set(wanted) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as home:  # the sets that the commands import stay out of the user's own list
        os.environ["LATENT_LOOM_HOME"] = home
        print("| row | figure | to compare with | obtained | seeds | seconds |\n|---|---|---|---|---|---|", flush=True)
        for name in wanted:
            for line in lines(name, ROWS[name]):
                print(line, flush=True)


if __name__ == "__main__":
    main()
