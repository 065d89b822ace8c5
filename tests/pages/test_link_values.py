"""Every name of an address with a value that its page cannot use: a sentence says which, what may stand there and what is shown instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.screens.kl_weight.choosing import FIRST
from pages.ui.screens.sliders.start import SAMPLE
from tests.conftest import ROOT
from tests.pages.steps import open_page
from tests.pages.ui.ground.test_state import IN_ADDRESSES

NOISY = {"pixel": "Brightness with noise (Gaussian)"}
PLANE, TWO = {"model": "mnist-16d", "view": "Two dimensions"}, {"compare": "Two models", "compare_other": "mnist-2d-ae"}
ROWS: list[tuple[str, dict[str, str], dict[str, tuple[str, str]]]] = [
    ("home", {}, {"shown": ("Cats", "which is none of Digits, Faces. Digits is shown instead.")}),
    (
        "sliders",
        {},
        {
            "image": ("99999999", "which is no whole number from 0 to 9,999. 0 is shown instead."),
            "plain": ("maybe", "which is neither true nor false. false is shown instead."),
            "posterior": ("Best", "which is none of Mean μ, Sample μ + σ·ε. Mean μ is shown instead."),
            "sampler": ("Nowhere", "which is none of Prior, Mixture. Prior is shown instead."),
            "rows": ("99", "which is no whole number from 1 to 16. 6 is shown instead."),
            "columns": ("2", "which is no whole number from 3 to 15. 9 is shown instead."),
            "z": ("1,2,3", "The code has 3 numbers; this model takes 2, separated by commas. The sliders stay where they are."),
            "with": ("gone", 'Compare with: there is no "gone" here, which the link asks for. None is shown instead.'),
        },
    ),
    ("sliders", {}, {"start": ("Nowhere", "which is none of Zero, Random, Data image, Own image. Data image is shown instead.")}),
    ("sliders", {"start": "Random"}, {"draw": ("-1", "which is no whole number from 0 to 2,147,483,647. 0 is shown instead.")}),
    ("sliders", {"posterior": SAMPLE}, {"epsilon": ("0.5", "which is no whole number from 0 to 2,147,483,647. 0 is shown instead.")}),
    ("sliders", {"with": "mnist-2d-ae"}, {"by": ("Luck", "which is none of")}),
    (
        "map",
        {},
        {
            "view": ("Globe", "which is none of Latent space, PCA, UMAP. Latent space is shown instead."),
            "colour": ("Taste", "which is none of Class"),
            "point": ("10000", "which is no whole number from 0 to 9,999. It is left out."),
            "grid": ("7.5", "which is none of"),
            "points": ("1,x", "the link must name its images by whole numbers. No image is chosen."),
            "z": ("99,9", "'99' is not a number from -10 to 10. The pin stays where it is."),
        },
    ),
    ("map", {}, {"points": ("1,99999", "names an image that is not on it: they have numbers from 0 to 9999. No image is chosen.")}),
    ("map", PLANE, {"across": ("99", "which is none of"), "up": ("z99", "which is none of")}),
    (
        "interpolate",
        {},
        {
            "from": ("1e9", "which is no whole number from 0 to 9,999. 0 is shown instead."),
            "to": ("-1", "which is no whole number from 0 to 9,999. 1 is shown instead."),
            "path": ("Crooked", "which is none of Linear, Spherical. Linear is shown instead."),
            "steps": ("99", "which is no whole number from 3 to 60. 11 is shown instead."),
            "t": ("9", "the place on the way must be a number from -0.5 to 1.5, not '9.0'. 0.5 is shown instead."),
            "from_z": ("1,2,3", "the code has 3 numbers; this model takes 2, separated by commas. The code is that of the image."),
            "to_z": ("a,b", "'a' is not a number from -10 to 10. The code is that of the image."),
            "twin": ("gone", 'Beside it: there is no "gone" here, which the link asks for. None is shown instead.'),
        },
    ),
    ("kl_weight", {"sweep": "mnist-rates"}, {"rates": ("99999", "'99999.0' is not a KL weight from 0 to 10. 1 is shown instead.")}),
    ("kl_weight", {"sweep": "mnist-rates"}, {"rates": ("x", "'x' is no list of KL weights, such as 0.5 or 0.5,2. 1 is shown instead.")}),
    ("kl_weight", {}, {"sweep": ("gone", 'No model for every KL weight and no sweep is called "gone": choose another')}),
    ("compare", {}, {"compare": ("Nothing", "which is none of Side by side, Two models, Memory. Side by side is shown instead.")}),
    (
        "compare",
        {},
        {
            "compare_images": ("0", "which is no whole number from 1 to"),
            "compare_seed": ("10000", "which is no whole number from 0 to 9,999. 0 is shown instead."),
            "compare_from": ("ten", "which is none of 0, 1, 2, 3, 4, 5 …. 0 is shown instead."),
            "compare_to": ("10", "which is none of 0, 1, 2, 3, 4, 5 …. 1 is shown instead."),
            "compare_own": ("gone", 'Beside them: there is no "gone" here, which the link asks for. No other model is shown instead.'),
        },
    ),
    (
        "compare",
        {"compare": "Two models"},
        {"compare_other": ("gone", 'Beside it: there is no "gone" here, which the link asks for. MNIST')},
    ),
    (
        "compare",
        TWO,
        {
            "compare_colour": ("Taste", "which is none of Class"),
            "compare_image": ("-5", "which is no whole number from 0 to 9,999. 0 is shown instead."),
            "compare_step": ("1", "a step on the maps takes two numbers, across and up. The code is that of the image."),
        },
    ),
    (
        "compare",
        {"compare": "Memory"},
        {"compare_count": ("7", "which is none of"), "compare_planted": ("2", "which is neither true nor false. false is shown instead.")},
    ),
    (
        "train",
        {},
        {
            "set": ("gone", 'Data set: there is no "gone" here, which the link asks for. '),
            "run": ("gone", 'Run: there is no "gone" here, which the link asks for.'),
            "body": ("Round", "which is none of Fully connected, Convolutional, Linear. Fully connected is shown instead."),
            "every": ("2", "which is neither true nor false. false is shown instead."),
            "latent": ("1000000", "which is no whole number from 2 to 128. "),
            "weight": ("-1", "which is no number from 0 to 10,000. 1 is shown instead."),
        },
    ),
    ("train", {}, {"latent": ("nan", "which is no whole number from 2 to"), "weight": ("1e999", "which is no number from 0 to 10,000.")}),
    (
        "train",
        {},
        {
            "epochs": ("1000000000", "which is no whole number from 1 to 10,000. "),
            "pixel": ("Sound", "which is none of"),
            "grey": ("Purple", "which is none of"),
            "halves": ("yes", "which is neither true nor false. false is shown instead."),
            "schedule": ("Random", "which is none of"),
        },
    ),
    (
        "train",
        {"every": "true"},
        {
            "weight_from": ("0", "which is no number from 0.000001 to 10,000"),
            "weight_to": ("1e5", "which is no number from 0.000001 to 10,000"),
        },
    ),
    ("train", {"halves": "true"}, {"weight_sigma": ("-2", "which is no number from 0 to 10,000. 1 is shown instead.")}),
    ("train", NOISY, {"noise": ("Loud", "which is none of"), "sigma": ("0", "which is no number from 0.001 to 10. 0.1 is shown instead.")}),
    (
        "train",
        {"schedule": "Cyclical"},
        {
            "ramp": ("5", "which is no number from 0.05 to 1. 0.5 is shown instead."),
            "cycles": ("0", "which is no whole number from 1 to 1,000. 4 is shown instead."),
            "capacity": ("-1", "which is no number from 0 to 10,000. It is left out."),
            "free_bits": ("101", "which is no number from 0 to 100. 0 is shown instead."),
            "tc": ("1e30", "which is no number from 0 to 10,000. 0 is shown instead."),
        },
    ),
    (
        "learn",
        {},
        {
            "step": ("Nowhere", "which is none of Compress, Dream, Regions, Continuity, The trick, The bound …. Compress"),
            "lang": ("fr", "which is none of en, de. en is shown instead."),
            "present": ("1", "which is neither true nor false. false is shown instead."),
            "learn_kept": ("0", "which is no whole number from 1 to 16. 4 is shown instead."),
            "learn_digit": ("11", "which is none of 0, 1, 2, 3, 4, 5 …. 3 is shown instead."),
        },
    ),
    ("learn", {"present": "true"}, {"notes": ("1", "which is neither true nor false. false is shown instead.")}),
    ("learn", {"step": "Dream"}, {"learn_seed": ("-1", "which is no whole number from 0 to")}),
    ("learn", {"step": "Regions"}, {"learn_taken": ("99", "the pictures have the numbers 0 to")}),
    ("learn", {"step": "Continuity"}, {"learn_stride": ("2", "which is no number from 0.02 to 1. 0.1 is shown instead.")}),
    ("learn", {"step": "The trick"}, {"learn_noise": ("4", "which is no number from -3 to 3. 1 is shown instead.")}),
    ("learn", {"step": "The bound"}, {"learn_q": ("None", "which is none of The encoder's, The best. The encoder's is shown instead.")}),
    ("learn", {"step": "Two forces"}, {"learn_draws": ("7", "which is none of 10, 30, 100, 300, 1000, 5000. 300 is shown instead.")}),
    (
        "learn",
        {"step": "Trade-off"},
        {
            "learn_beta": ("99", "'99.0' is not a KL weight from 0 to 10. 1 is shown instead."),
            "learn_place": ("1", "the code has 1 numbers; this model takes"),
        },
    ),
    ("learn", {"step": "Before"}, {"learn_flips": ("5", "which is none of 0, ")}),
    (
        "learn",
        {"step": "Create"},
        {
            "learn_throw": ("-1", "which is no whole number from 0 to"),
            "learn_from": ("9", "which is none of 1, 2, 3, 4, 5, 6 …. "),
            "learn_to": ("x", "which is none of 1, 2, 3, 4, 5, 6 …. "),
            "learn_along": ("z99", "which is none of"),
        },
    ),
]
ELSEWHERE = {
    "MODEL": "test_damaged",
    "KL_BETA": "needs a sweep; as any slider of choices",
    "MAP_CLASSES": "needs hundreds of classes; as any menu",
    "KL_SWEEP_DATA": "lies in a tab; as each choice of an id",
}


@pytest.fixture(autouse=True)
def no_stopwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Train page trains a little, to tell how long a run takes."""
    monkeypatch.setattr(cache, "seconds_per_image", lambda model, train: 1e-3)


def said(page: AppTest) -> str:
    return "\n".join(text.value for text in page.text)


@pytest.mark.parametrize(("name", "context", "values"), ROWS, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_a_value_that_is_not_to_be_had_is_said_and_gone_when_the_page_is_loaded_again(
    name: str, context: dict[str, str], values: dict[str, tuple[str, str]]
) -> None:
    page = open_page(name, **context, **{key: value for key, (value, _) in values.items()})
    for _ in range(2):  # it stays in sight when the page is drawn again
        text = said(page)
        for key, (value, sentence) in values.items():
            asked = "" if sentence[0].isupper() else f"The link asks for {key}={value}"
            assert [line for line in text.split("\n") if line.startswith(asked) and sentence in line], (key, text)
        page.run()
    address = {key: value for key, value in page.query_params.items() if isinstance(value, str)}
    ids = ("set", "run", "sweep", "with", "twin", "compare_own", "compare_other", "z")  # whose address is kept until one is chosen
    assert not any("The link" in line for line in said(open_page(name, **address)).split("\n") if not any(f"{key}=" in line for key in ids))


def test_it_is_said_until_something_else_is_chosen() -> None:
    page = open_page("interpolate", steps="99", path="Crooked")
    page.slider(key=state.INTERPOLATE_STEPS).set_value(5).run()
    assert "path=Crooked" in said(page)
    assert "steps=99" not in said(page)
    page.slider(key=state.INTERPOLATE_STEPS).set_value(11).run()
    assert "steps=99" not in said(page)


def test_a_link_in_the_other_language_and_one_typed_by_hand_are_understood() -> None:
    assert "The link" not in said(open_page("learn", lang="de", step="Dream"))
    assert "The link" not in said(open_page("interpolate", path="spherical"))


def test_the_model_of_another_page_is_turned_where_it_knows_every_weight_and_else_said() -> None:
    page = open_page("kl_weight", model="digits-2d")
    assert 'The link asks for model=digits-2d: "digits-2d" is not a model for every KL weight.' in said(page)
    assert page.session_state[state.KL_SWEEP] == FIRST
    page = open_page("kl_weight", model="digits-rates")
    assert page.session_state[state.KL_SWEEP] == "digits-rates"
    assert "The link" not in said(page)


def names() -> Iterator[str]:
    """The constants of all names that a page hears from its address, as far as they stand in its code as such."""
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            key = given.get("key") if "bind" in given else call.args[0] if ast.unparse(call.func) == "state.asked" else None
            if isinstance(key, ast.Attribute):
                yield key.attr


def test_every_name_is_tried() -> None:
    tried = {key for _, _, values in ROWS for key in values}
    short = {value for values in IN_ADDRESSES.values() for value in values.split()}
    assert ({getattr(state, name) for name in names()} | short) - tried == {getattr(state, name) for name in ELSEWHERE}
