"""Models: every model with its card and figures; use, rename, delete, download one, or add a model file."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.model_cards import take
from pages.ui.ground.models import ask_model, links_to_pages
from pages.ui.ground.names import file_stem, names_of
from pages.ui.ground.pictures import show_tiles
from pages.ui.ground.refusals import attempt, show_outcome
from pages.ui.panels import cards
from pages.ui.screens.models import damaged, sharing
from pages.ui.screens.models.adopting import adopt
from pages.ui.screens.models.audit_panel import audit_panel
from pages.ui.server.uploads import largest_file
from vae_core.analysis import explore
from vae_core.analysis.pictures import shown_with
from vae_core.base import owners
from vae_core.base.errors import InputError
from vae_core.export import live_model, takehome
from vae_core.runs import catalogue, damage, directory
from vae_core.runs.catalogue import MAX_NAME, Entry

NO_MODEL = {
    "queued": "waiting",
    "submitted": "waiting on the cluster",
    "running": "in training, nothing kept yet",
    "stopped": "stopped before it learnt",
    "failed": "failed",
}
PICTURES = 10


def pick() -> None:
    """A click on a line of the list chooses that model."""
    rows = state.get(table)["selection"]["rows"]
    if rows:
        take(list(lines)[rows[0]])


def add() -> None:
    """Keep the uploaded model file and choose it."""
    file = state.get(uploader)
    if file is not None:
        state.put(state.MODELS_ADDED, state.get(state.MODELS_ADDED, 0) + 1)  # a new uploader, so that the file is taken once
        try:
            take(catalogue.add(file.getvalue(), file.name))
        except InputError:
            st.toast(
                "The file was refused: the page says why at its top.", icon=":material/error:"
            )  # which is out of sight from the uploader
            raise


def rename(model_id: str, field: str) -> None:
    """Give the model the name in the field."""
    catalogue.rename(model_id, state.get(field))
    state.put(state.MODELS_RENAMED, state.get(state.MODELS_RENAMED, 0) + 1)  # a new popover, which is closed


def delete(model_id: str, name: str) -> None:
    """Move the model to the trash."""
    catalogue.delete(model_id)
    state.tell(state.MODEL, None)
    state.put(state.MODELS_DELETED, (model_id, name))


def restore(model_id: str) -> None:
    """Bring a deleted model back and choose it."""
    catalogue.restore(model_id)
    take(model_id)


def made_up(entry: Entry) -> None:
    """What the chosen model draws of itself; the page ends with what can be done where it is damaged."""
    try:
        model = cache.opened(entry.folder).model
    except InputError as error:
        damaged.show(damage.of_model(entry, error))
        st.stop()
    if entry.card.model.variational:
        codes = explore.sample_prior(entry.card.model.latent, PICTURES, seed=0)
        show_tiles(explore.decode(model, codes), names=[f"Picture {number} it makes up" for number in range(1, PICTURES + 1)])
        st.caption("Pictures it makes up: codes drawn from the prior with seed 0, decoded.")


def details(entry: Entry) -> None:
    """What one can do with the chosen model, and its card."""
    with st.container(horizontal=True):
        links_to_pages(entry.id, entry.card.model)
    with st.container(horizontal=True):
        names, portable, file_name = names_of(entry), live_model.is_known_to_browser(entry.card.model), file_stem(entry)
        st.download_button(
            "Download model file",
            lambda: cache.packed(entry.folder, names),
            file_name=f"{file_name}.zip",
            mime="application/zip",
            on_click="ignore",
            icon=":material/download:",
            help="One file with weights and card, for another computer or another person.",
        )
        st.download_button(
            "Take-home page",
            lambda: takehome.html_page(cache.whole(entry.folder), entry.name, shown_with(entry.card), dimension_names=names),
            file_name=f"{file_name}.html",
            mime="text/html",
            on_click="ignore",
            icon=":material/backpack:",
            disabled=not portable,
            help="One page with the live sliders, of β too, the map and the card. It opens in any browser, without a network."
            if portable
            else "The browser does not know every layer of this model, so this app must run to decode for it: take the model file.",
        )
        kept_as_it_is = None if entry.mine else sharing.why_not(entry.id, entry.kind)
        renamed = state.get(state.MODELS_RENAMED, 0)
        editor = st.popover(
            "Rename",
            icon=":material/edit:",
            disabled=not entry.mine,
            help=kept_as_it_is,
            key=state.part(state.MODELS_RENAMED, renamed),
        )
        with editor.form(state.MODELS_RENAME, border=False):
            field = state.part(state.MODELS_NEW_NAME, renamed, entry.id)
            st.text_input("New name", entry.name, key=field, max_chars=MAX_NAME)
            st.form_submit_button("Save", on_click=attempt, args=(rename, entry.id, field))
        if st.button("Delete", icon=":material/delete:", disabled=not entry.mine, help=kept_as_it_is):
            cards.ask_to_delete(entry, delete)
        sharing.offer(entry)
    st.code(cards.whole_card(entry), language=None, wrap_lines=True)


st.title("Models")
which = "on this computer: bundled with the app, trained here, or added as a file"
if owners.asking() is not None:
    which = "that you can open: bundled with the app, your own, or shared with the class"
st.markdown(f"Every model {which}. The chosen one is used on every page. Bring yours, from PyTorch or ONNX, at the foot of this page.")
show_outcome(restore=restore, key=state.MODELS_DELETED)
listed = cache.models()
body = st.container()
uploader = state.part(state.MODELS_ADDED, state.get(state.MODELS_ADDED, 0))
st.file_uploader(
    "Add a model file",
    type="zip",
    key=uploader,
    on_change=attempt,
    args=(add,),
    max_upload_size=largest_file(),
    help="A file that somebody downloaded on this page. It holds numbers and text only; nothing in it is run.",
)
adopt(take)
sharing.say_room()
link_to_view()
with body:
    broken = damage.listing(listed)
    damaged.show_all(broken)
    waiting = [run for run in directory.own() if run.id not in listed and run.id not in broken]
    if waiting:
        names = ", ".join(f"{run.config.name} ({NO_MODEL.get(run.status.state, run.status.state)})" for run in waiting[:5])
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(
                f"{len(waiting)} run{'' if len(waiting) == 1 else 's'} without a model: {names}{' …' if len(waiting) > 5 else ''}",
                width="stretch",
            )
            st.page_link("pages/train.py", label="See Train", icon=":material/model_training:")
    entry = ask_model()
    pictures = st.container()  # filled after the table, which is there for a damaged model too
    own = [each.id for each in listed.values() if each.kind != "bundled"]
    chosen = "" if entry is None else entry.id
    left_out = {*own[cards.MOST_OWN :]} - {chosen}
    lines = {model_id: each for model_id, each in listed.items() if model_id not in left_out}
    # Its own chosen line follows the menu only in a new list.
    table = state.part(state.MODELS_TABLE, len(listed), chosen)
    st.dataframe(
        [cards.row(each) for each in lines.values()],
        key=table,
        on_select=pick,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [list(lines).index(chosen)] if chosen else [], "columns": [], "cells": []}},
        hide_index=True,
        column_config=cards.COLUMNS,
        alt="All models with their figures on their validation images; the menu above chooses one",
    )
    if len(lines) < len(listed):
        st.caption(f"The {cards.MOST_OWN} newest of {len(own):,} models of your own. The button at the top searches all of them.")
    st.caption("Nats per image, to compare within one data set only. A loss may be below zero where pixels have a density, as in faces.")
    if entry is not None:
        with pictures:
            made_up(entry)
            audit_panel(entry)
        details(entry)
next_page("sliders", "Sliders", "Move its numbers and see what each one means.", **({state.MODEL: chosen} if chosen else {}))
