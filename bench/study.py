"""One multi-rate model against one model for each KL weight, in all that the KL weight page shows: ``python -m bench.study MNIST``.

For 2 and 16 dimensions, three seeds and eight weights from 0.0001 to 10, with the networks of `bench.multirate`: a multi-rate model for 30
epochs at 0.004, each of the others for 20 at 0.002, batches of 256, the 60,000 images drawn in black and white at each step. Each model is
judged as the page judges it. The figures of each are a line of JSON in `--out`, and what is there is not trained again; at the end, or with
`--table` at once, those that are complete are two tables of Markdown: means over the seeds, and how far apart the two kinds of model are.
It fails where a figure leaves its band (`BANDS`) at a weight that the page shows from the multi-rate model. It takes an hour and a half of
one core.
"""

from __future__ import annotations

import argparse
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bench.multirate import MULTI_EPOCHS, MULTI_RATE, SINGLE_RATE
from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.coverage import coverage
from vae_core.analysis.evaluate import evaluate, sharpness
from vae_core.analysis.fidelity import Judge
from vae_core.analysis.pictures import Pictures, of_images
from vae_core.analysis.tradeoff import JUDGED, left_of_crossing
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.data import ImportChoices
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.train import fit

RANGE = (1e-4, 10.0)
BETAS = (1e-4, 1e-3, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
LATENTS, SEEDS = (2, 16), (0, 1, 2)
SINGLE_EPOCHS = 20
CODES = 10_000
FIGURES = ("D", "R", "D_μ", "D_σ", "KL(q‖p)", "holes", "sharpness", "precision", "recall", "density", "coverage")
Band = tuple[float, float]
BANDS: Mapping[int, Sequence[Band]] = {
    2: ((-14, 1.5), (-2, 1.5), (-2, 0.5), (-0.5, 1.5), (-1.5, 0.1), (-0.15, 0.05), (-0.01, 0.05), (-0.01, 0.01), (-0.03, 0.03), (-0.5, 0.5),
        (0, 0.35)),
    16: ((-10, 1), (-3.5, 3.5), (-3.5, 2.5), (-0.5, 2.5), (-3.5, 3.5), (-0.05, 0.3), (-0.02, 0.1), (-0.03, 0.03), (0, 0.25), (-1, 0.1),
        (-0.1, 0.25)),
}  # fmt: skip
"""By the number of dimensions: how far each figure of the multi-rate model may be from that of a model of one weight, from 0.1 to 10."""

Line = Mapping[str, float]


class Study:
    """The images, and what judges a model of them."""

    def __init__(self, folder: Path) -> None:
        """Read the images and learn the features by which samples are compared."""
        self.images = data.read_path(folder, ImportChoices()).images
        self.pictures: Pictures = of_images(self.images)
        self.judge = Judge(self.pictures)
        self.grey = self.pictures.take(self.pictures.chosen(JUDGED))
        self.drawn = binarise.fixed_draw(self.grey)
        self.seen = self.pictures.take(self.pictures.chosen(CODES, training=True))

    def trained(self, latent: int, seed: int, beta: float | None) -> VAE:
        """The model of this KL weight, or a multi-rate one for None."""
        channels, height, width = self.images.shape
        many = RANGE if beta is None else None
        size = {"channels": channels, "height": height, "width": width, "latent": latent, "hidden": (512, 512)}
        model = VAE(ModelConfig.model_validate({**size, "beta_range": many, "widths": "free"}), seed=seed)
        train = TrainConfig(
            beta=beta or 1.0,
            epochs=SINGLE_EPOCHS if beta else MULTI_EPOCHS,
            batch=256,
            lr=SINGLE_RATE if beta else MULTI_RATE,
            seed=seed,
            binarise="stochastic",
        )
        deque(fit(model, self.images, train), maxlen=0)
        return model.eval()

    def figures(self, model: VAE) -> list[float]:
        """What the page shows of a plain model, as in `FIGURES`."""
        cost = evaluate(model, self.drawn, beta=1.0, seed=0)
        lies = coverage(explore.encode(model, binarise.fixed_draw(self.seen)))
        sharp = sharpness(explore.reconstruct(model, self.grey), self.grey)
        rest = (lies.kl.value, lies.holes.value, sharp, *self.judge.prior(model))
        return [cost.distortion, cost.rate, cost.rate_mu, cost.rate - cost.rate_mu, *rest]

    def lines(self, latent: int, seed: int, beta: float | None) -> Iterator[Line]:
        """Train a model and measure it: a multi-rate one at each of the weights."""
        model = self.trained(latent, seed, beta)
        for weight in BETAS if beta is None else (beta,):
            found = self.figures(model.at(weight) if beta is None else model)
            yield {"latent": latent, "seed": seed, "many": beta is None, "beta": weight, **dict(zip(FIGURES, found, strict=True))}


def tables(lines: Sequence[Line]) -> Iterator[str]:
    """Means over the seeds, of the multi-rate model after those of models of one weight, and how far apart they are at most."""
    for latent in LATENTS:
        of = {(beta, many): _seeds(lines, latent, beta, many) for beta in BETAS for many in (False, True)}
        whole = [beta for beta in BETAS if len(of[beta, False]) == len(of[beta, True]) == len(SEEDS)]
        yield from _head(f"{latent} dimensions: models of one weight / the multi-rate model, means over seeds")
        for beta in whole:
            means = (of[beta, many].mean(0) for many in (False, True))
            yield _row(beta, [f"{one:.3g} / {other:.3g}" for one, other in zip(*means, strict=True)])
        yield from _head(f"{latent} dimensions: the multi-rate model less the model of one weight, lowest and highest of the seeds")
        for beta in whole:
            apart = of[beta, True] - of[beta, False]
            yield _row(beta, [f"{low:+.2g}, {high:+.2g}" for low, high in zip(apart.min(0), apart.max(0), strict=True)])


def outside(lines: Sequence[Line]) -> list[str]:
    """The figures that leave their bands where the page shows the multi-rate model itself, one in a line."""
    pairs = {(line["latent"], line["seed"], line["beta"], line["many"]): line for line in lines}
    return [
        f"{latent} dimensions, seed {seed}, β = {beta:g}: {name} is {apart:+.2g} off, outside {low:g} to {high:g}"
        for (latent, seed, beta, many), line in pairs.items()
        if many and not left_of_crossing(beta) and (latent, seed, beta, False) in pairs
        for name, (low, high) in zip(FIGURES, BANDS[int(latent)], strict=True)
        if not low <= (apart := line[name] - pairs[latent, seed, beta, False][name]) <= high
    ]


def _head(title: str) -> Iterator[str]:
    yield from (f"\n{title}\n", f"| β | {' | '.join(FIGURES)} |", "|---" * (1 + len(FIGURES)) + "|")


def _row(beta: float, cells: Sequence[str]) -> str:
    return f"| {beta:g} | {' | '.join(cells)} |"


def _seeds(lines: Sequence[Line], latent: int, beta: float, many: bool) -> NDArray[np.float64]:
    """The figures of each seed that is there, in their order, [S, F]."""
    chosen = {line["seed"]: line for line in lines if (line["latent"], line["beta"], line["many"]) == (latent, beta, many)}
    return np.array([[chosen[seed][name] for name in FIGURES] for seed in sorted(chosen)])


def main() -> None:
    """Train what is not there, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the four files of MNIST")
    parser.add_argument("--out", type=Path, default=Path("study.jsonl"), help="what was found so far (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="only print the tables")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    lines: list[Line] = [json.loads(line) for line in chosen.out.read_text("utf-8").splitlines()] if chosen.out.exists() else []
    if not chosen.table:
        study, known = Study(chosen.folder), {(line["latent"], line["seed"], line["many"], line["beta"]) for line in lines}
        for seed in SEEDS:
            for latent in LATENTS:
                for beta in (None, *BETAS):
                    if (latent, seed, beta is None, beta or BETAS[-1]) in known:
                        continue
                    found = list(study.lines(latent, seed, beta))
                    lines += found
                    with chosen.out.open("a", encoding="utf-8") as file:
                        file.writelines(f"{json.dumps(line)}\n" for line in found)
    print("\n".join(tables(lines)))
    if odd := outside(lines):
        raise SystemExit("\n" + "\n".join(odd))


if __name__ == "__main__":
    main()
