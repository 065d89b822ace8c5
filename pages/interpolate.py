"""Interpolate: walk from one image to another through the latent space."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.ground.figures import step_chart
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.pictures import picture_scale, show_picture, show_row
from pages.ui.ground.refusals import show_refusal
from pages.ui.live import path
from pages.ui.live.path import End
from pages.ui.panels.image_input import data_image, uploaded_image
from vae_core.analysis import explore
from vae_core.data.images import gif_bytes, strip_bytes
from vae_core.model.vae import VAE
from vae_core.runs.catalogue import Entry

KINDS: dict[explore.Path, str] = {"linear": "Linear", "spherical": "Spherical"}
FRAME_MILLISECONDS = 120
FRAMES_A_ROW = 12
ROW_WIDTH = 1_100  # screen pixels, on a desktop


def choose_end(letter: str, entry: Entry, model: VAE, *, key: str, default: int) -> Choice | None:
    """One end of the walk: an image, beside what the model makes of it."""
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
        if end is None:
            return None
        with st.container(horizontal=True):
            if end.original:
                show_picture(end.picture, alt=f"{letter}: {end.title}", caption="Original", target=128)
            rebuilt = explore.decode(model, end.code[None])[0]
            caption = "Reconstruction" if end.original else "From its kept code"
            show_picture(rebuilt, alt=f"Reconstruction of {letter}: {end.title}", caption=caption, target=128)
    return end


def show_rows(frames: NDArray[np.uint8], *, alt: str) -> None:
    """All frames in order, in rows that keep them large enough to see."""
    side = ROW_WIDTH // min(len(frames), FRAMES_A_ROW)
    for first in range(0, len(frames), FRAMES_A_ROW):
        row = frames[first : first + FRAMES_A_ROW]
        show_row(row, alt=f"{alt}, frames {first + 1} to {first + len(row)} of {len(frames)}", target=side)


def walk(entry: Entry, images: tuple[Choice, Choice], ends: tuple[End, End], kind: explore.Path) -> None:
    """The picture that follows the scrubber, and the map on which the ends can be dragged."""
    ground = path.ground(entry, images)
    t = path.place()
    show_refusal()
    path.live_path(entry=entry, ends=ends, kind=kind, t=t, ground=ground, key=state.INTERPOLATE_LIVE)
    dragged = [letter for letter, end in zip("AB", ends, strict=True) if end.dragged]
    if dragged:
        with st.container(horizontal=True, vertical_alignment="center"):
            for letter in dragged:
                st.caption(f"You dragged {letter} away from its image's code.")
            st.button("Back to the images", icon=":material/undo:", on_click=path.back_to_images)
    st.caption(path.description(ends, kind, ground))


def changes(frames: NDArray[np.uint8], fade: NDArray[np.uint8] | None) -> None:
    """The step-by-step change, as a chart and in words."""
    st.subheader("Change from frame to frame", help="Root mean squared difference of neighbouring frames: 0 is equal, 1 is black to white.")
    steps = explore.step_changes(frames)
    largest, smallest = int(steps.argmax()), int(steps.argmin())
    words = (
        f"The picture changes most from frame {largest + 1} to {largest + 2} ({steps[largest]:.3f}) "
        f"and least from {smallest + 1} to {smallest + 2} ({steps[smallest]:.3f})."
    )
    figure = step_chart(steps, None if fade is None else explore.step_changes(fade))
    st.plotly_chart(figure, key=state.INTERPOLATE_CHANGES, config={"displayModeBar": False}, alt=words)
    st.caption(f"{words} Equal steps in latent space need not be equal steps on screen: a high bar is a border that the walk crosses.")


def downloads(frames: NDArray[np.uint8]) -> None:
    """The walk as an animation and as a strip; made when asked for."""
    scale = picture_scale(frames.shape[1:], 256)
    with st.container(horizontal=True, vertical_alignment="center"):
        loop = st.toggle("There and back", value=True, key=state.INTERPOLATE_LOOP, help="The GIF walks back to A, so its loop has no jump.")
        played = np.concatenate([frames, frames[-2:0:-1]]) if loop else frames
        st.download_button(
            "Download GIF",
            lambda: gif_bytes(played, milliseconds=FRAME_MILLISECONDS, scale=scale),
            "walk.gif",
            "image/gif",
            icon=":material/gif_box:",
            on_click="ignore",
        )
        strip = picture_scale(frames.shape[1:], 96)
        st.download_button(
            "Download strip", lambda: strip_bytes(frames, strip), "walk.png", "image/png", icon=":material/image:", on_click="ignore"
        )


chosen = choose_model("Interpolate", "Two images become two codes. Every code on the way between them is a picture too.")
vae = open_or_stop(chosen).model
left, right = st.columns(2, gap="medium")
with left:
    start = choose_end("A", chosen, vae, key=state.INTERPOLATE_FROM, default=0)
with right:
    end = choose_end("B", chosen, vae, key=state.INTERPOLATE_TO, default=1)
if start is None or end is None:
    st.info("Choose, upload or draw both images, and the walk between them appears here.", icon=":material/info:")
    st.stop()

kind = st.segmented_control(
    "Path",
    list(KINDS),
    default="linear",
    required=True,
    format_func=KINDS.__getitem__,
    key=state.INTERPOLATE_PATH,
    bind="query-params",
    help="Linear is the straight line. Spherical turns around the centre and keeps its distance from it, as codes of many dimensions do.",
)
ends = path.end(state.INTERPOLATE_FROM_CODE, start), path.end(state.INTERPOLATE_TO_CODE, end)
walk(chosen, (start, end), ends, kind)

st.subheader("Frames", help="The walk from A to B in equal steps, to look at side by side and to save.")
steps = st.slider("Frames", 3, 60, 11, key=state.INTERPOLATE_STEPS, bind="query-params", width=320, label_visibility="collapsed")
walked = explore.decode(vae, explore.interpolate(ends[0].code, ends[1].code, steps, kind))
show_rows(walked, alt="The walk from A to B")
fading = None
if st.toggle("Compare with a cross-fade of the pixels", key=state.INTERPOLATE_FADE):
    fading = explore.cross_fade(walked[0], walked[-1], steps)
    st.caption("A cross-fade lays one picture over the other: two ghosts in the middle. A walk draws one picture at every step.")
    show_rows(fading, alt="Cross-fade from A to B")
downloads(walked)
changes(walked, fading)
link_to_view()
turned = {state.KL_SWEEP: chosen.id} if chosen.card.model.beta_range else {}
next_page("kl_weight", "KL weight", "Turn the one number that decides between sharp pictures and a space without holes.", **turned)
