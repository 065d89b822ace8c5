"""takehome: everything stands in the one file, within its size, and no text from a user is anything but text in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import ROOT
from tests.model.test_vae import small
from tests.training.checkpoints import card, codes, saved
from vae_core import data
from vae_core.analysis import explore, folding, projection
from vae_core.analysis.pictures import shown_with
from vae_core.analysis.posterior import Posterior
from vae_core.base.config import ModelConfig
from vae_core.cli.main import main
from vae_core.data import Images
from vae_core.export import takehome
from vae_core.export.live_content import may_be_passed_on
from vae_core.export.live_model import live_bundle
from vae_core.export.script import LIVE, bundle, live_modules
from vae_core.export.takehome import html_page
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint, Codes

HOSTILE = "</script><img src=x onerror=alert(1)>&amp;\"'\u2028"
MODULES = live_modules()
STYLES = (
    "kit/base",
    "parts/deck/deck",
    "parts/draw/draw",
    "takehome/strip",
    "takehome/walk",
    "parts/map/map",
    "parts/grid/grid",
    "parts/multirate/sliders",
)
DIGITS = ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(16,))


class Parts(HTMLParser):
    """A page as a browser splits it: its elements in their order, what text each kind of them has, and the policy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: dict[str, str] = {}
        self.inside = ""
        self.policy = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = str(dict(attrs)["content"])
        self.inside = f"script {dict(attrs).get('type')}" if tag == "script" else tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, text: str) -> None:
        self.texts[self.inside] = self.texts.get(self.inside, "") + text

    @property
    def live(self) -> dict[str, Any]:
        """What the script is given."""
        given: dict[str, Any] = json.loads(self.texts["script application/json"])
        return given


def content(address: str, mime: str = "application/octet-stream") -> bytes:
    head, _, text = address.partition(",")
    assert head == f"data:{mime};base64"
    return base64.b64decode(text, validate=True)


def floats(address: str, width: int) -> NDArray[np.float32]:
    return np.frombuffer(content(address), "<f4").reshape(-1, width)


def point_of(config: ModelConfig, *, licence: str = "CC BY 4.0, Somebody", kept: Codes | None = None) -> Checkpoint:
    written = card(config)
    return Checkpoint(
        VAE(config, seed=1), written.model_copy(update={"data": written.data.model_copy(update={"licence": licence})}), kept, "0"
    )


@pytest.fixture(scope="module")
def digits() -> Images:
    return data.load("digits")


BUNDLED = list({str(entry.card.model): entry for entry in catalogue.models().values() if entry.kind == "bundled"}.values())
"""One of each shape, on which all sizes depend."""


@pytest.mark.slow
@pytest.mark.parametrize("entry", BUNDLED, ids=lambda entry: entry.id)
def test_the_file_keeps_to_its_size_and_the_map_is_worth_it(entry: Entry) -> None:
    opened = checkpoint.load(entry.folder)
    images = shown_with(opened.card)
    for precision in ("float32", "float16"):
        page = html_page(opened, entry.name, images, precision=precision)
        live = Parts(page).live
        weights = content(live["model"]["weights"])
        assert weights == live_bundle(opened.model, precision=precision)
        pictures = len(live["map"]["pictures"]["sheet"]) if live["map"]["pictures"] else 0
        assert len(page.encode()) - pictures <= 1.5 * len(weights) + 260_000
        assert len(content(live["map"]["numbers"])) // 4 >= 700
        assert pictures <= 4_500_000


def test_the_longest_code_of_the_smallest_model_fits_too(digits: Images) -> None:
    config = ModelConfig(channels=1, height=8, width=8, latent=128, hidden=(8,))
    page = html_page(point_of(config, licence="not stated"), "x", digits, precision="float16")
    assert len(page.encode()) <= 1.5 * len(live_bundle(VAE(config, seed=1), precision="float16")) + 260_000


def test_what_the_map_is_given_is_what_the_model_says(digits: Images) -> None:
    opened = point_of(DIGITS)
    live = Parts(html_page(opened, "Mine", digits)).live
    shown = live["map"]
    numbers = np.frombuffer(content(shown["numbers"]), "<i4")
    mean, logvar = explore.encode(opened.model, digits.pixels[numbers])
    given_mean, given_deviation = np.split(floats(shown["codes"], 3), 2)
    np.testing.assert_array_equal(given_mean, mean)
    np.testing.assert_allclose(given_deviation, np.exp(logvar / 2), rtol=1e-6)
    plane = projection.pca(mean)
    np.testing.assert_array_equal(floats(shown["points"], 2), plane.points)
    np.testing.assert_allclose((mean - shown["view"]["centre"]) @ np.transpose(shown["view"]["axes"]), plane.points, atol=1e-5)
    assert digits.labels is not None
    np.testing.assert_array_equal(floats(shown["colour"]["url"], 1)[:, 0], digits.labels[numbers])
    assert shown["colour"]["names"] == list(digits.class_names)
    sheet = np.asarray(Image.open(io.BytesIO(content(shown["pictures"]["sheet"], "image/png"))))
    columns = shown["pictures"]["columns"]
    for place in (0, 1, columns, len(numbers) - 1):
        row, column = divmod(place, columns)
        np.testing.assert_array_equal(sheet[8 * row : 8 * row + 8, 8 * column : 8 * column + 8], digits.pixels[numbers[place], 0])
    assert [dimension["index"] for dimension in live["deck"]["dims"]] == explore.axes(Posterior(mean, logvar)).order.tolist()
    assert live["grid"] is None
    assert live["draw"] == {"shape": [1, 8, 8], "ground": [0], "order": explore.axes(Posterior(mean, logvar)).order.tolist()}


def test_one_image_of_each_class_can_be_taken_or_else_the_first_ones(digits: Images) -> None:
    live = Parts(html_page(point_of(DIGITS), "Mine", digits)).live
    numbers = np.frombuffer(content(live["map"]["numbers"]), "<i4")
    assert digits.labels is not None
    taken = [int(numbers[example["place"]]) for example in live["examples"]]
    assert digits.labels[taken].tolist() == list(range(10))
    assert [example["name"] for example in live["examples"]] == [f"{label}, image {number}" for label, number in enumerate(taken)]
    plain = Parts(html_page(point_of(DIGITS), "Mine", replace(digits, labels=None, class_names=()))).live
    assert [example["place"] for example in plain["examples"]] == list(range(10))
    assert plain["examples"][0]["name"].startswith("Image ")


def test_light_images_are_drawn_on_light_ground(digits: Images) -> None:
    light = Parts(html_page(point_of(DIGITS), "Mine", replace(digits, pixels=255 - digits.pixels))).live
    assert light["draw"]["ground"] == [255]
    assert Parts(html_page(point_of(small(channels=3)), "Mine", None)).live["draw"]["ground"] == [128] * 3


def test_a_flat_model_has_a_grid_and_its_map_is_the_latent_space() -> None:
    config = small(latent=2)
    live = Parts(html_page(point_of(config, kept=codes(config)), "Mine", None)).live
    assert live["grid"] is not None
    np.testing.assert_array_equal(floats(live["map"]["points"], 2), codes(config).mean)
    assert live["map"]["pictures"] is None


@pytest.mark.parametrize(("split", "opens_at"), [(False, [3.0]), (True, [3.0, 0.5])])
def test_a_model_of_every_kl_weight_has_it_as_a_slider_and_opens_at_its_cards(split: bool, opens_at: list[float], digits: Images) -> None:
    opened = point_of(DIGITS.model_copy(update={"beta_range": (0.01, 10.0), "split": split}))
    train = opened.card.train.model_copy(update={"beta": 3.0, "beta_sigma": 0.5 if split else None})
    opened = replace(opened, card=opened.card.model_copy(update={"train": train}))
    page = html_page(opened, "Mine", digits)
    parts = Parts(page)
    live = parts.live
    assert live["weight"]["beta"] == opens_at
    assert [(axis[0], axis[-1]) for axis in live["weight"]["axes"]] == [(0.01, 10.0)] * len(opens_at)
    assert content(live["model"]["weights"]) == live_bundle(opened.model)
    numbers = np.frombuffer(content(live["map"]["numbers"]), "<i4")
    mean, _ = explore.encode(folding.plain(opened).model, digits.pixels[numbers])
    np.testing.assert_array_equal(np.split(floats(live["map"]["codes"], 3), 2)[0], mean)
    assert "any from 0.01 to 10; the figures are those at 3" in parts.texts["td"]
    assert '<div id="weight" role="group" aria-label="KL weight" >' in page
    single = html_page(folding.plain(opened), "Mine", digits)
    assert Parts(single).live["weight"] is None
    assert '<div id="weight" role="group" aria-label="KL weight" hidden>' in single


@pytest.mark.parametrize("variational", [True, False])
def test_without_images_and_codes_there_are_sliders_and_a_sentence(variational: bool) -> None:
    page = html_page(point_of(small(variational=variational)), "Mine", None)
    parts = Parts(page)
    assert parts.live["map"] is None
    assert len(parts.live["deck"]["dims"]) == small().latent
    assert parts.live["examples"] == []
    assert "pin on the map" not in parts.texts["p"]
    assert ("width σ" in parts.texts["p"]) is variational
    assert "There is no map" in parts.texts["p"]


def test_an_autoencoder_has_codes_without_width() -> None:
    config = small(variational=False)
    live = Parts(html_page(point_of(config, kept=codes(config)), "Mine", None)).live
    assert not np.split(floats(live["map"]["codes"], config.latent), 2)[1].any()
    assert live["map"]["prior"] is False


def test_many_classes_are_shown_as_the_largest_and_the_others(digits: Images) -> None:
    labels = np.floor(60 * np.random.default_rng(0).random(len(digits)) ** 3).astype(np.int64)  # the first are the largest
    names = tuple(f"class {index}" for index in range(60))
    live = Parts(html_page(point_of(DIGITS), "Mine", replace(digits, labels=labels, class_names=names))).live
    colour = live["map"]["colour"]
    numbers = np.frombuffer(content(live["map"]["numbers"]), "<i4")
    assert len(colour["names"]) == 20
    assert colour["names"][-1] == "41 others"
    assert {"class 0", "class 1", "class 2", "class 3"} <= set(colour["names"])
    for value, label in zip(floats(colour["url"], 1)[:, 0].astype(int), labels[numbers], strict=True):
        assert colour["names"][value] in (names[label], "41 others")


@pytest.mark.parametrize(
    "licence",
    [
        "CC BY 4.0, E. Alpaydin",
        "CC BY-SA 3.0, Y. LeCun",
        "CC0",
        "cc by 4.0",
        "Apache-2.0, drawn by this program",
        "MIT, Zalando SE",
        "BSD-3-Clause",
        "Public domain",
    ],
)
def test_images_under_these_licences_are_passed_on_with_their_owners(licence: str, digits: Images) -> None:
    assert may_be_passed_on(licence)
    parts = Parts(html_page(point_of(DIGITS, licence=licence), "Mine", replace(digits, licence=licence)))
    assert parts.live["map"]["pictures"] is not None
    assert f"Images: {licence}." in parts.texts["p"]


@pytest.mark.parametrize(
    "licence",
    [
        "not stated",
        "",
        "CC BY-NC 4.0, X",
        "CC BY-ND 4.0",
        "CC BY NC 4.0",
        "CC",
        "MITRE",
        "GPL-3.0",
        "proprietary",
        "not MIT",
        "MIT or none",
    ],
)
def test_images_under_any_other_licence_stay_here(licence: str, digits: Images) -> None:
    assert not may_be_passed_on(licence)
    for on_card, on_images in ((licence, "MIT"), ("MIT", licence)):
        page = html_page(point_of(DIGITS, licence=on_card), "Mine", replace(digits, licence=on_images))
        parts = Parts(page)
        assert parts.live["map"]["pictures"] is None
        assert "image/png" not in page
        assert "pictures are decoded from the codes" in parts.texts["p"]


def test_texts_of_users_are_text(digits: Images) -> None:
    def written(text: str) -> Parts:
        opened = point_of(DIGITS)
        known = opened.card.data.model_copy(update={"title": text, "class_names": (text,) * 10})
        hostile = replace(opened, card=opened.card.model_copy(update={"data": known, "version": text, "created": text}))
        return Parts(html_page(hostile, text, replace(digits, class_names=(text,) * 10)))

    plain, hostile = written("plain"), written(HOSTILE)
    assert hostile.elements == plain.elements
    assert hostile.texts["h1"].startswith(HOSTILE)
    assert HOSTILE in hostile.texts["title"]
    assert hostile.texts["td"].count(HOSTILE) == 1 + 10 + 1
    assert hostile.live["map"]["colour"]["names"] == [f"{HOSTILE[:23]}…"] * 10
    assert hostile.live["deck"]["name"] == HOSTILE
    assert not re.search("[<>&\u2028]", hostile.texts["script application/json"])


def test_the_page_may_run_its_own_script_and_reach_nothing() -> None:
    parts = Parts(html_page(point_of(small()), "Mine", None))
    script = parts.texts["script module"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = dict(rule.split(" ", 1) for rule in parts.policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "connect-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "</script" not in script
    assert "<!--" not in script


def test_the_colours_are_the_apps() -> None:
    style = (LIVE / "takehome" / "page.css").read_text("utf-8")
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    light, dark = (dict(re.findall(r"--st-([\w-]+)-color: (#\w+);", part)) for part in style.split("prefers-color-scheme: dark"))
    for mode, used in (("light", light), ("dark", dark)):
        assert used == {name: theme[mode][re.sub(r"-(\w)", lambda letter: letter[1].upper(), f"{name}-color")] for name in light}


def test_every_variable_of_the_live_parts_is_defined() -> None:
    script = bundle(MODULES, takehome.ENTRY)
    styles = "".join((LIVE / f"{part}.css").read_text("utf-8") for part in STYLES)
    used = set(re.findall(r"--st-[\w-]+(?!.*,)", script + styles))
    defined = set(re.findall(r"(--st-[\w-]+):", (LIVE / "takehome" / "page.css").read_text("utf-8")))
    assert used - defined == set()


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved(tmp_path / "model")
    command = ["export", str(folder), "--format", "html", "--out"]
    assert main([*command, str(tmp_path / "new" / "page.html")]) == 0
    assert main([*command, str(tmp_path / "half.html"), "--precision", "float16"]) == 0
    assert capsys.readouterr() == ("", "")
    opened = checkpoint.load(folder)
    assert (tmp_path / "new" / "page.html").read_bytes() == html_page(opened, opened.card.name, None).encode()
    assert (tmp_path / "half.html").read_bytes() == html_page(opened, opened.card.name, None, precision="float16").encode()


def test_the_command_refuses_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "no such model", "--out", str(tmp_path / "page.html")]) == 2
    assert "There is no model" in capsys.readouterr().err
    assert main(["export", "digits-2d", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as left:
        main(["export", "digits-2d", "--format", "keras", "--out", str(tmp_path / "page.html")])
    assert left.value.code == 2


def test_the_images_are_the_models_only_while_they_are_the_same(digits: Images) -> None:
    learnt = point_of(DIGITS).card
    assert shown_with(learnt) is None  # its identity is another
    same = learnt.model_copy(update={"data": learnt.data.model_copy(update={"identity": digits.identity})})
    found = shown_with(same)
    assert found is not None
    assert found.identity == digits.identity
    assert shown_with(same.model_copy(update={"model": small(height=16)})) is None
    gone = learnt.model_copy(update={"data": learnt.data.model_copy(update={"name": "0" * 12})})
    assert shown_with(gone) is None
