"""Interpolate: walk from one image to another through the latent space."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache, panels, state
from pages.ui.figures import path_map, step_chart
from pages.ui.panels import Choice
from vae_core import explore, project
from vae_core.catalogue import Entry
from vae_core.images import gif_bytes, strip_bytes
from vae_core.model import VAE

KINDS: dict[explore.Path, str] = {"linear": "Linear", "spherical": "Spherical"}
FRAME_MILLISECONDS = 120
FRAMES_A_ROW = 12
ROW_WIDTH = 1_100  # screen pixels, on a desktop
MAP_POINTS = 2_000


def choose_end(letter: str, entry: Entry, model: VAE, *, key: str, default: int) -> Choice | None:
    """One end of the walk: an image, beside what the model makes of it."""
    with st.container(border=True):
        st.markdown(f"**Image {letter}**")
        source = st.segmented_control(
            f"Image {letter} comes from",
            ("Data set", "Upload"),
            default="Data set",
            required=True,
            key=f"{key}_source",
            label_visibility="collapsed",
        )
        if source == "Upload":
            end = panels.uploaded_image(label=f"Upload image {letter}", entry=entry, key=f"interpolate_{key}")
        else:
            end = panels.data_image(label=f"Image {letter}", entry=entry, key=key, default=default)
        if end is None:
            return None
        with st.container(horizontal=True):
            if end.original:
                panels.picture(end.picture, alt=f"{letter}: {end.title}", caption="Original", target=128)
            rebuilt = explore.decode(model, end.code[None])[0]
            caption = "Reconstruction" if end.original else "From its kept code"
            panels.picture(rebuilt, alt=f"Reconstruction of {letter}: {end.title}", caption=caption, target=128)
    return end


def show_rows(frames: NDArray[np.uint8], *, alt: str) -> None:
    """All frames in order, in rows that keep them large enough to see."""
    side = ROW_WIDTH // min(len(frames), FRAMES_A_ROW)
    for first in range(0, len(frames), FRAMES_A_ROW):
        row = frames[first : first + FRAMES_A_ROW]
        panels.picture_row(row, alt=f"{alt}, frames {first + 1} to {first + len(row)} of {len(frames)}", target=side)


@st.fragment
def scrubber(entry: Entry, codes: NDArray[np.float32], frames: NDArray[np.uint8]) -> None:
    """One frame large, and its place on the map."""
    count = len(frames)
    large, flat = st.columns(2, gap="medium")
    with large:
        state.put("frame", min(state.get("frame", (count + 1) // 2), count))
        frame = st.slider("Frame", 1, count, key="frame", help="Frame 1 is image A's reconstruction, the last one is image B's.") - 1
        share = frame / (count - 1)
        panels.picture(frames[frame], alt=f"Frame {frame + 1} of {count}", caption=f"{share:.0%} of the way from A to B", target=320)
    with flat:
        known = cache.codes(entry)
        background = known.posterior.mean if known is not None else codes
        projection = project.raw(background) if codes.shape[1] == 2 else project.pca(background)
        path = project.place(projection, background, codes)
        points = None if known is None else projection.points[:: -(-len(background) // MAP_POINTS)]
        figure = path_map(points, path, frame, axis_labels=projection.axis_labels)
        length = np.linalg.norm(np.diff(codes, axis=0), axis=1).sum()
        alt = f"The path on the map, from {place(path[0])} to {place(path[-1])}; frame {frame + 1} lies at {place(path[frame])}."
        st.plotly_chart(figure, key="path_map", config={"displayModeBar": False}, alt=alt)
        shown = "" if points is None else f" {len(points):,} of {len(background):,} codes are shown."
        st.caption(f"{alt} Its length in all {codes.shape[1]} dimensions is {length:.2f}.{shown} {projection.note}")


def place(point: NDArray[np.float32]) -> str:
    """A point of the map as text."""
    across, up = point.round(1) + 0.0  # without it, a small negative number is "−0.0"
    return f"({across:.1f}, {up:.1f})".replace("-", "−")


def changes(frames: NDArray[np.uint8], fade: NDArray[np.uint8] | None) -> None:
    """The step-by-step change, as a chart and in words."""
    st.subheader("Change from frame to frame", help="Root mean squared difference of neighbouring frames: 0 is equal, 1 is black to white.")
    walk = explore.step_changes(frames)
    largest, smallest = int(walk.argmax()), int(walk.argmin())
    words = (
        f"The picture changes most from frame {largest + 1} to {largest + 2} ({walk[largest]:.3f}) "
        f"and least from {smallest + 1} to {smallest + 2} ({walk[smallest]:.3f})."
    )
    figure = step_chart(walk, None if fade is None else explore.step_changes(fade))
    st.plotly_chart(figure, key="step_chart", config={"displayModeBar": False}, alt=words)
    st.caption(f"{words} Equal steps in latent space need not be equal steps on screen: a high bar is a border that the walk crosses.")


def downloads(frames: NDArray[np.uint8]) -> None:
    """The walk as an animation and as a strip; made when asked for."""
    scale = panels.picture_scale(frames.shape[1:], 256)
    with st.container(horizontal=True, vertical_alignment="center"):
        loop = st.toggle("Forth and back", value=True, key="loop", help="The GIF walks back to A, so that its loop has no jump.")
        played = np.concatenate([frames, frames[-2:0:-1]]) if loop else frames
        st.download_button(
            "Download GIF",
            lambda: gif_bytes(played, milliseconds=FRAME_MILLISECONDS, scale=scale),
            "walk.gif",
            "image/gif",
            icon=":material/gif_box:",
            on_click="ignore",
        )
        strip = panels.picture_scale(frames.shape[1:], 96)
        st.download_button(
            "Download strip", lambda: strip_bytes(frames, strip), "walk.png", "image/png", icon=":material/image:", on_click="ignore"
        )


st.title("Interpolate")
st.write("Two images become two codes. Every code on the way between them is a picture too.")
chosen = panels.choose_model()
vae = panels.opened(chosen).model
left, right = st.columns(2, gap="medium")
with left:
    start = choose_end("A", chosen, vae, key=state.FROM, default=0)
with right:
    end = choose_end("B", chosen, vae, key=state.TO, default=1)
if start is None or end is None:
    st.info("Choose or upload both images, and the walk between them appears here.", icon=":material/info:")
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    kind = st.segmented_control(
        "Path",
        list(KINDS),
        default="linear",
        required=True,
        format_func=KINDS.__getitem__,
        key=state.PATH,
        bind="query-params",
        help="Linear is the straight line. Spherical turns around the centre and keeps the distance to it, as codes of a wide prior do.",
    )
    steps = st.slider("Frames", 3, 60, 11, key=state.STEPS, bind="query-params", width=320)
way = explore.interpolate(start.code, end.code, steps, kind)
walked = explore.decode(vae, way)
show_rows(walked, alt="The walk from A to B")
fading = None
if st.toggle("Compare with a cross-fade of the pixels", key="fade"):
    fading = explore.cross_fade(walked[0], walked[-1], steps)
    st.caption("A cross-fade lays one picture over the other: two ghosts in the middle. A walk draws one picture at every step.")
    show_rows(fading, alt="Cross-fade from A to B")
downloads(walked)
scrubber(chosen, way, walked)
changes(walked, fading)
panels.link_to_view()
