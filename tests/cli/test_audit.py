"""audit: the sheet as lines and as JSON, on the model's own images and on others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.calls import refusal
from vae_core.cli.main import main


def test_the_sheet_is_printed_as_lines_and_as_json(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(trained), "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert (sheet["model"], sheet["images"]) == ("digits mlp z2 β1", 1618)
    assert {"KL weight", "Pixels", "Overfit", "Holes", "Samples"} <= {finding["name"] for finding in sheet["findings"]}
    assert all(set(finding) == {"name", "severity", "sentence", "figure"} for finding in sheet["findings"])
    assert main(["audit", str(trained)]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    worst = sheet["findings"][0]
    assert first.split(maxsplit=1) == [worst["severity"], f"{worst['name']}: {worst['sentence']}"]
    assert last == sheet["unseen"][-1]


def test_images_of_another_shape_are_refused(trained: Path, noise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "takes images of (1, 8, 8)" in refusal(["audit", str(trained), "--data", str(noise)], capsys)
