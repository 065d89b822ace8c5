"""The walk in equal steps: its frames in rows, what changes from each to the next, and files to keep."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.ground import state
from pages.ui.ground.figures import step_chart
from pages.ui.ground.pictures import picture_scale, show_row
from vae_core.analysis import explore
from vae_core.data.animation import gif_bytes
from vae_core.data.images import strip_bytes

FRAME_MILLISECONDS = 120
FRAMES_A_ROW = 12
ROW_WIDTH = 1_100  # screen pixels, on a desktop


def show_rows(frames: NDArray[np.uint8], *, alt: str) -> None:
    """All frames in order, in rows that keep them large enough to see."""
    side = ROW_WIDTH // min(len(frames), FRAMES_A_ROW)
    for first in range(0, len(frames), FRAMES_A_ROW):
        row = frames[first : first + FRAMES_A_ROW]
        show_row(row, alt=f"{alt}, frames {first + 1} to {first + len(row)} of {len(frames)}", target=side)


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
