"""A multi-rate model on the pages of a model of one KL weight: each opens with it, and says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.ui.panels import cards
from tests import many
from tests.pages.steps import model_cards, open_page
from vae_core.analysis.pictures import shown_with
from vae_core.cli.main import main
from vae_core.runs import catalogue
from vae_core.training import checkpoint

PAGES = ("home", "map", "sliders", "interpolate", "models", "train", "kl_weight", "compare")


@pytest.fixture
def own_home(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No models but the test's own."""
    monkeypatch.setattr(catalogue, "BUNDLED", fresh_home / "none")
    return fresh_home


@pytest.mark.parametrize("images", [True, False], ids=["images", "kept codes"])
@pytest.mark.parametrize("split", [False, True], ids=["one", "split"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_it(name: str, split: bool, images: bool, own_home: Path) -> None:
    entry = many.save(own_home, split=split, images=images)
    page = open_page(name, model=entry.id)
    assert not page.error


def test_menu_list_and_card_say_its_range(own_home: Path) -> None:
    entry = many.save(own_home, split=True)
    many.save(own_home)
    page = open_page("models", model=entry.id)
    names = {label.replace("\\", "") for label in model_cards(page).values()}
    assert names == {f"Digits, every KL weight · {model_id}{' (chosen)' * (model_id == entry.id)}" for model_id in catalogue.models()}
    shown = "\n".join(caption.value for caption in page.caption)
    assert "K = 6 · β 0.01 to 10  \n" in shown
    assert "K = 6 · β 0.01 to 10 for each half  \n" in shown
    assert list(page.dataframe[0].value["KL weight"]) == ["0.01 to 10", "0.01 to 10 for each half"]
    assert "every one from 0.01 to 10 for each half, shown at β = 1\n" in cards.whole_card(entry)


def test_it_can_be_taken_home(own_home: Path) -> None:
    entry = many.save(own_home)
    page = open_page("models", model=entry.id)
    assert "Take-home page" in [button.proto.label for button in page.get("download_button")]
    assert shown_with(entry.card) is not None
    assert main(["export", entry.id, "--out", str(own_home / "page.html"), "--beta", "3"]) == 0
    text = (own_home / "page.html").read_text("utf-8")
    assert "<td>not measured</td>" in text
    assert checkpoint.load(entry.folder).card == entry.card
