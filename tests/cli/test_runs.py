"""runs and work: what there is, and what is queued."""

from __future__ import annotations

import json
import os

import pytest

from tests.cli.calls import QUICK
from vae_core.cli.main import main
from vae_core.runs import directory, jobs


def test_without_a_folder_the_run_is_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", "digits", *QUICK, "--name", "First\u202e try"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert [(run.id, run.status.state, run.config.name) for run in directory.listing()] == [(summary["run"], "finished", "First try")]

    failed = directory.create(directory.listing()[0].config)
    directory.set_status(failed, "failed", "It broke.", step=3, steps=9)
    assert main(["runs"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[:3] == [summary["run"], "run", "Digits"]
    assert first.endswith("First try")
    assert f"{summary['loss']:.2f}" in first
    assert second.split()[0] == failed.name
    assert "failed   step 3 of 9  First try  It broke." in second
    assert second.endswith(f"Go on: train --resume {failed.name}")  # with its first step: nothing was saved


def test_the_worker_of_the_app_trains_what_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    nice: list[int] = []
    monkeypatch.setattr(os, "nice", nice.append, raising=False)
    monkeypatch.setattr(jobs, "work", nice.append)
    assert main(["work"]) == 0
    assert nice == [10, 0]
