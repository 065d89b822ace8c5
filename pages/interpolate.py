"""Interpolate: walk from one image to another through the latent space."""

from __future__ import annotations

import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.refusals import show_refusal
from pages.ui.live import path
from pages.ui.live.path import End
from pages.ui.panels.image_input import data_image, uploaded_image
from pages.ui.screens.interpolate import frames, twins
from vae_core.analysis import explore
from vae_core.runs.catalogue import Entry

KINDS: dict[explore.Path, str] = {"linear": "Linear", "spherical": "Spherical"}


def choose_end(letter: str, entry: Entry, *, key: str, default: int) -> Choice | None:
    """One end of the walk: an image, which the live part shows beside what the model makes of it."""
    with st.container(border=True):
        st.markdown(f"**Image {letter}**")
        source = st.segmented_control(
            f"Image {letter} comes from",
            ("Data set", "Own image"),
            default="Data set",
            required=True,
            key=state.part(key, state.PART_SOURCE),
            label_visibility="collapsed",
        )
        if source == "Own image":
            end = uploaded_image(label=f"Upload image {letter}", entry=entry, key=state.part(key, state.PART_OWN))
        else:
            end = data_image(label=f"Image {letter}", entry=entry, key=key, default=default)
    return end


def walk(entry: Entry, images: tuple[Choice, Choice], ends: tuple[End, End], kind: explore.Path, twin: Entry | None) -> None:
    """The picture that follows the scrubber, and the map on which the ends can be dragged."""
    ground = path.ground(entry, images)
    t = path.place()
    show_refusal()
    path.live_path(entry=entry, ends=ends, kind=kind, t=t, ground=ground, key=state.INTERPOLATE_LIVE, twin=twin)
    if twin is not None:
        st.caption(twins.said(entry, twin))
    dragged = [letter for letter, end in zip("AB", ends, strict=True) if end.dragged]
    if dragged:
        with st.container(horizontal=True, vertical_alignment="center"):
            for letter in dragged:
                st.caption(f"You dragged {letter} away from its image's code.")
            st.button("Back to the images", icon=":material/undo:", on_click=path.back_to_images)
    st.caption(path.description(ends, kind, ground))


chosen = choose_model("Interpolate", "Two images become two codes. Every code on the way between them is a picture too.")
vae = open_or_stop(chosen).model
place, forms = st.container(), st.container()
with forms:
    left, right = st.columns(2, gap="medium")
    with left:
        start = choose_end("A", chosen, key=state.INTERPOLATE_FROM, default=0)
    with right:
        end = choose_end("B", chosen, key=state.INTERPOLATE_TO, default=1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = state.asked(state.INTERPOLATE_PATH) or ""
        if asked not in KINDS.values() and asked.lower() in KINDS:  # typed by hand: the widget knows its own spelling alone
            state.put(state.INTERPOLATE_PATH, asked.lower())
        kind = st.segmented_control(
            "Path",
            list(KINDS),
            default="linear",
            required=True,
            format_func=KINDS.__getitem__,
            key=state.INTERPOLATE_PATH,
            bind="query-params",
            help="Linear is the straight line. Spherical turns around the centre, and the distance from it goes evenly from A's to B's. "
            "Codes of many dimensions mostly lie about as far from the centre, and the straight line comes nearer to it.",
        )
        twin = twins.choose_twin(chosen)
if start is None or end is None:
    place.info("Choose, upload or draw both images, and the walk between them appears here.", icon=":material/info:")
    st.stop()

ends = path.end(state.INTERPOLATE_FROM_CODE, start), path.end(state.INTERPOLATE_TO_CODE, end)
with place:
    walk(chosen, (start, end), ends, kind, twin)

st.subheader("Frames", help="The walk from A to B in equal steps, to look at side by side and to save.")
steps = st.slider("Frames", 3, 60, 11, key=state.INTERPOLATE_STEPS, bind="query-params", width=320, label_visibility="collapsed")
walked = explore.decode(vae, explore.interpolate(ends[0].code, ends[1].code, steps, kind))
frames.show_rows(walked, alt="The walk from A to B")
if twin is not None:
    st.text(twin.name)
    codes = path.twin_codes(twin, ends)
    frames.show_rows(
        explore.decode(open_or_stop(twin).model, explore.interpolate(codes[0], codes[1], steps, kind)), alt="The second model's walk"
    )
fading = None
if st.toggle("Compare with a cross-fade of the pixels", key=state.INTERPOLATE_FADE):
    fading = explore.cross_fade(walked[0], walked[-1], steps)
    st.caption("A cross-fade lays one picture over the other: two ghosts in the middle. A walk draws one picture at every step.")
    frames.show_rows(fading, alt="Cross-fade from A to B")
frames.downloads(walked)
frames.changes(walked, fading)
link_to_view()
turned = {state.KL_SWEEP: chosen.id} if chosen.card.model.beta_range else {}
next_page("kl_weight", "KL weight", "Turn the one number that decides between sharp pictures and a space without holes.", **turned)
