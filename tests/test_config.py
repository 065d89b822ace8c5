"""config: each bound from both sides, and no value changes on its way through JSON."""

from __future__ import annotations

import math
from typing import Any, get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vae_core.config import Body, LikelihoodName, ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.errors import InputError
from vae_core.model import VAE

SIDES = st.integers(8, 128)
BODIES = st.sampled_from(get_args(Body))


def model_values(**changes: object) -> dict[str, Any]:
    return {"channels": 1, "height": 28, "width": 28, "latent": 8, "hidden": (64,)} | changes


@st.composite
def model_configs(draw: st.DrawFn) -> ModelConfig:
    body, height, width = draw(BODIES), draw(SIDES), draw(SIDES)
    return ModelConfig(
        body=body,
        channels=draw(st.sampled_from([1, 3])),
        height=height,
        width=width,
        latent=draw(st.integers(2, 128)),
        hidden=default_hidden(body, height, width),
        likelihood=draw(st.sampled_from(get_args(LikelihoodName))),
        sigma=draw(st.floats(0.001, 10)),
        variational=draw(st.booleans()),
    )


train_configs = st.builds(
    TrainConfig,
    beta=st.floats(0, 10_000),
    epochs=st.integers(1, 10_000),
    batch=st.integers(1, 65_536),
    lr=st.floats(0, 10, exclude_min=True),
    seed=st.integers(0, 2**63 - 1),
    threads=st.integers(0, 256),
)


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
    ],
)
def test_training_bounds(field: str, least: object, most: object, below: object, above: object) -> None:
    for value in (least, most):
        assert getattr(parse(TrainConfig, {field: value}), field) == value
    for value in (below, above):
        with pytest.raises(InputError, match=f"^{field} = "):
            parse(TrainConfig, {field: value})


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
        {"variational": 1},
    ],
)
def test_nothing_is_coerced_and_the_sentence_names_the_field(changes: dict[str, Any]) -> None:
    (field,) = changes
    with pytest.raises(InputError, match=rf"^{field}(\.0)? = .+: .+\.$"):
        parse(ModelConfig, model_values(**changes))


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


@settings(deadline=None)  # the first example pays for torch's late imports
@given(model=model_configs(), train=train_configs, name=st.text(min_size=1, max_size=120), data=st.text(min_size=1, max_size=50))
def test_json_returns_every_value(model: ModelConfig, train: TrainConfig, name: str, data: str) -> None:
    run = RunConfig(name=name, data=data, model=model, train=train)
    assert RunConfig.model_validate_json(run.model_dump_json()) == run
    assert parse(RunConfig, run.model_dump()) == run


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
