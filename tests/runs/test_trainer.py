"""trainer: a run that another machine trains is left alone, whatever the lock says here."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.runs.small import run_config
from vae_core.base.errors import InputError
from vae_core.runs import directory, resuming, trainer
from vae_core.runs.execute import execute

pytestmark = pytest.mark.usefixtures("fresh_home")


@pytest.fixture
def run() -> Path:
    return directory.create(run_config(epochs=1), state="running")


def machine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(trainer, "_machine", lambda: name)


def test_a_run_of_another_machine_is_not_cut_off_and_neither_trained_nor_resumed_here(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "there")
    with trainer.at_work(run):  # without its lock, as where the file system does not carry it
        assert not trainer.elsewhere(run)
        machine(monkeypatch, "here")
        assert trainer.elsewhere(run)
        resuming.mark_cut_off()
        assert directory.status(run).state == "running"
        for action in (lambda: resuming.resume(run), lambda: next(execute(run))):
            with pytest.raises(InputError, match="being trained by another process"):
                action()
        assert directory.status(run).state == "running"
    assert not (run / trainer.FILE).exists()


def test_a_machine_that_went_silent_is_dead_after_a_minute(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run / trainer.FILE).write_text("there", encoding="utf-8")
    machine(monkeypatch, "here")
    resuming.mark_cut_off()
    assert directory.status(run).state == "running"
    silent = time.time() - 2 * trainer._DEAD_SECONDS
    os.utime(run / trainer.FILE, (silent, silent))
    resuming.mark_cut_off()
    assert directory.status(run).state == "failed"
    with trainer.at_work(run):
        assert (run / trainer.FILE).read_text("utf-8") == "here"


def test_what_this_machine_left_in_a_crash_does_not_hold_it_up(run: Path) -> None:
    (run / trainer.FILE).write_text(trainer._machine(), encoding="utf-8")
    for _ in execute(run):
        assert (run / trainer.FILE).read_text("utf-8") == trainer._machine()
    assert directory.status(run).state == "finished"


def test_it_is_touched_as_long_as_it_is_held(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "_BEAT_SECONDS", 0.01)
    with trainer.at_work(run):
        os.utime(run / trainer.FILE, (0, 0))
        while (run / trainer.FILE).stat().st_mtime == 0:
            time.sleep(0.01)


def test_two_machines_that_begin_at_the_same_moment_do_not_both_begin(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with trainer.at_work(run):
        monkeypatch.setattr(trainer, "elsewhere", lambda _: False)  # both looked before either wrote
        monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(InputError, match="on another machine"), trainer.at_work(run):
            pass
