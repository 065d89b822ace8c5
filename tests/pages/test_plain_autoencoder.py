"""A plain autoencoder has a code for an image and nothing around it: no page speaks of what it has not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.pages.live import sent
from tests.pages.steps import open_page
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.runs import directory, jobs
from vae_core.runs.execute import execute

NOT_ITS_OWN = re.compile(r"[Pp]osterior|[Pp]rior\b|\bKL\b(?! term)|σ")
PLAIN = RunConfig(
    name="Plain",
    data="digits",
    model=ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,), variational=False),
    train=TrainConfig(epochs=1, threads=1),
)


@pytest.fixture
def plain(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a plain autoencoder trained here."""
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    folder = directory.create(PLAIN)
    for _ in execute(folder):
        pass
    return folder.name


def said(page: AppTest) -> Iterator[str]:
    """All words on the page and in its hints; not the names of other pages."""
    for element in (*page.title, *page.markdown, *page.caption, *page.text, *page.info):
        yield element.value
    for element in page.main:
        proto = getattr(element, "proto", None)
        if element.type != "page_link":
            yield from (str(getattr(proto, field, "")) for field in ("label", "help"))


@pytest.mark.parametrize("name", ["sliders", "map", "interpolate"])
def test_a_page_uses_only_words_that_it_has(name: str, plain: str) -> None:
    page = open_page(name, model=plain)
    assert "K = 2 · no KL term" in page.button(key=state.SHARED_MODEL_CHANGE).label
    assert [words for words in said(page) if NOT_ITS_OWN.search(words)] == []


def test_its_run_shows_a_distortion_and_no_rate(plain: str) -> None:
    page = open_page("train", run=plain)
    assert [metric.label for metric in page.metric] == ["Distortion", "Images per second"]
    assert any("the loss is the distortion" in caption.value for caption in page.caption)


def test_its_sliders_are_measured_by_variance(plain: str) -> None:
    deck = sent(open_page("sliders", model=plain), state.SLIDERS_DECK)
    assert all(dimension["note"].startswith("variance ") for dimension in deck["dims"])
    assert "variance" in deck["unused_note"]
