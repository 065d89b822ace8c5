"""The only file that names session-state keys and query parameters.

A key in upper case is at once the widget's key and, where the widget is bound to the URL, the query parameter's name, so a view
is a link. State that no widget holds is behind a function.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from numpy.typing import NDArray

MODEL = "model"
"""The chosen model's id, shared by all pages."""

CODE = "z"
"""The code on the Sliders page, and that of the pin on the Map page, as text, "0.1,-1,…"."""

HOME_ROW = "home_row"
HOME_CODE = "home_code"
"""On the Home page: which of its pictures is shown; and what begins the key of the code that the user has moved it to."""

START, SEED, IMAGE = "start", "draw", "image"
NEXT_SEED = "sliders_next_seed"
"""What the Sliders page starts from, the seed of a random start, and the place of a start image in the data set."""

SAMPLER, SAMPLES_SEED = "sampler", "samples_seed"
"""Where random codes come from, on the Sliders page; and the seed of the samples shown there."""

PLAIN, COMPARED = "plain", "with"
"""On the Sliders page: whether Streamlit's own sliders stand in for the live ones, and the id of a model to compare with."""

ROWS, COLUMNS = "rows", "columns"
"""Dimensions and steps of the traversal grid."""

FROM, TO, PATH, STEPS = "from", "to", "path", "steps"
"""The Interpolate page's two images as places in the data set, the kind of path, and its number of frames."""

FROM_CODE, TO_CODE, PLACE = "from_z", "to_z", "t"
"""Where that page's ends were dragged to, as texts like `CODE`, and how far its walk has come: 0 at the first, 1 at the second."""

WALK = "sliders_walk"
"""A `Walk`: the codes visited on the Sliders page."""

MAP_VIEW, MAP_ACROSS, MAP_UP, MAP_COLOUR, MAP_IMAGE = "view", "across", "up", "colour", "point"
"""On the Map page: the projection, the two latent dimensions of the raw one, what colours the points, and the chosen image's number."""

MAP_LASSO = "map_lasso"
"""The codes inside the last lasso: the model's id and their numbers."""

MAP_POINTS, MAP_POINTS_SHOWN = "points", "map_points_shown"
"""On the Map page: the numbers of several chosen images, joined by commas; and the text of those that the page has put into the address."""

MAP_PINS, MAP_PIN_SHOWN = "map_pins", "map_pin_shown"
"""The code at which the pin stands, by the model's id; and the text of the one that the Map page has put into the address as `CODE`."""

MAP_GRID = "grid"
"""On the Map page: how many pictures the grid has in a row."""

DATA, SOURCE = "set", "source"
"""On the Train page: the chosen data set's name or id, and whether images come from the list or from own files."""

BODY, LATENT, KL_WEIGHT, EPOCHS, PIXEL = "body", "latent", "weight", "epochs", "pixel"
"""The Train page's settings that are in its address."""

EVERY_WEIGHT, WEIGHT_FROM, WEIGHT_TO = "every", "weight_from", "weight_to"
"""There, whether one model is for every KL weight, and from which to which."""

HALVES, WEIGHT_SIGMA = "halves", "weight_sigma"
"""There, whether the two halves of the rate have a weight each, and that of D_σ."""

LEARNING_RATE = "lr"
"""The Train page's learning rate."""

SIGMA_IS, SIGMA, GREYS = "noise", "sigma", "grey"
"""There, what σ is and its value, and what is done with grey pixels."""

SCHEDULE, RAMP, CYCLES, CAPACITY, FREE_BITS, TC = "schedule", "ramp", "cycles", "capacity", "free_bits", "tc"
"""There, what training makes small beyond a constant β."""

BLACK_AND_WHITE = "black_and_white"
"""There, the set that was looked at last, and whether it has no greys."""

BATCH = "batch"
"""The Train page's images per step."""

SUGGESTED, SUGGESTED_PACE = "train_suggested", "train_suggested_pace"
"""The data set for which the Train page last filled in its settings; and that with whether the model is for every KL weight."""

IMPORT_READ = "import_read"
"""The Train page's uploaded files as last read, with the choices they were read with."""

IMPORTED = "imported"
"""How many sets were imported in this session; each import has an uploader of its own."""

REFUSED = "refused"
"""The `InputError` of what a button asked for, until it is shown."""

RUN = "run"
"""The id of the run that the Train page shows."""

ADDED = "added"
"""How many model files were added in this session; each has an uploader of its own."""

MODEL_TABLE, RENAMED = "model_table", "renamed"
"""The list of models, and how often one was renamed; both begin the keys of what must be drawn anew."""

NEW_NAME = "new_name"
"""Begins the key of the field for a model's new name."""

DELETED_SET, DELETED_MODEL = "deleted_set", "deleted_model"
"""What was deleted last and can come back: its id and its name."""

SWEEP, BETA = "sweep", "beta"
"""On the KL weight page: the chosen sweep's id and the KL weight shown."""

RATES, RATES_PLACE = "rates", "rates_place"
"""There, for a model of many KL weights: the weight shown, or the two, "0.5,2"; and what begins the key of the code chosen on its map."""

SWEEP_STARTED = "sweep_started"
"""The id of a sweep that was queued just now."""

SWEEP_DATA, SWEEP_BODY, SWEEP_LATENT, SWEEP_EPOCHS, SWEEP_BETAS = "sweep_data", "sweep_body", "sweep_latent", "sweep_epochs", "sweep_betas"
"""The form that trains a sweep: data set, kind of layers, latent dimensions, passes over the data, and the list of KL weights."""


LIVE_SESSION = "live_session"
"""Names this session to the live components, which outlive it when the server starts anew."""


def get(key: str, default: Any = None) -> Any:  # noqa: ANN401 — widgets hold values of any type
    """The value of a widget or of a page's own key; `default` before it was ever set."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:  # noqa: ANN401
    """Set a value; for a widget's key only before the widget is drawn, or in a callback."""
    st.session_state[key] = value


def default(key: str, value: Any) -> None:  # noqa: ANN401
    """Give a widget its first value. Not by the widget's own `value=`, which may not go with values set in callbacks."""
    if st.session_state.get(key) is None:
        st.session_state[key] = value


def take(key: str, default: Any = None) -> Any:  # noqa: ANN401
    """The value of a page's own key, which is forgotten; `default` where there is none."""
    return st.session_state.pop(key, default)


def asked(key: str) -> str | None:
    """What the address says under a name that no widget is bound to."""
    return st.query_params.get(key)


def tell(key: str, value: str | None) -> None:
    """Let the address say this under a name that no widget is bound to; None takes the name away."""
    if value is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def choose(key: str, value: str) -> None:
    """Make a choice among ids, as if the user had made it in `panels.choose`; only before that is drawn, or in a callback."""
    put(key, value)
    st.query_params[key] = value


def settle(key: str, options: Collection[str]) -> None:
    """Before a choice among ids is drawn: the address decides, then what was chosen before, then the first option."""
    asked, before = st.query_params.get(key), get(key)
    first = next(iter(options))
    value = next((known for known in (asked, before) if known is not None and known in options), first)
    put(key, value)  # even the same again: the browser shows a name that was changed only when it is told
    if value != asked and (asked, value) != (None, first):
        st.query_params[key] = value


def follow(key: str) -> None:
    """After a choice among ids was made by the user: put it into the address."""
    st.query_params[key] = st.session_state[key]


class Walk:
    """The codes a user has visited, float32 [K] each, with undo and redo; all of one length.

    Attributes:
        start: where the walk began, or began anew.
        text: what the Code field was last given; whatever else stands there was typed by the user.
        address: the code that the address named when the page was last drawn; another one, not ours, came with a link.
    """

    def __init__(self, start: NDArray[np.float32]) -> None:
        self.start = start
        self.text = ""
        self.address: str | None = None
        self._codes = [start]
        self._place = 0

    @property
    def now(self) -> NDArray[np.float32]:
        """Where the user is."""
        return self._codes[self._place]

    @property
    def can_undo(self) -> bool:
        """Whether there is a code before this one."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a code after this one."""
        return self._place < len(self._codes) - 1

    def visit(self, code: NDArray[np.float32]) -> None:
        """Go to a code; what could be redone is forgotten, and so is what is older than 200 visits."""
        if not np.array_equal(code, self.now):
            self._codes = [*self._codes[: self._place + 1], code][-201:]
            self._place = len(self._codes) - 1

    def undo(self) -> None:
        """Go back one code."""
        self._place = max(0, self._place - 1)

    def redo(self) -> None:
        """Go forth again."""
        self._place = min(len(self._codes) - 1, self._place + 1)


def link() -> str:
    """The address that restores this view: the page with the query parameters that its widgets are bound to."""
    parameters = st.query_params.to_dict()
    page = (st.context.url or "").split("?")[0]
    return f"{page}?{urlencode(parameters)}" if parameters else page
