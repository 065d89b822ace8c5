"""cores: so many workers, with so many threads each."""

from __future__ import annotations

import pytest

from vae_core.base.config import TrainConfig
from vae_core.base.errors import InputError
from vae_core.runs import cores


@pytest.mark.parametrize(
    ("there", "asked", "workers", "threads"),
    [
        (1, "", 1, 1),
        (2, "", 1, 1),
        (7, "", 1, 6),
        (8, "", 2, 3),
        (16, "", 4, 3),
        (64, "", 8, 7),
        (8, "1", 1, 7),
        (2, "2", 2, 1),
        (8, "64", 64, 1),
        (512, "1", 1, 256),
    ],
)
def test_in_a_class_each_four_cores_have_a_worker_and_one_core_stays_for_the_pages(
    there: int, asked: str, workers: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "there", lambda: there)
    monkeypatch.setenv(cores.ASKED, asked)
    monkeypatch.setenv("LATENT_LOOM_CLASS", "https://class.school.example")
    assert (cores.workers(), cores.threads()) == (workers, threads)
    TrainConfig(threads=threads)
    monkeypatch.delenv("LATENT_LOOM_CLASS")
    assert cores.workers() == (int(asked) if asked else 1)  # who trains alone has all cores


def test_where_a_gpu_trains_one_worker_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "there", lambda: 32)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setenv("LATENT_LOOM_CLASS", "https://class.school.example")
    assert cores.workers() == 1


@pytest.mark.parametrize("asked", ["0", "-1", "65", "two", "1.5", "9" * 5000])
def test_what_is_no_number_of_workers_is_one_sentence(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cores.ASKED, asked)
    with pytest.raises(InputError, match=r"^LATENT_LOOM_WORKERS of this server is '.{1,20}': whoever starts it gives a whole number from"):
        cores.workers()
