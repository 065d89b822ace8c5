"""The lesson's models, and a lesson of coarse tables, so that a test of its pages does not wait for the figures of all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from vae_core.analysis import boltzmann, bound, lesson
from vae_core.analysis.posterior import Posterior
from vae_core.export import lesson_content


def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tables with few places, draws and passes; no figure of them is what it should be, and each is of the right kind."""

    def best(_model: object, _picture: object, mean: Sequence[float], std: Sequence[float]) -> Posterior:
        return Posterior(np.asarray(mean)[None], 2 * np.log(np.asarray(std))[None])

    monkeypatch.setattr(bound, "best", best)
    monkeypatch.setattr(bound, "_PLACES", 15)
    monkeypatch.setattr(bound, "_FIRST_STEP", 1.0)
    monkeypatch.setattr(bound, "_CLOSER", 1)
    monkeypatch.setattr(boltzmann, "_PASSES", 1)
    monkeypatch.setattr(lesson, "_CHAINS", 10)
    monkeypatch.setattr(lesson, "_JUDGED", 20)
    monkeypatch.setattr(lesson, "_LEARNT", 500)
    monkeypatch.setattr(lesson, "OLD_STOPS", (0, 1, 10))
    monkeypatch.setattr(lesson_content, "_SHARES", [0.1, 0.2])
    monkeypatch.setattr(lesson_content, "_DRAWS", 20)
