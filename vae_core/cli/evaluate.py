"""``evaluate``: a model's figures on the validation images of a data set."""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from vae_core import data
from vae_core.analysis import explore, importance
from vae_core.analysis.decomposition import active_units, kl_parts
from vae_core.analysis.disentangle import dci, factor_vae_score, mig, sap, varying
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.projection import subsample
from vae_core.base.config import TrainConfig
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data
from vae_core.cli.model_images import images_for
from vae_core.cli.model_option import add_model, model_of
from vae_core.cli.values import whole
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.checkpoint import Card

_SET_IMAGES = 10_000  # the parts of the KL cost the square of this


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command, command)
    command.add_argument(
        "--samples",
        type=whole,
        metavar="S",
        help="also estimate −log p(x) from S importance samples per image, split the KL into its parts, and measure disentanglement "
        "where the factors are known",
    )


def _evaluate(chosen: argparse.Namespace) -> None:
    opened = model_of(chosen)
    name, images, rows = _judged_on(chosen, opened.card)
    train = opened.card.train
    pixels = binarise.for_evaluation(images.take(rows), train)
    result = evaluate(opened.model, pixels, beta=train.weights, seed=train.seed)
    figures: dict[str, object] = {name: getattr(result, name) for name in ("distortion", "rate", "rate_mu", "loss", "unused")}
    active = active_units(explore.encode(opened.model, pixels).mean)
    figures |= {"active_units": int(active.sum()), "kl_per_dim": result.kl_per_dim.tolist()}
    if chosen.samples is not None:
        figures |= {"nll": _nll(opened.model, pixels, chosen.samples, train.seed), "samples": chosen.samples}
        figures |= _of_the_whole_set(opened.model, images, train)
    print(json.dumps({"model": opened.card.name, "data": name, "beta": train.weights, **figures}))


def _judged_on(chosen: argparse.Namespace, card: Card) -> tuple[str, Images, NDArray[np.int64]]:
    """The name of the images to judge the model on, the images, and the rows that it has not learnt from."""
    name, images = images_for(chosen, card)
    if images.name != data.test_part(card.data.name, card.data.images):
        return name, images, images.split().validation
    print(f"{shown(card.data.title)}: judged on its {len(images):,} test images, which the model has not seen.", file=sys.stderr)
    return name, images, np.arange(len(images))


def _nll(model: VAE, pixels: NDArray[np.uint8], samples: int, seed: int) -> float:
    """The mean of −log p(x) over the images; a progress bar counts the samples."""
    estimates = importance.estimates(model, pixels, samples=samples, seed=seed)
    *_, last = deque(tqdm(estimates, total=samples, unit="sample", file=sys.stderr), maxlen=1)
    return float(last.mean())


def _of_the_whole_set(model: VAE, images: Images, train: TrainConfig) -> dict[str, object]:
    """The parts of the KL, and disentanglement where the factors are known, over all images or 10,000 of them drawn by the seed."""
    rows = subsample(len(images), _SET_IMAGES, None, train.seed)
    posterior = explore.encode(model, binarise.for_evaluation(images.take(rows), train))
    parts = kl_parts(DiagonalGaussian(*map(torch.from_numpy, posterior)), seed=train.seed)
    figures: dict[str, object] = {
        "images": len(rows),
        "mi": parts.mutual_information,
        "tc": parts.total_correlation,
        "dimension_kl": parts.dimension_wise,
    }
    if images.factors is not None and varying(images.factors[rows]).sum() > 1:
        codes, factors = posterior.mean, images.factors[rows]
        categorical = [bool(values) for values in images.factor_values]
        trees = dci(codes, factors, categorical, seed=train.seed)
        figures |= {
            "mig": mig(codes, factors).score,
            "sap": sap(codes, factors, categorical).score,
            "factor_vae_score": factor_vae_score(codes, factors, seed=train.seed),
            "dci": {part: getattr(trees, part) for part in ("disentanglement", "completeness", "informativeness")},
        }
    return figures


EVALUATE = Command("evaluate", "print a model's figures on the validation images of a data set", _add_options, _evaluate)
