"""A class on one server: models, runs and sets of each student, what is shared and pinned, and how many runs may wait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.runs.small import run_config
from tests.runs.test_catalogue import make_run, packed
from vae_core import data
from vae_core.base import owners, quota
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import catalogue, damage, directory, jobs, resuming, room

ANNA, BEN = "a" * 16, "b" * 16


@pytest.fixture(autouse=True)
def in_class(fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lab mode, with one bundled model, in which nothing is trained."""
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://127.0.0.1:8501")
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    bundled = tmp_path / "bundled"
    packed(bundled / "digits-2d")
    monkeypatch.setattr(catalogue, "BUNDLED", bundled)


def listed(name: str | None) -> list[str]:
    with owners.acting_as(name):
        return list(catalogue.models())


def test_each_sees_the_own_models_and_the_bundled_ones(tmp_path: Path) -> None:
    with owners.acting_as(ANNA):
        run, upload = make_run(), catalogue.add(packed(tmp_path / "model"), "model.zip")
        assert {entry.id: entry.mine for entry in catalogue.models().values()} == {run: True, upload: True, "digits-2d": False}
    assert listed(BEN) == ["digits-2d"]
    assert listed(owners.NOBODY) == ["digits-2d"]
    assert set(listed(None)) == {run, upload, "digits-2d"}


def test_nobody_elses_model_or_run_is_opened_or_changed_by_its_id(tmp_path: Path) -> None:
    with owners.acting_as(ANNA):
        ids = [make_run(), catalogue.add(packed(tmp_path / "model"), "model.zip")]
    with owners.acting_as(BEN):
        for model_id in ids:
            for change in (
                catalogue.load,
                catalogue.delete,
                lambda each: catalogue.rename(each, "Mine"),
                lambda each: catalogue.name_dimensions(each, ["a", "b"]),
                lambda each: catalogue.share(each, shared=True),
                directory.find,
                jobs.resume,
            ):
                with pytest.raises(InputError, match="There is no"):
                    change(model_id)
        with pytest.raises(InputError, match="shared with the class"):
            directory.request_stop(directory.RUNS.place / ids[0])
    with owners.acting_as(ANNA):
        catalogue.delete(ids[1])
    with owners.acting_as(BEN), pytest.raises(InputError, match="no longer in the trash"):
        catalogue.restore(ids[1])


def test_a_shared_model_is_seen_by_all_and_changed_by_its_owner_alone() -> None:
    with owners.acting_as(ANNA):
        run = make_run()
        catalogue.share(run, shared=True)
        assert (catalogue.models()[run].mine, catalogue.models()[run].shared) == (True, True)
    with owners.acting_as(BEN):
        assert (catalogue.models()[run].mine, catalogue.models()[run].shared) == (False, True)
        catalogue.load(run)
        assert directory.own() == []
        for change in (catalogue.delete, lambda each: catalogue.rename(each, "Mine"), lambda each: catalogue.share(each, shared=False)):
            with pytest.raises(InputError, match="only who made it and the teacher"):
                change(run)
    catalogue.rename(run, "The teacher's word")
    with owners.acting_as(ANNA):
        assert catalogue.models()[run].name == "The teacher's word"
        catalogue.share(run, shared=False)
    assert listed(BEN) == ["digits-2d"]


def test_what_the_teacher_pins_comes_first_and_no_student_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with owners.acting_as(ANNA):
        first, second = make_run(), make_run()
        with pytest.raises(InputError, match="Only the teacher pins"):
            catalogue.pin(first, pinned=True)
    catalogue.pin("digits-2d", pinned=True)
    catalogue.pin(first, pinned=True)
    assert listed(BEN) == ["digits-2d", first]
    assert listed(ANNA) == ["digits-2d", first, second]
    with owners.acting_as(ANNA):
        assert not catalogue.models()[first].mine
        for change in (catalogue.delete, lambda each: catalogue.share(each, shared=False), jobs.resume, damage.fall_back):
            with pytest.raises(InputError, match="The teacher has pinned this model"):
                change(first)
    catalogue.pin("digits-2d", pinned=False)
    assert listed(None) == [first, second, "digits-2d"]
    monkeypatch.delenv("LATENT_LOOM_CLASS")
    assert set(listed(None)[:2]) == {first, second}
    assert not any(entry.pinned for entry in catalogue.models().values())


def small_set(grey: int) -> Images:
    return Images("own", np.full((20, 1, 8, 8), grey, np.uint8))


def test_sets_are_apart_too_and_the_same_images_twice_are_no_way_in() -> None:
    with owners.acting_as(ANNA):
        of_anna = data.save_imported(small_set(1), "Squares")
    with owners.acting_as(BEN):
        assert of_anna not in data.known()
        with pytest.raises(InputError, match="There is no data set"):
            data.load(of_anna)
        with pytest.raises(InputError, match="There is no imported data set"):
            data.delete_imported(of_anna)
        with pytest.raises(InputError, match="There is no imported data set"):
            data.share_imported(of_anna, shared=True)
        assert data.save_imported(small_set(1), "Squares") != of_anna
    with owners.acting_as(ANNA):
        assert data.save_imported(small_set(1), "Squares") == of_anna
        data.share_imported(of_anna, shared=True)
    with owners.acting_as(BEN):
        assert data.load(of_anna).pixels.max() == 1
        assert not data.owns_imported(of_anna)
        with pytest.raises(InputError, match="only who made it and the teacher"):
            data.delete_imported(of_anna)


def test_a_run_learns_from_no_set_that_its_owner_does_not_see() -> None:
    with owners.acting_as(ANNA):
        of_anna = data.save_imported(small_set(1), "Squares")
        jobs.submit(run_config(data=of_anna))
    with owners.acting_as(BEN), pytest.raises(InputError, match="not among the sets that you can see"):
        jobs.submit(run_config(data=of_anna))


def test_each_has_two_runs_waiting_and_knows_of_all_ahead() -> None:
    with owners.acting_as(ANNA):
        mine = [jobs.submit(run_config(1)), jobs.submit(run_config(2))]
        with pytest.raises(InputError, match="each of you may have 2 runs waiting, and 2 of yours do: wait until one begins"):
            jobs.submit(run_config(3))
    with owners.acting_as(BEN):
        with pytest.raises(InputError, match="and 0 of yours do: take fewer KL weights, or wait until one begins"):
            jobs.check_room(3)
        jobs.submit(run_config(3))
        assert [run.id for run in jobs.waiting()][:2] == mine
        assert len(directory.listing()) == 1
    jobs.submit(run_config(4))
    directory.set_state(directory.RUNS.place / mine[0], "running")
    with owners.acting_as(BEN):
        assert jobs.at_work() == 1
        resuming.mark_cut_off()  # done by whoever looks, for all
    assert directory.status(directory.RUNS.place / mine[0]).state == "failed"


def test_a_run_needs_room_for_its_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MOST_BYTES", 10_000)
    jobs.submit(run_config())
    with owners.acting_as(ANNA), pytest.raises(InputError, match="delete some first"):
        jobs.submit(run_config())


def test_who_has_left_the_class_starts_no_run() -> None:
    with owners.acting_as(owners.NOBODY), pytest.raises(InputError, match="has left the class"):
        jobs.submit(run_config())


def test_the_teacher_clears_the_room_and_keeps_what_is_the_teachers(tmp_path: Path) -> None:
    mine = [make_run(), catalogue.add(packed(tmp_path / "mine"), "model.zip")]
    own_set = data.save_imported(small_set(2), "Of the teacher")
    with owners.acting_as(ANNA):
        make_run()
        catalogue.add(packed(tmp_path / "model"), "model.zip")
        data.save_imported(small_set(1), "Squares")
        waits = jobs.submit(run_config())
    with owners.acting_as(BEN):
        learns = make_run(state="running")
        for forbidden in (room.active, room.reset):
            with pytest.raises(InputError, match="Only the teacher"):
                forbidden()
    assert [(run.id, room.student_of(run)) for run in room.active()] == [(waits, "student aaaa"), (learns, "student bbbb")]
    catalogue.pin("digits-2d", pinned=True)
    assert room.reset() == 1
    assert set(listed(None)) == {*mine, learns, "digits-2d"}
    assert directory.stop_requested(directory.RUNS.place / learns)
    assert list(data.imported()) == [own_set]
    directory.set_state(directory.RUNS.place / learns, "stopped")
    assert room.reset() == 0
    assert set(listed(None)) == {*mine, "digits-2d"}
    with owners.acting_as(ANNA):
        catalogue.restore(waits)  # for a week it is not lost
