"""An image to start from, as the user brings it: chosen from the model's own, from a file, or drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL.Image import Image

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.choice import Choice, gallery_image, gallery_title, of_posterior
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import attempt, refuse
from pages.ui.ground.wording import of_strangeness, of_unseen
from pages.ui.live.draw import draw_input, ground, refusal, start_from
from pages.ui.live.picker import pick_picture
from pages.ui.server.uploads import largest_file
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.analysis.posterior import Posterior
from vae_core.base.errors import InputError
from vae_core.data.framing import Frame, Framing, frame_of, framed, noticed
from vae_core.runs.catalogue import Entry

UPLOAD_TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
THUMBNAILS = 12
FRAME_PICTURES = 200  # of the set, by which an upload is centred
FILE, DRAW = "File", "Draw"
DRAWING = "Your drawing"


def upload_image(*, label: str, entry: Entry, key: str) -> NDArray[np.uint8] | None:
    """An upload field; the image as the model takes it, uint8 [C, H, W], or None. What cannot be read is said below the field.

    Dark ink on light paper is noticed where the model's images are light on dark, and the other way round: it is inverted and centred,
    with a switch for each, and the picture that comes of it beside them.
    """
    file = st.file_uploader(
        label,
        type=UPLOAD_TYPES,
        key=state.part(key, state.PART_UPLOAD),
        max_upload_size=largest_file(),
        help="Turned upright and resized to what the model takes.",
    )
    if file is None:
        return None
    config = entry.card.model
    try:
        image = cache.decoded(file.file_id, file.getvalue(), file.name)
    except InputError as error:
        refuse(error)
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        seen, switches = st.container(width="content"), st.container(width="content", gap="xxsmall")
        with switches:
            frame = _frame(entry)
            framing = _framing(image, entry, key, file.file_id, frame)
        pixels = framed(image, framing, channels=config.channels, height=config.height, width=config.width, frame=frame)
        with seen:
            show_picture(pixels, alt="Your image as the model takes it", target=96)
    return pixels


def _frame(entry: Entry) -> Frame | None:
    """How the ink lies in the images that the model is shown with; None where there are none, or nothing to centre by."""
    gallery = cache.gallery(entry)
    if entry.card.model.channels != 1 or not len(gallery):
        return None
    return frame_of(gallery.pictures(np.arange(min(FRAME_PICTURES, len(gallery)))), ground(entry)[0])


def _framing(image: Image, entry: Entry, key: str, file: str, frame: Frame | None) -> Framing:
    """What to do with an upload, as it was noticed or switched since."""
    config = entry.card.model
    grey = config.channels == 1
    ground_grey = ground(entry)[0] if grey else 0
    guess = noticed(image, channels=config.channels, height=config.height, width=config.width, ground=ground_grey, frame=frame)
    parts = {
        state.PART_INVERT: ("Invert", guess.invert, "Dark becomes light."),
        state.PART_CENTRE: ("Centre", guess.centre, "What stands out from the paper goes to the middle, as large as in the set."),
        state.PART_CROP: ("Crop", guess.crop, "Cut to the shape of the model's images, or else made smaller until all of it fits."),
    }
    chosen = []
    for name, (title, first, what) in parts.items():
        switch = state.part(key, name, file, entry.id)
        state.default(switch, first)
        without = name == state.PART_CENTRE and frame is None
        chosen.append(st.toggle(title, key=switch, help=what, disabled=without))
    return Framing(*chosen)


def say_strangeness(entry: Entry, picture: NDArray[np.uint8]) -> None:
    """One line where a picture [C, H, W] is stranger to the model than nearly all images of its set; nothing where it is ordinary."""
    text = of_strangeness(cache.stranger_than(entry, picture))
    if text:
        st.caption(f":material/psychology_alt: {text}")


def data_image(*, label: str, entry: Entry, key: str, default: int = 0) -> Choice | None:
    """A number field, bound to the URL as `key`, and a grid of thumbnails, to choose one of the images that the model is shown with.

    None, with a sentence, where the model has neither its images nor codes on this computer.
    """
    gallery = cache.gallery(entry)
    if not len(gallery):
        why = "The model's images are not on this computer." if entry.card.data.images else "Nobody named images for this model."
        st.caption(f":material/info: {why} Take an image of your own instead.")
        return None
    last, unseen = len(gallery) - 1, cache.unseen_by(entry)
    among = "" if unseen is None else f" They are {of_unseen(unseen)}."
    state.default(key, default)  # also where the user has just emptied the field
    state.put(key, min(state.get(key), last))  # another model's set may be smaller
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = st.number_input(
            label,
            min_value=0,
            max_value=last,
            value=None,
            key=key,
            bind="query-params",
            width=180,
            help=f"An image's place in the data set, 0 to {last:,}.{among}",
        )
        choose_by_eye(entry, key=key, on_pick=lambda number: state.put(key, number))
    chosen = gallery_image(entry, default if row is None else row)
    st.text(chosen.title)
    return chosen


def choose_by_eye(entry: Entry, *, key: str, on_pick: Callable[[int], None]) -> None:
    """A button that opens a dialog with twelve pictures of the model's gallery, of which a click chooses one and closes it.

    The number in `state` under `key` is marked; `on_pick` is given the number that was clicked, before the page is drawn again.
    """
    if st.button("Choose by eye", icon=":material/grid_view:", key=state.part(key, state.PART_EYE)):
        _by_eye(entry, key, on_pick)


@st.dialog("Choose by eye")
def _by_eye(entry: Entry, key: str, on_pick: Callable[[int], None]) -> None:
    """The twelve pictures, and a button for twelve others."""
    picked = state.part(key, state.PART_PICKED)
    if state.take(picked):
        st.rerun()  # the whole page, with the dialog closed

    def take(number: int) -> None:
        on_pick(number)
        state.put(picked, True)

    gallery, shuffle = cache.gallery(entry), state.part(key, state.PART_SHUFFLE)
    draw = state.get(shuffle, 0)
    rows = np.random.default_rng(draw).choice(len(gallery), min(THUMBNAILS, len(gallery)), replace=False)
    legend = "Pictures to choose from: click one, or use the arrow keys and Enter"
    st.caption(f"{legend}.")
    pick_picture(
        legend=legend,
        pictures=gallery.pictures(rows),
        numbers=rows.tolist(),
        titles=[gallery_title(entry, row) for row in rows.tolist()],
        chosen=state.get(key),
        key=state.part(key, state.PART_PICK),
        on_pick=take,
    )
    others = state.part(key, state.PART_OTHERS)
    st.button("Others", icon=":material/shuffle:", key=others, on_click=state.put, args=(shuffle, draw + 1))


def uploaded_image(
    *, label: str, entry: Entry, key: str, channel: str | None = None, on_draw: Callable[[Floats], None] | None = None
) -> Choice | None:
    """An image of the user's own, from a file or drawn, encoded; None as long as there is none.

    What is on this page's `channel` follows the posterior mean while the user draws, and `on_draw` is given it, float32 [K], at the
    end of a stroke.
    """

    def drawn(pixels: NDArray[np.uint8]) -> None:
        if on_draw is not None:
            attempt(on_draw, _posterior(entry, pixels).mean[0])

    way = state.part(key, state.PART_WAY)
    state.default(way, FILE)
    name = f"{label}: file or drawing"
    chosen = st.segmented_control(name, (FILE, DRAW), required=True, key=way, persist_state="session", label_visibility="collapsed")
    if chosen == DRAW:
        pixels, title = draw_input(entry=entry, key=key, channel=channel, on_draw=drawn), DRAWING
        refused = refusal(key)
        if refused is not None:
            refuse(refused)
    else:
        pixels, title = upload_image(label=label, entry=entry, key=key), "Your image"
        if pixels is not None:
            paint = state.part(key, state.PART_PAINT)
            st.button("Paint on it", icon=":material/brush:", on_click=_paint_on, args=(key, pixels), key=paint)
    if pixels is None:
        return None
    say_strangeness(entry, pixels)
    return of_posterior(_posterior(entry, pixels), pixels, title, original=True)


def _posterior(entry: Entry, pixels: NDArray[np.uint8]) -> Posterior:
    """The posterior of an image [C, H, W]."""
    return explore.encode(cache.opened(entry.folder).model, pixels[None])


def _paint_on(key: str, picture: NDArray[np.uint8]) -> None:
    """Take a picture from the uploader of this key to its canvas."""
    start_from(key, picture)
    state.put(state.part(key, state.PART_WAY), DRAW)
