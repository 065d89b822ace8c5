"""Train the bundled models again: `make assets MNIST=folder FASHION=folder`, folders of IDX files; about an hour on one core.

With ``--precompute`` nothing is trained: what the pages show of each model is computed as they would and kept beside its weights, so that
they open at once; run it last, for all models, since a new weight makes these files unused.

With ``--samples`` nothing is trained: the quality of samples is counted anew and joins the figures that the models have beside them.

The models of MNIST and Fashion-MNIST carry the codes and labels of 5,000 test images, but for those in `NO_CODES`. A multi-rate model has
its figures beside it, and some have those of models of one KL weight to compare with. Models in `HALVED` are rounded to float16.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
import tempfile
from collections import deque
from pathlib import Path

import torch
from tqdm import tqdm

from pages.ui import cache
from pages.ui.cache import shipping
from vae_core import data
from vae_core.analysis import explore, precomputed, projection, tradeoff, tradeoff_file
from vae_core.analysis.evaluate import evaluate, sharpness
from vae_core.analysis.pictures import Pictures, of_images
from vae_core.analysis.tradeoff import JUDGED, Mark, Tradeoff
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig, Widths, default_shrinking
from vae_core.data import Images, ImportChoices, openml
from vae_core.model.vae import VAE
from vae_core.runs import directory
from vae_core.runs.catalogue import BUNDLED
from vae_core.runs.execute import execute
from vae_core.training import binarise, checkpoint, snapshots
from vae_core.training.checkpoint import Checkpoint, Codes
from vae_core.training.train import Training, fit

KEPT_CODES = 5_000
MOST_SHOWN = 700_000
"""Bytes of what ships computed beside one model."""
FACES_BETAS = (1.0, 10.0, 100.0)
STATION_BETAS = (1e-4, 1e-3, 0.01)  # where one network for all weights keeps codes in the prior and a model of that weight does not
DEDICATED_BETAS = (0.01, 0.1, 1.0, 2.0, 4.0, 10.0)
_ALONE: dict[int, TrainConfig] = {
    2: TrainConfig(epochs=40, batch=256, lr=1e-3, threads=1),
    16: TrainConfig(epochs=40, batch=256, lr=1e-3, binarise="stochastic", threads=1),
}
"""How the models of MNIST of one small weight, or none, are trained, by their dimensions: on images as the multi-rate model saw them."""

_FACES = ModelConfig(
    body="conv",
    channels=3,
    height=64,
    width=64,
    latent=16,
    hidden=(16, 32, 64, 64, 256),
    likelihood="gaussian",
    shrink=default_shrinking("conv", "gaussian"),
)
_SPRITES = ModelConfig(body="conv", channels=1, height=32, width=32, latent=8, hidden=(32, 64, 64, 256))


def _digits(latent: int) -> ModelConfig:
    return ModelConfig(body="mlp", channels=1, height=8, width=8, latent=latent, hidden=(256, 128))


def _mnist(latent: int) -> ModelConfig:
    return ModelConfig(body="mlp", channels=1, height=28, width=28, latent=latent, hidden=(320, 320))


def _autoencoder(name: str, data: str, model: ModelConfig, train: TrainConfig) -> RunConfig:
    """The twin of a VAE: the same network and seed, its code a point and no KL term."""
    return RunConfig(name=name, data=data, model=model.model_copy(update={"variational": False}), train=train)


def _multirate(
    name: str,
    data: str,
    model: ModelConfig,
    train: TrainConfig,
    *,
    beta_range: tuple[float, float] = (0.01, 10.0),
    split: bool = False,
    widths: Widths = "free",
) -> RunConfig:
    """A multi-rate model of a range of KL weights."""
    new = {"beta_range": beta_range, "split": split, "widths": widths}
    return RunConfig(name=name, data=data, model=model.model_copy(update=new), train=train)


MODELS = {
    **{
        f"faces-beta-{beta:g}": RunConfig(
            name=f"Faces, β = {beta:g}",
            data="faces",
            model=_FACES,
            train=TrainConfig(beta=beta, epochs=60, batch=32, lr=1.5e-3, threads=1),
        )
        for beta in FACES_BETAS
    },
    "faces-ae": _autoencoder("Faces, plain autoencoder", "faces", _FACES, TrainConfig(epochs=60, batch=32, lr=1.5e-3, threads=1)),
    "sprites": RunConfig(
        name="Sprites",
        data="sprites",
        model=_SPRITES,
        train=TrainConfig(epochs=60, lr=1e-3, threads=1),
    ),
    "digits-2d": RunConfig(
        name="Digits, 2-D",
        data="digits",
        model=_digits(2),
        train=TrainConfig(epochs=100, lr=1e-3, threads=1),
    ),
    "mnist-2d": RunConfig(name="MNIST, 2-D", data="mnist", model=_mnist(2), train=TrainConfig(epochs=40, batch=256, lr=1e-3, threads=1)),
    "mnist-16d": RunConfig(name="MNIST, 16-D", data="mnist", model=_mnist(16), train=TrainConfig(epochs=30, batch=256, lr=1e-3, threads=1)),
    **{
        f"mnist-{latent}d-ae": _autoencoder(f"MNIST, {latent}-D, plain autoencoder", "mnist", _mnist(latent), train)
        for latent, train in _ALONE.items()
    },
    **{
        f"mnist-{latent}d-beta-{beta:g}": RunConfig(
            name=f"MNIST, {latent}-D, β = {beta:g}",
            data="mnist",
            model=_mnist(latent).model_copy(update={"widths": "free"}),
            train=train.model_copy(update={"beta": beta}),
        )
        for latent, train in _ALONE.items()
        for beta in STATION_BETAS
    },
    "digits-rates": _multirate("Digits, every KL weight", "digits", _digits(8), TrainConfig(epochs=600, threads=1)),
    "digits-split": _multirate(
        "Digits, every pair of KL weights", "digits", _digits(2), TrainConfig(epochs=400, lr=4e-3, threads=1), split=True
    ),
    **{
        model_id: _multirate(
            f"{title}, 2-D, every KL weight",
            of,
            _mnist(2),
            TrainConfig(epochs=60, batch=256, lr=4e-3, threads=1),
            beta_range=(1e-4, 10.0),
        )
        for model_id, title, of in (("mnist-2d-rates", "MNIST", "mnist"), ("fashion-rates", "Fashion-MNIST", "fashion-mnist"))
    },
    "mnist-split": _multirate(
        "MNIST, 2-D, every pair of KL weights",
        "mnist",
        _mnist(2),
        TrainConfig(epochs=30, batch=256, lr=4e-3, threads=1),
        split=True,
        widths="held",
    ),
    "sprites-rates": _multirate(
        "Sprites, every KL weight", "sprites", _SPRITES, TrainConfig(epochs=600, lr=4e-3, threads=1), widths="held"
    ),
    "faces-rates": _multirate(
        "Faces, every KL weight",
        "faces",
        _FACES,
        TrainConfig(beta=100.0, epochs=120, batch=16, threads=1),
        beta_range=(10.0, 1000.0),
        widths="held",
    ),
    "mnist-rates": _multirate(
        "MNIST, every KL weight",
        "mnist",
        _mnist(16),
        TrainConfig(epochs=60, batch=256, lr=4e-3, binarise="stochastic", threads=1),
    ),
}

# models of one KL weight, or none, that the page of KL weights shows in place of a multi-rate one at its left end
_OF_2D, _OF_16D = ({f"mnist-{latent}d-ae", *(f"mnist-{latent}d-beta-{beta:g}" for beta in STATION_BETAS)} for latent in _ALONE)
STANDING_IN = {"faces-ae", "faces-beta-10", *_OF_2D, *_OF_16D}

HALVED = _OF_2D | _OF_16D
"""Models whose weights ship as float16, which takes half the room; their figures are those of the rounded weights."""

NO_CODES = _OF_16D
"""Models without codes beside them, which would take half as much room again: the test images of their set ship."""

REPLAYED = {"digits-2d"}
"""Models that ship with the snapshots of their training."""

# epochs and learning rate of the models of one KL weight that such a model is compared with; there are some of the faces above
DEDICATED = {
    "digits-rates": (200, 1e-3),
    "sprites-rates": (100, 4e-3),
    "mnist-rates": (30, 2e-3),
}


def build(model_id: str, config: RunConfig, images: Images, *, keep_codes: bool, marks: tuple[Mark, ...] | None = None) -> None:
    """Train one model and put it under assets/models, in place of the one before; `marks` stand for models that are not trained again."""
    with tempfile.TemporaryDirectory() as folder:
        run = directory.create(config, Path(folder) / "run")
        with tqdm(total=config.train.epochs, desc=model_id, unit="epoch") as bar:
            for record in execute(run, images):
                bar.n = record.epoch
                bar.set_postfix_str(f"D {record.distortion:.1f}  R {record.rate:.1f}")
        trained = checkpoint.load(directory.newest_checkpoint(run) or run)
        if model_id in HALVED:
            trained = rounded(trained, images)
        codes = test_codes(trained.model, images) if keep_codes and model_id not in NO_CODES else None
        new = BUNDLED / f".{model_id}.new"  # saved beside the old one first, which a running app may be showing
        shutil.rmtree(new, ignore_errors=True)
        checkpoint.save(new, trained.model, trained.card, codes, half=trained.half)
        if model_id in REPLAYED:
            shutil.copytree(run / snapshots.FOLDER, new / snapshots.FOLDER)
    kept = checkpoint.load(new)
    if model_id in STANDING_IN:
        tradeoff_file.keep(tradeoff.measure(kept, of_images(images), lambda _: None), kept, new)
    if config.model.beta_range is not None:
        tradeoff_file.keep(measured(model_id, config, kept, images, marks), kept, new)
    shutil.rmtree(BUNDLED / model_id, ignore_errors=True)
    new.rename(BUNDLED / model_id)


def rounded(trained: Checkpoint, images: Images) -> Checkpoint:
    """A model with its weights rounded to float16, and the figures of these on its card."""
    model, card = trained.model, trained.card
    model.load_state_dict({name: tensor.half() for name, tensor in model.state_dict().items()})
    figures = Training(model, images, card.train).validate()
    return dataclasses.replace(trained, card=card.model_copy(update={"validation": figures}), half=True)


def count_samples(model_id: str, images: Images) -> None:
    """Count the quality of a bundled multi-rate model's samples and keep it with its other figures; one that stands in, all of them."""
    trained = checkpoint.load(BUNDLED / model_id)
    if trained.card.model.beta_range is None:
        tradeoff_file.keep(tradeoff.measure(trained, of_images(images), lambda _: None), trained, BUNDLED / model_id)
        return
    found = tradeoff_file.kept(BUNDLED / model_id, trained, original=True)
    assert found is not None, f"{model_id} has no figures beside it: build it first"
    with tqdm(total=1.0, desc=f"{model_id}, its samples", bar_format="{l_bar}{bar}") as bar:
        found = tradeoff.with_samples(found, trained, of_images(images), lambda share: bar.update(share - bar.n))
    tradeoff_file.keep(found, trained, BUNDLED / model_id)


def measured(model_id: str, config: RunConfig, trained: Checkpoint, images: Images, marks: tuple[Mark, ...] | None) -> Tradeoff:
    """The figures of a multi-rate model, with those of the models that it is compared with."""
    pictures = of_images(images)
    with tqdm(total=1.0, desc=f"{model_id}, its figures", bar_format="{l_bar}{bar}") as bar:
        found = tradeoff.measure(trained, pictures, lambda share: bar.update(share - bar.n))
    known = {mark.beta: mark for mark in marks or ()}
    betas = DEDICATED_BETAS if model_id in DEDICATED else ()
    points = [
        known.get(beta) or dedicated(config, images, pictures, beta, *DEDICATED[model_id])
        for beta in tqdm(betas, desc=f"{model_id}, models of one KL weight", disable=not betas)
    ]
    return dataclasses.replace(found, dedicated=tuple(points))


def dedicated(config: RunConfig, images: Images, pictures: Pictures, beta: float, epochs: int, lr: float) -> Mark:
    """The figures of a model of one KL weight with this body, on the images that a multi-rate model is judged on."""
    model = VAE(config.model.model_copy(update={"beta_range": None}), seed=config.train.seed)
    train = config.train.model_copy(update={"beta": beta, "epochs": epochs, "lr": lr})
    deque(fit(model, images, train), maxlen=0)
    model.eval()
    grey = pictures.take(pictures.chosen(JUDGED))
    result = evaluate(model, binarise.for_evaluation(grey, train), beta=beta, seed=train.seed)
    return Mark(beta, result.distortion, result.rate, sharpness(explore.reconstruct(model, grey), grey))


def test_codes(model: VAE, images: Images) -> Codes:
    """Posteriors and labels of a class-balanced sample of the test images; those of a multi-rate model at its lowest KL weight."""
    test = images.split().test
    labels = None if images.labels is None else images.labels[test]
    rows = test[projection.subsample(len(test), KEPT_CODES, labels, seed=0)]
    lowest = model if model.config.beta_range is None else model.at(model.config.beta_range[0])
    posterior = explore.encode(lowest, images.take(rows))
    return Codes(posterior.mean, posterior.logvar, None if images.labels is None else images.labels[rows])


def main() -> None:
    """Build all models, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precompute", action="store_true", help="train nothing; keep what pages show of each model beside its weights")
    parser.add_argument("--samples", action="store_true", help="train nothing; count sample quality of the multi-rate models anew")
    for name, source in openml.SOURCES.items():
        words = f"folder of the four IDX files of {source.title}; empty leaves its models as they are"
        parser.add_argument(f"--{name}", default="", help=words)
    parser.add_argument("--same-marks", action="store_true", help="keep the figures of models of one KL weight; do not train those again")
    parser.add_argument("models", nargs="*", help=f"ids, of {', '.join(MODELS)}; none means all")
    chosen = parser.parse_args()
    torch.set_num_threads(1)  # the same weights on every machine with this torch need the same number of threads
    if chosen.precompute:
        for model_id in chosen.models or MODELS:
            print(f"{model_id}: {precompute(model_id):,} bytes", flush=True)
        return
    loaded: dict[str, Images] = {}
    for model_id in chosen.models or MODELS:
        config = MODELS[model_id]
        if chosen.samples and config.model.beta_range is None and model_id not in STANDING_IN:
            continue
        folder = getattr(chosen, config.data.replace("-", "_"), None)
        if folder == "":
            print(f"{model_id}: left as it is; give --{config.data} to train it.", file=sys.stderr)
            continue
        if config.data not in loaded:
            loaded[config.data] = data.load(config.data) if folder is None else read(config.data, Path(folder))
        if chosen.samples:
            count_samples(model_id, loaded[config.data])
            continue
        marks = kept_marks(model_id) if chosen.same_marks else None
        build(model_id, config, loaded[config.data], keep_codes=folder is not None, marks=marks)


def precompute(model_id: str) -> int:
    """Keep beside a bundled model what its pages show at first, as they compute it on the images that ship; returns the bytes it takes.

    Nothing ships of a model whose images do not. In an empty home, so that neither the full sets nor maps drawn before are taken.
    """
    shutil.rmtree(BUNDLED / model_id / precomputed.FOLDER, ignore_errors=True)
    before = os.environ.get("LATENT_LOOM_HOME")
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_LOOM_HOME"] = home
        try:
            with precomputed.recording():
                shipping.ask(cache.models()[model_id])
        finally:
            os.environ.pop("LATENT_LOOM_HOME")
            if before is not None:
                os.environ["LATENT_LOOM_HOME"] = before
    size = sum(file.stat().st_size for file in (BUNDLED / model_id / precomputed.FOLDER).glob("*"))
    assert size <= MOST_SHOWN, f"{model_id}: {size:,} bytes are more than the {MOST_SHOWN:,} that a model may take"
    return size


def read(name: str, folder: Path) -> Images:
    """A set of openml.org from its published IDX files: the images, names and licence that the registry gives it."""
    source = openml.SOURCES[name]
    found = data.read_path(folder, ImportChoices()).images
    return dataclasses.replace(found, name=name, class_names=source.class_names, licence=source.licence)


def kept_marks(model_id: str) -> tuple[Mark, ...]:
    """The figures of models of one KL weight that lie beside the model now, if any."""
    folder = BUNDLED / model_id
    found = tradeoff_file.kept(folder, checkpoint.load(folder), original=True) if folder.is_dir() else None
    return () if found is None else found.dedicated


if __name__ == "__main__":
    main()
