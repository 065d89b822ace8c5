"""The Train page's own files: how to fit them, what was read and what not, and a look at them before they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.refusals import attempt, refuse
from pages.ui.ground.wording import plain
from pages.ui.server.uploads import largest_file
from vae_core import data
from vae_core.base import owners
from vae_core.base.config import parse
from vae_core.base.errors import InputError
from vae_core.data import Images, ImportChoices, Imported, Question, Remedy, Taken

LISTED, OWN = "The list", "My own files"
"""Where the images come from."""

_CHANNELS = {"As found": None, "Grey": 1, "RGB": 3}
_FITS = {"Crop": "crop", "Pad": "pad"}


def bring_own(preview: Callable[[Images], None]) -> None:
    """Own files, how to fit them, and a look at the result before it is kept.

    Args:
        preview: shows some of the images and what is known about them.
    """
    files = st.file_uploader(
        "Pictures, arrays, tables with their labels, or one ZIP of these",
        accept_multiple_files=True,
        key=state.part(state.TRAIN_IMPORTED, state.get(state.TRAIN_IMPORTED, 0)),
        max_upload_size=largest_file(),
        help=f"At least 10 pictures, or .npz, .npy, .mat, IDX, CSV, parquet; up to {largest_file()} MB a file. "
        "In a ZIP folders are classes, or parts: train, test.",
    )
    if owners.asking() is not None:  # the browser names no reason beside a file that was refused
        refused = "A file marked with ! was not taken: take others away, or bring a smaller one."
        st.caption(f"Your files stay on the computer of the class, up to {largest_file()} MB at a time. {refused}")
    elif not files:
        st.caption("Your files stay on this computer.")
    if not files:
        return
    ids = tuple(file.file_id for file in files)
    of_files, made = state.get(state.TRAIN_IMPORT_REMEDY, (ids, {}))
    made = made if of_files == ids else {}
    read = _read([(file.name, file.file_id, file.getvalue) for file in files], parse(ImportChoices, {**_fitting(), **made}))
    if made:
        st.button("As first read", icon=":material/undo:", on_click=state.take, args=(state.TRAIN_IMPORT_REMEDY,))
    if isinstance(read, InputError):
        refuse(read)
        _offer(read.remedies if isinstance(read, Question) else (), ids, made)
        return
    preview(read.images)
    _say(read.taken, ids, made)
    title = st.text_input("Name of the set", read.images.name, max_chars=80, key=state.TRAIN_IMPORT_TITLE)
    if title.casefold() in {text.casefold() for name, info in data.known().items() for text in (name, info.title)}:
        st.text(f"There is a set {title} in the list already: another name would tell them apart.")
    st.button("Keep this set", icon=":material/save:", type="primary", on_click=attempt, args=(_keep, read.images, title))


def _fitting() -> dict[str, Any]:
    """The widgets that say how images are fitted; their values as fields of `ImportChoices`."""
    columns = st.columns(4)
    channels = columns[0].segmented_control("Colours", _CHANNELS, required=True, default="As found", key=state.TRAIN_IMPORT_CHANNELS)
    fit = columns[1].segmented_control(
        "Other shapes",
        _FITS,
        required=True,
        default="Crop",
        key=state.TRAIN_IMPORT_FIT,
        help="Cut to the middle, or fill with the background.",
    )
    height = columns[2].number_input("Height in pixels", 8, 128, value=None, placeholder="as found", key=state.TRAIN_IMPORT_HEIGHT)
    width = columns[3].number_input("Width in pixels", 8, 128, value=None, placeholder="as found", key=state.TRAIN_IMPORT_WIDTH)
    colour = st.color_picker(
        "Background", "#000000", key=state.TRAIN_IMPORT_BACKGROUND, help="The colour behind transparent parts and in the padding."
    )
    background = tuple(bytes.fromhex(colour.removeprefix("#")))
    return {"channels": _CHANNELS[channels], "fit": _FITS[fit], "height": height, "width": width, "background": background}


def _say(taken: Taken, ids: tuple[str, ...], made: Mapping[str, object]) -> None:
    """The record of the import: doubts first, each with a click that reads the files otherwise, then what was read and what not."""
    for doubt in taken.doubts:
        with st.container(border=True):
            st.markdown(":material/help: **Please look**")
            st.text(doubt.sentence)
            _offer(doubt.remedies, ids, made)
    for sentence in (*taken.read, *taken.settled()):
        st.text(sentence)
    if len(taken.unused) > 1:
        with st.expander(f"What was not used: {len(taken.unused):,}"):
            st.dataframe({"Name": [name for name, _ in taken.unused], "Why": [why for _, why in taken.unused]}, hide_index=True)


def _offer(remedies: Sequence[Remedy], ids: tuple[str, ...], made: Mapping[str, object]) -> None:
    """A button for each other way to read the same files."""
    with st.container(horizontal=True):
        for remedy in remedies:
            chosen = (ids, {**made, **remedy.choices})
            st.button(plain(remedy.title), on_click=state.put, args=(state.TRAIN_IMPORT_REMEDY, chosen))


def _read(files: Sequence[tuple[str, str, Callable[[], bytes]]], choices: ImportChoices) -> Imported | InputError:
    """The files as a data set; read again only when a file or a choice changes."""
    asked = (tuple(identifier for _, identifier, _ in files), choices)
    before = state.get(state.TRAIN_IMPORT_READ)
    if before is not None and before[0] == asked:
        return before[1]
    bar = st.progress(0.0, text="Reading the files …")

    def show(share: float) -> None:
        bar.progress(share, text="Reading the files …")

    result: Imported | InputError
    try:
        result = data.read_files([(name, content()) for name, _, content in files], choices, show)
    except InputError as error:
        result = error
    bar.empty()
    state.put(state.TRAIN_IMPORT_READ, (asked, result))
    return result


def _keep(images: Images, title: str) -> None:
    name = data.save_imported(images, title)
    state.take(state.TRAIN_IMPORT_READ)
    state.take(state.TRAIN_IMPORT_REMEDY)
    state.put(state.TRAIN_IMPORTED, state.get(state.TRAIN_IMPORTED, 0) + 1)  # a new uploader, so that the files are let go
    state.put(state.TRAIN_SOURCE, LISTED)
    state.choose(state.TRAIN_DATA, name)
