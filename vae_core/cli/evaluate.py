"""``evaluate``: a model's figures on a part of a data set, or on a file of images."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import deque
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from vae_core import data
from vae_core.analysis import explore, importance
from vae_core.analysis.comparison import is_black_and_white, measure
from vae_core.analysis.decomposition import Part, active_units, kl_parts
from vae_core.analysis.disentangle import SAP_IS, categorical, dci, factor_vae_score, mig, sap, varying
from vae_core.analysis.evaluate import Evaluation, evaluate
from vae_core.analysis.projection import subsample
from vae_core.base.config import TrainConfig
from vae_core.base.display import three_digits, with_error
from vae_core.base.errors import InputError
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data, check_named, is_path
from vae_core.cli.model_images import images_for
from vae_core.cli.model_option import add_model, model_of
from vae_core.cli.values import real, whole
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.data.imageset import Split
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.likelihoods import Measure
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.checkpoint import Card
from vae_core.training.objectives import standard_error

ALL = "all"
"""The part that is every image."""
_ALONE = "the codes of one image do not vary"
_FEW = 100  # effective samples: the estimate is then too high by 0.005 nats
_NARROW = " So few make it too high: take more samples, or widen the posterior, as by --widen 1.35."
_SET_IMAGES = 10_000  # the parts of the KL cost the square of this


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command, command)
    command.add_argument(
        "--part",
        choices=(ALL, *Split._fields),
        help="which of the images (default: all of a file or folder; the validation images of a set)",
    )
    command.add_argument(
        "--samples",
        type=whole,
        metavar="S",
        help="also estimate from S importance samples what each image costs, which is −log p(x) where D is a likelihood's or a density's, "
        "split the KL into its parts, and measure disentanglement where the factors are known",
    )
    command.add_argument(
        "--widen",
        type=real,
        metavar="FACTOR",
        help="draw these samples from posteriors whose σ is this many times as large, above 0 and at most "
        f"{importance.WIDEST:g} (default: 1): where posteriors are narrow, 1.35 needs fewer samples for the same figure",
    )


class Judged(NamedTuple):
    """The images that a model is judged on.

    Attributes:
        name: of the set, or the path.
        images: the whole set.
        part: which of them, "validation".
        rows: these, int64 [n].
    """

    name: str
    images: Images
    part: str
    rows: NDArray[np.int64]


def _evaluate(chosen: argparse.Namespace) -> None:
    check_named(chosen)
    if chosen.widen is not None and chosen.samples is None:
        raise InputError("--widen says what --samples are drawn from: say how many by --samples.")
    opened = model_of(chosen)
    judged = _judged_on(chosen, opened.card)
    images = judged.images
    train = opened.card.train
    pixels = binarise.for_evaluation(images.take(judged.rows), train)
    result = evaluate(opened.model, pixels, beta=train.weights, seed=train.seed)
    measured = measure(opened.card.model, train, black_and_white=is_black_and_white(images)).value
    figures: dict[str, object] = {name: getattr(result, name) for name in ("distortion", "rate", "rate_mu", "loss", "unused")}
    known = _known(result.standard_error._asdict())
    per_dim = [None if math.isnan(error) else error for error in result.kl_per_dim_error.tolist()]
    figures |= {"standard_error": {**known, "kl_per_dim": per_dim}, "measure": measured}
    active = active_units(explore.encode(opened.model, pixels).mean)
    probability = measured in (Measure.PROBABILITY.value, Measure.DRAWN.value)
    figures |= {"bits_per_dimension": (result.distortion + result.rate) / (math.prod(images.shape) * math.log(2)) if probability else None}
    figures |= {"active_units": None if len(pixels) == 1 else int(active.sum())}
    figures |= {"active_units_reason": _ALONE} if len(pixels) == 1 else {}
    figures |= {"kl_per_dim": result.kl_per_dim.tolist()}
    if chosen.samples is not None:
        widen = 1.0 if chosen.widen is None else chosen.widen
        figures |= _importance(opened.model, pixels, chosen.samples, widen, train.seed)
        part, among = (judged.part, judged.rows) if chosen.part else (ALL, np.arange(len(images)))
        figures |= {"images_part": part} | _of_the_whole_set(opened.model, images, among, train)
    print(_sentence(result, judged, measured, variational=opened.card.model.variational), file=sys.stderr)
    of_what = {"model": opened.card.name, "data": judged.name, "part": judged.part, "n": len(pixels), "beta": train.weights}
    print(json.dumps(of_what | figures))


def _known(errors: dict[str, float]) -> dict[str, float | None]:
    """Standard errors as JSON has them: null of one image."""
    return {name: None if math.isnan(error) else error for name, error in errors.items()}


def _sentence(result: Evaluation, judged: Judged, measured: str, *, variational: bool) -> str:
    """The figures as far as they are known, and of which images they are."""
    names = {"D": "distortion", "R": "rate", "loss": "loss"} if variational else {"D": "distortion"}
    said = {short: with_error(getattr(result, name), getattr(result.standard_error, name)) for short, name in names.items()}
    said["D"] += f" ({measured})"
    if result.images == 1:
        return f"{', '.join(map(' '.join, said.items()))} nats. Active units: – ({_ALONE})."
    part = "" if judged.part == ALL else f"{judged.part} "
    return (
        f"Means over {result.images:,} {part}images of {shown(judged.name)} in nats per image, ± standard error: "
        f"{', '.join(map(' '.join, said.items()))}."
    )


def _judged_on(chosen: argparse.Namespace, card: Card) -> Judged:
    """The images to judge the model on: all of a path, of a set those that it has not learnt from, or the part that the user names.

    Raises:
        InputError: as `images_for` does; or the set has no such part.
    """
    name, images = images_for(chosen, card)
    if images.name == data.test_part(card.data.name, card.data.images):
        if chosen.part not in (None, ALL, "test"):
            raise InputError(f"The images of {shown(card.data.title)} that are here are test images: there is no such part.")
        print(f"{shown(card.data.title)}: judged on its {len(images):,} test images, which the model has not seen.", file=sys.stderr)
        return Judged(name, images, "test", np.arange(len(images)))
    path = bool(chosen.data) and is_path(chosen.data)
    part = chosen.part or (ALL if path else "validation")
    if part != ALL:
        return Judged(name, images, part, getattr(images.split(), part))
    if images.identity == card.data.identity:
        print("The model has learnt from some of these images: --part validation judges it on the others.", file=sys.stderr)
    return Judged(name, images, part, np.arange(len(images)))


def _importance(model: VAE, pixels: NDArray[np.uint8], samples: int, widen: float, seed: int) -> dict[str, object]:
    """The mean of −log p̂(x) over the images, and how far it is known; a progress bar counts the samples."""
    estimates = importance.estimates(model, pixels, samples=samples, seed=seed, widen=widen)
    *_, last = deque(tqdm(estimates, total=samples, unit="sample", file=sys.stderr), maxlen=1)
    mean, error = float(last.nll.mean()), standard_error(torch.from_numpy(last.nll))
    middle, least = float(np.median(last.effective)), float(last.effective.min())
    print(
        f"Importance sampling: {with_error(mean, error)} nats per image; of {samples:,} samples {three_digits(middle)} count for the "
        f"median image and {three_digits(least)} for the worst (effective sample size)."
        f"{_NARROW if middle < _FEW < samples else ''}",
        file=sys.stderr,
    )
    return {
        "nll": mean,
        "nll_standard_error": None if math.isnan(error) else error,
        "samples": samples,
        "widen": widen,
        "effective_samples": middle,
        "effective_samples_least": least,
    }


def _of_the_whole_set(model: VAE, images: Images, among: NDArray[np.int64], train: TrainConfig) -> dict[str, object]:
    """The parts of the KL with the rate of the same images, and disentanglement where the factors are known.

    They are of all images `among` these rows, or of 10,000 of them drawn by the seed; where that is not the part that D is of, it is said.
    """
    rows = among[subsample(len(among), _SET_IMAGES, None, train.seed)]
    posterior = explore.encode(model, binarise.for_evaluation(images.take(rows), train))
    parts = kl_parts(DiagonalGaussian(*map(torch.from_numpy, posterior)), seed=train.seed)
    figures: dict[str, object] = {
        "images": len(rows),
        "images_rate": float(posterior.kl().sum(1).mean()),
        "log_images": parts.log_images,
        **_part("mi", parts.mutual_information, parts.too_few),
        **_part("tc", parts.total_correlation, parts.too_few),
        "dimension_kl": parts.dimension_wise,
    }
    if parts.too_few is None:
        mutual, total = (with_error(*part) for part in (parts.mutual_information, parts.total_correlation))
        print(
            f"Of {len(rows):,} images: mutual information {mutual} (at most log N = {parts.log_images:.2f}), total correlation {total}, "
            f"dimension-wise KL {parts.dimension_wise:.3g}, rate {figures['images_rate']:.4g} nats.",
            file=sys.stderr,
        )
    else:
        print(f"No mutual information and no total correlation: {parts.too_few}.", file=sys.stderr)
    if images.factors is not None and varying(images.factors[rows]).sum() > 1:
        codes, factors = posterior.mean, images.factors[rows]
        kinds = categorical(factors, images.factor_values)
        trees = dci(codes, factors, kinds, seed=train.seed)
        figures |= {
            "mig": mig(codes, factors).score,
            "sap": sap(codes, factors, kinds).score,
            "sap_is": SAP_IS,
            "factors": {name: "category" if kind else "quantity" for name, kind in zip(images.factor_names, kinds, strict=True)},
            "factor_vae_score": factor_vae_score(codes, factors, seed=train.seed),
            "dci": {part: getattr(trees, part) for part in ("disentanglement", "completeness", "informativeness")},
        }
    return figures


def _part(name: str, part: Part, too_few: str | None) -> dict[str, object]:
    """A part of the KL with its interval of 95 %, or why there is none."""
    if too_few is not None:
        return {name: None, f"{name}_reason": too_few}
    return {name: part.value, f"{name}_interval": part.interval}


EVALUATE = Command(_add_options, _evaluate)
