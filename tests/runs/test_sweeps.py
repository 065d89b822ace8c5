"""Which models are a sweep, what is queued for one, and its figures, against what they are made of."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_core.analysis import explore
from vae_core.analysis.evaluate import evaluate, sharpness
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.pictures import of_images
from vae_core.analysis.tradeoff import Errors
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.runs import catalogue, cores, directory, jobs, sweeps
from vae_core.runs.catalogue import Entry
from vae_core.runs.directory import Run, State, Status
from vae_core.runs.sweeps import Measures, Sweep
from vae_core.training.binarise import fixed_draw
from vae_core.training.checkpoint import Card, Checkpoint, Codes, DataCard
from vae_core.training.figures import Figures

pytestmark = pytest.mark.slow

MODEL = ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(6,))
TRAIN = TrainConfig(epochs=4)


def card(
    beta: float, *, model: ModelConfig = MODEL, train: TrainConfig = TRAIN, identity: str = "i", name: str = "digits", epochs: float = 4
) -> Card:
    return Card(
        name=f"β{beta:g}",
        data=DataCard(name=name, title=name.title(), identity=identity, images=100, licence="own"),
        model=model,
        train=train.model_copy(update={"beta": beta}),
        epochs=epochs,
        steps=4,
        validation=Figures(loss=30.0, distortion=20.0, rate=10.0),
        seconds=1.0,
        images_per_second=1.0,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
    )


def entry(made: Card, key: str = "e") -> Entry:
    return Entry(key, "run", made.name, Path(key), made)


def run(beta: float, state: State, *, model: ModelConfig = MODEL, key: str = "r") -> Run:
    config = RunConfig(name="r", data="digits", model=model, train=TRAIN.model_copy(update={"beta": beta}))
    return Run(key, Path(key), config, Status(state=state, updated=0.0), 0.0)


def only(found: dict[str, Sweep]) -> Sweep:
    assert len(found) == 1
    return next(iter(found.values()))


def test_models_that_differ_in_beta_alone_are_a_sweep_in_order_of_beta() -> None:
    sweep = only(sweeps.listing([entry(card(beta)) for beta in (10.0, 0.1, 1.0)], []))
    assert list(sweep.trained) == [0.1, 1.0, 10.0]
    assert sweep.title == "Digits"
    assert sweep.id == sweeps.sweep_id("digits", MODEL, TRAIN)
    assert sweep.active == sweep.ended_early == []


def test_the_machine_that_a_model_was_trained_on_is_no_part_of_the_sweep() -> None:
    elsewhere = TRAIN.model_copy(update={"threads": 3, "device": "cuda", "precision": "bf16"})
    sweep = only(sweeps.listing([entry(card(0.1)), entry(card(1.0, train=elsewhere))], []))
    assert list(sweep.trained) == [0.1, 1.0]


def test_options_left_alone_are_no_part_of_a_sweeps_id() -> None:
    parts = ["digits", '{"channels":1,"height":8,"width":8,"latent":3,"hidden":[6]}', '{"epochs":4}']
    assert sweeps.sweep_id("digits", MODEL, TRAIN) == sha256("\n".join(parts).encode())[:12]
    assert sweeps.sweep_id("digits", MODEL, TRAIN.model_copy(update={"free_bits": 0.1})) != sweeps.sweep_id("digits", MODEL, TRAIN)


@pytest.mark.parametrize(
    "other",
    [
        card(2.0, identity="other images"),
        card(2.0, model=MODEL.model_copy(update={"latent": 4})),
        card(2.0, train=TRAIN.model_copy(update={"seed": 1})),
        card(2.0, epochs=3.5),
        card(1.0),
    ],
    ids=["images", "model", "training", "stopped early", "same β"],
)
def test_models_that_differ_otherwise_are_none(other: Card) -> None:
    assert sweeps.listing([entry(card(1.0)), entry(other)], []) == {}


def test_deterministic_autoencoders_are_no_sweep() -> None:
    plain = MODEL.model_copy(update={"variational": False})
    assert sweeps.listing([entry(card(beta, model=plain)) for beta in (1.0, 2.0)], [run(3.0, "queued", model=plain)]) == {}


@pytest.mark.parametrize(
    ("model", "train"),
    [(MODEL.model_copy(update={"beta_range": (0.1, 10.0)}), TRAIN), (MODEL, TRAIN.model_copy(update={"beta_sigma": 0.5}))],
    ids=["many", "halves apart"],
)
def test_models_of_more_than_one_weight_are_no_sweep(model: ModelConfig, train: TrainConfig) -> None:
    entries = [entry(card(beta, model=model, train=train)) for beta in (1.0, 2.0)]
    config = RunConfig(name="r", data="digits", model=model, train=train.model_copy(update={"beta": 3.0}))
    waiting = Run("r", Path("r"), config, Status(state="queued", updated=0.0), 0.0)
    assert sweeps.listing(entries, [waiting]) == {}


@pytest.mark.parametrize("split", [False, True])
def test_a_model_of_many_weights_is_held_against_the_newest_of_one(split: bool) -> None:
    many = MODEL.model_copy(update={"beta_range": (0.1, 10.0), "split": split})
    comparable = [entry(card(beta), f"{beta:g}") for beta in (10.0, 0.1, 2.0)]
    unlike: list[dict[str, object]] = [{"binarise": "static"}, {"beta_sigma": 1.0}, {"schedule": "linear"}]
    unlike += [{"capacity": 1.0}, {"free_bits": 0.1}, {"tc": 1.0}]
    elsewhere = TRAIN.model_copy(update={"lr": 1e-4, "batch": 7, "epochs": 9, "seed": 3, "device": "cuda"})
    others = [
        entry(card(0.05)),
        entry(card(11.0)),
        entry(card(3.0, identity="other images")),
        entry(card(3.0, model=MODEL.model_copy(update={"latent": 4}))),
        entry(card(3.0, model=many)),
        entry(card(3.0, epochs=3.5)),
        *(entry(card(3.0, train=TRAIN.model_copy(update=change))) for change in unlike),
    ]
    newest_first = [*others, *comparable, entry(card(2.0), "older"), entry(card(5.0, train=elsewhere, epochs=9), "longer")]
    found = sweeps.dedicated(entry(card(1.0, model=many)), newest_first)
    assert [(each.id, each.card.train.beta) for each in found] == [("0.1", 0.1), ("2", 2.0), ("longer", 5.0), ("10", 10.0)]


@pytest.mark.parametrize(("low", "below", "expected"), [(0.01, 0.1, ["0", "0.001", "0.02"]), (5.0, 12.0, ["0", "5", "10"])])
def test_what_stands_in_may_lie_left_of_a_range_that_reaches_to_where_one_network_is_not_shown(
    low: float, below: float, expected: list[str]
) -> None:
    several = card(low, model=MODEL.model_copy(update={"beta_range": (low, 1000.0)}))
    bundled = [card(beta) for beta in (30.0, 10.0, 5.0, 0.5, 0.02, 0.001)]
    point = card(1.0, model=MODEL.model_copy(update={"variational": False}))
    listed = [
        *(Entry(f"{each.train.beta:g}", "bundled", each.name, Path("e"), each) for each in bundled),
        entry(card(0.003), "own"),
        Entry("0", "bundled", "point", Path("e"), point),
    ]
    assert [other.id for other in sweeps.alone(Entry("many", "bundled", "many", Path("e"), several), listed, below)] == expected
    assert sweeps.alone(entry(several), listed, below) == []


def test_a_name_does_not_matter_where_the_images_are_the_same() -> None:
    assert list(only(sweeps.listing([entry(card(1.0)), entry(card(2.0, name="my digits"))], [])).trained) == [1.0, 2.0]


def test_of_two_models_at_one_beta_the_newer_counts() -> None:
    newest_first = [entry(card(1.0), "new"), entry(card(1.0), "old"), entry(card(2.0), "else")]
    assert only(sweeps.listing(newest_first, [])).trained[1.0].id == "new"


def test_runs_show_what_is_on_its_way_and_what_ended_early() -> None:
    all_runs = [
        run(30.0, "queued"),
        run(10.0, "running"),
        run(3.0, "failed"),
        run(2.0, "stopped"),
        run(1.0, "finished"),
        run(1.0, "failed"),
    ]
    sweep = only(sweeps.listing([entry(card(1.0))], all_runs))
    assert list(sweep.trained) == [1.0]
    assert [run.config.train.beta for run in sweep.active] == [10.0, 30.0]
    assert [run.config.train.beta for run in sweep.ended_early] == [2.0, 3.0]


def test_a_sweep_keeps_its_id_from_the_queue_to_the_end() -> None:
    waiting = only(sweeps.listing([], [run(2.0, "queued"), run(1.0, "queued")]))
    halfway = only(sweeps.listing([entry(card(1.0))], [run(2.0, "running"), run(1.0, "finished")]))
    done = only(sweeps.listing([entry(card(1.0)), entry(card(2.0))], []))
    assert waiting.id == halfway.id == done.id
    assert waiting.title == done.title == "Digits"


def test_runs_that_ended_early_alone_are_no_sweep() -> None:
    assert sweeps.listing([entry(card(1.0))], [run(2.0, "failed"), run(3.0, "stopped")]) == {}


def test_a_sweep_in_training_comes_first() -> None:
    other = MODEL.model_copy(update={"latent": 5})
    trained = [entry(card(beta, model=other)) for beta in (1.0, 2.0)]
    found = sweeps.listing(trained, [run(1.0, "running"), run(2.0, "queued")])
    assert [sweep.model.latent for sweep in found.values()] == [3, 5]


@pytest.mark.parametrize(
    ("text", "betas"),
    [("0.1, 0.3,1", (0.1, 0.3, 1.0)), ("10 1  0.1", (0.1, 1.0, 10.0)), ("1,1.0,2,", (1.0, 2.0)), ("1e3 0.001", (0.001, 1000.0))],
)
def test_betas_are_read_as_people_write_them(text: str, betas: tuple[float, ...]) -> None:
    assert sweeps.parse_betas(text) == betas


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "2 to 10 different KL weights, not 0"),
        ("1, 1", "not 1"),
        ("1,2,3,4,5,6,7,8,9,10,11", "not 11"),
        ("1, zwei", "'zwei' is not a KL weight from 0.001 to 1000"),
        ("1, nan", "'nan'"),
        ("1, inf", "'inf'"),
        ("1, -1", "'-1'"),
        ("1, 0", "'0'"),
        ("1, 1001", "'1001'"),
    ],
)
def test_other_betas_are_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        sweeps.parse_betas(text)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A home of its own in which nothing is trained."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "none")
    return iter([None])


@pytest.mark.usefixtures("no_worker")
def test_start_queues_each_beta_once_and_only_what_is_missing() -> None:
    config = RunConfig(name="Digits", data="digits", model=MODEL, train=TRAIN)
    key = sweeps.start(config, [0.1, 1.0])
    assert [(run.config.name, run.config.train) for run in jobs.waiting()] == [
        ("Digits β0.1", TRAIN.model_copy(update={"beta": 0.1, "threads": cores.threads()})),
        ("Digits β1", TRAIN.model_copy(update={"beta": 1.0, "threads": cores.threads()})),
    ]
    assert sweeps.missing(config, [0.1, 1.0, 2.0], [], directory.listing()) == [2.0]
    assert sweeps.missing(config, [0.1, 3.0], [entry(card(3.0))], directory.listing()) == []
    assert sweeps.start(config, [0.1, 1.0, 2.0]) == key
    assert [run.config.train.beta for run in jobs.waiting()] == [0.1, 1.0, 2.0]
    assert list(sweeps.listing([], directory.listing())) == [key]


@pytest.mark.usefixtures("no_worker")
def test_start_queues_again_what_was_stopped() -> None:
    config = RunConfig(name="Digits", data="digits", model=MODEL, train=TRAIN)
    sweeps.start(config, [0.1, 1.0])
    directory.request_stop(jobs.waiting()[0].folder)
    sweeps.start(config, [0.1, 1.0])
    assert [run.config.train.beta for run in jobs.waiting()] == [1.0, 0.1]


@pytest.mark.usefixtures("no_worker")
def test_a_sweep_that_the_queue_cannot_hold_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_QUEUED", 3)
    config = RunConfig(name="Digits", data="digits", model=MODEL, train=TRAIN)
    sweeps.start(config, [1.0, 2.0])
    with pytest.raises(InputError, match="2 runs are waiting already and the queue holds 3"):
        sweeps.start(config, [3.0, 4.0])
    assert len(jobs.waiting()) == 2


def pictures() -> Images:
    rng = np.random.default_rng(0)
    return Images(
        "noise", rng.integers(0, 256, (200, 1, 8, 8), dtype=np.uint8), labels=np.arange(200) % 4, class_names=("a", "b", "c", "d")
    )


def test_the_examples_are_eight_validation_images_of_all_classes() -> None:
    images = pictures()
    rows = sweeps.examples(images)
    assert len(rows) == 8
    assert set(rows) <= set(images.split().validation)
    assert images.labels is not None
    assert set(images.labels[rows]) == {0, 1, 2, 3}
    assert np.array_equal(rows, sweeps.examples(images))


@pytest.mark.parametrize("binarise", ["no", "stochastic"])
def test_measures_are_those_of_the_validation_images(binarise: str) -> None:
    images, made = pictures(), card(5.0)
    made = made.model_copy(update={"train": made.train.model_copy(update={"binarise": binarise})})
    model = VAE(MODEL).eval()
    with torch.no_grad():
        model.encoder[-1].weight[:, 0] += 1.0  # type: ignore[index, operator]
    measured = sweeps.measure(Checkpoint(model, made, None, ""), of_images(images))
    pixels = images.pixels[images.split().validation]
    judged = pixels if binarise == "no" else fixed_draw(pixels)
    expected = evaluate(model, judged, beta=5.0, seed=TRAIN.seed)
    assert (measured.beta, measured.distortion, measured.rate) == (5.0, expected.distortion, expected.rate)
    assert measured.loss == pytest.approx(expected.loss)
    assert measured.rate == pytest.approx(explore.encode(model, judged).kl().sum(1).mean(), rel=1e-5)
    assert measured.unused == expected.unused
    assert measured.sharpness == sharpness(explore.reconstruct(model, pixels), pixels)


def test_without_the_images_the_card_and_the_kept_codes_speak() -> None:
    mean = np.array([[2.0, 0.0, 0.1], [-2.0, 0.0, 0.1]], np.float32)
    point = Checkpoint(VAE(MODEL), card(5.0), Codes(mean, np.zeros_like(mean), None), "")
    measured = sweeps.measure(point, None)
    assert (measured.distortion, measured.rate, measured.loss) == (20.0, 10.0, 70.0)
    assert measured.kl_per_dim == pytest.approx([2.0, 0.0, 0.005])
    assert measured.unused == 2
    assert np.isnan(measured.sharpness)
    nothing = sweeps.measure(Checkpoint(VAE(MODEL), card(5.0), None, ""), None)
    assert nothing.kl_per_dim is None
    assert nothing.unused is None


def test_the_csv_holds_numbers_alone() -> None:
    errors = Errors(0.5, 0.25, sharpness=0.01, effective=0.125)
    full = Measures(0.1, 20.5, 3.25, np.array([3.2, 0.05, 0.0]), 0.5, 7.5, Fidelity(0.9, 0.8, 1.25, 0.7), errors, 0.75)
    bare = Measures(1.0, -21.5, 2.0, None, float("nan"))
    text = sweeps.csv_table([full, bare]).decode()
    header, *lines = csv.reader(io.StringIO(text))
    nats = ["distortion_nats", "rate_nats", "distortion_plus_rate_nats"]
    known = [f"{name}_standard_error" for name in (*nats, "effective_images", "sharpness")]
    drawn = ["sample_precision", "sample_recall", "sample_density", "sample_coverage"]
    assert header == ["beta", *nats, "unused_dimensions", "effective_images", "sharpness", *drawn, *known]
    assert [[float(field) if field else None for field in line] for line in lines] == [
        [0.1, 20.5, 3.25, 23.75, 1, 7.5, 0.5, 0.9, 0.8, 1.25, 0.7, 0.5, 0.25, 0.75, 0.125, 0.01],
        [1.0, -21.5, 2.0, -19.5, *[None] * 12],
    ]
    assert json.loads(f"[{text.splitlines()[0]}]") == header  # quoted
