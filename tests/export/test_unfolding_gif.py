"""The GIF of a run's snapshots: a frame for each, all of one palette."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.analysis.test_unfolding import history
from vae_core.analysis.unfolding import unfolding
from vae_core.export import unfolding_gif as unfolding_gif_module
from vae_core.export.unfolding_gif import FRAME_MILLISECONDS, LAST_MILLISECONDS, SIZE, unfolding_gif
from vae_core.training.snapshots import History, Subjects


def own_palettes(content: bytes) -> int:
    """How many frames of a GIF bring a palette of their own (GIF89a, sections 18 to 22)."""
    at, count = 13 + 3 * 2 ** ((content[10] & 7) + 1), 0
    while content[at] != 0x3B:
        if content[at] == 0x2C:
            flags = content[at + 9]
            own = flags >> 7
            count += own
            at += 11 + own * 3 * 2 ** ((flags & 7) + 1)
        else:
            at += 2
        while content[at]:
            at += content[at] + 1
        at += 1
    return count


@pytest.mark.parametrize(("latent", "variational", "labelled"), [(2, True, True), (5, False, False), (20, True, True)])
def test_each_snapshot_is_a_frame_and_all_have_one_palette(latent: int, variational: bool, labelled: bool) -> None:
    known = history(latent)
    if labelled:
        subjects = Subjects(known.subjects.pixels, 1, np.arange(30) % 3, ("zero", "one", "two"))
        known = History(subjects, known.snapshots, 0)
    content = unfolding_gif(known, unfolding(known, variational=variational), variational=variational)
    frames, durations = [], []
    with Image.open(io.BytesIO(content)) as animation:
        assert (animation.size, animation.info["loop"]) == (SIZE, 0)
        for frame in ImageSequence.Iterator(animation):
            durations.append(frame.info["duration"])
            frames.append(np.asarray(frame.convert("RGB")).astype(int))
    assert durations == [FRAME_MILLISECONDS, FRAME_MILLISECONDS, LAST_MILLISECONDS]
    assert own_palettes(content) == 0
    assert all((before != after).any() for before, after in pairwise(frames))
    last = frames[-1][12:46, 336:370]  # the first image above its reconstruction, which is the same here
    np.testing.assert_allclose(last, frames[-1][48:82, 336:370], atol=24)


def test_the_scale_of_the_bars_is_said_by_three_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(unfolding_gif_module._Canvas, "text", lambda canvas, place, words, anchor, size: said.append(words))
    known = history(2)
    known = known._replace(snapshots=tuple(snapshot._replace(amounts=snapshot.amounts / np.float32(2400)) for snapshot in known.snapshots))
    unfolding_gif(known, unfolding(known, variational=False), variational=False)
    assert "Variance of each dimension; the line is 0.00125" in said
