"""export: codes and models for other programs, as files and as folders."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.calls import refusal
from vae_core.cli.main import main
from vae_core.training import checkpoint


def test_codes_are_written_in_every_format(
    trained: Path, of_many: Path, noise: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(trained), "--format", "csv", "--out", str(tmp_path / "codes.csv")]) == 0
    assert main(["export", str(of_many), "--format", "parquet", "--beta", "0.5", "--out", str(tmp_path / "codes.parquet")]) == 0
    with (tmp_path / "codes.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 1 + 1797
    assert pq.read_table(tmp_path / "codes.parquet").num_rows == 1797
    assert main(["export", str(trained), "--format", "projector", "--out", str(tmp_path / "projector")]) == 0
    assert {path.name for path in (tmp_path / "projector").iterdir()} == {
        "vectors.tsv",
        "metadata.tsv",
        "sprite.png",
        "projector_config.pbtxt",
    }
    assert main(["export", str(trained), "--format", "hub", "--out", str(tmp_path / "hub")]) == 0
    assert {path.name for path in (tmp_path / "hub").iterdir()} == {"model.safetensors", "config.json", "README.md"}
    assert capsys.readouterr().out == ""


def test_a_page_shows_what_the_audit_finds_where_it_is_asked_for(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert main(["export", str(trained), "--out", str(page)]) == 0
    assert "audit-title" not in page.read_text("utf-8")
    assert main(["export", str(trained), "--audit", "--out", str(page)]) == 0
    assert "read from 1,618 images when this page was made" in page.read_text("utf-8")
    assert capsys.readouterr().out == ""


def test_what_cannot_be_written_is_one_sentence(
    trained: Path, noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["export", str(trained), "--out", str(tmp_path), "--format"]
    assert "is there already: name a new folder by --out" in refusal([*there, "hub"], capsys)
    assert "is a folder, which is not replaced" in refusal([*there, "csv"], capsys)
    monkeypatch.setattr(checkpoint, "load", lambda folder: pytest.fail("the model was opened for nothing"))
    assert "is there already: name a new folder by --out" in refusal([*there, "projector"], capsys)
    monkeypatch.undo()
    command = ["export", str(trained), "--out", str(tmp_path / "new"), "--format"]
    for word in ("onnx", "hub", "gif", "csv", "parquet", "projector"):
        assert "--precision float16 is for the formats html, site:" in refusal([*command, word, "--precision", "float16"], capsys)
    assert "--audit is for the formats html, site:" in refusal([*command, "onnx", "--audit"], capsys)
    assert "--data is for the formats csv, parquet, projector" in refusal([*command, "onnx", "--data", "digits"], capsys)
    assert "takes images of (1, 8, 8)" in refusal([*command, "csv", "--data", str(noise)], capsys)
