"""The command line: ``python -m vae_core train | evaluate | encode | decode | runs | work``.

Figures go to stdout as JSON, progress to stderr. A bad argument or file ends with exit code 2 and one sentence on stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
from tqdm import tqdm

from vae_core import catalogue, checkpoint, data, explore, jobs, runs
from vae_core.config import Body, LikelihoodName, ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.data import Images, ImportChoices
from vae_core.errors import InputError
from vae_core.evaluate import evaluate
from vae_core.images import fit_image, open_image, png_bytes, shown
from vae_core.storage import write_atomic


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[0].upper()}{message[1:]}; see {self.prog} --help.\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _Parser(prog="python -m vae_core", description="Train and use variational autoencoders.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    train = commands.add_parser("train", help="train a model and keep it as a run")
    _add_data(train, required=True)
    train.add_argument("--model", choices=("mlp", "conv", "linear"), default="mlp", help="body of the model (default: mlp)")
    train.add_argument("--latent", type=int, default=16, metavar="K", help="latent dimensions, 2 to 128 (default: 16)")
    train.add_argument("--hidden", metavar="512,512", help="mlp: layer widths; conv: channels per halving, then a dense width")
    train.add_argument("--likelihood", choices=("bernoulli", "gaussian"), default="bernoulli")
    train.add_argument("--sigma", type=float, default=0.1, help="σ of the Gaussian likelihood, on the [0, 1] pixel scale (default: 0.1)")
    train.add_argument("--deterministic", action="store_true", help="a plain autoencoder: no sampling, no rate")
    train.add_argument("--beta", type=float, default=1.0, metavar="B", help="KL weight in loss = D + β·R (default: 1)")
    train.add_argument("--epochs", type=int, default=20, metavar="N")
    train.add_argument("--batch", type=int, default=128)
    train.add_argument("--lr", type=float, default=2e-3, help="Adam's learning rate (default: 0.002)")
    train.add_argument("--seed", type=int, default=0, metavar="S")
    train.add_argument("--threads", type=int, default=0, metavar="T", help="torch threads; 0 leaves torch's choice (default)")
    train.add_argument("--name", help="what to call the model")
    train.add_argument("--out", type=Path, metavar="DIR", help="a new folder for the run, instead of one in the app's own list")
    train.set_defaults(run=_train)

    evaluation = commands.add_parser("evaluate", help="a model's figures on the validation images of a data set")
    evaluation.add_argument("model", metavar="RUN", help="a model's id, its name, or the path of its folder")
    _add_data(evaluation, required=False)
    evaluation.set_defaults(run=_evaluate)

    encode = commands.add_parser("encode", help="one JSON line per image: mean and logvar of its posterior")
    encode.add_argument("model", metavar="RUN")
    encode.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    encode.set_defaults(run=_encode)

    decode = commands.add_parser("decode", help="write the mean picture of a code as a PNG")
    decode.add_argument("model", metavar="RUN")
    decode.add_argument("--z", required=True, help="the code, K numbers: --z=-0.5,1,… (with = where the first is negative)")
    decode.add_argument("--out", required=True, type=Path, metavar="X.png")
    decode.set_defaults(run=_decode)

    commands.add_parser("runs", help="list every model and run").set_defaults(run=_runs)
    commands.add_parser("work", help="train what is queued; the app starts this by itself").set_defaults(run=_work)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    chosen = build_parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def _add_data(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument("--data", required=required, metavar="NAME|PATH", help=f"{', '.join(data.SETS)}, or a file or folder of your own")
    command.add_argument("--size", metavar="HxW", help="resize own images to this height and width, 8 to 128")
    command.add_argument("--channels", type=int, choices=(1, 3), help="1 makes own images grey, 3 RGB")
    command.add_argument("--fit", choices=("crop", "pad"), default="crop", help="how own images get the aspect ratio (default: crop)")
    command.add_argument("--background", default="0,0,0", metavar="R,G,B", help="behind transparent pixels (default: 0,0,0)")


def _images(chosen: argparse.Namespace) -> tuple[str, Images]:
    """The data set asked for and its name; a path is read and kept among the imported sets, once, so that the app can show it too."""
    if chosen.data in data.SETS and not data.available(chosen.data):
        print(f"Downloading {data.SETS[chosen.data].title} …", file=sys.stderr)
        data.download(chosen.data)
    path = Path(chosen.data)
    if chosen.data in data.SETS or chosen.data in data.imported() or not path.exists():
        return chosen.data, data.load(chosen.data)
    height, width = _size(chosen.size)
    background = _numbers("--background", chosen.background)
    values: dict[str, Any] = {"channels": chosen.channels, "height": height, "width": width, "fit": chosen.fit, "background": background}
    read = data.read_path(path, parse(ImportChoices, values))
    for note in read.notes:
        print(note, file=sys.stderr)
    name = data.save_imported(read.images, path.resolve().name)
    return name, read.images


def _train(chosen: argparse.Namespace) -> None:
    name, images = _images(chosen)
    channels, height, width = images.shape
    body: Body = chosen.model
    likelihood: LikelihoodName = chosen.likelihood
    model = parse(
        ModelConfig,
        {
            "body": body,
            "channels": channels,
            "height": height,
            "width": width,
            "latent": chosen.latent,
            "hidden": default_hidden(body, height, width) if chosen.hidden is None else _numbers("--hidden", chosen.hidden),
            "likelihood": likelihood,
            "sigma": chosen.sigma,
            "variational": not chosen.deterministic,
        },
    )
    train = parse(TrainConfig, {field: getattr(chosen, field) for field in TrainConfig.model_fields})
    title = chosen.name or f"{Path(chosen.data).resolve().name if name != chosen.data else name} {body} z{model.latent} β{train.beta:g}"
    config = parse(RunConfig, {"name": title, "data": name, "model": model, "train": train})
    if train.threads:
        torch.set_num_threads(train.threads)
    run = runs.create(config, chosen.out)
    with tqdm(
        total=train.epochs,
        unit="epoch",
        file=sys.stderr,
        bar_format="{l_bar}{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}{postfix}]",
    ) as bar:
        for record in runs.execute(run, images):
            bar.n = record.epoch
            bar.set_postfix_str(f"D {record.distortion:.1f}  R {record.rate:.1f}  {record.images_per_second:,.0f} images/s")
    card = checkpoint.read_card(runs.newest_checkpoint(run) or run)
    summary = {
        "run": str(run) if chosen.out else run.name,
        "epochs": card.epochs,
        **card.validation.model_dump(),
        "images_per_second": round(card.images_per_second, 1),
        "seconds": round(card.seconds, 2),
    }
    print(json.dumps(summary))


def _evaluate(chosen: argparse.Namespace) -> None:
    opened = checkpoint.load(catalogue.find(chosen.model))
    chosen.data = chosen.data or opened.card.data.name
    _, images = _images(chosen)
    wanted = (opened.card.model.channels, opened.card.model.height, opened.card.model.width)
    if images.shape != wanted:
        raise InputError(f"The model takes images of {wanted} (channels, height, width) and {shown(chosen.data)} has {images.shape}.")
    train = opened.card.train
    result = evaluate(opened.model, images.pixels[images.split().validation], beta=train.beta, seed=train.seed)
    figures = {"distortion": result.distortion, "rate": result.rate, "loss": result.loss, "unused": result.unused}
    print(
        json.dumps(
            {"model": opened.card.name, "data": chosen.data, "beta": train.beta, **figures, "kl_per_dim": result.kl_per_dim.tolist()}
        )
    )


def _encode(chosen: argparse.Namespace) -> None:
    model = checkpoint.load(catalogue.find(chosen.model)).model
    c = model.config
    for path in chosen.images:
        picture = fit_image(open_image(path.read_bytes(), path.name), channels=c.channels, height=c.height, width=c.width)
        posterior = explore.encode(model, picture[None])
        logvar = posterior.logvar[0].tolist() if c.variational else None
        print(json.dumps({"image": str(path), "mean": posterior.mean[0].tolist(), "logvar": logvar}))


def _decode(chosen: argparse.Namespace) -> None:
    model = checkpoint.load(catalogue.find(chosen.model)).model
    picture = explore.decode(model, explore.parse_code(chosen.z, model.config.latent)[None])[0]
    write_atomic(chosen.out, png_bytes(picture))


def _runs(chosen: argparse.Namespace) -> None:
    for entry in catalogue.models().values():
        card = entry.card
        facts = f"K={card.model.latent:<3} β={card.train.beta:<6g} loss {card.validation.loss:9.2f}"
        print(f"{entry.id:24} {entry.kind:8} {card.data.title[:24]:24} {facts}  {entry.name}")
    for run in runs.listing():
        if run.status.state not in ("finished", "stopped"):
            print(f"{run.id:24} {run.status.state:8} step {run.status.step} of {run.status.steps}  {run.config.name}  {run.status.message}")


def _work(chosen: argparse.Namespace) -> None:
    if hasattr(os, "nice"):
        os.nice(10)  # the pages come first
    jobs.work()


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError(f"{option} takes whole numbers separated by commas, not {shown(text)!r}.") from None


def _size(text: str | None) -> tuple[int, int] | tuple[None, None]:
    if text is None:
        return None, None
    try:
        height, width = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise InputError(f"--size takes height x width such as 32x32, not {shown(text)!r}.") from None
    return height, width


if __name__ == "__main__":
    sys.exit(main())
