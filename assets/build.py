"""Train the bundled models again: `make assets MNIST=folder-with-the-idx-files`, about half an hour on two cores.

MNIST's images are not kept: its models carry the codes and labels of 5,000 of its test images instead.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from tqdm import tqdm

from vae_core import checkpoint, data, explore, project, runs
from vae_core.catalogue import BUNDLED
from vae_core.checkpoint import Codes
from vae_core.config import ModelConfig, RunConfig, TrainConfig
from vae_core.data import Images, ImportChoices
from vae_core.model import VAE

KEPT_CODES = 5_000
FACES_BETAS = (1.0, 10.0, 100.0, 1000.0)

_FACES = ModelConfig(body="conv", channels=3, height=64, width=64, latent=16, hidden=(16, 32, 64, 64, 256), likelihood="gaussian")


def _mnist(latent: int) -> ModelConfig:
    return ModelConfig(body="mlp", channels=1, height=28, width=28, latent=latent, hidden=(320, 320))


# the first is what a new user meets first
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
    "sprites": RunConfig(
        name="Sprites",
        data="sprites",
        model=ModelConfig(body="conv", channels=1, height=32, width=32, latent=8, hidden=(32, 64, 64, 256)),
        train=TrainConfig(epochs=60, lr=1e-3, threads=1),
    ),
    "digits-2d": RunConfig(
        name="Digits, 2-D",
        data="digits",
        model=ModelConfig(body="mlp", channels=1, height=8, width=8, latent=2, hidden=(256, 128)),
        train=TrainConfig(epochs=100, lr=1e-3, threads=1),
    ),
    "mnist-2d": RunConfig(name="MNIST, 2-D", data="mnist", model=_mnist(2), train=TrainConfig(epochs=40, batch=256, lr=1e-3, threads=1)),
    "mnist-16d": RunConfig(name="MNIST, 16-D", data="mnist", model=_mnist(16), train=TrainConfig(epochs=30, batch=256, lr=1e-3, threads=1)),
}


def build(model_id: str, config: RunConfig, images: Images, *, keep_codes: bool) -> None:
    """Train one model and put it under assets/models, in place of the one before."""
    with tempfile.TemporaryDirectory() as folder:
        run = runs.create(config, Path(folder) / "run")
        with tqdm(total=config.train.epochs, desc=model_id, unit="epoch") as bar:
            for record in runs.execute(run, images):
                bar.n = record.epoch
                bar.set_postfix_str(f"D {record.distortion:.1f}  R {record.rate:.1f}")
        trained = checkpoint.load(runs.newest_checkpoint(run) or run)
    codes = test_codes(trained.model, images) if keep_codes else None
    new = BUNDLED / f".{model_id}.new"  # saved beside the old one first, which a running app may be showing
    shutil.rmtree(new, ignore_errors=True)
    checkpoint.save(new, trained.model, trained.card, codes)
    shutil.rmtree(BUNDLED / model_id, ignore_errors=True)
    new.rename(BUNDLED / model_id)


def test_codes(model: VAE, images: Images) -> Codes:
    """Posteriors and labels of a class-balanced sample of the test images."""
    test = images.split().test
    labels = None if images.labels is None else images.labels[test]
    rows = test[project.subsample(len(test), KEPT_CODES, labels, seed=0)]
    posterior = explore.encode(model, images.take(rows))
    return Codes(posterior.mean, posterior.logvar, None if images.labels is None else images.labels[rows])


def main() -> None:
    """Build all models, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mnist", default="", help="folder of MNIST's four IDX files; empty leaves its models as they are")
    parser.add_argument("models", nargs="*", help=f"ids, of {', '.join(MODELS)}; none means all")
    chosen = parser.parse_args()
    torch.set_num_threads(1)  # the same weights on every machine with this torch need the same number of threads
    loaded: dict[str, Images] = {}
    for model_id in chosen.models or MODELS:
        config = MODELS[model_id]
        if config.data == "mnist" and not chosen.mnist:
            print(f"{model_id}: left as it is; give --mnist to train it.", file=sys.stderr)
            continue
        if config.data not in loaded:
            mnist = config.data == "mnist"
            loaded[config.data] = data.read_path(Path(chosen.mnist), ImportChoices()).images if mnist else data.load(config.data)
        build(model_id, config, loaded[config.data], keep_codes=config.data == "mnist")


if __name__ == "__main__":
    main()
