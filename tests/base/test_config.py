"""config: each bound from both sides, and no value changes on its way through JSON."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any, get_args

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.likelihoods import EVERY
from vae_core.base.config import (
    MAX_PAIRS,
    Body,
    Device,
    LikelihoodName,
    ModelConfig,
    Precision,
    RunConfig,
    Schedule,
    SigmaIs,
    TrainConfig,
    Widths,
    default_hidden,
    default_shrinking,
    parse,
)
from vae_core.base.errors import InputError
from vae_core.base.strict import Config
from vae_core.model.vae import VAE

SIDES = st.integers(8, 128)
BODIES = st.sampled_from(get_args(Body))


def model_values(**changes: object) -> dict[str, Any]:
    return {"channels": 1, "height": 28, "width": 28, "latent": 8, "hidden": (64,)} | changes


@st.composite
def model_configs(draw: st.DrawFn) -> ModelConfig:
    body, height, width = draw(BODIES), draw(SIDES), draw(SIDES)
    likelihood, sigma_is = draw(st.sampled_from(EVERY))
    return ModelConfig.model_validate(
        dict(
            body=body,
            channels=draw(st.sampled_from([1, 3])),
            height=height,
            width=width,
            latent=draw(st.integers(2, 128)),
            hidden=default_hidden(body, height, width),
            likelihood=likelihood,
            sigma=draw(st.floats(0.001, 10)),
            sigma_is=sigma_is,
            variational=draw(st.booleans()),
            widths=draw(st.sampled_from(get_args(Widths))),
        )
    )


train_configs = st.builds(
    TrainConfig,
    beta=st.floats(0, 10_000),
    epochs=st.integers(1, 10_000),
    batch=st.integers(1, 65_536),
    lr=st.floats(0, 10, exclude_min=True),
    seed=st.integers(0, 2**63 - 1),
    threads=st.integers(0, 256),
    schedule=st.sampled_from(get_args(Schedule)),
    ramp=st.floats(0, 1, exclude_min=True),
    cycles=st.integers(1, 1000),
    free_bits=st.floats(0, 100),
    device=st.sampled_from(["auto", *get_args(Device)]),
    precision=st.sampled_from(["auto", *get_args(Precision)]),
) | st.builds(TrainConfig, capacity=st.floats(0, 10_000))


@pytest.mark.parametrize(
    ("field", "least", "most", "below", "above"),
    [
        ("height", 8, 128, 7, 129),
        ("width", 8, 128, 7, 129),
        ("latent", 2, 128, 1, 129),
        ("sigma", 0.001, 10, 0.00099, 10.001),
        ("hidden", (1,), (4096,), (0,), (4097,)),
        ("hidden", (1,), (1,) * 8, (), (1,) * 9),
    ],
)
def test_model_bounds(field: str, least: object, most: object, below: object, above: object) -> None:
    for value in (least, most):
        assert getattr(parse(ModelConfig, model_values(**{field: value})), field) == value
    for value in (below, above):
        with pytest.raises(InputError):
            parse(ModelConfig, model_values(**{field: value}))


@pytest.mark.parametrize(
    ("field", "least", "most", "below", "above"),
    [
        ("beta", 0, 10_000, -1e-9, 10_000.1),
        ("epochs", 1, 10_000, 0, 10_001),
        ("batch", 1, 65_536, 0, 65_537),
        ("lr", 5e-324, 10, 0.0, 10.01),
        ("seed", 0, 2**63 - 1, -1, 2**63),
        ("threads", 0, 256, -1, 257),
        ("ramp", 5e-324, 1, 0.0, 1.001),
        ("cycles", 1, 1000, 0, 1001),
        ("capacity", 0, 10_000, -1e-9, 10_000.1),
        ("free_bits", 0, 100, -1e-9, 100.1),
        ("tc", 0, 10_000, -1e-9, 10_000.1),
    ],
)
def test_training_bounds(field: str, least: object, most: object, below: object, above: object) -> None:
    for value in (least, most):
        assert getattr(parse(TrainConfig, {field: value}), field) == value
    for value in (below, above):
        with pytest.raises(InputError, match=f"^{field} = "):
            parse(TrainConfig, {field: value})


@pytest.mark.parametrize(("field", "value"), [("device", "tpu"), ("device", None), ("precision", "fp16"), ("precision", 16)])
def test_an_unknown_device_or_precision_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=f"^{field}"):
        parse(TrainConfig, {field: value})


def test_a_card_from_before_there_was_a_choice_reads_as_left_to_the_machine() -> None:
    written = json.loads(TrainConfig(beta=4.0).model_dump_json())
    assert {written.pop("device"), written.pop("precision")} == {"auto"}
    assert TrainConfig.model_validate_json(json.dumps(written)) == TrainConfig(beta=4.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "transformer"},
        {"channels": 2},
        {"height": 28.0},
        {"height": "28"},
        {"latent": True},
        {"hidden": [64]},
        {"hidden": (64.0,)},
        {"likelihood": "laplace"},
        {"sigma": math.nan},
        {"sigma": math.inf},
        {"sigma": "0.1"},
        {"sigma_is": "guessed"},
        {"variational": 1},
    ],
)
def test_nothing_is_coerced_and_the_sentence_names_the_field(changes: dict[str, Any]) -> None:
    (field,) = changes
    with pytest.raises(InputError, match=rf"^{field}(\.0)? = .+: .+\.$"):
        parse(ModelConfig, model_values(**changes))


@pytest.mark.parametrize("changes", [{"schedule": "cosine"}, {"binarise": True}, {"capacity": "5"}, {"tc": math.inf}, {"cycles": 4.0}])
def test_nothing_of_the_training_is_coerced_either(changes: dict[str, Any]) -> None:
    (field,) = changes
    with pytest.raises(InputError, match=rf"^{field} = .+: .+\.$"):
        parse(TrainConfig, changes)


@pytest.mark.parametrize("likelihood", get_args(LikelihoodName))
@pytest.mark.parametrize("sigma_is", get_args(SigmaIs))
def test_sigma_is_as_the_likelihood_can_have_it(likelihood: str, sigma_is: str) -> None:
    values = model_values(likelihood=likelihood, sigma_is=sigma_is)
    if (likelihood, sigma_is) in EVERY:
        assert parse(ModelConfig, values).sigma_is == sigma_is
    else:
        with pytest.raises(InputError, match=rf"^(Sigma cannot be {sigma_is}|A logistic likelihood has no optimal sigma).*\.$"):
            parse(ModelConfig, values)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "bernoulli"),
        ({"likelihood": "continuous_bernoulli"}, "continuous bernoulli"),
        ({"likelihood": "gaussian", "sigma": 0.25}, "gaussian, σ 0.25"),
        ({"likelihood": "gaussian", "sigma_is": "optimal"}, "gaussian, σ optimal"),
        ({"likelihood": "logistic", "sigma_is": "learned"}, "logistic, σ learned"),
    ],
)
def test_a_likelihood_in_words(changes: dict[str, Any], words: str) -> None:
    assert ModelConfig(**model_values(**changes)).likelihood_words == words


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"capacity": 25.0, "schedule": "linear"}, "the schedule of beta must be constant"),
        ({"capacity": 0.0, "schedule": "cyclical"}, "the schedule of beta must be constant"),
        ({"capacity": 25.0, "free_bits": 0.1}, "leave free_bits at 0, or leave out the capacity"),
        ({"tc": 5.0, "batch": 1}, "take a batch of at least 2"),
    ],
)
def test_parts_of_an_objective_that_contradict_are_refused(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=rf"^[A-Z].+{complaint}\.$"):
        parse(TrainConfig, values)
    for field in values:
        assert parse(TrainConfig, {field: values[field]}).model_dump()[field] == values[field]


@pytest.mark.parametrize(
    ("model", "train", "complaint"),
    [
        ({"variational": False}, {"schedule": "linear"}, "no rate"),
        ({"variational": False}, {"capacity": 0.0}, "no rate"),
        ({"variational": False}, {"free_bits": 0.1}, "no rate"),
        ({"variational": False}, {"tc": 0.1}, "no rate"),
        ({"likelihood": "gaussian"}, {"binarise": "static"}, "call for the bernoulli likelihood, not for gaussian"),
        ({"likelihood": "continuous_bernoulli"}, {"binarise": "stochastic"}, "call for the bernoulli likelihood"),
        ({"latent": 128}, {"tc": 1.0, "batch": 513}, "take a smaller batch"),
    ],
)
def test_a_model_that_does_not_suit_the_training_is_refused(model: dict[str, Any], train: dict[str, Any], complaint: str) -> None:
    run = {"name": "Digits", "data": "digits"}
    with pytest.raises(InputError, match=rf"^[A-Z].+{complaint}.*\.$"):
        parse(RunConfig, run | {"model": model_values(**model), "train": train})
    parse(RunConfig, run | {"model": model_values(**model), "train": {"batch": train.get("batch", 128)}})
    parse(RunConfig, run | {"model": model_values(), "train": train | {"batch": 128}})


def test_total_correlation_takes_the_largest_batch_that_its_limit_says() -> None:
    assert MAX_PAIRS == 512**2 * 128
    run = {"name": "Digits", "data": "digits", "model": model_values(latent=128), "train": {"tc": 1.0, "batch": 512}}
    assert parse(RunConfig, run).train.batch == 512


def test_a_configuration_from_before_objectives_could_be_chosen_means_what_it_meant() -> None:
    model = {"body": "mlp", "channels": 1, "height": 28, "width": 28, "latent": 2, "hidden": [64], "likelihood": "gaussian", "sigma": 0.1}
    train = {"beta": 4.0, "epochs": 20, "batch": 128, "lr": 0.002, "seed": 0, "threads": 1}
    old = json.dumps({"name": "Old", "data": "mnist", "model": {**model, "variational": True}, "train": train})
    run = RunConfig.model_validate_json(old)
    assert (run.model.sigma_is, run.train.schedule, run.train.capacity, run.train.free_bits, run.train.tc, run.train.binarise) == (
        "fixed",
        "constant",
        None,
        0,
        0,
        "no",
    )
    assert not run.train.shapes_the_rate


def test_only_a_conv_model_with_a_sigma_takes_faint_details_away() -> None:
    values = {"channels": 1, "height": 28, "width": 28, "latent": 2, "shrink": 16}
    conv = {"body": "conv", "hidden": (4, 8), "likelihood": "gaussian"}
    assert parse(ModelConfig, {**values, **conv}).shrink == 16
    for other in ({"likelihood": "bernoulli"}, {"body": "mlp"}):
        with pytest.raises(InputError, match="takes faint details away: leave out shrink"):
            parse(ModelConfig, {**values, **conv, **other})
    for body, likelihood in itertools.product(get_args(Body), get_args(LikelihoodName)):
        new = default_shrinking(body, likelihood)
        assert (new > 0) == (body == "conv" and likelihood in ("gaussian", "logistic"))


def test_only_a_conv_model_enlarges() -> None:
    values = {"channels": 1, "height": 28, "width": 28, "latent": 2, "enlarge": "nearest"}
    assert parse(ModelConfig, {**values, "body": "conv", "hidden": (4, 8)}).enlarge == "nearest"
    with pytest.raises(InputError, match="Only a conv model enlarges pictures"):
        parse(ModelConfig, {**values, "body": "mlp", "hidden": (8,)})


@pytest.mark.parametrize(
    ("body", "hidden", "sides", "complaint"),
    [
        ("linear", (64,), (28, 28), "A linear model has no hidden layers"),
        ("mlp", (), (28, 28), "An mlp needs at least one hidden layer"),
        ("conv", (64,), (28, 28), "1 to 4 channel counts and then a dense width"),
        ("conv", (4, 4, 4, 4, 4, 64), (28, 28), "1 to 4 channel counts and then a dense width"),
        ("conv", (4, 4, 4, 4, 64), (128, 8), "for 128 x 8 images takes 1 to 3 channel counts"),
    ],
)
def test_hidden_sizes_must_suit_the_body(body: Body, hidden: tuple[int, ...], sides: tuple[int, int], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse(ModelConfig, model_values(body=body, hidden=hidden, height=sides[0], width=sides[1]))


def test_a_conv_body_halves_down_to_one_pixel_and_no_further() -> None:
    assert ModelConfig(body="conv", channels=1, height=9, width=17, latent=2, hidden=(4, 4, 4, 8)).hidden == (4, 4, 4, 8)
    with pytest.raises(InputError, match="1 to 3 channel counts"):
        parse(ModelConfig, model_values(body="conv", height=9, width=17, hidden=(4, 4, 4, 4, 8)))


def test_a_name_that_no_field_has_is_refused() -> None:
    with pytest.raises(InputError, match=r"^latnet = 4: .*not permitted\.$"):
        parse(ModelConfig, model_values(latnet=4))


def test_a_missing_field_is_named() -> None:
    values = model_values()
    del values["latent"]
    with pytest.raises(InputError, match="latent"):
        parse(ModelConfig, values)


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 121), ("data", ""), ("data", "x" * 4097)])
def test_a_run_has_a_name_and_a_data_set(field: str, value: str) -> None:
    run = {"name": "Digits", "data": "digits", "model": model_values(), "train": {}}
    assert parse(RunConfig, run).name == "Digits"
    with pytest.raises(InputError, match=f"^{field} = "):
        parse(RunConfig, run | {field: value})


def test_a_fault_inside_a_part_is_named_by_its_path() -> None:
    with pytest.raises(InputError, match=r"^train\.lr = -1\.0: "):
        parse(RunConfig, {"name": "Digits", "data": "digits", "model": model_values(), "train": {"lr": -1.0}})


def test_a_long_value_is_quoted_in_part() -> None:
    with pytest.raises(InputError) as caught:
        parse(ModelConfig, model_values(body="x" * 100_000))
    assert len(str(caught.value)) < 200


def test_a_number_with_more_digits_than_python_prints_is_refused() -> None:
    with pytest.raises(InputError, match=r"^latent = .+\.$"):
        parse(ModelConfig, model_values(latent=10**5000))


def test_a_configuration_cannot_be_changed() -> None:
    config = ModelConfig(**model_values())
    with pytest.raises(ValidationError, match="frozen"):
        config.latent = 3


@pytest.mark.slow
@settings(deadline=None)  # the first example pays for torch's late imports
@given(model=model_configs(), train=train_configs, name=st.text(min_size=1, max_size=120), data=st.text(min_size=1, max_size=50))
def test_json_returns_every_value(model: ModelConfig, train: TrainConfig, name: str, data: str) -> None:
    assume(model.variational or not train.shapes_the_rate)
    run = RunConfig(name=name, data=data, model=model, train=train)
    assert RunConfig.model_validate_json(run.model_dump_json()) == run
    assert parse(RunConfig, run.model_dump()) == run


@pytest.mark.slow
@settings(deadline=None)
@given(config=model_configs())
def test_default_hidden_sizes_make_a_model_of_any_size(config: ModelConfig) -> None:
    with torch.device("meta"):
        model = VAE(config)
        assert model.decode(torch.zeros(1, config.latent)).shape == (1, config.channels, config.height, config.width)


@given(config=model_configs().filter(lambda config: config.body == "conv"))
def test_default_conv_halves_until_the_shorter_side_is_4_to_7(config: ModelConfig) -> None:
    assert 4 <= min(config.height, config.width) >> (len(config.hidden) - 1) <= 7


@pytest.mark.parametrize("body", get_args(Body))
def test_default_hidden_sizes_suit_the_largest_image(body: Body) -> None:
    config = ModelConfig(body=body, channels=3, height=128, width=128, latent=128, hidden=default_hidden(body, 128, 128))
    with torch.device("meta"):
        VAE(config)


@pytest.mark.parametrize("config", [ModelConfig, TrainConfig])
def test_every_field_is_described_in_one_phrase(config: type[Config]) -> None:
    for name, field in config.model_fields.items():
        assert field.description, name
        assert not field.description.endswith("."), name
