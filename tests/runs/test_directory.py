"""directory: runs are created, listed and found, and what is on the disk is believed as far as it can be read."""

from __future__ import annotations

import itertools
import shutil
import time
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runs.small import SMALL, leftovers, run_config
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory, resuming
from vae_core.runs.directory import RUNS, create, find, listing, newest_checkpoint, records, request_stop, set_status, status
from vae_core.runs.execute import execute
from vae_core.training import checkpoint

pytestmark = pytest.mark.usefixtures("fresh_home")


def test_runs_are_listed_newest_first_however_quickly_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(1_700_000_000_000_000_000, 2_000)  # 2 µs apart, where a file system's own clock steps by milliseconds
    monkeypatch.setattr(time, "time_ns", lambda: next(clock))
    made = [create(run_config()).name for _ in range(10)]
    assert [run.id for run in listing()] == made[::-1]
    assert [run.created for run in listing()] == pytest.approx([1_700_000_000 + 2e-6 * place for place in range(9, -1, -1)], abs=5e-7)


def test_what_is_no_run_is_passed_over() -> None:
    assert listing() == []
    run = create(run_config(1))
    list(execute(run))
    (RUNS.place / "notes.txt").write_text("mine")
    for name, content in (("empty", None), ("null", "null"), ("newer", '{"format": 2}'), ("deep", "[" * 100_000), ("bytes", "\0\n")):
        (RUNS.place / name).mkdir()
        if content is not None:
            (RUNS.place / name / "run.json").write_text(content)
    (run / "checkpoints" / "99 bottles").mkdir()
    (run / "checkpoints" / "²").mkdir()
    (run / "checkpoints" / "99999999").write_text("a file")
    assert [found.id for found in listing()] == [run.name]
    assert newest_checkpoint(run) == run / "checkpoints" / "00000003"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../runs", "/etc", "..%2f", "\0", "C:\\", "x" * 5000, "{id}/", "{id}/../{id}", "{folder}", ".{id}", "{id} "]
)
def test_an_id_is_looked_up_and_never_a_path(text: str) -> None:
    run = create(run_config())
    assert find(run.name).folder == run
    with pytest.raises(InputError, match="no such run"):
        find(text.format(id=run.name, folder=run))


def test_a_queued_run_that_is_stopped_never_starts() -> None:
    run = create(run_config())
    request_stop(run)
    assert (status(run).state, status(run).message) == ("stopped", "Stopped before it began.")
    assert list(execute(run)) == []  # a worker had it in hand already
    assert status(run).state == "stopped"


@pytest.mark.parametrize("end", ['{"step": 4, "steps"', "\0\0\0", "{}\n", "[" * 5000, '{"step": NaN}\n', "\ud83d"])
def test_a_line_cut_short_ends_the_records(end: str, digits: Images) -> None:
    run = create(run_config(1))
    yielded = list(execute(run, digits))
    with open(run / "records.jsonl", "ab") as file:
        file.write(end.encode("utf-8", "surrogatepass"))
    assert records(run) == yielded


@pytest.mark.parametrize("content", [None, "", "null", '{"state": "asleep", "updated": 0}', '{"state": "running"'])
def test_a_status_that_cannot_be_read_counts_as_failed(content: str | None) -> None:
    run = create(run_config())
    (run / "status.json").unlink()
    if content is not None:
        (run / "status.json").write_text(content)
    assert (status(run).state, status(run).message) == ("failed", "The run's status cannot be read.")
    assert [found.id for found in listing()] == [run.name]


def test_a_run_without_its_process_is_marked_and_a_living_one_is_not(digits: Images) -> None:
    alive, dead, dead_old, dead_early, done = (create(run_config()) for _ in range(5))
    list(execute(done, digits))
    for run in (dead, dead_old):
        list(execute(run, digits))
        shutil.rmtree(run / "checkpoints" / "00000006")
    (dead_old / "checkpoints" / "00000003" / "training.safetensors").unlink()  # earlier versions kept none
    set_status(dead_old, "running", step=4, steps=6)
    set_status(dead, "running", step=4, steps=6)
    (dead / "checkpoints" / ".00000009.abc.tmp").mkdir()
    (dead / "checkpoints" / ".00000009.abc.tmp" / "weights.safetensors").write_text("half")
    (dead / ".status.json.abc.tmp").write_text("half")
    set_status(dead_early, "running")
    training = execute(alive, digits)
    next(training)

    resuming.mark_cut_off()

    assert (status(dead).state, status(dead).step, status(dead).steps) == ("failed", 4, 6)
    assert status(dead).message == "The training process ended unexpectedly; the run can go on from step 3."
    assert status(dead_old).message == "The training process ended unexpectedly; its last checkpoint is kept."
    assert status(dead_early).message == "The training process ended unexpectedly; it had no checkpoint yet."
    assert leftovers(dead) == []
    checkpoint.load(newest_checkpoint(dead) or dead)
    assert (status(alive).state, status(done).state) == ("running", "finished")
    assert len(list(training)) == 5


def test_a_run_that_ends_while_the_list_is_made_is_not_called_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config())
    set_status(run, "running")
    stale = listing()
    set_status(run, "finished")
    monkeypatch.setattr(directory, "listing", lambda: stale)
    resuming.mark_cut_off()
    assert status(run).state == "finished"


def test_creation_refuses_what_cannot_be_trained(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    for folder in (taken, taken / "thesis.txt"):
        with pytest.raises(InputError, match="exists and is not an empty folder"):
            create(run_config(), folder)
    with pytest.raises(InputError, match="Not a directory"):
        create(run_config(), taken / "thesis.txt" / "run")
    assert (taken / "thesis.txt").read_text() == "mine"
    with pytest.raises(InputError, match="101,613,696 parameters"):
        create(run_config(model=SMALL.model_copy(update={"latent": 32, "hidden": (4096,) * 4})))
    assert not RUNS.place.exists()


def test_a_folder_of_ones_own_holds_the_run(tmp_path: Path, digits: Images) -> None:
    run = create(run_config(1), tmp_path / "new" / "run", state="running")
    assert status(run).state == "running"  # no worker's to take
    list(execute(run, digits))
    assert status(run).state == "finished"
    assert listing() == []


def test_the_card_says_the_version_that_is_released() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == directory.VERSION
