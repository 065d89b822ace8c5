"""show: Python and a browser move the same values, each of which is checked; who has no anywidget is told how to get it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import vae_core
from tests.model.test_vae import small
from tests.training.checkpoints import saved
from vae_core import VAE, Images, data
from vae_core.base.errors import InputError
from vae_core.export.live_model import live_bundle
from vae_core.notebook import showing
from vae_core.runs import catalogue


@pytest.fixture
def anywidget() -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed: pip install -r requirements-extras.txt")


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    showing._widget.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    yield
    showing._widget.cache_clear()


def from_browser(widget: Any, **values: object) -> None:  # noqa: ANN401 - a widget's class is made when it is needed
    """What ipywidgets does with a message that a browser sends."""
    widget.set_state(values)


def weights(widget: Any) -> bytes:  # noqa: ANN401
    start, end = map(int, widget._page["model"]["weights"].split("-"))
    content: bytes = widget._content[start:end]
    return content


@pytest.mark.usefixtures("absent")
def test_without_anywidget_one_sentence_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"^show needs the package anywidget: `pip install anywidget`, then reload the page"):
        vae_core.show("digits-2d")


@pytest.mark.usefixtures("anywidget")
def test_a_code_is_set_from_python_and_from_the_browser() -> None:
    shown: Any = vae_core.show("digits-2d")
    heard: list[object] = []
    shown.observe(lambda change: heard.append(change["new"]), "z")
    assert shown.z == (0.0, 0.0)
    shown.z = np.array([0.1, -1], np.float32)
    assert shown.z == (0.1, -1.0)
    shown.z = torch.tensor([1.5, 2.0])
    from_browser(shown, z=[0.10000000149011612, 3])
    assert shown.z == (0.1, 3.0)
    assert heard == [(0.1, -1.0), (1.5, 2.0), (0.1, 3.0)]
    assert shown.get_state(["z"]) == {"z": (0.1, 3.0)}


@pytest.mark.usefixtures("anywidget")
@pytest.mark.parametrize("code", [[1], [1, 2, 3], [1, 99], [1, float("nan")], [1, "2"], "ab", [[1, 2]], 3, None, {"a": 1}])
def test_no_other_code_is_taken_from_either_side(code: object) -> None:
    shown: Any = vae_core.show("digits-2d")
    with pytest.raises(InputError):
        shown.z = code
    with pytest.raises(InputError):
        from_browser(shown, z=code)
    assert shown.z == (0.0, 0.0)


@pytest.mark.usefixtures("anywidget")
def test_images_are_chosen_from_both_sides_and_each_is_on_the_map() -> None:
    shown: Any = vae_core.show("digits-2d")
    shown.selected = np.array([3, 17])
    assert shown.selected == (3, 17)
    from_browser(shown, selected=[])
    assert shown.selected == ()
    with pytest.raises(InputError, match="Image 1797 is not on the map, which shows 1,797 of 1,797"):
        shown.selected = [1797]
    for other in ([True], ["3"], [1.5], 3, "3", None):
        with pytest.raises(InputError, match="selected takes numbers of images"):
            shown.selected = other


@pytest.mark.usefixtures("anywidget")
def test_a_multi_rate_model_has_its_kl_weight_too() -> None:
    plain: Any = vae_core.show("digits-2d")
    assert plain.beta is None
    with pytest.raises(InputError, match="one KL weight, which stays"):
        plain.beta = 1
    one: Any = vae_core.show("digits-rates")
    one.beta = 0.5
    assert one.beta == (0.5,)
    from_browser(one, beta=[2])
    assert one.beta == (2.0,)
    split: Any = vae_core.show("digits-split")
    split.beta = 0.5
    assert split.beta == (0.5, 0.5)
    split.beta = 1, 0.5
    assert split.beta == (1.0, 0.5)
    for other in (1e9, [1, 1, 1], "1", None, [1, float("nan")]):
        with pytest.raises(InputError, match="beta takes two numbers from"):
            split.beta = other


@pytest.mark.usefixtures("anywidget")
def test_a_model_comes_by_name_by_folder_as_it_is_or_adopted(tmp_path: Path) -> None:
    point = catalogue.load("digits-2d")
    for given in ("digits-2d", point, point.model):
        assert weights(vae_core.show(given)) == live_bundle(point.model)
    folder = saved(tmp_path / "model")
    of_folder: Any = vae_core.show(folder)
    assert of_folder._note.startswith("Showing 9 of 9 codes.")
    bare: Any = vae_core.show(VAE(small(), seed=1))
    assert "There is no map" in bare._note
    with pytest.raises(InputError, match="There is no model"):
        vae_core.show(tmp_path / "nothing")
    with pytest.raises(InputError, match="and no Linear"):
        vae_core.show(torch.nn.Linear(2, 2))  # type: ignore[arg-type]


@pytest.mark.usefixtures("anywidget")
def test_a_network_is_shown_as_it_is_now_and_stays_as_it_was() -> None:
    model = VAE(small(channels=1, height=8, width=8), seed=1).train()
    shown: Any = vae_core.show(model, data.load("digits"))
    assert model.training
    before = live_bundle(model)
    with torch.no_grad():
        next(model.parameters()).add_(1)
    assert weights(shown) == before != live_bundle(model)
    assert len(shown.view.numbers) == 1797


@pytest.mark.usefixtures("anywidget")
def test_images_that_are_named_are_shown_under_their_own_licence() -> None:
    digits = data.load("digits")
    few = Images("mine", digits.pixels[:30], licence="not stated")
    shown: Any = vae_core.show("digits-2d", few)
    assert shown._page["map"]["pictures"] is None
    assert "The licence of the images (not stated)" in shown._note
    assert "30 of 30 codes" in shown._note
    with pytest.raises(InputError, match=r"takes images of \(1, 8, 8\)"):
        vae_core.show("digits-2d", Images("mine", np.zeros((10, 1, 9, 9), np.uint8)))
