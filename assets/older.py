"""Train the components and the machines that stand beside the networks of MNIST: `OMP_NUM_THREADS=1 python -m assets.older folder`,
a folder of its IDX files. Some minutes on one core.

It measures what the bundled networks of MNIST cost to train, in seconds of that core, so that all times are of one computer. It refuses
a machine that has not learnt enough, by its pseudo-likelihood.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from assets.build import MODELS, read
from vae_core import data
from vae_core.analysis import boltzmann, compression, methods, older, precomputed
from vae_core.analysis.boltzmann import Machine
from vae_core.analysis.explore import Pixels
from vae_core.analysis.fidelity import Judge
from vae_core.analysis.methods import Deep, Linear, Method, Restricted
from vae_core.analysis.older import Figures, Older, Seconds, Spread
from vae_core.analysis.pictures import of_test_part
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.training.train import Training

LATENT, HIDDEN, UPPER, PASSES = 2, 128, 128, 12
NETWORKS = "mnist-2d-ae", "mnist-2d", "mnist-2d-rates"
LEAST = -95.0
"""Nats of mean log pseudo-likelihood on test images below which a machine has not learnt enough."""
_STEPS, _ANNEALED = 100, 3_000  # of a network, to time it; of machines on the way to Z

T = TypeVar("T")


class Costs(NamedTuple):
    """D and R in nats per image, and their standard errors; NaN where there are none."""

    distortion: float
    rate: float
    distortion_error: float = float("nan")
    rate_error: float = float("nan")


def timed(make: Callable[[], T]) -> tuple[T, float]:
    """What it makes, and the seconds of processor time that this took."""
    begun = time.process_time()
    made = make()
    return made, time.process_time() - begun


def of_network(model_id: str, images: Images) -> float:
    """Seconds of one core that the training of a bundled network takes."""
    config = MODELS[model_id]
    training = Training(VAE(config.model, seed=config.train.seed), images, config.train)
    training.update()  # the first step also sets up memory
    _, seconds = timed(lambda: [training.update() for _ in range(_STEPS)])
    return seconds / _STEPS * training.steps


def figures(method: Method, judge: Judge, pixels: Pixels, numbers: int, costs: Costs) -> Figures:
    """Of a method on pictures [N, C, H, W], given D and R."""
    quality, seconds = methods.quality(method, judge), methods.seconds_to_draw(method)
    off, spread = methods.error(method, pixels)
    known = Spread(spread, costs.distortion_error, costs.rate_error)
    return Figures(off, costs.distortion, costs.rate, quality, seconds, numbers, known, len(pixels))


def costs_of(machine: Machine, prior: Machine, log_partition: tuple[float, float], visible: NDArray[np.float64]) -> Costs:
    """D and R of a machine: how far R is known depends on the images, and on how far log Z is."""
    distortion, rate = boltzmann.terms(machine, prior, log_partition[0], visible)
    errors = [float(each.std(ddof=1) / np.sqrt(len(each))) for each in (distortion, rate)]
    return Costs(float(distortion.mean()), float(rate.mean()), errors[0], float(np.hypot(errors[1], log_partition[1])))


def single(machine: Machine) -> Machine:
    """The machine in single precision, in which it ships."""
    return Machine(*(np.asarray(part, "float32") for part in machine))


def main() -> None:
    """Train, measure, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    torch.set_num_threads(1)
    images, test = read("mnist", parser.parse_args().folder), data.load_exactly("mnist-10k")
    learnt, shape, pictures = images.take(images.split().train), images.shape, of_test_part(test)
    rows = learnt.reshape(len(learnt), -1).astype(np.float32) / np.float32(255)  # half the time in single precision
    components, of_linear = timed(lambda: compression.components(learnt, LATENT))
    lower, of_lower = timed(lambda: boltzmann.learn_slowly(rows, HIDDEN, passes=PASSES))
    chances = lower.hidden(rows)
    above = (np.random.default_rng(0).random(chances.shape) < chances).astype(np.float32)
    upper, of_upper = timed(lambda: boltzmann.learn_slowly(above, UPPER, passes=PASSES))
    unseen = pictures.take(pictures.validation)
    flat = unseen.reshape(len(unseen), -1) / 255
    reached = float(boltzmann.pseudo_likelihood(lower, (flat > 0.5).astype(np.float64)).mean())
    print(f"pseudo-likelihood {reached:.1f} nats; seconds {of_linear:.1f}, {of_lower:.1f}, {of_upper:.1f}", flush=True)
    assert reached >= LEAST, f"{reached:.1f} nats are less than {LEAST}: train for longer"
    own, own_error = boltzmann.estimate_log_partition(lower, rows.mean(axis=0), steps=_ANNEALED)
    of_prior, prior_error = boltzmann.estimate_log_partition(upper, above.mean(axis=0), steps=_ANNEALED)
    print(f"log Z {own:.1f} ± {own_error:.1f}, {of_prior:.1f} ± {prior_error:.1f}", flush=True)
    judge = Judge(pictures)
    alone = costs_of(lower, lower.turned(), (own, own_error), flat)
    stacked = costs_of(lower, upper, (of_prior, prior_error), flat)
    sizes = [sum(part.size for part in machine) for machine in (lower, upper)]
    made = Older(
        components,
        single(lower),
        single(upper),
        figures(
            Linear(components, shape),
            judge,
            unseen,
            components.mean.size + components.directions.size + LATENT,
            Costs(float("nan"), components.rate()),
        ),
        figures(Restricted(lower, shape), judge, unseen, sizes[0], alone),
        figures(Deep(lower, upper, shape), judge, unseen, sum(sizes), stacked),
        Seconds(of_linear, of_lower, of_lower + of_upper, *[of_network(name, images) for name in NETWORKS]),
        reached,
        (own_error, prior_error),
    )
    with precomputed.recording():
        precomputed.shipped(older.RECIPE, older.FOLDER, older.SOURCE, lambda: made)
    for part in made[3:]:
        print(part)


if __name__ == "__main__":
    main()
