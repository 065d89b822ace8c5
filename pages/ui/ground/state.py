"""The only file that names session-state keys and query parameters.

A constant is at once the widget's key and, where the widget is bound to the URL, the query parameter's name, so a view is a link.
All pages share one session, so each key is declared once, here, and begins with its page's name; only what stands in an address
keeps the short name that links have. State that no widget holds is behind a function.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_SEPARATOR = "/"
_declared: set[str] = set()


def _key(value: str) -> str:
    """Declare a key, or a part for `part`.

    Raises:
        ValueError: it is declared already, or could be taken for a key made of parts.
    """
    if value in _declared or _SEPARATOR in value:
        raise ValueError(f"The key {value!r} is declared twice or contains {_SEPARATOR!r}.")
    _declared.add(value)
    return value


def part(scope: str, *parts: object) -> str:
    """The key of something within a scope: what it is, a `PART_…`, and which of several, such as a model's id.

    Args:
        scope: a declared key, or what this function made of one.
        parts: of which none contains a slash.

    Raises:
        ValueError: the scope does not begin with a declared key, or a part contains a slash.
    """
    texts = [str(each) for each in parts]
    if scope.split(_SEPARATOR)[0] not in _declared or any(_SEPARATOR in text for text in texts):
        raise ValueError(f"{texts} cannot be parts of {scope!r}.")
    return _SEPARATOR.join((scope, *texts))


MODEL = _key("model")
"""The chosen model's id, shared by all pages."""

CODE = _key("z")
"""The code on the Sliders page, and that of the pin on the Map page, as text, "0.1,-1,…"."""

SHARED_REFUSED = _key("shared_refused")
"""The `InputError` of what a button asked for, until it is shown."""

SHARED_MODEL_CHANGE, SHARED_MODEL_SEARCH = _key("shared_model_change"), _key("shared_model_search")
"""The button on which the chosen model stands, and the search field of the dialog that it opens."""

SHARED_MODEL_KEPT, MODEL_COOKIE = _key("shared_model_kept"), "latent_loom_model"
"""The model that was chosen by hand in this session; and where the browser keeps it: a cookie's name, no key."""

SHARED_LIVE_SESSION = _key("shared_live_session")
"""Names this session to the live components, which outlive it when the server starts anew."""

SHARED_TOLD, SHARED_LANGUAGE, SHARED_LINK = map(_key, ("shared_told", "shared_language", "shared_link"))
"""A page, and what it told the address under each name since the browser last agreed: the oldest is what it may still say; the language;
what was heard of the link to a page."""

SHARED_NAMES = _key("shared_names")
"""What this session calls the latent dimensions of bundled models: K names by the model's id."""

HOME_MODEL, HOME_MACHINE, HOME_OWN = _key("shown"), _key("home_machine"), _key("home_own")
"""On the Home page: which of its two models the machine is of, the machine, and an image of the user's own."""

SLIDERS_START, SLIDERS_SEED, SLIDERS_IMAGE, SLIDERS_OWN = _key("start"), _key("draw"), _key("image"), _key("sliders_own")
SLIDERS_NEXT_SEED = _key("sliders_next_seed")
"""What the Sliders page starts from, the seed of a random start, the place of a start image in the data set, and an own image."""

SLIDERS_DECK, SLIDERS_ATLAS = _key("sliders_deck"), _key("sliders_atlas")
"""The live sliders, which are the channel of what follows them, and the small map that does."""

SLIDERS_SAMPLER, SLIDERS_SAMPLES, SLIDERS_SAMPLES_SEED = _key("sampler"), _key("sliders_samples"), _key("sliders_samples_seed")
SLIDERS_SAMPLES_NEW = _key("sliders_samples_new")
"""Where random codes come from, on the Sliders page; and the samples shown there, their seed, and the button that draws others."""

SLIDERS_PLAIN, SLIDERS_COMPARED = _key("plain"), _key("with")
"""On the Sliders page: whether Streamlit's own sliders stand in for the live ones, and the id of a model to compare with."""

SLIDERS_COMPARED_BY = _key("by")
"""There, what the model beside it draws: the same image or the same code."""

SLIDERS_POSTERIOR, SLIDERS_EPSILON = _key("posterior"), _key("epsilon")
"""There, whether an image starts at its posterior's mean or at a sample, and the seed of that sample."""

SLIDERS_DIFFERENCE, SLIDERS_RANDOMISE = _key("sliders_difference"), _key("sliders_randomise")
"""There, whether the difference to the start is shown, and the button that draws a code."""

SLIDERS_ROWS, SLIDERS_COLUMNS = _key("rows"), _key("columns")
"""Dimensions and steps of the traversal grid."""

SLIDERS_WALK = _key("sliders_walk")
"""A `Walk`: the codes visited on the Sliders page."""

INTERPOLATE_FROM, INTERPOLATE_TO, INTERPOLATE_PATH, INTERPOLATE_STEPS = _key("from"), _key("to"), _key("path"), _key("steps")
"""The Interpolate page's two images as places in the data set, the kind of path, and its number of frames."""

INTERPOLATE_FROM_CODE, INTERPOLATE_TO_CODE, INTERPOLATE_PLACE = _key("from_z"), _key("to_z"), _key("t")
"""Where that page's ends were dragged to, as texts like `CODE`, and how far its walk has come: 0 at the first, 1 at the second."""

INTERPOLATE_LIVE, INTERPOLATE_TWIN = _key("interpolate_live"), _key("twin")
"""There, the live path, and the id of a second model that walks between the same two images."""

INTERPOLATE_FADE, INTERPOLATE_LOOP, INTERPOLATE_CHANGES = _key("interpolate_fade"), _key("interpolate_loop"), _key("interpolate_changes")
"""There, whether a cross-fade is shown, whether the GIF walks back, and the chart of the changes from frame to frame."""

MAP_VIEW, MAP_ACROSS, MAP_UP, MAP_COLOUR, MAP_IMAGE = _key("view"), _key("across"), _key("up"), _key("colour"), _key("point")
"""On the Map page: the projection, the two latent dimensions of the raw one, what colours the points, and the chosen image's number."""

MAP_LIVE, MAP_PLANE, MAP_DECK, MAP_OWN, MAP_CLASSES = map(_key, ("map_live", "map_plane", "map_deck", "map_own", "classes"))
"""There, the live map, the grid of decoded pictures, the sliders at the pin, an own image, and which of very many classes have a colour."""

MAP_LASSO = _key("map_lasso")
"""The codes inside the last lasso: the model's id and their numbers."""

MAP_POINTS, MAP_POINTS_SHOWN = _key("points"), _key("map_points_shown")
"""On the Map page: the numbers of several chosen images, joined by commas; and the text of those that the page has put into the address."""

MAP_PINS, MAP_PIN_SHOWN, MAP_PUT_PIN = _key("map_pins"), _key("map_pin_shown"), _key("map_put_pin")
"""The code at which the pin stands, by the model's id; the text of the one that the Map page has put into the address as `CODE`; and
the scope of the buttons that put it at an image."""

MAP_GRID, MAP_REPLAY = _key("grid"), _key("map_replay")
"""On the Map page: how many pictures the grid has in a row, and the snapshots of the model's run."""

TRAIN_DATA, TRAIN_SOURCE = _key("set"), _key("train_source")
"""On the Train page: the chosen data set's name or id, and whether images come from the list or from own files."""

TRAIN_BODY, TRAIN_LATENT, TRAIN_KL_WEIGHT, TRAIN_EPOCHS, TRAIN_PIXEL = map(_key, ("body", "latent", "weight", "epochs", "pixel"))
"""The Train page's settings that are in its address."""

TRAIN_PLAIN = _key("train_plain")
"""There, whether the model is a plain autoencoder."""

TRAIN_EVERY_WEIGHT, TRAIN_WEIGHT_FROM, TRAIN_WEIGHT_TO = _key("every"), _key("weight_from"), _key("weight_to")
"""There, whether one model is for every KL weight, and from which to which."""

TRAIN_HALVES, TRAIN_WEIGHT_SIGMA = _key("halves"), _key("weight_sigma")
"""There, whether the two halves of the rate have a weight each, and that of D_σ."""

TRAIN_HIDDEN, TRAIN_BATCH, TRAIN_LEARNING_RATE = _key("train_hidden"), _key("train_batch"), _key("train_lr")
TRAIN_SEED, TRAIN_NAME = _key("train_seed"), _key("train_name")
"""More settings of the Train page: the scope of the hidden sizes, one for each body; images per step; of Adam; and the model's name."""

TRAIN_SIGMA_IS, TRAIN_SIGMA, TRAIN_GREYS = _key("noise"), _key("sigma"), _key("grey")
"""There, what σ is and its value, and what is done with grey pixels."""

TRAIN_SCHEDULE, TRAIN_RAMP, TRAIN_CYCLES = _key("schedule"), _key("ramp"), _key("cycles")
TRAIN_CAPACITY, TRAIN_FREE_BITS, TRAIN_TC = _key("capacity"), _key("free_bits"), _key("tc")
TRAIN_OBJECTIVE = _key("train_objective")
"""There, what training makes small beyond a constant β, and its chart."""

TRAIN_BLACK_AND_WHITE = _key("train_black_and_white")
"""There, the set that was looked at last, and whether it has no greys."""

TRAIN_NOT_COMPARABLE = _key("train_not_comparable")
"""There, the box of the models whose figures will not compare."""

TRAIN_SUGGESTED, TRAIN_SUGGESTED_PACE = _key("train_suggested"), _key("train_suggested_pace")
"""The data set for which the Train page last filled in its settings; and that with whether the model is for every KL weight."""

TRAIN_IMPORT_READ, TRAIN_IMPORT_REMEDY = _key("train_import_read"), _key("train_import_remedy")
"""The Train page's uploaded files as last read, with the choices they were read with; and what was chosen where they left a choice."""

TRAIN_IMPORTED = _key("train_imported")
"""How many sets were imported in this session; the scope of the uploaders, of which each import has its own."""

TRAIN_IMPORT_CHANNELS, TRAIN_IMPORT_FIT = _key("train_import_channels"), _key("train_import_fit")
TRAIN_IMPORT_HEIGHT, TRAIN_IMPORT_WIDTH = _key("train_import_height"), _key("train_import_width")
TRAIN_IMPORT_BACKGROUND, TRAIN_IMPORT_TITLE = _key("train_import_background"), _key("train_import_title")
"""How uploaded files are read, and what the set is called."""

TRAIN_DELETED = _key("train_deleted")
"""The data set that was deleted last and can come back: its id and its name."""

TRAIN_RUN, TRAIN_RUN_OBJECTIVE, TRAIN_RUN_CURVE = _key("run"), _key("train_run_objective"), _key("train_run_curve")
TRAIN_RUN_REPLAY = _key("train_run_replay")
"""The id of the run that the Train page shows; its chart of what rises, the scope of its curves, and its snapshots."""

TRAIN_STOP, TRAIN_RESUME = _key("train_stop"), _key("train_resume")
"""The buttons that stop that run and go on with it."""

KL_SWEEP, KL_BETA = _key("sweep"), _key("beta")
"""On the KL weight page: the id of the multi-rate model or of the sweep that is chosen, and the KL weight shown of a sweep."""

KL_CHANGE, KL_SEARCH = _key("kl_change"), _key("kl_search")
"""There, the button on which that choice stands, and the search field of the dialog that it opens."""

KL_SWEEP_TABS, KL_SWEEP_BLUR = _key("kl_sweep_tabs"), _key("kl_sweep_blur")
"""There, which tab of a sweep is open, and the panel of the blur."""

KL_MULTIRATE, KL_PLACE = _key("rates"), _key("kl_place")
"""There, for a multi-rate model: the weight shown, or the two, "0.5,2"; and the scope of the codes chosen on the maps."""

KL_MULTIRATE_LIVE, KL_MULTIRATE_STOP = _key("kl_multirate_live"), _key("kl_multirate_stop")
KL_MULTIRATE_TABS, KL_MULTIRATE_BLUR = _key("kl_multirate_tabs"), _key("kl_multirate_blur")
"""For such a model: the live sliders, the scope of the plain ones that stand in for them, which tab is open, and the panel of the blur."""

KL_BESIDE_TRAIN, KL_LOGARITHMIC = _key("kl_beside_train"), _key("kl_logarithmic")
"""The button that trains models to compare it with; whether the chart of the dimensions has a logarithmic axis."""

KL_LOSS, KL_LOSS_WEIGHT = _key("kl_loss"), _key("kl_loss_weight")
KL_LOSS_PIXELS, KL_LOSS_LATENT, KL_LOSS_SIGMA = _key("kl_loss_pixels"), _key("kl_loss_latent"), _key("kl_loss_sigma")
"""What β is called in other code: the loss there and its w; and the scopes of P, K and σ, which start anew with another model's."""

KL_SWEEP_STARTED = _key("kl_sweep_started")
"""The id of a sweep that was queued just now."""

KL_SWEEP_DATA, KL_SWEEP_BODY, KL_SWEEP_LATENT = _key("sweep_data"), _key("kl_sweep_body"), _key("kl_sweep_latent")
KL_SWEEP_EPOCHS, KL_SWEEP_WEIGHTS = _key("kl_sweep_epochs"), _key("kl_sweep_weights")
"""That form: data set, kind of layers, latent dimensions, passes over the data, and the list of KL weights."""

MODELS_ADDED = _key("models_added")
"""How many model files were added in this session; the scope of the uploaders, of which each has its own."""

MODELS_FOREIGN, MODELS_FOREIGN_DATA = _key("models_foreign"), _key("models_foreign_data")
MODELS_ADOPTED = _key("models_adopted")
"""The scope of what is asked about a model from elsewhere, and the images to show it with; and the id of the one that was added last."""

MODELS_TABLE, MODELS_RENAMED = _key("models_table"), _key("models_renamed")
"""The list of models, and how often one was renamed; both scopes of what must be drawn anew."""

MODELS_RENAME, MODELS_NEW_NAME, MODELS_AUDITED = _key("models_rename"), _key("models_new_name"), _key("models_audited")
"""The form that renames a model, the scope of the field for its new name, and the id of the model whose audit sheet is open."""

MODELS_DELETE, MODELS_DELETED = _key("models_delete"), _key("models_deleted")
"""The button that deletes a model, in the dialog that asks; and the model that was deleted last and can come back: its id and its name."""

CLASS_RUNS, CLASS_RESET, CLASS_STILL = map(_key, ("class_runs", "class_reset", "class_still"))
CLASS_NAMES, CLASS_MODEL, CLASS_PICKED, CLASS_TITLE = map(_key, ("class_names", "class_model", "class_picked", "class_title"))
CLASS_MADE, CLASS_DRAWN, CLASS_LABEL, CLASS_SENT = map(_key, ("class_made", "class_drawn", "class_label", "class_sent"))
"""On the Class page: the scope of the buttons that stop runs, the button that clears the room, and how many runs that had to leave; of a
drawing session the names of its classes, its model, the drawing that is picked, the title and the id of the set; and where students draw,
the canvas, the class, and what was sent last."""

LEARN_STEP, LEARN_DIGIT, LEARN_ANSWER = _key("step"), _key("learn_digit"), _key("learn_answer")
LEARN_PRESENT, LEARN_NOTES, LEARN_BACK, LEARN_ON = _key("present"), _key("notes"), _key("learn_back"), _key("learn_on")
"""The step of the lesson, by its name; the digit that its steps show; the scope of the answers that were predicted; whether it is shown to
a room, with the teacher's notes, and the buttons to the step before and the one after."""

LEARN_KEPT, LEARN_SEED, LEARN_STRIDE, LEARN_NOISE = _key("learn_kept"), _key("learn_seed"), _key("learn_stride"), _key("learn_noise")
LEARN_Q, LEARN_ELLIPSE, LEARN_DRAWS = _key("learn_q"), _key("learn_ellipse"), _key("learn_draws")
LEARN_BETA, LEARN_PLACE, LEARN_FLIPS = _key("learn_beta"), _key("learn_place"), _key("learn_flips")
LEARN_THROW, LEARN_FROM, LEARN_TO, LEARN_ALONG = _key("learn_throw"), _key("learn_from"), _key("learn_to"), _key("learn_along")
"""The controls of single steps: numbers kept, seed of random codes, length of a step, noise; where the ellipse begins and its sliders;
draws; the KL weight, and the place chosen on its map; rounds of Gibbs sampling; of the last step seed, ends of the walk, dimension."""

LEARN_LANGUAGE, LEARN_NAME, LEARN_WRITTEN, LEARN_SHOWN = _key("lang"), _key("learn_name"), _key("learn_written"), _key("learn_shown")
LEARN_MACHINE, LEARN_TAKEN, LEARN_MULTIRATE, LEARN_REPLAY = map(_key, ("learn_machine", "learn_taken", "learn_multirate", "learn_replay"))
LEARN_VOTE = _key("learn_vote")
"""The language; of the worksheet: a name, the scopes of the answers written and of what each step has shown; and the live parts of the
lesson, with the place of the picture that is on the machine; and the scope of a class's votes."""

COMPARE_VIEW, COMPARE_IMAGES, COMPARE_SEED, COMPARE_OWN = map(_key, ("compare", "compare_images", "compare_seed", "compare_own"))
COMPARE_FROM, COMPARE_TO, COMPARE_OTHER, COMPARE_IMAGE = map(_key, ("compare_from", "compare_to", "compare_other", "compare_image"))
COMPARE_COLOUR, COMPARE_PAIR, COMPARE_COUNT = map(_key, ("compare_colour", "compare_pair", "compare_count"))
COMPARE_STEP, COMPARE_GROUP = _key("compare_step"), _key("compare_group")
COMPARE_PLANTED, COMPARE_FOLDS = map(_key, ("compare_planted", "compare_folds"))
"""The Compare page: its view, images, seed, own model, ends of walks; second model, image, colour, the live part of both, by which step
their code was moved, the group of images; what its memory trains."""

PART_OWN, PART_WAY, PART_UPLOAD, PART_PAINT = _key("own"), _key("way"), _key("upload"), _key("paint")
PART_INVERT, PART_CENTRE, PART_CROP = _key("invert"), _key("centre"), _key("crop")
PART_CANVAS, PART_DRAWING, PART_REFUSED = _key("canvas"), _key("drawing"), _key("refused")
"""Of a choice of an image: the own one, how it is given, the uploader and the button that paints on its picture; what is done with an
uploaded one, by its file; the canvas, what is drawn on it, and why that was not taken."""

PART_SOURCE, PART_EYE, PART_SHUFFLE, PART_PICK, PART_OTHERS = _key("source"), _key("eye"), _key("shuffle"), _key("pick"), _key("others")
PART_PICKED = _key("picked")
"""Of a choice of an image: where it comes from, the button that opens the pictures to choose by eye, the buttons there, and whether one
was picked just now."""

PART_SEEN, PART_FAILED, PART_AGAIN, PART_ROOM = _key("seen"), _key("failed"), _key("again"), _key("room")
"""Of a live component: the last event heard of it, why it cannot run, the button that tries again, and the room kept for it."""

PART_SLIDER, PART_RANGE, PART_MOVED = _key("slider"), _key("range"), _key("moved")
"""Of the plain sliders that stand in for a live component: each one, its range, and the code that they are at."""

PART_LEFT = _key("left")
"""Of an end of a walk: the code of the image that it was dragged away from."""

PART_FOLLOWED, PART_SEED = _key("followed"), _key("seed")
PART_UNSEEN, PART_FIRST, PART_LAST = _key("unseen"), _key("first"), _key("last")
"""Of a panel: the code elsewhere that it has followed, and the fields that choose one."""

PART_UNDO, PART_DISMISS = _key("undo"), _key("dismiss")
"""Of what was deleted: the buttons that bring it back and that let it go."""


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
    """What the address says under a name. A busy browser still sends what it was told before; then it is what it was told last."""
    context, told = get_script_run_ctx(), _told_here().get(key, [])
    said = dict(parse_qsl(context.query_string, keep_blank_values=True)).get(key) if context else None
    if said not in told or (context and context.is_history_navigation):  # an address that came with a link, or by Back
        told.clear()
        return st.query_params.get(key)
    del told[: told.index(said)]
    return told[-1]


def _told_here() -> dict[str, list[str | None]]:
    """What this page told the address, by name; what another page told it is no matter here."""
    context = get_script_run_ctx()
    here = context.page_script_hash if context else ""
    page, told = get(SHARED_TOLD, (None, {}))
    if page != here:
        told = {}
        put(SHARED_TOLD, (here, told))
    return told


def tell(key: str, value: str | None) -> None:
    """Let the address say this under a name that no widget is bound to; None takes the name away."""
    told(key, value)
    if value is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def told(key: str, value: str | None) -> None:
    """The address will say this, whatever it says until then; `tell` does it itself, a widget that is bound to the name does not."""
    values = _told_here().setdefault(key, [])
    values += [] if values else [st.query_params.get(key)]
    values += [] if values[-1] == value else [value]


def is_late(key: str, value: str | None) -> bool:
    """Whether a widget that is bound to this name still shows what it was told before it was told something else."""
    values = _told_here().get(key, [])
    return value in values and value != values[-1]


def choose(key: str, value: str) -> None:
    """Make a choice among ids, as if the user had made it in `menus.choose_id`; only before that is drawn, or in a callback."""
    put(key, value)
    st.query_params[key] = value


def remembered() -> str | None:
    """The model that this browser chose last before this session began."""
    return st.context.cookies.get(MODEL_COOKIE)


def settle(key: str, options: Collection[str]) -> None:
    """Before a choice among ids is drawn: the address decides, which keeps what is no option; then the choice before, then the first."""
    asked, before = st.query_params.get(key), get(key)
    first = next(iter(options))
    value = next((known for known in (asked, before) if known is not None and known in options), first)
    put(key, value)  # even the same again: the browser shows a name that was changed only when it is told
    if value != asked and asked in (None, before) and (asked, value) != (None, first):
        st.query_params[key] = value


def follow(key: str) -> None:
    """After a choice among ids was made by the user: put it into the address."""
    st.query_params[key] = st.session_state[key]


def link(**more: str) -> str:
    """The address that restores this view: the page with the query parameters that its widgets are bound to, and with `more` of them."""
    parameters = st.query_params.to_dict() | more
    if MODEL not in parameters and (kept := remembered()) is not None and kept == get(MODEL):
        parameters[MODEL] = kept  # the one who follows the link has another browser
    page = (st.context.url or "").split("?")[0]
    return f"{page}?{urlencode(parameters)}" if parameters else page
