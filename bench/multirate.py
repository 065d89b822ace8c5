"""What a multi-rate model costs, held against one model for each KL weight: ``python -m bench.multirate [folder …]``.

The first table is of the linear model, whose best D + β·R at every β is known in closed form (reverse water-filling); then one for each
folder of images, such as the four files of MNIST. The excess is D + β·R of the one model less that of the other, in nats for each image:
of the test images, both judged on the same black and white pictures with the same noise; of the linear model over all digits, exact.

``python -m bench.multirate --bundled [folder …]`` trains nothing: of each bundled model it reads back β from widths and from means, as
`analysis.readback` does from up to 10,000 training images, 1,000 for a conv model, and counts the quality of samples. It fails where a
weight that the page shows is read back outside the bands by more than two standard errors. A folder holds images that a model learnt from
and that are not at hand otherwise.
"""

from __future__ import annotations

import argparse
import math
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from bench.reference import arranged
from tests.model.test_multirate import excess, linear
from tests.training.test_objectives import digits, optimum
from vae_core import data
from vae_core.analysis import fidelity, tradeoff
from vae_core.analysis.evaluate import Evaluation, evaluate
from vae_core.analysis.pictures import of_images
from vae_core.analysis.readback import ReadBack, balances, errors_of, weights_of
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.display import with_error
from vae_core.data import Images, ImportChoices
from vae_core.model.vae import VAE
from vae_core.runs import catalogue, sweeps
from vae_core.training import binarise, checkpoint
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.train import fit

RANGE = (0.01, 10.0)
BETAS = (0.01, 0.1, 1.0, 2.0, 4.0, 10.0)
SINGLE_EPOCHS, MULTI_EPOCHS = 15, 30
SINGLE_RATE, MULTI_RATE = 2e-3, 4e-3
LINEAR_EPOCHS, LINEAR_LATENT = 3000, 10
READ_AT = (1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
READ_FROM = {"mlp": 10_000, "conv": 1_000}
ERRORS = 2  # standard errors that are not outside
WIDTHS_FROM, WIDTHS_WITHIN = 0.01, 0.1  # in log₁₀
MEANS_FROM, MEANS_WITHIN = 0.1, 0.15
OUTSIDE, NOTHING = "**outside**", "none in use"


def shape(images: Images, beta_range: tuple[float, float] | None) -> ModelConfig:
    """An MLP with two hidden layers of 512 and 16 latent dimensions."""
    channels, height, width = images.pixels.shape[1:]
    values = {"channels": channels, "height": height, "width": width, "latent": 16, "hidden": (512, 512), "beta_range": beta_range}
    return ModelConfig.model_validate(values | {"widths": "free"})


def trained(images: Images, *, beta: float | None, seed: int, epochs: int) -> tuple[VAE, float]:
    """The model of this KL weight, or a multi-rate one for None, and the seconds that it took."""
    model = VAE(shape(images, RANGE if beta is None else None), seed=seed)
    train = TrainConfig(
        beta=1.0 if beta is None else beta,
        epochs=epochs,
        batch=256,
        lr=MULTI_RATE if beta is None else SINGLE_RATE,
        seed=seed,
        binarise="stochastic",
    )
    last = deque(fit(model, images, train), maxlen=1).pop()
    return model.eval(), last.seconds


def judged(model: VAE, images: Images, beta: float) -> Evaluation:
    """Its figures on the test images, in one fixed draw of black and white."""
    return evaluate(model, binarise.fixed_draw(images.pixels[images.split().test]), beta=beta, seed=0)


def table(images: Images, seeds: Sequence[int], epochs: tuple[int, int]) -> None:
    """Print Markdown: a row for each β, the excess of each seed of the one model over the separate model of that β."""
    models = [trained(images, beta=None, seed=seed, epochs=epochs[1]) for seed in seeds]
    minutes = sum(seconds for _, seconds in models) / len(models) / 60
    print(f"\n{images.name}: {epochs[1]} epochs for all KL weights, {minutes:.1f} minutes; {epochs[0]} for each of one\n")
    print(f"| β | loss alone | rate alone | {' | '.join(f'excess, seed {seed}' for seed in seeds)} | rates | used alone | used |")
    print("|---" * (6 + len(seeds)) + "|")
    for beta in BETAS:
        alone = judged(trained(images, beta=beta, seed=0, epochs=epochs[0])[0], images, beta)
        one = [judged(model, images, beta) for model, _ in models]
        excess = " | ".join(f"{figures.loss - alone.loss:+.2f}" for figures in one)
        rates, used = (", ".join(texts) for texts in zip(*((f"{f.rate:.1f}", str(16 - f.unused)) for f in one), strict=True))
        print(f"| {beta:g} | {alone.loss:.2f} | {alone.rate:.1f} | {excess} | {rates} | {16 - alone.unused} | {used} |", flush=True)


def linear_table(seeds: Sequence[int]) -> None:
    """Print Markdown: a row for each β, the excess of each seed over the optimum, on the digits, with the σ of probabilistic PCA."""
    ink, sigma = digits(), optimum(1.0, LINEAR_LATENT).model.config.sigma
    models = []
    for seed in seeds:
        models.append(linear(sigma, LINEAR_LATENT, seed=seed))
        deque(fit(models[-1], arranged(ink, ink[:200]), TrainConfig(epochs=LINEAR_EPOCHS, batch=512, lr=0.02, seed=seed)), maxlen=0)
    print(f"\nlinear model of the digits, {LINEAR_LATENT} dimensions, {LINEAR_EPOCHS} epochs of 4 steps\n")
    print(f"| β | D + β·R at best | rate at best | {' | '.join(f'excess, seed {seed}' for seed in seeds)} |")
    print("|---" * (3 + len(seeds)) + "|")
    for beta in BETAS:
        best = optimum(beta, LINEAR_LATENT)
        over = " | ".join(f"{excess(model, beta):+.3f}" for model in models)
        print(f"| {beta:g} | {best.distortion + beta * best.rate:.2f} | {best.rate:.2f} | {over} |", flush=True)


def bundled_table(folders: Sequence[Path]) -> bool:
    """Print Markdown: a row for each bundled model and each β within its range; whether all that the page shows is within the bands.

    A row that is outside them ends in "outside"; one at which the page shows another model, trained for it, in "not shown"; and one
    without a dimension in use, from which no weight can be read, in "none in use".
    """
    fine, listed = True, catalogue.models()
    given = {images.identity: images for images in (data.read_path(folder, ImportChoices()).images for folder in folders)}
    print("| model | β | β̂_σ | β̂_μ | log₁₀ β̂_σ/β | log₁₀ β̂_μ/β | precision | recall | density | coverage | bands |", flush=True)
    print("|---" * 11 + "|")
    for entry in listed.values():
        known = entry.card.data
        images = given.get(known.identity) or (data.load(known.name) if data.complete(known.name) else None)
        if entry.kind != "bundled" or not entry.card.model.variational:
            continue
        if images is None or images.identity != known.identity:
            print(f"| {entry.id} | its images are not at hand: name their folder |{' |' * 9}")
            continue
        hidden = 0.0
        if entry.card.model.beta_range is not None:
            axis = tradeoff.stations(entry.card.model)[0]
            shown_from = axis[tradeoff.first_shown(axis)]
            hidden = shown_from if sweeps.alone(entry, listed.values(), shown_from) else 0.0
        for row, verdict in read_rows(checkpoint.load(entry.folder), images, hidden):
            fine &= verdict != OUTSIDE
            print(f"| {entry.id} | {row} {verdict} |", flush=True)
    return fine


def verdict_of(beta: float, read: ReadBack, errors: ReadBack) -> str:
    """What the bands say of what was read back: widths count from 0.01 up, means from 0.1 up."""
    if math.isnan(read.of_widths):
        return NOTHING
    bands = ((WIDTHS_FROM, WIDTHS_WITHIN), (MEANS_FROM, MEANS_WITHIN))
    fine = [
        beta < least or beta / 10**within - ERRORS * error <= found <= beta * 10**within + ERRORS * error
        for (least, within), found, error in zip(bands, read, errors, strict=True)
    ]
    return "" if all(fine) else OUTSIDE


def read_rows(loaded: Checkpoint, images: Images, hidden: float) -> Iterator[tuple[str, str]]:
    """The rows of one model, from β on, and what the bands say; below `hidden` the page shows other models."""
    card, pictures = loaded.card, of_images(images)
    rows = pictures.chosen(READ_FROM[card.model.body], training=True)
    learnt = torch.tensor(binarise.for_evaluation(pictures.take(rows), card.train))
    judge, within = fidelity.judge_of(pictures), card.model.beta_range
    for beta in [card.train.beta] if within is None else [beta for beta in READ_AT if within[0] <= beta <= within[1]]:
        model = loaded.model if within is None else loaded.model.at(beta)
        parts = torch.cat(list(balances(model, learnt)))
        read, errors = weights_of(parts.mean(0)), errors_of(parts)
        found = [with_error(weight, error) for weight, error in zip(read, errors, strict=True)]
        off = [f"{math.log10(weight / beta):+.3f}" if weight > 0 else "none" for weight in read]
        samples = ["–"] * 4 if judge is None else [f"{share:.3f}" for share in judge.prior(model)]
        verdict = "not shown" if beta < hidden * 0.999 else verdict_of(beta, read, errors)
        yield " | ".join([f"{beta:g}", *found, *off, *samples]) + " |", verdict


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, nargs=2, default=(SINGLE_EPOCHS, MULTI_EPOCHS), metavar=("SINGLE", "MULTI"))
    parser.add_argument("--bundled", action="store_true", help="train nothing, judge the bundled models")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if chosen.bundled:
        raise SystemExit(not bundled_table(chosen.folder))
    linear_table(chosen.seeds)
    for folder in chosen.folder:
        table(data.read_path(folder, ImportChoices()).images, chosen.seeds, tuple(chosen.epochs))


if __name__ == "__main__":
    main()
