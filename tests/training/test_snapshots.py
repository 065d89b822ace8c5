"""Snapshots of a run: when they are taken, what they hold, and what becomes of damaged ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vae_core.analysis import explore
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.training import snapshots
from vae_core.training.snapshots import MOST, MOST_BYTES, MOST_IMAGES, SHOWN, History, Recorder, planned, sizes

SMALL = ModelConfig(channels=1, height=8, width=10, latent=3, hidden=(8,))
STEPS = 1_000


def images(count: int = 100, *, shape: tuple[int, int, int] = (1, 8, 10)) -> Images:
    pixels = np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8)
    return Images("noise", pixels, labels=np.arange(count) % 3, class_names=("a", "b", "c"))


def recorder(run: Path, model: ModelConfig = SMALL, known: Images | None = None) -> Recorder:
    return Recorder(run, RunConfig(name="Small", data="noise", model=model, train=TrainConfig()), known or images(), STEPS)


def history(run: Path) -> History:
    found = snapshots.read(run)
    assert found is not None
    return found


def steps(run: Path) -> list[int]:
    return [snapshot.step for snapshot in history(run).snapshots]


@given(st.integers(1, 10**8))
def test_planned_steps_lie_evenly_in_log_time(total: int) -> None:
    found = planned(total)
    assert (found[0], found[-1]) == (0, total)
    assert len(found) <= MOST
    times = [math.log1p(step) for step in found]
    most = max(6, min(MOST, total // 24))
    apart = times[-1] / (most - 2)
    for before, after, step in zip(times[:-2], times[1:-1], found[1:-1], strict=True):
        assert after - before >= apart - 1e-6
        assert step - 1 <= math.expm1(before + apart) + 1e-6 or step == math.expm1(before) + 1  # the very first step that is far enough


@given(
    st.builds(
        lambda **sides: SMALL.model_copy(update=sides),
        channels=st.sampled_from([1, 3]),
        height=st.integers(8, 128),
        width=st.integers(8, 128),
        latent=st.integers(2, 128),
    ),
    st.integers(1, 10_000),
    st.integers(8, 10**8),
)
def test_all_snapshots_of_a_run_fit_into_ten_megabytes(model: ModelConfig, held_out: int, seen: int) -> None:
    found = sizes(model, held_out=held_out, seen=seen)
    assert 1 <= found.pictures <= found.images <= min(held_out, MOST_IMAGES)
    assert found.pictures >= min(SHOWN, found.images)
    side = math.ceil(model.height / found.shrunk) * math.ceil(model.width / found.shrunk)
    one = 2 * found.images * model.latent + 4 * model.latent + model.channels * side * found.pictures + 1024
    assert MOST * one + model.channels * side * found.pictures <= MOST_BYTES


def test_a_long_run_on_images_of_mnists_size_has_five_hundred() -> None:
    mnist = SMALL.model_copy(update={"height": 28, "width": 28})
    assert sizes(mnist, held_out=1_000, seen=600_000) == (500, 500, 1)
    faces = SMALL.model_copy(update={"channels": 3, "height": 64, "width": 64})
    assert sizes(faces, held_out=600, seen=600_000) == (500, 33, 1)
    assert sizes(faces.model_copy(update={"height": 128, "width": 128}), held_out=600, seen=600_000) == (500, 8, 1)


@pytest.mark.parametrize("beta_range", [None, (0.1, 4.0)])
def test_a_snapshot_holds_what_the_model_makes_of_held_out_images(beta_range: tuple[float, float] | None, tmp_path: Path) -> None:
    known, config = images(), SMALL.model_copy(update={"beta_range": beta_range})
    model = VAE(config, seed=1)
    recorder(tmp_path, config, known).take(model, 7, 0.5)
    found = history(tmp_path)
    (snapshot,) = found.snapshots
    rows = known.split().validation
    assert known.labels is not None
    turn = rows[
        np.argsort([10 * sum(known.labels[rows[:place]] == known.labels[row]) + known.labels[row] for place, row in enumerate(rows)])
    ]
    np.testing.assert_array_equal(found.subjects.labels, known.labels[turn])
    np.testing.assert_array_equal(found.subjects.pixels, known.take(turn))
    assert (found.subjects.class_names, found.subjects.shrunk, found.damaged) == (known.class_names, 1, 0)
    plain = model.at(1.0) if beta_range else model
    posterior = explore.encode(plain, known.take(turn))
    np.testing.assert_allclose(snapshot.codes, posterior.mean, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(snapshot.amounts, posterior.kl().mean(0), rtol=1e-3)
    np.testing.assert_allclose(snapshot.pictures.astype(int), explore.reconstruct(plain, known.take(turn)), atol=1)
    assert (snapshot.step, snapshot.epoch) == (7, 0.5)


def test_of_a_plain_autoencoder_the_variance_of_the_codes_is_kept(tmp_path: Path) -> None:
    config = SMALL.model_copy(update={"variational": False})
    recorder(tmp_path, config).take(VAE(config, seed=1), 3, 0.1)
    (snapshot,) = history(tmp_path).snapshots
    np.testing.assert_allclose(snapshot.amounts, snapshot.codes.astype(np.float64).var(axis=0), rtol=1e-2)


def test_pictures_that_do_not_fit_are_shrunk_by_the_mean_of_their_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST_BYTES", 500 * 168 + 25 * (1024 + 2 * 10 * 3 + 12 + 9 * 20))
    known = images()
    recorder(tmp_path, known=known).take(VAE(SMALL, seed=1), 0, 0.0)
    found = history(tmp_path)
    assert found.subjects.shrunk == 2
    assert found.subjects.pixels.shape == found.snapshots[0].pictures.shape == (9, 1, 4, 5)
    first = known.pixels[(known.pixels[:, :, :2, :2].mean((1, 2, 3)).round() == found.subjects.pixels[0, 0, 0, 0]).nonzero()[0]]
    assert any(np.array_equal(np.rint(each.reshape(1, 4, 2, 5, 2).mean((2, 4))), found.subjects.pixels[0]) for each in first)


def test_a_snapshot_of_now_is_replaced_by_the_next_and_a_planned_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_NOW_SECONDS", -1.0)
    monkeypatch.setattr(snapshots, "_NOW_COSTS", 0)
    taking, model = recorder(tmp_path), VAE(SMALL, seed=1)
    for step in range(200):
        taking.follow(model, step, step / 10, now=step % 10 == 0)
    stays = [step for step in planned(STEPS) if step < 200]
    assert steps(tmp_path) == sorted({*stays, max(190, stays[-1])})
    taking.follow(model, 200, 20.0)
    assert 200 not in steps(tmp_path)
    for _ in range(2):  # the second time it is there
        taking.take(model, 203, 20.3)
    assert steps(tmp_path)[-1] == 203
    assert 190 not in steps(tmp_path)


def test_what_was_taken_after_a_step_is_forgotten_and_taken_again(tmp_path: Path) -> None:
    model = VAE(SMALL, seed=1)
    taking = recorder(tmp_path)
    for step in range(100):
        taking.follow(model, step, 0.0)
    before = steps(tmp_path)
    snapshots.forget_after(tmp_path, 40)
    assert steps(tmp_path) == [step for step in before if step <= 40]
    again = recorder(tmp_path)
    for step in range(41, 100):
        again.follow(model, step, 0.0)
    assert steps(tmp_path) == before


@pytest.mark.parametrize("harm", [lambda content: content[:-1], lambda content: b"", lambda content: content[:-9] + b"?" + content[-8:]])
def test_a_damaged_snapshot_is_left_out_and_counted(harm: object, tmp_path: Path) -> None:
    taking, model = recorder(tmp_path), VAE(SMALL, seed=1)
    for step in (0, 1, 2):
        taking.take(model, step, 0.0)
    file = tmp_path / "snapshots" / "00000001.bin"
    file.write_bytes(harm(file.read_bytes()))  # type: ignore[operator]
    found = history(tmp_path)
    assert ([snapshot.step for snapshot in found.snapshots], found.damaged) == ([0, 2], 1)
    (tmp_path / "snapshots" / "images.bin").write_bytes(b"")
    assert snapshots.read(tmp_path) is None


def test_a_run_without_snapshots_has_none(tmp_path: Path) -> None:
    assert snapshots.read(tmp_path) is None
    recorder(tmp_path)
    assert snapshots.read(tmp_path) is None


def test_a_model_whose_codes_are_no_numbers_gives_no_snapshot(tmp_path: Path) -> None:
    model = VAE(SMALL, seed=1)
    taking = recorder(tmp_path)
    taking.take(model, 0, 0.0)
    with torch.no_grad():
        next(model.encoder.parameters()).fill_(float("nan"))
    taking.take(model, 1, 0.0)
    assert steps(tmp_path) == [0]


def test_codes_beyond_what_sixteen_bits_hold_stay_at_their_limit(tmp_path: Path) -> None:
    config = SMALL.model_copy(update={"variational": False})
    model = VAE(config, seed=1)
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.mul_(1e4)
    recorder(tmp_path, config).take(model, 0, 0.0)
    (snapshot,) = history(tmp_path).snapshots
    assert np.isfinite(snapshot.codes).all()
    assert np.abs(snapshot.codes).max() == np.finfo(np.float16).max
