"""Options from fields: a new field is an option at once, and every field of a model and its training has one or a reason."""

from __future__ import annotations

import argparse
from typing import Annotated, Literal

import pytest
from pydantic import Field

from tests.cli.calls import code_of, refusal
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.strict import Config
from vae_core.cli import run_options, train
from vae_core.cli.config_options import add_fields, field_values, flag_of


class Toy(Config):
    """A field of every kind that a configuration has."""

    count: Annotated[int, Field(ge=1, lt=2000, description="how many")] = 3
    rate: Annotated[float, Field(gt=0, le=0.5, description="at 5 % or less")] = 0.25
    limit: Annotated[float | None, Field(ge=0, description="no more than this")] = None
    span: Annotated[tuple[float, float] | None, Field(description="from A to B")] = None
    mode: Annotated[Literal["auto"] | Literal["slow", "fast"], Field(description="how")] = "auto"
    title: Annotated[str, Field(description="what to call it")] = "toy"
    off_at_first: Annotated[bool, Field(description="switched on")] = False
    on_at_first: Annotated[bool, Field(description="switched off")] = True
    must_be_given: Annotated[int, Field(description="elsewhere")]


def toy_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toy")
    add_fields(parser, Toy, flags={"title": "--name"}, defaults={"must_be_given": 7})
    return parser


def read(arguments: str) -> Toy:
    return Toy(**field_values(toy_parser().parse_args(arguments.split()), Toy))


def test_what_is_not_given_is_the_default() -> None:
    assert read("") == Toy(must_be_given=7)


def test_what_is_given_is_read_as_the_field_says() -> None:
    given = "--count 4 --rate 0.5 --limit 1 --span 2 3 --mode fast --name It --off-at-first --no-on-at-first --must-be-given 1"
    assert read(given) == Toy(
        count=4,
        rate=0.5,
        limit=1.0,
        span=(2.0, 3.0),
        mode="fast",
        title="It",
        off_at_first=True,
        on_at_first=False,
        must_be_given=1,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--count 1.5", '"1.5" is not a whole number'),
        ("--rate 1_0", '"1_0" is not a number'),
        ("--mode medium", "invalid choice: 'medium' (choose from 'auto', 'slow', 'fast')"),
        ("--span 1", "expected 2 arguments"),
    ],
)
def test_what_the_field_does_not_take_is_refused(arguments: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        toy_parser().parse_args(arguments.split())
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "--count N how many (at least 1, below 2,000, default: 3)",
        "--rate X at 5 % or less (above 0, at most 0.5, default: 0.25)",
        "--limit X no more than this (at least 0)",
        "--span A B from A to B",
        "--mode {auto,slow,fast} how (default: auto)",
        "--name TEXT what to call it (default: toy)",
        "--must-be-given N elsewhere (default: 7)",
    ],
)
def test_help_says_what_the_field_says(line: str) -> None:
    assert f" {line} " in f"{' '.join(toy_parser().format_help().split())} "


def options_of_train() -> dict[str, object]:
    """Each option of `train` with the value that it has when it is not given."""
    parser = argparse.ArgumentParser()
    train.TRAIN.add_options(parser)
    return {flag: action.default for action in parser._actions for flag in action.option_strings}


@pytest.mark.parametrize("config", [ModelConfig, TrainConfig])
def test_every_field_has_an_option_or_a_reason(config: type[Config]) -> None:
    options = options_of_train()
    for name, field in config.model_fields.items():
        if name not in run_options.NOT_DERIVED:
            assert options[flag_of(name, run_options.FLAGS)] == (16 if name == "latent" else field.default)


def test_the_exceptions_are_fields_with_a_reason() -> None:
    fields = {*ModelConfig.model_fields, *TrainConfig.model_fields}
    assert {*run_options.NOT_DERIVED, *run_options.FLAGS} <= fields
    assert all(run_options.NOT_DERIVED.values())
    assert {"--hidden", "--deterministic"} <= set(options_of_train())


def test_a_new_field_is_an_option_of_train_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Patient(TrainConfig):
        patience: Annotated[int, Field(ge=1, description="epochs without a gain after which training stops")] = 5

    monkeypatch.setattr(run_options, "TrainConfig", Patient)
    assert code_of(["train", "--help"]) == 0
    assert "epochs without a gain" in " ".join(capsys.readouterr().out.split())
    refused = refusal(["train", "--data", "digits", "--patience", "0"], capsys)
    assert refused == "patience = 0: input should be greater than or equal to 1."
