"""What a model's likelihood and a run's objective are called on screen; our own words alone, so they may stand in Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from vae_core import data
from vae_core.base import display
from vae_core.base.config import SIGMAS_OF, Binarise, LikelihoodName, RunConfig, Schedule, SigmaIs, TrainConfig
from vae_core.base.display import BODIES, with_error
from vae_core.data import Images
from vae_core.export.wire.builders import information_note
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Card

PIXELS: dict[str, LikelihoodName] = {family.title: name for name, family in LIKELIHOODS.items()}

FIXED, LEARNED, OPTIMAL = "Fixed", "Learned", "Best for each batch (optimal)"
SIGMAS: dict[str, SigmaIs] = {FIXED: "fixed", LEARNED: "learned", OPTIMAL: "optimal"}
AS_IT_IS, DRAWN_ONCE, DRAWN_ANEW = "Grey as it is", "Black and white, fixed", "Black and white, drawn anew each time"
GREYS: dict[str, Binarise] = {AS_IT_IS: "no", DRAWN_ONCE: "static", DRAWN_ANEW: "stochastic"}
CONSTANT, WARM_UP, CYCLICAL = "Constant", "Warm-up", "Cyclical"
SCHEDULES: dict[str, Schedule] = {CONSTANT: "constant", WARM_UP: "linear", CYCLICAL: "cyclical"}


def of_unseen(images: Images) -> str:
    """What test images are, that a model is shown with in place of those it learnt from: "the 10,000 test images of …"."""
    known = data.info(images.name)
    assert known is not None  # such images ship with the app
    return f"the {len(images):,} test images of {known.title}, which the model has not seen"


def of_run(config: RunConfig) -> str:
    """What a run trains and what for, in a line or two."""
    model, train = config.model, config.train
    kind = "" if model.variational else ", a plain autoencoder"
    parts = [f"{BODIES[model.body].capitalize()}, {model.latent} latent dimensions{kind}.", f"A pixel is: {of_pixels(config)}."]
    if model.beta_range is not None:
        parts.append(of_every_weight(config))
    elif model.variational:
        parts.append(of_objective(train))
    return " ".join(parts)


def of_every_weight(config: RunConfig) -> str:
    """What a multi-rate model is trained for, in sentences."""
    assert config.model.beta_range is not None
    low, high = config.model.beta_range
    told = "It is told one for each half of the rate. " if config.model.split else ""
    return f"One model for every KL weight from {low:g} to {high:g}. {told}It is judged at β = {at_weights(config)}."


def of_kl_weight(card: Card) -> str | None:
    """The KL weight of a model in a table, "0.01 to 10" of a multi-rate one, perhaps "not known"; None where it has no rate."""
    model, train = card.model, card.train
    if card.origin is not None and not card.origin.knows_beta and model.variational:
        return "not known"
    if model.beta_range is None:
        return of_weights(train.weights) if model.variational else None
    return "{:g} to {:g}".format(*model.beta_range) + (" for each half" if model.split else "")


def of_weights(weights: float | tuple[float, float]) -> str:
    """A KL weight as a number, or both, "2 for D_μ and 0.5 for D_σ"."""
    return "{:g} for D_μ and {:g} for D_σ".format(*weights) if isinstance(weights, tuple) else f"{weights:g}"


def at_weights(config: RunConfig, weights: float | tuple[float, float] | None = None) -> str:
    """A KL weight of a run, or the one it is judged at: "2", "2 for D_μ and 0.5 for D_σ", of a split model "2 for both halves"."""
    chosen = config.train.weights if weights is None else weights
    return f"{of_weights(chosen)} for both halves" if config.model.split and not isinstance(chosen, tuple) else of_weights(chosen)


def of_pixels(config: RunConfig) -> str:
    """The likelihood with its σ and what is done with greys, "chance of white (Bernoulli), black and white, fixed"."""
    model = config.model
    words = [LIKELIHOODS[model.likelihood].title]
    if model.likelihood in SIGMAS_OF:
        words.append(f"σ {model.sigma:g}" if model.sigma_is == "fixed" else f"σ {_key(SIGMAS, model.sigma_is).lower()}")
    if config.train.binarise != "no":
        words.append(of_greys(config.train))
    return ", ".join(word[0].lower() + word[1:] for word in words)


def of_greys(train: TrainConfig) -> str:
    """What is done with grey pixels, "Black and white, fixed"."""
    return _key(GREYS, train.binarise)


def of_objective(train: TrainConfig) -> str:
    """What is made small in training, in sentences."""
    rises = f"rises from 0 to {train.beta:g} over the first {100 * train.ramp:g} %"
    sentences = [
        {
            "constant": f"The KL weight β is {of_weights(train.weights)} all through the run.",
            "linear": f"The KL weight β {rises} of the run and stays there.",
            "cyclical": f"The run has {train.cycles} cycles; in each, the KL weight β {rises} of it and stays there.",
        }[train.schedule]
    ]
    if train.capacity is not None:
        over = f"over the first {100 * train.ramp:g} % of it"
        sentences.append(f"The rate is pulled to a capacity C, which rises from 0 to {train.capacity:g} nats {over}.")
    if train.free_bits:
        sentences.append(f"Each dimension has {train.free_bits:g} nats free.")
    if train.tc:
        sentences.append(f"Total correlation is charged {train.tc:g} times on top.")
    return " ".join(sentences)


def _key(words: Mapping[str, str], value: str) -> str:
    return next(word for word, each in words.items() if each == value)


def information(entry: Entry, nats: float) -> str:
    """How much a dimension carries, behind its name; nothing where it is not known."""
    note = information_note(nats, variational=entry.card.model.variational)
    return note and f" · {note}"


def label_of(images: Images | None, class_names: tuple[str, ...], label: int | None) -> str:
    """What to call a class in a caption."""
    if label is None:
        return "no label"
    names = images.class_names if images is not None else class_names
    return names[label] if label < len(names) else str(label)


def plain(name: str) -> str:
    """A user's name for a label that reads Markdown: every mark stands for itself, and no colon begins an icon or a colour."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", name).replace(":", ":\N{WORD JOINER}")


def nats(amount: float) -> str:
    """Nats on screen, with a true minus sign."""
    return f"{amount:,.1f}".replace("-", "−")


def percent(share: float) -> str:
    """A share on screen; a dash where it is not known."""
    return "–" if math.isnan(share) else display.percent(share)


_DIGITS = 4  # as `meanText` in assets/live/parts/multirate/words.js


def mean(value: float, error: float) -> str:
    """A mean with its standard error, rounded to what is known, at most four digits after the point; a dash where nothing is."""
    return "–" if math.isnan(value) else with_error(value, error, _DIGITS)


def mean_percent(share: float, error: float) -> str:
    """The same of a share, in percent."""
    return "–" if math.isnan(share) else f"{with_error(100 * share, 100 * error, _DIGITS)} %"


STRANGE = 0.95  # of the set's images less strange: what is below is ordinary


def of_strangeness(share: float | None) -> str:
    """How strange an image is to a model, by the share of its set that is less so; empty where it is ordinary, or not known."""
    if share is None or share < STRANGE:
        return ""
    others = "any of its images" if share == 1 else f"{math.floor(100 * share)} % of its images"
    return f"Stranger to this model than {others}."
