"""Blocks that several pages share. Options are keyword-only; `key` starts the keys of all widgets inside."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state, wording
from pages.ui.live.draw import draw_input, refusal, start_from
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.data.images import fit_image, open_image, png_bytes, strip_bytes
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Checkpoint

UPLOAD_TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
THUMBNAILS = 12
FILE, DRAW = "File", "Draw"
DRAWING = "Your drawing"
KINDS = {"bundled": "bundled", "run": "trained here", "upload": "uploaded"}


def choose(*, label: str, options: Mapping[str, str], key: str, help: str) -> str:
    """A menu of ids shown under their names. The address carries the id, and two equal names stay two choices."""
    state.settle(key, options)
    uses = Counter(options.values())

    def shown(identifier: str) -> str:
        name = options[identifier]
        return name if uses[name] == 1 else f"{name} · {identifier}"

    return st.selectbox(
        label, list(options), format_func=shown, key=key, on_change=state.follow, args=(key,), persist_state="session", help=help
    )


def choose_model() -> Entry:
    """The model selector, the same choice on every page; stops the page with a sentence where there is no model at all."""
    listed = cache.models()
    if not listed:
        st.info("There is no model yet. Train one, it takes about a minute.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
        st.stop()
    chosen = choose(
        label="Model",
        options={model_id: f"{entry.name} ({_kind(entry)})" for model_id, entry in listed.items()},
        key=state.MODEL,
        help="Every page uses this model. The Models page lists them all with their figures.",
    )
    return listed[chosen]


def _kind(entry: Entry) -> str:
    """Where a model is from; and its KL weights, if it is one of many."""
    weights = "" if entry.card.model.beta_range is None else f", β {wording.of_kl_weight(entry.card.model, entry.card.train)}"
    return KINDS[entry.kind] + weights


def picture_scale(shape: tuple[int, ...], target: int) -> int:
    """The whole factor that brings the longer side of (C, H, W) closest to `target` screen pixels from below, at least 1."""
    return max(1, target // max(shape[-2:]))


def picture(pixels: NDArray[np.uint8], *, alt: str, caption: str | None = None, target: int = 256) -> None:
    """One image [C, H, W], enlarged by a whole factor so that every pixel stays a square, to about `target` screen pixels."""
    scale = picture_scale(pixels.shape, target)
    st.image(_address(png_bytes(pixels, scale)), caption=caption, width=scale * pixels.shape[-1], alt=alt)


def picture_row(pictures: NDArray[np.uint8], *, alt: str, caption: str | None = None, target: int = 96) -> None:
    """Several images [N, C, H, W] side by side as one picture, so that they stay in line on a narrow screen."""
    scale = picture_scale(pictures.shape, target)
    st.image(_address(strip_bytes(pictures, scale)), caption=caption, alt=alt)


def _address(png: bytes) -> str:
    """A PNG as an address that contains it.

    Given as bytes it would become a JPEG, or a file that the server drops when the next run shows another, at times before the
    browser has asked for it.
    """
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def upload_image(*, label: str, entry: Entry, key: str) -> NDArray[np.uint8] | None:
    """An upload field; the image as the model takes it, uint8 [C, H, W], or None. What cannot be read is said below the field."""
    file = st.file_uploader(
        label,
        type=UPLOAD_TYPES,
        key=state.part(key, state.PART_UPLOAD),
        help="Turned upright, cropped to the centre and resized to what the model takes.",
    )
    if file is None:
        return None
    shape = entry.card.model
    try:
        return fit_image(open_image(file.getvalue(), file.name), channels=shape.channels, height=shape.height, width=shape.width)
    except InputError as error:
        refuse(error)
        return None


class Choice(NamedTuple):
    """One image to start from.

    Attributes:
        code: the mean of its posterior, float32 [K].
        picture: uint8 [C, H, W]; the image itself, or what its kept code decodes to where `original` is False.
        title: what to call it; its class's name may be a user's, so it is shown by `st.text` alone.
        original: whether `picture` is the image itself.
    """

    code: NDArray[np.float32]
    picture: NDArray[np.uint8]
    title: str
    original: bool


def data_image(*, label: str, entry: Entry, key: str, default: int = 0) -> Choice | None:
    """A number field, bound to the URL as `key`, and a grid of thumbnails, to choose one of the images that the model learnt from.

    None, with a sentence, where the model has neither its images nor codes on this computer.
    """
    gallery = cache.gallery(entry)
    if not len(gallery):
        st.caption(":material/info: The model's images are not on this computer. Take an image of your own instead.")
        return None
    last = len(gallery) - 1
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
            help=f"An image's place in the data set, 0 to {last:,}.",
        )
        eye = st.popover("Choose by eye", icon=":material/grid_view:", key=state.part(key, state.PART_EYE), on_change="rerun")
    if eye.open:
        with eye:
            _thumbnails(gallery, key)
    chosen = gallery_image(entry, default if row is None else row)
    st.text(chosen.title)
    return chosen


def gallery_image(entry: Entry, row: int) -> Choice:
    """One of the images that the model learnt from, by its place in the data set or, without that, among the codes kept with the model."""
    gallery, rows = cache.gallery(entry), np.array([row])
    label = gallery.label(row)
    title = f"Image {row}" if label is None else f"Image {row}, class {label_of(gallery.images, entry.card.data.class_names, label)}"
    return Choice(gallery.codes(rows)[0], gallery.pictures(rows)[0], title, gallery.images is not None)


def _thumbnails(gallery: cache.Gallery, key: str) -> None:
    """Twelve pictures of the gallery, each with a button that chooses it, and a button for twelve others."""
    shuffle = state.part(key, state.PART_SHUFFLE)
    rows = np.random.default_rng(state.get(shuffle, 0)).choice(len(gallery), min(THUMBNAILS, len(gallery)), replace=False)
    with st.grid("auto", min_column_width=72, gap="xsmall") as grid:
        for row, pixels in zip(rows.tolist(), gallery.pictures(rows), strict=True):
            with grid.cell():
                picture(pixels, alt=f"Image {row}", target=64)
                pick = state.part(key, state.PART_PICK, row)
                st.button(f"{row}", key=pick, on_click=state.put, args=(key, row), help=f"Choose image {row}.")
    others = state.part(key, state.PART_OTHERS)
    st.button("Others", icon=":material/shuffle:", key=others, on_click=state.put, args=(shuffle, state.get(shuffle, 0) + 1))


def uploaded_image(
    *, label: str, entry: Entry, key: str, channel: str | None = None, on_draw: Callable[[Floats], None] | None = None
) -> Choice | None:
    """An image of the user's own, from a file or drawn, encoded; None as long as there is none.

    What is on this page's `channel` follows the posterior mean while the user draws, and `on_draw` is given it, float32 [K], at the
    end of a stroke.
    """

    def drawn(pixels: NDArray[np.uint8]) -> None:
        if on_draw is not None:
            attempt(on_draw, _code(entry, pixels))

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
    return Choice(_code(entry, pixels), pixels, title, True)


def _code(entry: Entry, pixels: NDArray[np.uint8]) -> Floats:
    """The mean of the posterior of an image [C, H, W], float32 [K]."""
    return explore.encode(cache.opened(entry.folder).model, pixels[None]).mean[0]


def _paint_on(key: str, picture: NDArray[np.uint8]) -> None:
    """Take a picture from the uploader of this key to its canvas."""
    start_from(key, picture)
    state.put(state.part(key, state.PART_WAY), DRAW)


def information(entry: Entry, nats: float) -> str:
    """How much a dimension carries, as text; nothing where it is not known. Without a KL term it is the variance of the codes."""
    if np.isnan(nats):
        return ""
    return f" · {nats:.2f} nats" if entry.card.model.variational else f" · variance {nats:.2g}"


def opened(entry: Entry) -> Checkpoint:
    """The chosen model's checkpoint; a damaged one is said on the page, which then ends."""
    try:
        return cache.opened(entry.folder)
    except InputError as error:
        refuse(error)
        st.stop()


def tiles(pixels: NDArray[np.uint8], *, names: Sequence[str], target: int = 72) -> None:
    """Images [N, C, H, W] as tiles that wrap on a narrow screen; `names` say to a screen reader what each one is."""
    with st.container(horizontal=True, gap="xsmall"):
        for image, name in zip(pixels, names, strict=True):
            picture(image, alt=name, target=target)


def attempt(action: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401
    """Do in a callback what a button asked for; `outcome` shows what comes of it."""
    try:
        action(*arguments)
    except InputError as error:
        state.put(state.SHARED_REFUSED, error)


def outcome(*, restore: Callable[[str], None], key: str) -> None:
    """Why the last `attempt` was refused; and what the state says under `key` was deleted, with a button that brings it back."""
    show_refusal()
    gone: tuple[str, str] | None = state.get(key)
    if gone is None:
        return
    identifier, name = gone

    def bring_back() -> None:
        state.take(key)
        restore(identifier)

    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text(f"Deleted: {name}")
        st.button("Undo", on_click=attempt, args=(bring_back,), icon=":material/undo:", key=state.part(key, state.PART_UNDO))
        st.button("Dismiss", on_click=state.take, args=(key,), type="tertiary", key=state.part(key, state.PART_DISMISS))


def links(model_id: str, model: ModelConfig) -> None:
    """Where one can go with a model."""
    if model.beta_range is not None:
        asked = {state.KL_SWEEP: model_id}
        st.page_link("pages/kl_weight.py", label="Turn its KL weight", icon=":material/balance:", query_params=asked)
    for page, label, icon in (
        ("map", "See its map", "scatter_plot"),
        ("sliders", "Move its sliders", "tune"),
        ("interpolate", "Interpolate", "animation"),
    ):
        st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params={state.MODEL: model_id})


def duration(seconds: float) -> str:
    """A length of time as people say it, never more exact than it is known."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def refuse(error: InputError) -> None:
    """Show why an input was refused; as plain text, because it may quote a file's name."""
    with st.container(border=True, horizontal=True):
        st.markdown(":material/error: **Not accepted**", width="content")
        st.text(str(error))


def show_refusal() -> None:
    """Why the last `attempt` was refused, if it was; said once."""
    refused: InputError | None = state.take(state.SHARED_REFUSED)
    if refused is not None:
        refuse(refused)


def link_to_view() -> None:
    """The address that restores this view, to copy."""
    with st.popover("Link to this view", icon=":material/link:"):
        st.caption("This address opens the page as it is now, on this server.")
        st.code(state.link(), language=None, wrap_lines=True)


def label_of(images: Images | None, class_names: tuple[str, ...], label: int | None) -> str:
    """What to call a class in a caption."""
    if label is None:
        return "no label"
    names = images.class_names if images is not None else class_names
    return names[label] if label < len(names) else str(label)
