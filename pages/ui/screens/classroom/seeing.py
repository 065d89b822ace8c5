"""The teacher's side of the drawing session: open it, see what comes, on tiles and on a map, take drawings away, keep them as a set."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import drawn_map
from pages.ui.ground.menus import choose_id
from pages.ui.ground.models import FIRST
from pages.ui.ground.refusals import attempt, refuse, show_refusal
from pages.ui.live.picker import pick_picture
from vae_core.analysis import projection
from vae_core.base.errors import InputError
from vae_core.data import drawings
from vae_core.data.drawings import SHAPE, Drawing, Session
from vae_core.runs.catalogue import Entry

_LOOK = 1.0  # seconds
_TILES = 60


def fitting() -> dict[str, Entry]:
    """The models that see drawings of this size, the one that pages open with first."""
    models = {
        model_id: entry
        for model_id, entry in cache.models().items()
        if (entry.card.model.channels, entry.card.model.height, entry.card.model.width) == SHAPE
    }
    return dict(sorted(models.items(), key=lambda pair: pair[0] != FIRST))


def model_of(session: Session) -> Entry | None:
    """The model of a session; another that fits where who looks does not see it, None where there is none."""
    models = fitting()
    return models.get(session.model or "") or next(iter(models.values()), None)


def show() -> None:
    """What the Class page has of it."""
    st.subheader("The class draws its data set")
    made = state.get(state.CLASS_MADE)
    if made is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown("The set is in the library, and the whole class sees it.", width="content")
            st.page_link("pages/train.py", label="Train with it", icon=":material/model_training:", query_params={state.TRAIN_DATA: made})
    session = drawings.current()
    if session is None:
        _opening()
    else:
        _arriving(session)


def _opening() -> None:
    models = fitting()
    state.default(state.CLASS_NAMES, "circle, cross, heart")
    st.text_input("Classes, with commas between them", key=state.CLASS_NAMES, max_chars=500)
    if models:
        options = {model_id: entry.name for model_id, entry in models.items()}
        choose_id(
            label="On the map of", options=options, key=state.CLASS_MODEL, help="A model of 28 × 28 grey pixels, which sees the drawings."
        )
    st.button("Let the class draw", type="primary", icon=":material/draw:", on_click=attempt, args=(_open,))


def _open() -> None:
    names: str = state.get(state.CLASS_NAMES)
    drawings.begin(names.split(","), state.get(state.CLASS_MODEL))
    state.take(state.CLASS_MADE)


@st.fragment(run_every=_LOOK)
def _arriving(session: Session) -> None:
    """All that has come, newest first; drawn again each second. What cannot be shown just now is a sentence."""
    show_refusal()
    try:
        _come(session)
    except InputError as error:
        refuse(error)


def _come(session: Session) -> None:
    if drawings.current() != session:
        st.rerun()  # it was ended in another window
    found = drawings.drawings(session.id)
    counts = np.bincount([each.label for each in found], minlength=len(session.classes)).tolist()
    each = ", ".join(f"{name} {count}" for name, count in zip(session.classes, counts, strict=True))
    st.text(f"{len(found):,} drawing{'' if len(found) == 1 else 's'}: {each}. The students draw on their page Draw.")
    broken = drawings.damaged(session.id)
    if broken:
        st.caption(f":material/warning: {broken} more {'is' if broken == 1 else 'are'} damaged on the disk.")
    if found:
        tiles, plane = st.columns(2, gap="medium")
        with tiles:
            _tiles(session, found)
        with plane:
            _map(session, found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.default(state.CLASS_TITLE, f"Drawings: {', '.join(session.classes)}"[:80])
        st.text_input("Name of the set", key=state.CLASS_TITLE, max_chars=80)
        st.button("End and keep the set", type="primary", icon=":material/save:", on_click=attempt, args=(_keep, session))
        st.button("End and keep nothing", icon=":material/close:", on_click=attempt, args=(_drop,))


def _tiles(session: Session, found: list[Drawing]) -> None:
    shown = {int(each.id[-12:], 16): each for each in found[:_TILES]}
    pick_picture(
        legend="Drawings of the class, the newest first: click one to take it away",
        pictures=np.stack([each.pixels for each in shown.values()]),
        numbers=list(shown),
        titles=[session.classes[each.label] for each in shown.values()],
        chosen=state.get(state.CLASS_PICKED),
        key=state.part(state.CLASS_PICKED, state.PART_PICK),
        on_pick=partial(state.put, state.CLASS_PICKED),
    )
    if len(found) > _TILES:
        st.caption(f"The newest {_TILES}.")
    picked = shown.get(state.get(state.CLASS_PICKED, -1))
    if picked is not None:
        with st.container(horizontal=True):
            for title, whole in (("Take it away", False), ("Take all of this browser away", True)):
                action = partial(drawings.remove, session.id, picked.id, all_of_its_browser=whole)
                st.button(title, icon=":material/delete:", key=state.part(state.CLASS_PICKED, title), on_click=attempt, args=(action,))


def _map(session: Session, found: list[Drawing]) -> None:
    """Where the drawings lie among the codes of the model's own images."""
    entry = model_of(session)
    known = None if entry is None else cache.welcome(entry)
    if entry is None or known is None:
        return
    plane = known.plane
    new = cache.codes_of_drawings(entry.folder, session.id, found[::-1])[::-1]
    points = projection.place(plane, plane.points, new)  # of raw and PCA: where the others lie does not matter
    figure = drawn_map(plane.points, points, np.array([each.label for each in found]), session.classes, plane.axis_labels)
    alt = f"The drawings, {len(found)} so far, among the codes of the images of {entry.name}, a colour and a sign for each class"
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def _keep(session: Session) -> None:
    state.put(state.CLASS_MADE, drawings.end(session.id, state.get(state.CLASS_TITLE)))
    state.take(state.CLASS_TITLE)


def _drop() -> None:
    drawings.discard()
    state.take(state.CLASS_TITLE)
