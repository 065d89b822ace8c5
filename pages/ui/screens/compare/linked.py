"""Two models: one image in both, its code, what each rebuilds, and both maps laid over each other; and who changed neighbours."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.cache import Linked
from pages.ui.ground import address, state
from pages.ui.ground.choice import gallery_title
from pages.ui.ground.kin import takes_same_images
from pages.ui.ground.menus import choose_id
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import refuse, show_refusal
from pages.ui.ground.wording import percent
from pages.ui.live.pair import Step, check_step, pair
from pages.ui.panels.image_input import choose_by_eye
from vae_core.analysis import explore
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

_COLOURS: dict[str, Literal["class", "kept"]] = {"Class": "class", "Neighbours kept": "kept"}
_SIDE = 84


def show() -> None:
    """The view."""
    st.write(cache.lessons("compare")["Two"])
    left, middle, right = st.columns([11, 9, 18], vertical_alignment="bottom")
    with left:
        entry = choose_model()
    open_or_stop(entry)
    with middle:
        other = _choose_other(entry)
    if other is None:
        st.info("No other model takes images of this size. Train one.", icon=":material/info:")
        return
    if note := _strange(entry, other):
        st.text(note)
    show_refusal()
    try:
        _both(entry, other, right)
    except InputError as error:  # what cannot be laid over the other
        refuse(error)


def _choose_other(entry: Entry) -> Entry | None:
    """The second model: one that takes the same images, those first that learnt from the same set with as many numbers."""
    others = {key: other for key, other in cache.models().items() if key != entry.id and takes_same_images(entry, other)}
    if not others:
        return None

    def apart(key: str) -> tuple[bool, bool, bool]:
        one, two = entry.card, others[key].card
        return one.data.identity != two.data.identity, one.model.latent != two.model.latent, one.model.variational == two.model.variational

    options = {key: others[key].name for key in sorted(others, key=apart)}
    return others[choose_id(label="Beside it", options=options, key=state.COMPARE_OTHER, help="Any model that takes such images.")]


def _strange(entry: Entry, other: Entry) -> str:
    """Whose images are shown, where not both models learnt from them; else nothing."""
    data, shown = other.card.data, cache.images_of(entry)
    if not data.images:
        return f"Nobody named the images that {other.name} learnt from."
    if shown is not None and data.identity == shown.identity != entry.card.data.identity:
        return f"{other.name} learnt from the images shown here, which are new to {entry.name}."
    if data.identity != entry.card.data.identity:
        return f"{other.name} learnt from other images, {data.title}: those shown here are new to it."
    return ""


def _both(entry: Entry, other: Entry, choices: DeltaGenerator) -> None:
    """What is chosen beside the models, in `choices`; and both of them."""
    state.default(state.COMPARE_IMAGE, 0)
    last = max(0, len(cache.gallery(entry)) - 1)
    state.put(state.COMPARE_IMAGE, min(state.get(state.COMPARE_IMAGE), last))  # another model's set may be smaller
    with choices, st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="right"):
        colour = st.segmented_control("Colour", _COLOURS, default="Class", required=True, key=state.COMPARE_COLOUR, bind="query-params")
        key = state.COMPARE_IMAGE
        number = st.number_input("Image number", 0, last, None, key=key, bind="query-params", width=130, on_change=_back) or 0
        choose_by_eye(entry, key=key, on_pick=_pick)
    found, texts = cache.linked(entry, other, number), cache.lessons("compare")
    shown = pair(
        entries=(entry, other),
        found=found,
        number=number,
        step=_step(entry),
        group=_group(entry, found),
        by=_COLOURS[colour],
        key=state.COMPARE_PAIR,
        on_pick=_pick,
        on_step=lambda step: _remember(entry, step),
        on_group=lambda numbers: state.put(state.COMPARE_GROUP, (entry.id, numbers)),
    )
    if not shown:
        _image(entry, other, found, number)
    how = texts["Aligned"] if found.aligned is not None else texts["Planes"]
    st.caption(f"{how} What still differs then is {percent(found.left)} of the spread. {texts['Step']} {texts['Marks']} {texts['Kept']}")


def _pick(number: int) -> None:
    state.put(state.COMPARE_IMAGE, number)
    _back()


def _back() -> None:
    """The code of another image was not moved."""
    state.take(state.COMPARE_STEP)
    state.tell(state.COMPARE_STEP, None)


def _remember(entry: Entry, step: Step) -> None:
    if step == (0, 0):
        _back()
    else:
        text = f"{step[0]:g},{step[1]:g}"
        state.put(state.COMPARE_STEP, (entry.id, text))
        state.tell(state.COMPARE_STEP, text)


def _step(entry: Entry) -> Step:
    """By which step the code was moved: what the address says, then what it was before; none in the plane of another model.

    Nonsense in the address is removed, and said.
    """
    asked, (owner, known) = state.asked(state.COMPARE_STEP), state.get(state.COMPARE_STEP, (entry.id, None))
    if owner != entry.id and asked in (None, known):
        _back()
        return 0, 0
    if asked is None and known is None:
        return 0, 0
    try:
        step = check_step(_numbers(asked or known))
    except InputError as error:
        _back()
        address.leave_out(state.COMPARE_STEP, asked or known, error, "The code is that of the image.")
        return 0, 0
    _remember(entry, step)
    return step


def _numbers(text: str) -> list[float] | None:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        return None


def _group(entry: Entry, found: Linked) -> list[int]:
    """The images that were lassoed, as far as they are on these maps."""
    owner, numbers = state.get(state.COMPARE_GROUP, (entry.id, []))
    known = set(found.numbers.tolist())
    return [number for number in numbers if number in known] if owner == entry.id else []


def _image(entry: Entry, other: Entry, found: Linked, number: int) -> None:
    """For a browser that cannot draw: one image, what both rebuild, and both codes."""
    place = int(np.searchsorted(found.numbers, number))
    picture = cache.gallery(entry).pictures(np.array([number]))
    st.text(gallery_title(entry, number))
    with st.container(horizontal=True, gap="small"):
        show_picture(picture[0], alt="The image", caption="Image", target=_SIDE)
        for name, model, codes in zip(("First", "Second"), (entry, other), found.codes, strict=True):
            rebuilt = explore.decode(cache.opened(model.folder).model, codes[place][None])
            off = explore.reconstruction_error(picture, rebuilt)[0]
            caption = f"{name}: {100 * off:.1f}\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}off"
            show_picture(rebuilt[0], alt=f"Rebuilt by the {name.lower()} model", caption=caption, target=_SIDE)
    st.dataframe(_codes(found, place), hide_index=True, height=min(320, 38 + 35 * max(codes.shape[1] for codes in found.codes)))
    kept = found.kept[place]
    st.caption(f"It keeps {percent(kept)} of its {found.near} nearest neighbours; chance alone keeps {100 * found.chance:.1f} %.")


def _codes(found: Linked, place: int) -> list[dict[str, Any]]:
    """Both codes of an image, a dimension a line."""
    one, two = found.codes
    lines = []
    for dimension in range(max(one.shape[1], two.shape[1])):
        line: dict[str, Any] = {"": dimension_name(dimension)}
        for name, codes in (("First", one), ("Second", two)):
            line[name] = _number(codes[place, dimension]) if dimension < codes.shape[1] else "it has no more"
        if found.aligned is not None:
            line["Laid over"] = _number(found.aligned[place, dimension])
        lines.append(line)
    return lines


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
