"""Keys: declared once, never equal to one that is made of parts, and in an address named as the links that users have kept."""

from __future__ import annotations

import pytest

from pages.ui.ground import state

DECLARED = {name: value for name, value in vars(state).items() if name.isupper() and not name.startswith("_") and name != "MODEL_COOKIE"}
PAGES = ("HOME_", "LEARN_", "COMPARE_", "SLIDERS_", "MAP_", "INTERPOLATE_", "TRAIN_", "KL_", "MODELS_", "CLASS_", "SHARED_")
IN_ADDRESSES = {
    "MODEL": "model",
    "CODE": "z",
    "HOME_": "shown",
    "LEARN_": "step present notes lang",
    "COMPARE_": "compare",
    "SLIDERS_": "start draw image sampler plain with by posterior epsilon rows columns",
    "INTERPOLATE_": "from to path steps from_z to_z t twin",
    "MAP_": "view across up colour point points grid classes",
    "TRAIN_": "set run body latent weight epochs pixel every weight_from weight_to halves weight_sigma noise sigma grey schedule ramp "
    "cycles capacity free_bits tc",
    "KL_": "sweep beta rates sweep_data",
}


def test_a_key_begins_with_its_pages_name_or_stands_in_an_address() -> None:
    short = {
        (next(page for page in IN_ADDRESSES if name.startswith(page)), value)
        for name, value in DECLARED.items()
        if not name.startswith("PART_") and not value.startswith(tuple(page.lower() for page in PAGES if name.startswith(page)))
    }
    assert short == {(page, value) for page, values in IN_ADDRESSES.items() for value in values.split()}


@pytest.mark.parametrize("value", ["plain", "way", "sliders/plain"])
def test_a_key_is_declared_once_and_has_no_parts(value: str) -> None:
    with pytest.raises(ValueError, match="declared twice or contains '/'"):
        state._key(value)


def test_a_key_made_of_parts_is_no_other() -> None:
    upload = state.part(state.MAP_OWN, state.PART_UPLOAD)
    others = {
        state.part(state.SLIDERS_OWN, state.PART_UPLOAD),
        state.part(state.MAP_OWN, state.PART_WAY),
        state.part(upload, 1),
        state.part(upload, 2),
    }
    assert len({upload, *others, *DECLARED.values()}) == 1 + len(others) + len(DECLARED)


@pytest.mark.parametrize(("scope", "part"), [("own", "up/load"), ("nobody", "upload"), ("", "upload"), ("nobody/own", "upload")])
def test_what_could_be_taken_for_another_key_is_refused(scope: str, part: str) -> None:
    with pytest.raises(ValueError, match="cannot be parts of"):
        state.part(scope, part)
