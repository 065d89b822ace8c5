"""The only file with `st.cache_*`: opened models as resources, arrays as data, keyed by folders and names that never change content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.scriptrunner import get_script_run_ctx

from vae_core import data
from vae_core.analysis import blur, coverage, explore, folding, projection
from vae_core.analysis import tradeoff as tradeoffs
from vae_core.analysis.explore import Axes, Floats, Mixture
from vae_core.analysis.folding import Beta
from vae_core.analysis.pictures import Learnt, Pictures, learnt, of_images, stand_ins
from vae_core.analysis.posterior import Posterior, joined
from vae_core.analysis.projection import Projection
from vae_core.analysis.tradeoff import Point, Tradeoff
from vae_core.base.config import Config, ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images, faces
from vae_core.data.images import gif_bytes, png_bytes
from vae_core.model.vae import VAE, count_parameters
from vae_core.runs import catalogue, sweeps
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Measures
from vae_core.training import binarise, checkpoint, train
from vae_core.training.checkpoint import Checkpoint

TEXTS = Path(__file__).parents[2] / "assets" / "text"
MAX_POINTS = 100_000
"""A map shows no more codes than this; of more images a sample, stratified by class, and the page says so."""

SAMPLE = 10_000
"""So many images give a slider its range. It is also all that UMAP and the search for neighbours do in a bearable time."""

MIXTURE_IMAGES = 2_500
"""The codes of so many images are mixed to draw new ones from; of 64 × 64 colour images they take a second or two to encode."""

_CHUNK = 512
"""Images at a time: as float32, all of them would fill the memory."""


@dataclass(frozen=True)
class Codes:
    """The posteriors of a model's data set, or of a sample of it.

    Attributes:
        posterior: of n images.
        numbers: what to call each image: its place in the data set, else among the codes kept with the model; int64 [n], ascending.
        labels: int64 [n] or None.
        total: images in the data set, else codes kept with the model; n or more.
        original: whether the images are on this computer.
    """

    posterior: Posterior
    numbers: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    total: int
    original: bool


@contextmanager
def _spinner(text: str) -> Iterator[None]:
    """A spinner where a page waits. What the browser fetches by itself is made without: a decorator's spinner would warn of that."""
    if get_script_run_ctx(suppress_warning=True) is None:
        yield
    else:
        with st.spinner(text):
            yield


@st.cache_resource(max_entries=8, show_spinner=False)
def whole(folder: Path) -> Checkpoint:
    """The checkpoint in a folder of `catalogue.Entry`, of one KL weight or of many; shared by all sessions, never changed."""
    return checkpoint.load(folder)


@st.cache_resource(max_entries=8, show_spinner=False)
def opened(folder: Path) -> Checkpoint:
    """The checkpoint in a folder of `catalogue.Entry`; one of many KL weights as the plain model that it is at the β of its card."""
    return folding.plain(whole(folder))


@st.cache_resource(max_entries=8, show_spinner=False)
def opened_at(folder: Path, beta: Beta) -> Checkpoint:
    """A checkpoint of many KL weights as the plain model that it is at β, or at (β_μ, β_σ).

    Args:
        folder: of `catalogue.Entry`.
        beta: from few values, since each has a place in the cache.

    Raises:
        InputError: β is outside the model's range, or it has none.
    """
    return folding.at(whole(folder), beta)


@st.cache_resource(max_entries=3, show_spinner=False)
def images(name: str) -> Images:
    """A data set by name or id; its arrays are read-only."""
    with _spinner("Loading the images …"):
        return data.load(name)


def images_of(entry: Entry) -> Images | None:
    """The images the model learnt from; None where they are not on this computer, or are not the same images any more."""
    if not data.available(entry.card.data.name):
        return None
    found = images(entry.card.data.name)
    return found if found.identity == entry.card.data.identity else None


def _data_name(entry: Entry) -> str | None:
    """The set that the model's images come from; None where they are not at hand. In a cache's key it tells the two apart."""
    return None if images_of(entry) is None else entry.card.data.name


@st.cache_resource(max_entries=4, show_spinner=False)
def _stand_ins(folder: Path) -> Pictures:
    return stand_ins(whole(folder))


def _pictures(folder: Path, data_name: str | None) -> Pictures:
    return _stand_ins(folder) if data_name is None else of_images(images(data_name))


def pictures_of(entry: Entry) -> Pictures | None:
    """The model's images, else stand-ins that it draws from the codes kept with it; None where there are neither."""
    data_name = _data_name(entry)
    return None if data_name is None and whole(entry.folder).codes is None else _pictures(entry.folder, data_name)


@dataclass(frozen=True)
class Population:
    """The pictures that a model learnt from, N of them, and their posteriors.

    Attributes:
        posterior: of all of them, at one KL weight.
        take: the pixels of indices from 0 to N − 1, int64 [n] → uint8 [n, C, H, W].
        labels: int64 [N], indices into the class names; None where there are no classes.
        original: whether they are the images; else the model draws them from the codes kept with it.
    """

    posterior: Posterior
    take: Callable[[NDArray[np.int64]], NDArray[np.uint8]]
    labels: NDArray[np.int64] | None
    original: bool


@st.cache_resource(max_entries=2, show_spinner=False)
def _learnt(folder: Path, data_name: str | None) -> Learnt:
    return learnt(_pictures(folder, data_name), whole(folder).card.train, tradeoffs.LEARNT)


def _encode_learnt(folder: Path, data_name: str | None, beta: Beta | None) -> Posterior:
    point = opened(folder) if beta is None else opened_at(folder, beta)
    plain = whole(folder).card.model.beta_range is None
    if data_name is None and plain and point.codes is not None:
        return Posterior(point.codes.mean, point.codes.logvar)
    seen = _learnt(folder, data_name)
    with _spinner(f"Encoding {seen.count:,} images …"):
        return seen.encode(point.model)


@st.cache_resource(max_entries=4, show_spinner=False)
def _population(folder: Path, data_name: str | None, beta: Beta | None) -> Posterior:
    return _encode_learnt(folder, data_name, beta)


def population(entry: Entry, beta: Beta | None = None) -> Population | None:
    """At most 60,000 training images, or all stand-ins where the images are not at hand, with their posteriors; None without either.

    Args:
        entry: the model.
        beta: of a model of many KL weights; None is that of its card.

    Raises:
        InputError: β is outside the model's range, or it has none.
    """
    found, data_name = pictures_of(entry), _data_name(entry)
    if found is None:
        return None
    seen = _learnt(entry.folder, data_name)
    return Population(_population(entry.folder, data_name, beta), seen.take, seen.labels, found.original)


@st.cache_data(max_entries=64, show_spinner=False)
def _effective(folder: Path, data_name: str) -> float:
    return tradeoffs.effective(_encode_learnt(folder, data_name, None))


def effective(entry: Entry) -> float:
    """Mean N_eff of the codes of the training images, see `blur`; NaN where these are not on this computer."""
    data_name = _data_name(entry)
    return float("nan") if data_name is None else _effective(entry.folder, data_name)


@st.cache_data(max_entries=64, show_spinner="Measuring the models of one KL weight …")
def _mark(folder: Path, data_name: str) -> Point:
    return tradeoffs.mark(opened(folder), of_images(images(data_name)))


def mark(entry: Entry) -> Point:
    """The figures of a model of one KL weight to hold against a model of many; from its card where the images are not on this computer."""
    data_name, judged = _data_name(entry), entry.card.validation
    if data_name is None:
        return Point(entry.card.train.beta, judged.distortion, judged.rate, float("nan"))
    return _mark(entry.folder, data_name)


def kept_tradeoff(entry: Entry) -> Tradeoff | None:
    """The figures of a model of many KL weights, where they were ever measured."""
    return tradeoffs.kept(entry.folder, whole(entry.folder), original=images_of(entry) is not None)


def tradeoff(entry: Entry, progress: Callable[[float], object]) -> Tradeoff:
    """The figures of a model of many KL weights, measured unless they are kept; `progress` hears of the part done, 0 to 1.

    Raises:
        InputError: neither the model's images nor its codes are on this computer.
    """
    pictures = _pictures(entry.folder, _data_name(entry))
    return tradeoffs.cached(entry.folder, whole(entry.folder), pictures, progress)


@dataclass(frozen=True)
class Stations:
    """Some pictures of a model of many KL weights at all the weights that it is measured at.

    Attributes:
        posterior: of n validation images, or stand-ins, at S weights, [S, n, K].
        labels: int64 [n], indices into the class names; None where there are no classes.
    """

    posterior: Posterior
    labels: NDArray[np.int64] | None


@st.cache_resource(max_entries=4, show_spinner=False)
def _at_stations(folder: Path, data_name: str | None) -> Stations:
    point = whole(folder)
    pictures = _pictures(folder, data_name)
    rows = pictures.chosen(tradeoffs.mapped(point.card.model))
    posterior = tradeoffs.posteriors(point.model, pictures.take(rows), tradeoffs.stations(point.card.model))
    return Stations(posterior, None if pictures.labels is None else pictures.labels[rows])


def at_stations(entry: Entry) -> Stations | None:
    """What the map of a model of many KL weights draws; None where neither its images nor its codes are on this computer."""
    return None if pictures_of(entry) is None else _at_stations(entry.folder, _data_name(entry))


def _encoded(folder: Path, data_name: str | None, count: int) -> Codes:
    point = opened(folder)
    if data_name is None:
        kept = point.codes
        assert kept is not None  # a count comes from a gallery that is not empty
        rows = projection.subsample(len(kept.mean), count, kept.labels, seed=0)
        labels = None if kept.labels is None else kept.labels[rows]
        return Codes(Posterior(kept.mean, kept.logvar).of(rows), rows, labels, len(kept.mean), False)
    found = images(data_name)
    rows = projection.subsample(len(found), count, found.labels, seed=0)
    labels = None if found.labels is None else found.labels[rows]
    with _spinner(f"Encoding {count:,} images …"):
        chunks = [explore.encode(point.model, found.take(rows[start : start + _CHUNK])) for start in range(0, count, _CHUNK)]
    return Codes(joined(chunks), rows, labels, len(found), True)


@st.cache_resource(max_entries=6, show_spinner=False)
def _codes(folder: Path, data_name: str | None, count: int) -> Codes:
    return _encoded(folder, data_name, count)


def _some_codes(entry: Entry, limit: int) -> Codes | None:
    count = min(limit, len(gallery(entry)))
    return _codes(entry.folder, _data_name(entry), count) if count else None


def codes(entry: Entry) -> Codes | None:
    """All codes to draw for a model: of its images where they are at hand, else those kept with it; None where there are neither."""
    return _some_codes(entry, MAX_POINTS)


def sample(entry: Entry) -> Codes | None:
    """At most `SAMPLE` of the codes, stratified by class, for what would take too long with all; None where there are none."""
    return _some_codes(entry, SAMPLE)


@st.cache_data(max_entries=16, show_spinner=False)
def _axes(folder: Path, data_name: str | None, count: int) -> Axes:
    return explore.axes(_codes(folder, data_name, count).posterior)


def axes(entry: Entry) -> Axes:
    """Order, range and use of the model's latent dimensions.

    Raises:
        InputError: neither the model's images nor its codes are on this computer.
    """
    found = sample(entry)
    if found is None:
        raise InputError(f"The images of {entry.card.data.title}, from which the sliders get their ranges, are not on this computer.")
    return _axes(entry.folder, _data_name(entry), len(found.numbers))


@st.cache_resource(max_entries=32, show_spinner=False)
def _mixture(folder: Path, data_name: str | None, count: int) -> Mixture:
    posterior = _encoded(folder, data_name, count).posterior  # these codes serve once, so they take nobody's place in the cache
    with _spinner("Fitting a mixture to the codes …"):
        return explore.fit_mixture(posterior)


def mixture(entry: Entry) -> Mixture | None:
    """The mixture fitted to the model's codes; None where neither its images nor its codes are on this computer.

    Raises:
        InputError: a code is not a number.
    """
    count = min(MIXTURE_IMAGES, len(gallery(entry)))
    return _mixture(entry.folder, _data_name(entry), count) if count else None


@dataclass(frozen=True)
class Gallery:
    """The pictures one can choose for a model: its images, or where they are not on this computer, what its kept codes decode to."""

    model: VAE
    images: Images | None
    kept: checkpoint.Codes | None

    def __len__(self) -> int:
        return len(self.images) if self.images is not None else 0 if self.kept is None else len(self.kept.mean)

    def pictures(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 [n, C, H, W]."""
        return explore.decode(self.model, self.codes(rows)) if self.images is None else self.images.take(rows)

    def codes(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The means of the posteriors, float32 [n, K]."""
        if self.images is not None:
            return explore.encode(self.model, self.images.take(rows)).mean
        assert self.kept is not None  # an empty gallery has no rows
        return self.kept.mean[rows]

    def label(self, row: int) -> int | None:
        """An index into the class names, where the set has classes."""
        labels = self.images.labels if self.images is not None else self.kept.labels if self.kept is not None else None
        return None if labels is None else int(labels[row])


def gallery(entry: Entry) -> Gallery:
    """The pictures to choose from; none at all where neither the model's images nor its codes are on this computer."""
    point = opened(entry.folder)
    return Gallery(point.model, images_of(entry), point.codes)


@st.cache_resource(max_entries=6, show_spinner=False)
def _errors(folder: Path, data_name: str, count: int) -> NDArray[np.float32]:
    found, model, pixels = _codes(folder, data_name, count), opened(folder).model, images(data_name).pixels
    starts = range(0, count, _CHUNK)
    chunks = [(found.numbers[start : start + _CHUNK], found.posterior.mean[start : start + _CHUNK]) for start in starts]
    with _spinner(f"Reconstructing {count:,} images …"):
        return np.concatenate([explore.reconstruction_error(pixels[rows], explore.decode(model, codes)) for rows, codes in chunks])


def errors(entry: Entry, found: Codes) -> NDArray[np.float32]:
    """The reconstruction error of each of `found`, float32 [n], on the [0, 1] pixel scale.

    Args:
        entry: a model whose images are at hand.
        found: its `codes` or its `sample`.
    """
    return _errors(entry.folder, entry.card.data.name, len(found.numbers))


def _umap_key(entry: Entry) -> str:
    source = "the codes kept with it" if images_of(entry) is None else entry.card.data.identity
    return f"umap of {opened(entry.folder).weights_hash} over {source} at most {SAMPLE}, seed 0, neighbours 15, min_dist 0.1"


def kept_umap(entry: Entry) -> Projection | None:
    """The UMAP of `sample(entry)` where it was ever drawn on this computer."""
    return projection.kept(_umap_key(entry))


def umap(entry: Entry, codes: NDArray[np.float32], progress: Callable[[float], None]) -> Projection:
    """The UMAP of `sample(entry)`, drawn unless it is kept; `progress` hears of the part done, 0 to 1.

    Raises:
        InputError: there are too few different codes.
    """
    return projection.cached(_umap_key(entry), lambda: projection.umap_project(codes, seed=0, progress=progress))


@st.cache_data(max_entries=64, show_spinner=False)
def _overlap(
    folder: Path, data_name: str | None, axis_labels: tuple[str, str], _codes: NDArray[np.float32], _points: NDArray[np.float32]
) -> float:
    return projection.neighbour_overlap(_codes, _points)


def overlap(entry: Entry, codes: NDArray[np.float32], points: NDArray[np.float32], axis_labels: tuple[str, str]) -> float:
    """The share of the 10 nearest neighbours among `sample(entry)` that a picture of them, told by the names of its axes, keeps."""
    return _overlap(entry.folder, _data_name(entry), axis_labels, codes, points)


@st.cache_data(max_entries=64, show_spinner="Measuring the models of the sweep …")
def _measures(folder: Path, data_name: str | None) -> Measures:
    return sweeps.measure(opened(folder), None if data_name is None else images(data_name))


def measures(entry: Entry) -> Measures:
    """A model's figures on the validation images; from its card where the images are not on this computer."""
    return _measures(entry.folder, _data_name(entry))


@st.cache_data(max_entries=8, show_spinner=False)
def lessons(page: str) -> dict[str, str]:
    """The paragraphs of assets/text/<page>.md by their headings."""
    sections = (TEXTS / f"{page}.md").read_text("utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (section.partition("\n") for section in sections)}


WELCOME_PICTURES = 96
_FILM_STOPS, _FILM_STEPS, _FILM_MILLISECONDS, _FILM_SIDE = 6, 12, 90, 192


@dataclass(frozen=True)
class Welcome:
    """What the Home page shows of a model.

    Attributes:
        pictures: uint8 [n, C, H, W]; of faces freshly drawn ones, so that nobody waits for the whole set.
        codes: the means of their posteriors, float32 [n, K].
        axes: of these pictures alone.
        film: an endless walk through the first few codes, as a GIF.
        still: its first frame, as a PNG.
    """

    pictures: NDArray[np.uint8]
    codes: NDArray[np.float32]
    axes: Axes
    film: bytes
    still: bytes


@st.cache_resource(max_entries=4, show_spinner="Drawing a few pictures …")
def _welcome(folder: Path, _gallery: Gallery | None) -> Welcome:
    model = opened(folder).model
    if _gallery is None:
        pictures = faces.generate(WELCOME_PICTURES, seed=1).pixels
    else:
        pictures = _gallery.pictures(np.arange(min(WELCOME_PICTURES, len(_gallery))))
    posterior = explore.encode(model, pictures)
    stops = posterior.mean[:_FILM_STOPS]
    legs = [explore.interpolate(stop, onward, _FILM_STEPS + 1)[:-1] for stop, onward in zip(stops, np.roll(stops, -1, axis=0), strict=True)]
    frames = explore.decode(model, np.concatenate(legs))
    scale = max(1, _FILM_SIDE // max(frames.shape[2:]))
    film = gif_bytes(frames, milliseconds=_FILM_MILLISECONDS, scale=scale)
    return Welcome(pictures, posterior.mean, explore.axes(posterior), film, png_bytes(frames[0], scale))


def welcome(entry: Entry) -> Welcome | None:
    """The Home page's pictures; None where a model has neither images nor codes on this computer."""
    drawn = entry.card.data.name == "faces"
    found = None if drawn else gallery(entry)
    return None if found is not None and not len(found) else _welcome(entry.folder, found)


def models() -> dict[str, Entry]:
    """All models by id; read from disk at each run, because another session may just have finished one."""
    return catalogue.models()


def _as_json(config: Config) -> str:
    return config.model_dump_json()


@st.cache_data(max_entries=64, ttl=600, show_spinner="Timing a few training steps …", hash_funcs={ModelConfig: _as_json})
def _seconds_per_image(model: ModelConfig, batch: int, tc: bool) -> float:
    config = TrainConfig(batch=batch, tc=float(tc))
    return min(train.seconds_per_image(model, config, steps=2) for _ in range(3))


def seconds_per_image(model: ModelConfig, config: TrainConfig) -> float:
    """What one training image costs on this machine: the best of three, as anything else at work only slows it; kept for ten minutes.

    Of the objective only total correlation counts, as it compares all images of a batch.
    """
    return _seconds_per_image(model, config.batch if config.tc else min(config.batch, 128), config.tc > 0)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={ModelConfig: _as_json})
def parameter_count(model: ModelConfig) -> int:
    """Number of weights and biases, without making them."""
    return count_parameters(model)


@st.cache_data(max_entries=4, show_spinner=False)
def packed(folder: Path) -> bytes:
    """The model file of a folder of `catalogue.Entry`."""
    return checkpoint.pack(folder)


@dataclass(frozen=True)
class Averaged:
    """What the best decoder shows at one code, and whether a code may be expected there.

    Attributes:
        ideal: of this code alone, see `blur.Ideal`.
        numbers: what to call the images that weigh most: their places in the data set, else among the codes kept, int64 [n].
        ratio: log q − log p there, in nats.
    """

    ideal: blur.Ideal
    numbers: NDArray[np.int64]
    ratio: float


@st.cache_data(max_entries=64, show_spinner=False)
def _averaged(folder: Path, data_name: str | None, beta: Beta | None, code: bytes, _population: Population) -> Averaged:
    z = np.frombuffer(code, np.float32)[None]
    with _spinner("Averaging the images …"):
        found = blur.ideal(_population.posterior, _population.take, z)
        ratio = coverage.log_ratio(_population.posterior, z).item()
    rows = _pictures(folder, data_name).chosen(tradeoffs.LEARNT, training=True)
    return Averaged(found, rows[found.top[0]], ratio)


def averaged(entry: Entry, beta: Beta | None, population: Population, z: Floats) -> Averaged:
    """The best decoder's picture of a code.

    Args:
        entry, beta: a variational model.
        population: its own, at β.
        z: float32 [K].
    """
    return _averaged(entry.folder, _data_name(entry), beta, z.tobytes(), population)


COVERAGE_DRAWS = 4096
"""Codes of images and of the prior from which the coverage is estimated."""

_MAP_SIDE = 101
"""The places of a map of the holes, in each direction."""


@dataclass(frozen=True)
class Covered:
    """How the codes of a model lie in the prior.

    Attributes:
        figures: of the codes of N images.
        count: N.
        unseen: share of the codes of other images, one code each, that lies in holes.
        others: their number.
        original: whether N counts training images, not codes kept with the model.
        places: the map's coordinates, the same in both directions, float64 [n]; of two latent dimensions alone, else None.
        ratio: log q − log p in nats at each place, [n up, n across].
    """

    figures: coverage.Coverage
    count: int
    unseen: coverage.Estimate
    others: int
    original: bool
    places: NDArray[np.float64] | None
    ratio: NDArray[np.float64] | None


def _unseen(folder: Path, data_name: str, beta: Beta | None) -> Posterior:
    """The posteriors of some validation images, as the model would have learnt them."""
    point, pictures = opened(folder) if beta is None else opened_at(folder, beta), _pictures(folder, data_name)
    return explore.encode(point.model, binarise.for_evaluation(pictures.take(pictures.chosen(tradeoffs.JUDGED)), point.card.train))


@st.cache_data(max_entries=32, show_spinner=False)
def _covered(folder: Path, data_name: str | None, beta: Beta | None, _population: Population) -> Covered:
    known = _population.posterior
    if data_name is not None:
        unseen = _unseen(folder, data_name, beta)
    else:  # one in ten of the codes that were kept plays the part
        aside = np.arange(len(known.mean)) % 10 == 0
        known, unseen = known.of(~aside), known.of(aside)
    count, latent = known.mean.shape
    with _spinner("Comparing the codes with the prior …"):
        codes = unseen.sample(explore.sample_prior(latent, len(unseen.mean), seed=0))
        figures, holes = coverage.coverage(known, draws=COVERAGE_DRAWS), coverage.holes(known, codes)
        if latent != 2:
            return Covered(figures, count, holes, len(codes), _population.original, None, None)
        reach = max(3.0, float(np.quantile(np.abs(known.mean), 0.99)))
        places = np.linspace(-reach, reach, _MAP_SIDE)
        return Covered(figures, count, holes, len(codes), _population.original, places, coverage.grid(known, places, places))


def covered(entry: Entry, beta: Beta | None, population: Population) -> Covered:
    """How the codes of a variational model at β lie in the prior; `population` is its own."""
    return _covered(entry.folder, _data_name(entry), beta, population)
