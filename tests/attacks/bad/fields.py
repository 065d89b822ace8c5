"""95 to 108: numbers, as an option of the command line, in an address, and as a browser sends them that no field holds back."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.attacks.bad.doors import Cases, command, said
from tests.pages.steps import open_page
from vae_core.analysis import projection
from vae_core.base.config import TrainConfig, parse

case = Cases()


def train(*options: str) -> str:
    return command("train", "--data", "digits", "--epochs", "1", "--hidden", "16", "--latent", "2", "--batch", "500", *options)


def taken(**values: object) -> str:
    """What becomes of settings that are taken, or why they are not."""
    return said(lambda: f"Taken: {', '.join(f'{name} {getattr(parse(TrainConfig, values), name):g}' for name in values)}.")


def said_of_an_error() -> str:
    """What `app.report` shows of an error that no page expected."""
    page = AppTest.from_function(_failing).run()
    (error,) = page.error
    return str(error.value)


def _failing() -> None:
    import app

    app.report(ValueError("NaN"))


def address(page: str, **values: str) -> list[str]:
    """What a page says of its link."""
    return [line for text in open_page(page, **values).text for line in text.value.split("\n") if line.startswith("The link")]


def sent(page: AppTest, key: str, values: Sequence[float]) -> AppTest:
    """The page after its browser has sent this for a slider, or for a field where it is one number."""
    forged = WidgetState(id=page.slider(key=key).id if len(values) > 1 else page.number_input(key=key).id)
    if len(values) > 1:
        forged.double_array_value.data[:] = values
    else:
        forged.double_value = values[0]
    return page._run(WidgetStates(widgets=[*(each for each in page._tree.get_widget_states().widgets if each.id != forged.id), forged]))


@case(95)
def no_numbers() -> list[str]:
    return [train("--beta", text) for text in ("nan", "inf", "1e999")] + address("train", weight="NaN", epochs="1e999")


@case(96)
def below() -> list[str]:
    return [train("--epochs", "-1"), train("--epochs", "0"), taken(beta=-0.0)]


@case(97)
def extreme() -> list[str]:
    return [train("--beta", "1e308"), taken(lr=5e-324), *address("train", weight="1e308")]


@case(98)
def other_digits() -> list[str]:
    return [train("--epochs", text) for text in ("1,5", "１２", "1_000")] + address("train", epochs="1,5")


@case(99)
def many_digits() -> list[str]:
    return [train("--epochs", "9" * 4301), *address("train", epochs="9" * 4301)]


@case(100)
def batches() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return [train("--batch", "5000", "--out", f"{folder}/run"), taken(batch=1)]


@case(101)
def latents() -> list[str]:
    return [train("--latent", text) for text in ("0", "1", "1000000")] + address("train", latent="1")


@case(102)
def epochs() -> list[str]:
    return [train("--epochs", "1000000000"), *address("train", epochs="1000000000")]


@case(103)
def rates() -> list[str]:
    return [train("--lr", "0"), train("--lr", "1e6")]


@case(104)
def weights() -> list[str]:
    return [train("--beta=-1"), train("--beta", "1e30"), *address("train", weight="-1")]


@case(105)
def seeds() -> list[str]:
    return [train("--seed", "-1"), train("--seed", str(2**64)), *address("sliders", start="Random", draw="-1")]


@case(106)
def neighbours() -> list[str]:
    few = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    return [said(lambda: f"Read: {len(projection.umap_project(few, seed=0).points)} points.")]


@case(107)
def three_places() -> list[str]:
    page = sent(open_page("interpolate"), state.INTERPOLATE_STEPS, (3.0, 4.0, 5.0))
    return [f"Shown: {page.session_state[state.INTERPOLATE_STEPS]}."]


@case(108)
def no_whole_number() -> list[str]:
    page = sent(open_page("interpolate"), state.INTERPOLATE_FROM, (float("nan"),))
    assert page.exception  # of which `app.report` says nothing more
    return [said_of_an_error(), f"Loaded again: {open_page('interpolate').session_state[state.INTERPOLATE_FROM]}."]
