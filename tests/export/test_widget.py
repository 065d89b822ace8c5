"""widget: one module that needs nothing else, and every part of what it is given is where its address says."""

from __future__ import annotations

import re

import numpy as np
import pytest
from torch import nn

from vae_core import data
from vae_core.analysis import explore
from vae_core.base.errors import InputError
from vae_core.export import widget
from vae_core.export.live_model import live_bundle
from vae_core.runs import catalogue


def part(shown: widget.View, place: str) -> bytes:
    start, end = map(int, place.split("-"))
    return shown.content[start:end]


def test_the_module_imports_nothing_and_names_no_other_address() -> None:
    module = widget.module()
    assert re.findall(r"^\s*import\b[^(.]|\bimport\(|https?://(?!www\.w3\.org/)", module, re.MULTILINE) == []
    assert re.findall(r"^export (.*?)\{", module, re.MULTILINE) == ["default "]
    for name in (".deck-body", ".map-stage", ".multirate-slider", ".widget"):
        assert name in module


def test_every_address_leads_to_its_part() -> None:
    point, images = catalogue.load("digits-2d"), data.load("digits")
    shown = widget.view(point, "Mine", images)
    assert part(shown, shown.page["model"]["weights"]) == live_bundle(point.model)
    given = shown.page["map"]
    assert given is not None
    assert given["numbers"] is not None
    assert given["codes"] is not None
    numbers = np.frombuffer(part(shown, given["numbers"]), "<i4")
    means = np.frombuffer(part(shown, given["codes"]), "<f4").reshape(2, len(numbers), 2)[0]
    np.testing.assert_array_equal(means, explore.encode(point.model, images.pixels[numbers]).mean)
    assert shown.numbers == set(numbers.tolist())
    assert shown.total == len(images)
    assert shown.note.startswith("Showing 1,797 of 1,797 codes.")


def test_without_images_and_codes_there_is_no_map_and_a_sentence_says_what_brings_one() -> None:
    shown = widget.view(catalogue.load("digits-2d"), "Mine", None)
    assert shown.page["map"] is None
    assert shown.numbers == set()
    assert "`show(model, images)`" in shown.note


def test_a_model_that_the_browser_cannot_run_is_refused() -> None:
    point = catalogue.load("digits-2d")
    point.model.decoder.append(nn.Softplus())
    with pytest.raises(InputError, match="does not know the layer Softplus"):
        widget.view(point, "Mine", None)
