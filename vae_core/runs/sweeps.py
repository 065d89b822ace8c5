"""The same model at several KL weights: a sweep is found among the models there are, queued as runs, and measured alike at every β."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.evaluate import evaluate, sharpness, sharpness_error
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.pictures import Pictures, of_images
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.tradeoff import UNKNOWN, Errors, left_of_crossing
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.runs import catalogue, directory, jobs
from vae_core.runs.catalogue import Entry
from vae_core.runs.directory import Run
from vae_core.training import binarise
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.objectives import unused

EXAMPLES = 8
MAX_BETAS = 10
MIN_BETA, MAX_BETA = 0.001, 1000.0


class Member(NamedTuple):
    """One KL weight of a sweep: `entry` is the model once it is trained to the end; until then `run` is the newest run for it."""

    beta: float
    entry: Entry | None
    run: Run | None


@dataclass(frozen=True)
class Sweep:
    """Models of one data set that agree in everything but the KL weight.

    Attributes:
        id: the same for the same data, model and training, whichever weights are there; safe in a URL.
        title: of the data set.
        model, train: what the members share; the β in `train` means nothing.
        members: at least two, ascending in β.
    """

    id: str
    title: str
    model: ModelConfig
    train: TrainConfig
    members: tuple[Member, ...]

    @property
    def trained(self) -> dict[float, Entry]:
        """The models by β, ascending."""
        return {member.beta: member.entry for member in self.members if member.entry is not None}

    @property
    def active(self) -> list[Run]:
        """The runs that wait or train, ascending in β."""
        return [member.run for member in self.members if member.run is not None and member.run.status.active]

    @property
    def ended_early(self) -> list[Run]:
        """The runs that were stopped or failed, ascending in β."""
        return [member.run for member in self.members if member.run is not None and not member.run.status.active]


@dataclass(frozen=True)
class Measures:
    """One model of a sweep on the validation images, nats per image.

    Attributes:
        kl_per_dim: float64 [K]; None where neither the images nor codes of them are at hand.
        sharpness: of the reconstructions, as `evaluate.sharpness`; NaN where the images are not at hand.
        effective: mean N_eff of the codes of the training images, as `tradeoff.effective`; NaN where it was not counted.
        samples: how good samples from the prior are; None where it was not counted.
        errors: how far the figures are known.
        elbo_error, loss_error: the standard errors of D + R and of D + β·R; NaN where they are not known.
        compared: of how many samples, and as many images, `samples` are shares.
    """

    beta: float
    distortion: float
    rate: float
    kl_per_dim: NDArray[np.float64] | None
    sharpness: float
    effective: float = math.nan
    samples: Fidelity | None = None
    errors: Errors = UNKNOWN
    elbo_error: float = math.nan
    loss_error: float = math.nan
    compared: int = 0

    @property
    def loss(self) -> float:
        """D + β·R, what this model was trained to make small; of no use for comparing models of different β."""
        return self.distortion + self.beta * self.rate

    @property
    def unused(self) -> int | None:
        """Dimensions whose mean KL is below 0.01 nats."""
        return None if self.kl_per_dim is None else int(unused(self.kl_per_dim).sum())


class _Setting(NamedTuple):
    """What the members of a sweep share: which images, the model, and the training with β set aside."""

    images: str
    model: ModelConfig
    train: TrainConfig


def _setting(images: str, model: ModelConfig, train: TrainConfig) -> _Setting:
    """What two models of a sweep share; threads, device and precision do not count."""
    return _Setting(images, model, train.model_copy(update={"beta": 1.0, "threads": 0, "device": "auto", "precision": "auto"}))


def _of_one_weight(model: ModelConfig, train: TrainConfig) -> bool:
    """Whether the model has a rate, and one β for all of it."""
    return model.variational and model.beta_range is None and train.beta_sigma is None


def sweep_id(data_name: str, model: ModelConfig, train: TrainConfig) -> str:
    """The id of the sweep that such a model belongs to, at whatever β."""
    shared = _setting(data_name, model, train)
    # Without defaults, so that an option that a later version brings leaves ids, and with them links, as they are.
    parts = [part.model_dump_json(exclude_defaults=True) for part in (shared.model, shared.train)]
    return sha256("\n".join([data_name, *parts]).encode())[:12]


def listing(entries: Iterable[Entry], all_runs: Iterable[Run]) -> dict[str, Sweep]:
    """The sweeps among models and runs (both newest first) by id: those in training first, then those with the newest models.

    A model that was stopped early is no member, since it differs in more than β. Nor is a deterministic autoencoder, which has no rate, or
    a model of more than one KL weight. Of two models at the same β the newer counts. Runs know their images by name only; the models tell
    which images a name stands for.
    """
    return {key: sweep for key, sweep in _grouped(entries, all_runs).items() if len(sweep.trained) + len(sweep.active) >= 2}


def _grouped(entries: Iterable[Entry], all_runs: Iterable[Run]) -> dict[str, Sweep]:
    """As `listing`, but also those that have a single member so far."""
    identities: dict[str, str] = {}
    names: dict[str, tuple[str, str]] = {}
    trained: dict[_Setting, dict[float, Entry]] = {}
    for entry in entries:
        card = entry.card
        if _of_one_weight(card.model, card.train) and card.epochs == card.train.epochs:
            identities.setdefault(card.data.name, card.data.identity)
            names.setdefault(card.data.identity, (card.data.name, card.data.title))
            trained.setdefault(_setting(card.data.identity, card.model, card.train), {}).setdefault(card.train.beta, entry)

    pending: dict[_Setting, dict[float, Run]] = {}
    for run in all_runs:
        config = run.config
        images = identities.get(config.data, config.data)
        setting = _setting(images, config.model, config.train)
        beta = config.train.beta
        if _of_one_weight(config.model, config.train) and run.status.state != "finished" and beta not in trained.get(setting, {}):
            pending.setdefault(setting, {}).setdefault(beta, run)

    found: dict[str, Sweep] = {}
    in_training = [setting for setting, waiting in pending.items() if any(run.status.active for run in waiting.values())]
    for setting in dict.fromkeys([*in_training, *trained]):
        models, waiting = trained.get(setting, {}), pending.get(setting, {})
        known = data.info(setting.images)
        name, title = names.get(setting.images, (setting.images, "Images" if known is None else known.title))
        members = tuple(Member(beta, models.get(beta), waiting.get(beta)) for beta in sorted(models.keys() | waiting.keys()))
        key = sweep_id(name, setting.model, setting.train)
        found.setdefault(key, Sweep(key, title, setting.model, setting.train, members))
    return found


def dedicated(entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
    """The models of one KL weight to compare with a multi-rate model: the newest one for each β within its range, ascending.

    They have the same images and the same shape, saw the images in black and white or grey as it did, and were trained to the end with a
    plain β. How long they were trained, and how fast, may differ: each should be the best there is at its β.

    Args:
        entry: the multi-rate model.
        entries: newest first.
    """
    assert entry.card.model.beta_range is not None
    low, high = entry.card.model.beta_range
    return [other for other in _of_its_kind(entry, entries) if low <= other.card.train.beta <= high]


def _of_its_kind(entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
    """As `dedicated`, at whatever β."""
    card = entry.card
    shape = _network(card.model)
    found: dict[float, Entry] = {}
    for other in entries:
        train = other.card.train
        if (
            (other.card.data.identity, train.binarise) == (card.data.identity, card.train.binarise)
            and _network(other.card.model) == shape
            and _of_one_weight(other.card.model, train)
            and not train.shapes_the_rate
            and other.card.epochs == train.epochs
        ):
            found.setdefault(train.beta, other)
    return [found[beta] for beta in sorted(found)]


def _network(model: ModelConfig) -> ModelConfig:
    """What a model for one KL weight and one for many share, whatever their age: older ones hold widths."""
    return model.model_copy(update={"beta_range": None, "split": False, "widths": "held"})


def alone(entry: Entry, entries: Iterable[Entry], below: float) -> list[Entry]:
    """The bundled models that stand in for a bundled multi-rate model at low KL weights, ascending: one for each weight.

    They are those of `dedicated` below that weight, after the plain autoencoder of the same images and shape where there is one. Of a range
    that reaches left of `tradeoff.CROSSING` they may lie further left: there the multi-rate model is not shown, so it need not know them.
    """
    card, listed = entry.card, [other for other in entries if other.kind == "bundled"]
    if entry.kind != "bundled" or card.model.split:
        return []
    assert card.model.beta_range is not None
    low = card.model.beta_range[0]
    least = 0.0 if left_of_crossing(low) else low
    found = [other for other in _of_its_kind(entry, listed) if least <= other.card.train.beta < below]
    shape = _network(card.model).model_copy(update={"variational": False})
    points = [other for other in listed if (other.card.data.identity, _network(other.card.model)) == (card.data.identity, shape)]
    return [*points[:1], *found] if found else []


def parse_betas(text: str) -> tuple[float, ...]:
    """KL weights typed as "0.1, 1, 10", ascending and each once.

    Raises:
        InputError: not 2 to 10 different numbers, or one that is not from 0.001 to 1000.
    """
    betas = set()
    for field in text.replace(",", " ").split():
        try:
            beta = float(field)
        except ValueError:
            beta = np.nan
        if not MIN_BETA <= beta <= MAX_BETA:
            raise InputError(f"{shown(field)[:20]!r} is not a KL weight from {MIN_BETA:g} to {MAX_BETA:g}, such as 0.1, 1 or 10.")
        betas.add(beta)
    if not 2 <= len(betas) <= MAX_BETAS:
        raise InputError(f"A sweep takes 2 to {MAX_BETAS} different KL weights, not {len(betas)}: write them as 0.1, 1, 10.")
    return tuple(sorted(betas))


def missing(config: RunConfig, betas: Iterable[float], entries: Iterable[Entry], all_runs: Iterable[Run]) -> list[float]:
    """Of these KL weights, those of which no model is trained or on its way; arguments as in `start` and `listing`."""
    there = _grouped(entries, all_runs).get(sweep_id(config.data, config.model, config.train))
    done = {*there.trained, *(run.config.train.beta for run in there.active)} if there else set()
    return [beta for beta in betas if beta not in done]


def start(config: RunConfig, betas: Sequence[float]) -> str:
    """Queue one run for each β that is neither trained nor waiting yet, the smallest first; returns the sweep's id.

    Args:
        config: what all runs share; its own β means nothing, and β is added to its name.
        betas: the KL weights.

    Raises:
        InputError: the queue has no room for all of them, and none is added; or the model is too large.
    """
    wanted = [
        config.model_copy(update={"name": f"{config.name} β{beta:g}", "train": config.train.model_copy(update={"beta": beta})})
        for beta in missing(config, betas, catalogue.models().values(), directory.listing())
    ]
    jobs.check_room(len(wanted))
    for each in wanted:
        jobs.submit(each)
    return sweep_id(config.data, config.model, config.train)


def examples(images: Images) -> NDArray[np.int64]:
    """Eight validation images to show at every β, of as many classes as possible, int64 [8]; fewer where there are fewer."""
    return of_images(images).chosen(EXAMPLES)


def measure(point: Checkpoint, pictures: Pictures | None) -> Measures:
    """A model's figures on the validation images, with the same noise for every model of a sweep.

    Without the images, distortion and rate come from its card, and the KL from the codes that were kept with it.
    """
    train = point.card.train
    if pictures is None:
        kept = None if point.codes is None else Posterior(point.codes.mean, point.codes.logvar).kl().mean(axis=0)
        figures = point.card.figures
        errors = Errors(figures.error("distortion"), figures.error("rate"))
        return Measures(train.beta, figures.distortion, figures.rate, kept, math.nan, errors=errors, loss_error=figures.error("loss"))
    pixels = pictures.take(pictures.validation)
    result = evaluate(point.model, binarise.for_evaluation(pixels, train), beta=train.beta, seed=train.seed)
    rebuilt, known = explore.reconstruct(point.model, pixels), result.standard_error
    errors = Errors(known.distortion, known.rate, known.rate_mu, known.rate_sigma, sharpness_error(rebuilt, pixels))
    return Measures(
        train.beta,
        result.distortion,
        result.rate,
        result.kl_per_dim,
        sharpness(rebuilt, pixels),
        errors=errors,
        elbo_error=known.elbo,
        loss_error=known.loss,
    )


def csv_table(rows: Iterable[Measures]) -> bytes:
    """The measures over β as CSV: quoted names in the first line, below them only numbers, nothing that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    nats = ["distortion_nats", "rate_nats", "distortion_plus_rate_nats"]
    drawn = [f"sample_{name}" for name in Fidelity._fields]
    errors = [f"{name}_standard_error" for name in (*nats, "effective_images", "sharpness")]
    writer.writerow(["beta", *nats, "unused_dimensions", "effective_images", "sharpness", *drawn, *errors])
    for row in rows:
        samples = row.samples or [None] * len(drawn)
        spread = (row.errors.distortion, row.errors.rate, row.elbo_error, row.errors.effective, row.errors.sharpness)
        cells = [row.distortion, row.rate, row.distortion + row.rate, row.unused, row.effective, row.sharpness, *samples, *spread]
        writer.writerow([row.beta, *(None if cell is None or math.isnan(cell) else cell for cell in cells)])
    return text.getvalue().encode()
