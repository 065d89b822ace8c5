"""The command line: ``python -m vae_core train | evaluate | encode | decode | export | runs | work``.

Figures go to stdout as JSON, progress to stderr. A bad argument or file ends with exit code 2 and one sentence on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from vae_core import data
from vae_core.analysis import explore, folding, importance
from vae_core.analysis.decomposition import active_units, kl_parts
from vae_core.analysis.disentangle import dci, factor_vae_score, mig, sap, varying
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.projection import subsample
from vae_core.base.config import (
    Binarise,
    Body,
    Device,
    LikelihoodName,
    ModelConfig,
    Precision,
    RunConfig,
    Schedule,
    SigmaIs,
    TrainConfig,
    default_hidden,
    parse,
    weights_name,
)
from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic
from vae_core.data import Images, ImportChoices
from vae_core.data.images import fit_image, open_image, png_bytes, shown
from vae_core.export import takehome
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.vae import VAE
from vae_core.runs import catalogue, directory, jobs
from vae_core.runs.execute import execute
from vae_core.training import binarise, checkpoint
from vae_core.training.checkpoint import Checkpoint

_SET_IMAGES = 10_000  # the parts of the KL cost the square of this


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        line = " ".join(message.split())
        self.exit(2, f"{line[0].upper()}{line[1:]}; see {self.prog} --help.\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _Parser(prog="python -m vae_core", description="Train and use variational autoencoders.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    train = commands.add_parser("train", help="train a model and keep it as a run")
    begins_or_goes_on = train.add_mutually_exclusive_group(required=True)
    _add_data(train, begins_or_goes_on)
    begins_or_goes_on.add_argument("--resume", metavar="RUN", help="go on with a stopped or cut-off run: its id, or the path of its folder")
    train.add_argument("--model", choices=("mlp", "conv", "linear"), default="mlp", help="body of the model (default: mlp)")
    train.add_argument("--latent", type=_whole, default=16, metavar="K", help="latent dimensions, 2 to 128 (default: 16)")
    train.add_argument("--hidden", metavar="512,512", help="mlp: layer widths; conv: channels per halving, then a dense width")
    train.add_argument("--likelihood", choices=get_args(LikelihoodName), default="bernoulli")
    train.add_argument("--sigma", type=_real, default=0.1, help="σ of gaussian and logistic, on the [0, 1] pixel scale (default: 0.1)")
    train.add_argument("--sigma-is", choices=get_args(SigmaIs), default="fixed", help="learned or optimal: σ starts at --sigma")
    train.add_argument("--deterministic", action="store_true", help="a plain autoencoder: no sampling, no rate")
    train.add_argument("--beta", type=_real, default=1.0, metavar="B", help="KL weight in loss = D + β·R (default: 1)")
    train.add_argument("--beta-sigma", type=_real, metavar="B", help="KL weight of the half of R that is about σ; --beta is then that of μ")
    train.add_argument(
        "--beta-range",
        type=_real,
        nargs=2,
        metavar=("A", "B"),
        help="one model for every KL weight from A to B, 0.01 10 for instance; --beta is then the one at which it is judged",
    )
    train.add_argument("--split", action="store_true", help="with --beta-range: a weight of its own for each half of R")
    train.add_argument("--schedule", choices=get_args(Schedule), default="constant", help="how β rises from 0 (default: constant)")
    train.add_argument("--ramp", type=_real, default=0.5, metavar="SHARE", help="of the steps, or of a cycle, with a rise (default: 0.5)")
    train.add_argument("--cycles", type=_whole, default=4, metavar="N", help="of a cyclical schedule (default: 4)")
    train.add_argument("--capacity", type=_real, metavar="C", help="loss = D + β·|R − C|, with C rising to so many nats")
    train.add_argument("--free-bits", type=_real, default=0.0, metavar="L", help="nats that each dimension's mean rate costs at least")
    train.add_argument("--tc", type=_real, default=0.0, metavar="W", help="weight of the total correlation, added to the loss")
    train.add_argument("--binarise", choices=get_args(Binarise), default="no", help="black and white images, drawn once or at each step")
    train.add_argument("--epochs", type=_whole, default=20, metavar="N")
    train.add_argument("--batch", type=_whole, default=128)
    train.add_argument("--lr", type=_real, default=2e-3, help="Adam's learning rate (default: 0.002)")
    train.add_argument("--seed", type=_whole, default=0, metavar="S")
    train.add_argument("--threads", type=_whole, default=0, metavar="T", help="torch threads; 0 leaves torch's choice (default)")
    train.add_argument(
        "--device", choices=("auto", *get_args(Device)), default="auto", help="what to train on (default: a GPU if there is one)"
    )
    train.add_argument(
        "--precision", choices=("auto", *get_args(Precision)), default="auto", help="bf16 where it is faster (default), or one"
    )
    train.add_argument("--name", help="what to call the model")
    train.add_argument("--out", type=Path, metavar="DIR", help="a new folder for the run, instead of one in the app's own list")
    train.set_defaults(run=_train)

    evaluation = commands.add_parser("evaluate", help="a model's figures on the validation images of a data set")
    _add_model(evaluation)
    _add_data(evaluation, evaluation)
    evaluation.add_argument(
        "--samples",
        type=_whole,
        metavar="S",
        help="also −log p(x) from S importance samples an image, what the KL is spent on, and disentanglement where causes are known",
    )
    evaluation.set_defaults(run=_evaluate)

    encode = commands.add_parser("encode", help="one JSON line per image: mean and logvar of its posterior")
    _add_model(encode)
    encode.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    encode.set_defaults(run=_encode)

    decode = commands.add_parser("decode", help="write the mean picture of a code as a PNG")
    _add_model(decode)
    decode.add_argument("--z", required=True, help="the code, K numbers", metavar="0.1,-1,…")
    decode.add_argument("--out", required=True, type=Path, metavar="X.png")
    decode.set_defaults(run=_decode)

    export = commands.add_parser("export", help="write one page with the model in it, which opens in any browser without a network")
    _add_model(export)
    export.add_argument("--format", choices=("html",), default="html")
    export.add_argument("--out", required=True, type=Path, metavar="PAGE.html")
    export.add_argument(
        "--precision",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in the page; float16 halves them (default: float32)",
    )
    export.set_defaults(run=_export)

    commands.add_parser("runs", help="list every model and run").set_defaults(run=_runs)
    commands.add_parser("work", help="train what is queued; the app starts this by itself").set_defaults(run=_work)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal or pipe without β is no reason to fail
    chosen = build_parser().parse_args(_with_codes_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        chosen.run(chosen)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{shown(str(error.filename2 or error.filename or 'A file'))}: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        print(str(stopped) or "Interrupted.", file=sys.stderr)
        return 130
    return 0


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", metavar="RUN", help="a model's id, its name, or the path of its folder")
    command.add_argument(
        "--beta",
        metavar="B[,B]",
        help="of a model of many KL weights: the one to use it at, or those of μ and σ (default: where it is judged)",
    )


def _opened(chosen: argparse.Namespace) -> Checkpoint:
    """The model asked for; one of many KL weights as the plain one that it is at --beta."""
    point = checkpoint.load(catalogue.find(chosen.model))
    if chosen.beta is not None:
        return folding.at(point, _weights(chosen.beta))
    return point if point.card.model.beta_range is None else folding.at(point, point.card.train.weights)


def _add_data(command: argparse.ArgumentParser, where: argparse._ActionsContainer) -> None:
    where.add_argument("--data", metavar="NAME|PATH", help=f"{', '.join(data.SETS)}, or a file or folder of your own")
    command.add_argument("--size", metavar="HxW", help="resize own images to this height and width, 8 to 128")
    command.add_argument("--channels", type=_whole, choices=(1, 3), help="1 makes own images grey, 3 RGB")
    command.add_argument("--fit", choices=("crop", "pad"), help="how own images get the aspect ratio (default: crop)")
    command.add_argument("--background", metavar="R,G,B", help="behind transparent pixels (default: 0,0,0)")


def _images(chosen: argparse.Namespace) -> Images:
    """The data set asked for: a known one by name, downloaded if need be, else what is read from a path."""
    options = ("size", "channels", "fit", "background")
    given = {option: value for option in options if (value := getattr(chosen, option)) is not None}
    if given and chosen.data in data.known():
        raise InputError(f"--{next(iter(given))} is for images read from a path: the images of {shown(chosen.data)} stay as they are.")
    if chosen.data in data.SETS and not data.available(chosen.data):
        print(f"Downloading {data.SETS[chosen.data].title} …", file=sys.stderr)
        data.download(chosen.data)
    path = Path(chosen.data)
    if chosen.data in data.known() or not path.exists():
        return data.load(chosen.data)
    if "size" in given:
        given["height"], given["width"] = _size(given.pop("size"))
    if "background" in given:
        given["background"] = _numbers("--background", given["background"])
    read = data.read_path(path, parse(ImportChoices, given))
    for note in read.notes:
        print(note, file=sys.stderr)
    return read.images


def _train(chosen: argparse.Namespace) -> None:
    if chosen.resume is None:
        run, images = _new_run(chosen)
    else:
        run, images = _run_to_go_on_with(chosen), None
    config = directory.config_of(run)
    if config.train.threads:
        torch.set_num_threads(config.train.threads)
    with (
        _stopped_by_interrupt(run),
        tqdm(
            total=config.train.epochs,
            unit="epoch",
            file=sys.stderr,
            bar_format="{l_bar}{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}{postfix}]",
        ) as bar,
    ):
        for record in execute(run, images):
            bar.n = record.epoch
            bar.set_postfix_str(f"D {record.distortion:.1f}  R {record.rate:.1f}  {record.images_per_second:,.0f} images/s")
    name = run.name if run.parent == directory.RUNS.place else str(run)
    now = directory.status(run)
    if now.state == "stopped":
        raise KeyboardInterrupt(f"Stopped after step {now.step:,} of {now.steps:,}; python -m vae_core train --resume {name} goes on.")
    card = checkpoint.read_card(directory.newest_checkpoint(run) or run)
    summary = {
        "run": name,
        "epochs": card.epochs,
        **card.validation.model_dump(),
        "images_per_second": round(card.images_per_second, 1),
        "seconds": round(card.seconds, 2),
    }
    print(json.dumps(summary))


def _new_run(chosen: argparse.Namespace) -> tuple[Path, Images]:
    """The run that the arguments describe, and its images."""
    train = parse(TrainConfig, {field: getattr(chosen, field) for field in TrainConfig.model_fields})
    images = _images(chosen)
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
            "sigma_is": chosen.sigma_is,
            "variational": not chosen.deterministic,
            "beta_range": None if chosen.beta_range is None else tuple(chosen.beta_range),
            "split": chosen.split,
        },
    )
    source = Path(chosen.data).resolve().name
    known = chosen.data in data.known()
    name = chosen.data if known else data.save_imported(images, source)  # kept, so that the app can show it too
    title = shown(chosen.name or f"{chosen.data if known else source} {body} z{model.latent} {weights_name(model, train)}")
    config = parse(RunConfig, {"name": title, "data": name, "model": model, "train": train})
    return directory.create(config, chosen.out, queue=False), images


def _run_to_go_on_with(chosen: argparse.Namespace) -> Path:
    """The folder of the run that is to be resumed, by id or path, made ready to be executed."""
    alone = vars(build_parser().parse_args(["train", f"--resume={chosen.resume}"]))
    given = [option for option, value in vars(chosen).items() if value != alone[option]]
    if given:
        raise InputError(f"--resume goes on with the settings that the run has: leave out --{given[0].replace('_', '-')}.")
    path = Path(chosen.resume)
    run = path.resolve() if (path / "run.json").is_file() else directory.find(chosen.resume).folder
    directory.resume(run, queue=False)
    return run


@contextlib.contextmanager
def _stopped_by_interrupt(run: Path) -> Iterator[None]:
    """The first Ctrl+C asks the run to stop, which saves it whole; a second one breaks off at once."""

    def ask(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        directory.request_stop(run)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _evaluate(chosen: argparse.Namespace) -> None:
    opened = _opened(chosen)
    name = chosen.data or opened.card.data.name
    images = _images(chosen) if chosen.data else data.load(name)  # what was not asked for is not downloaded
    wanted = (opened.card.model.channels, opened.card.model.height, opened.card.model.width)
    if images.shape != wanted:
        raise InputError(f"The model takes images of {wanted} (channels, height, width) and {shown(name)} has {images.shape}.")
    train = opened.card.train
    pixels = binarise.for_evaluation(images.take(images.split().validation), train)
    result = evaluate(opened.model, pixels, beta=train.weights, seed=train.seed)
    figures: dict[str, object] = {name: getattr(result, name) for name in ("distortion", "rate", "rate_mu", "loss", "unused")}
    active = active_units(explore.encode(opened.model, pixels).mean)
    figures |= {"active_units": int(active.sum()), "kl_per_dim": result.kl_per_dim.tolist()}
    if chosen.samples is not None:
        figures |= {"nll": _nll(opened.model, pixels, chosen.samples, train.seed), "samples": chosen.samples}
        figures |= _of_the_whole_set(opened.model, images, train)
    print(json.dumps({"model": opened.card.name, "data": name, "beta": train.weights, **figures}))


def _nll(model: VAE, pixels: NDArray[np.uint8], samples: int, seed: int) -> float:
    """The mean of −log p(x), with a bar over the samples."""
    estimates = importance.estimates(model, pixels, samples=samples, seed=seed)
    *_, last = deque(tqdm(estimates, total=samples, unit="sample", file=sys.stderr), maxlen=1)
    return float(last.mean())


def _of_the_whole_set(model: VAE, images: Images, train: TrainConfig) -> dict[str, object]:
    """The parts of the KL, and disentanglement where causes are known, over all images or 10,000 of them drawn by the seed."""
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


def _encode(chosen: argparse.Namespace) -> None:
    model = _opened(chosen).model
    c = model.config
    for path in chosen.images:
        picture = fit_image(open_image(path.read_bytes(), path.name), channels=c.channels, height=c.height, width=c.width)
        posterior = explore.encode(model, picture[None])
        logvar = posterior.logvar[0].tolist() if c.variational else None
        print(json.dumps({"image": str(path), "mean": posterior.mean[0].tolist(), "logvar": logvar}))


def _decode(chosen: argparse.Namespace) -> None:
    model = _opened(chosen).model
    picture = explore.decode(model, explore.parse_code(chosen.z, model.config.latent)[None])[0]
    write_atomic(chosen.out, png_bytes(picture))


def _export(chosen: argparse.Namespace) -> None:
    folder = catalogue.find(chosen.model)
    opened = _opened(chosen)
    names = (entry.name for entry in catalogue.models().values() if entry.folder == folder)
    name = next(names, opened.card.name)  # a listed model may have been renamed
    page = takehome.html_page(opened, name, takehome.images_of(opened.card), precision=chosen.precision)
    write_atomic(chosen.out, page.encode())


def _runs(chosen: argparse.Namespace) -> None:
    for entry in catalogue.models().values():
        card = entry.card
        facts = f"K={card.model.latent:<3} {weights_name(card.model, card.train):8} loss {card.validation.loss:9.2f}"
        print(f"{entry.id:24} {entry.kind:8} {shown(card.data.title)[:24]:24} {facts}  {entry.name}")
    for run in directory.listing():
        now, resumable = run.status, directory.cannot_resume(run) is None
        if resumable or now.state not in ("finished", "stopped"):
            how = f"{now.message} Go on: train --resume {run.id}".strip() if resumable else now.message
            print(f"{run.id:24} {now.state:8} step {now.step} of {now.steps}  {shown(run.config.name)}  {how}")


def _work(chosen: argparse.Namespace) -> None:
    if hasattr(os, "nice"):
        os.nice(10)  # the pages come first
    jobs.work()


def _with_codes_joined(arguments: Sequence[str]) -> list[str]:
    """``--z -1,2`` as ``--z=-1,2``: argparse takes a value that begins with a minus and is no number for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--z" and re.match(r"-[\d.]", argument):
            joined[-1] = f"--z={argument}"
        else:
            joined.append(argument)
    return joined


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text.strip()):
        raise argparse.ArgumentTypeError(f'"{shown(text)}" is not a whole number')
    return int(text)


def _real(text: str) -> float:
    try:
        return float(text if text.isascii() and "_" not in text else "")
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{shown(text)}" is not a number') from None


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(_whole(part) for part in text.split(","))
    except argparse.ArgumentTypeError:
        raise InputError(f'{option} takes whole numbers separated by commas, not "{shown(text)}".') from None


def _weights(text: str) -> float | tuple[float, float]:
    """A KL weight, or those of D_μ and D_σ."""
    with contextlib.suppress(argparse.ArgumentTypeError):
        match [_real(part) for part in text.split(",")]:
            case [weight] if math.isfinite(weight):
                return weight
            case [of_means, of_widths] if math.isfinite(of_means + of_widths):
                return of_means, of_widths
    raise InputError(f'--beta takes a KL weight, or two separated by a comma, not "{shown(text)}".')


def _size(text: str) -> tuple[int, int]:
    try:
        height, width = (_whole(part) for part in text.lower().split("x"))
    except (ValueError, argparse.ArgumentTypeError):
        raise InputError(f'--size takes height x width such as 32x32, not "{shown(text)}".') from None
    return height, width


if __name__ == "__main__":
    sys.exit(main())
