"""`show`: the sliders with their live picture and the map of a model, in a notebook, where Python and the finger move the same values."""

from __future__ import annotations

import copy
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.pictures import shown_with
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.export import widget
from vae_core.export.widget import View
from vae_core.model.vae import VAE
from vae_core.runs import catalogue, directory
from vae_core.training import checkpoint
from vae_core.training.checkpoint import NO_IMAGES, Card, Checkpoint, DataCard
from vae_core.training.origin import RANGES, Origin

Weights = float | tuple[float, float] | None


class Shown(Protocol):
    """A model in a notebook, which shows it below the cell that ends with this value.

    Set one of its values to any row of numbers, and the picture follows. When a finger lets go, the value is the new one, and `observe` of
    ipywidgets calls who wants to hear of it.

    Attributes:
        z: the code of the picture and of the map's pin, K numbers from −10 to 10; from −100 to 100 where K is over 128.
        selected: numbers of the images that are chosen on the map.
        beta: the KL weight of a multi-rate model, the two of a split one; None of any other.
    """

    z: Sequence[float]
    selected: Sequence[int]
    beta: Sequence[float] | None


def show(model: str | Path | VAE | Checkpoint, images: Images | None = None) -> Shown:
    """Sliders, live picture and map of a model in a notebook.

    Args:
        model: an id or a name that `runs` lists, the folder of a run or of a checkpoint, what `adopt` gives, or a `VAE` as it is now.
        images: to be shown on the map; None: those that the app shows the model with, where they are at hand.

    Raises:
        InputError: anywidget is not installed, there is no such model, the browser cannot run it, or the images are of another shape.
    """
    made = _widget()
    point, name, names = _opened(model)
    if images is not None:
        point = _with_images(point, images)
    config = point.card.model
    weights = None if config.beta_range is None else point.card.train.weights
    return made(widget.view(point, name, images or shown_with(point.card), names), config, weights)


def _opened(model: object) -> tuple[Checkpoint, str, tuple[str, ...]]:
    """A model, its name, and what its dimensions are called where the card does not say it."""
    if isinstance(model, VAE):
        return _as_it_is(model), "The model", ()
    if isinstance(model, Checkpoint):
        return model, model.card.name, ()
    if not isinstance(model, str | Path):
        raise InputError(f"show takes a model's name or folder, a VAE, or what adopt gives, and no {type(model).__name__}.")
    folder = catalogue.find(str(model))
    point = checkpoint.load(folder)
    entry = next((entry for entry in catalogue.models().values() if entry.folder == folder), None)
    return (point, point.card.name, ()) if entry is None else (point, entry.name, entry.dimension_names)


def _as_it_is(model: VAE) -> Checkpoint:
    """A copy of a model that has no card yet."""
    config = model.config
    low, high = config.beta_range or (1.0, 1.0)
    card = Card(
        name="The model",
        data=NO_IMAGES,
        model=config,
        train=TrainConfig(beta=min(max(1.0, low), high)),
        epochs=0,
        steps=0,
        validation=None,
        seconds=0,
        images_per_second=0,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=directory.VERSION,
        origin=Origin(
            files=(),
            producer="this notebook",
            encoder_gives="joined,logvar" if config.variational else "mean",
            decoder_gives="logits",
            pixels=RANGES["0,1"],
        ),
    )
    return Checkpoint(copy.deepcopy(model).cpu().eval(), card, None, "")


def _with_images(point: Checkpoint, images: Images) -> Checkpoint:
    """The model as one that is shown with these images, under their licence."""
    config = point.card.model
    wanted = (config.channels, config.height, config.width)
    if images.shape != wanted:
        raise InputError(f"The model takes images of {wanted} (channels, height, width), and these have {images.shape}.")
    known = data.info(images.name)
    described = DataCard(
        name=images.name,
        title=images.name if known is None else known.title,
        identity=images.identity,
        images=len(images),
        licence=images.licence,
        class_names=images.class_names,
    )
    return replace(point, card=point.card.model_copy(update={"data": described}))


@functools.cache
def _widget() -> Callable[[View, ModelConfig, Weights], Shown]:
    """The class of the widget, which is one of anywidget's; that package is imported for nothing else."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise InputError("show needs the package anywidget: `pip install anywidget`, then reload the page of the notebook.") from error

    class Checked(traitlets.TraitType):
        """A value that Python and the browser share; of what comes from either side, `check` of the widget's is what is kept."""

        def __init__(self, check: Callable[[LatentLoom, object], object], default: object = None) -> None:
            super().__init__(default)
            self._check = check
            self.tag(sync=True)

        def validate(self, shown: LatentLoom, value: object) -> object:
            return self._check(shown, value)

    class LatentLoom(anywidget.AnyWidget):
        """The deck and the map, with the values of `Shown`."""

        _esm = widget.module()
        _page = traitlets.Dict().tag(sync=True)
        _content = traitlets.Bytes().tag(sync=True)
        _note = traitlets.Unicode().tag(sync=True)
        _channel = traitlets.Unicode().tag(sync=True)
        z = Checked(lambda shown, value: _code(value, shown.config))
        selected = Checked(lambda shown, value: _numbers(value, shown.view), ())
        beta = Checked(lambda shown, value: _weights(value, shown.config))

        def __init__(self, view: View, config: ModelConfig, weights: Weights) -> None:
            self.view, self.config = view, config
            start = {"z": view.page["deck"]["z"]} | ({} if weights is None else {"beta": weights})
            super().__init__(_page=view.page, _content=view.content, _note=view.note, _channel=uuid.uuid4().hex, **start)

    return LatentLoom


def _code(wanted: object, config: ModelConfig) -> tuple[float, ...]:
    """A code, each number with the fewest digits that tell it from its neighbours: 0.1, not 0.10000000149011612."""
    return tuple(float(str(number)) for number in explore.check_code(_listed(wanted), config.latent))


def _listed(values: object) -> object:
    """An array, a tensor or any row of numbers as a list."""
    if hasattr(values, "tolist"):
        return values.tolist()
    return list(values) if isinstance(values, Iterable) and not isinstance(values, str) else values


def _numbers(wanted: object, view: View) -> tuple[int, ...]:
    """Numbers of images, each of which is on the map."""
    numbers = _listed(wanted)
    if not isinstance(numbers, list) or not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        raise InputError("selected takes numbers of images, such as [3, 17], or [] for none.")
    for number in numbers:
        if number not in view.numbers:
            raise InputError(f"Image {number} is not on the map, which shows {len(view.numbers):,} of {view.total:,}.")
    return tuple(numbers)


def _weights(wanted: object, config: ModelConfig) -> tuple[float, ...] | None:
    """The KL weight of a multi-rate model, or the two of a split one; of one number both. None of any other model."""
    if config.beta_range is None:
        if wanted is None:
            return None
        raise InputError("This model has one KL weight, which stays: beta is for multi-rate models.")
    (low, high), count = config.beta_range, 2 if config.split else 1
    listed = _listed(wanted)
    given = listed if isinstance(listed, list) else [listed]
    weights = tuple(float(weight) for weight in given if isinstance(weight, int | float) and low <= weight <= high)
    if len(weights) != len(given) or len(weights) not in (1, count):
        raise InputError(f"beta takes {'two numbers' if config.split else 'a number'} from {low:g} to {high:g}.")
    return weights * count if len(weights) == 1 else weights
