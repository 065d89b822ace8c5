"""REFERENCE.md says what bench/reference.py runs, and that trains on what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from bench import reference
from tests.conftest import ROOT
from vae_core.base.config import ModelConfig
from vae_core.cli.main import build_parser

TEXT = (ROOT / "REFERENCE.md").read_text(encoding="utf-8")
TABLE = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.*?) ?\| (.+?) \| ([\d, ]+) \| (.+?) \|$", TEXT, re.MULTILINE)
COMMANDS = [row.how for row in reference.ROWS.values() if isinstance(row.how, str)]


def test_every_row_is_in_the_table_and_every_line_of_it_is_from_a_row() -> None:
    assert list(dict.fromkeys(name for name, *_ in TABLE)) == list(reference.ROWS)
    for name, figure, published, _, seeds, _ in TABLE:
        assert published == reference.ROWS[name].published.get(figure, "")
        assert {int(seed) for seed in seeds.split(",")} <= set(reference.ROWS[name].seeds)
    listed = {(name, figure) for name, figure, *_ in TABLE}
    assert {(name, figure) for name, row in reference.ROWS.items() for figure in row.published} <= listed


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_of_ours_and_printed(command: str) -> None:
    assert build_parser().parse_args(shlex.split(command)).beta == 1
    assert f"python -m vae_core {command} --seed 0 --threads {reference.THREADS} --precision fp32\n" in TEXT


def test_the_closed_forms_come_out_of_our_own_code() -> None:
    row = reference.ROWS["linear-exact"]
    obtained = row.run(0).figures
    assert {name: f"{value:.6f}" for name, value in obtained.items()} == row.published
    assert [line.count("|") for line in reference.lines("linear-exact", row)] == [7] * len(obtained)


def test_several_seeds_give_their_mean_and_extremes() -> None:
    row = reference.Row(lambda seed: reference.Obtained({"a": 1.0 + seed} | ({"b": 5.0} if not seed else {}), 3.0), seeds=(0, 1, 2))
    assert list(reference.lines("x", row)) == [
        "| `x` | a |  | 2.00 (1.00 to 3.00) | 0, 1, 2 | 3 of 0 |",
        "| `x` | b |  | 5.00 | 0 | 3 of 0 |",
    ]


def test_a_row_without_its_images_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_SHARED", str(tmp_path))
    for name in ("mnist-recipe", "mnist-5k", "fashion-mnist"):
        (line,) = reference.lines(name, reference.ROWS[name])
        assert "not run: there is no" in line


@pytest.mark.parametrize(("training", "held_out"), [(1347, 450), (1797, 200), (90, 10)])
def test_an_arranged_set_trains_on_exactly_what_it_was_given(training: int, held_out: int) -> None:
    pixels = np.arange(training + held_out, dtype=np.uint32).view(np.uint8).reshape(-1, 4).repeat(16, 1).reshape(-1, 1, 8, 8)
    images = reference.arranged(pixels[:training], pixels[training:])
    split = images.split()
    np.testing.assert_array_equal(images.pixels[split.train], pixels[:training])
    np.testing.assert_array_equal(images.pixels[np.concatenate([split.validation, split.test])], pixels[training:])


def test_the_recipes_posterior_is_a_softplus_behind_relus() -> None:
    model = reference.Softplus(ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(5,)), seed=0)
    x = torch.rand(4, 1, 8, 8)
    location, raw = model.encoder(x).chunk(2, dim=1)
    posterior = model.encode(x)
    torch.testing.assert_close(posterior.std, F.softplus(raw))
    torch.testing.assert_close(posterior.mean, location)
    assert [type(layer).__name__ for layer in model.encoder] == ["Flatten", "Linear", "ReLU", "Linear"]


def test_a_command_is_run_and_judged(fresh_home: Path) -> None:
    command = "train --data digits --binarise static --latent 2 --hidden 16 --epochs 1"
    row = reference.Row(command, seeds=(3, 4), samples=(1, 20))
    first, second = row.run(3), row.run(4)
    assert set(first.figures) - set(second.figures) == {"NLL, 20 samples"}
    assert first.figures["NLL, 20 samples"] < first.figures["−ELBO"]
    assert first.figures["NLL, 1 samples"] == pytest.approx(first.figures["−ELBO"], rel=0.05)
    assert not (fresh_home / "runs").exists()


def test_a_command_that_fails_gives_no_row(fresh_home: Path) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        reference.Row("train --data nowhere").run(0)
