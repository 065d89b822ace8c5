"""Live components: what runs in the browser is a module of assets/live, and Python hears of it through events.

A component's module is fetched by a small loader, so that all parts of a page share one copy of the model and of its weights.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Container, Mapping
from typing import Any, NamedTuple, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.language import spoken
from pages.ui.server.addresses import CODE_VERSION, LIVE, address
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.base.errors import InputError
from vae_core.export import live_model
from vae_core.export.wire.records import ModelSource, WeightsSource
from vae_core.runs.catalogue import Entry

Event = Mapping[str, Any]

DICTIONARIES = {"de": "german.js"}
"""The words of the live parts by their English ones: modules of assets/live/kit, by the language."""

_LOADER = (LIVE / "kit" / "loader.js").read_text("utf-8")


class Room(NamedTuple):
    """The height in screen pixels that a component will have, at least, beside others and on a phone, where all is below one another."""

    wide: int
    narrow: int


class Mount(Protocol):
    """What draws a component: `on_event` is called before the page is drawn again, as every callback is."""

    def __call__(self, *, key: str, data: Mapping[str, Any], on_event: Callable[[Event], None], room: Room | None = None) -> None:
        """Draw it with this data, which must be JSON; `room` where this data says better than the component how high it will be."""
        ...


def component(name: str, *parts: str, room: Room | None = None, in_dialog: bool = False) -> Mount:
    """The component of assets/live/parts/<name>/<name>.js, which exports `mount<Name>`, and its style sheet; called once, at import.

    `parts` are other components of which it shows something; their style sheets come before its own. `room` is kept for it from the
    first moment on, so that nothing below jumps while it loads. One that stands `in_dialog` has no shadow tree: a dialog leads the Tab key
    round within itself, and never into one.
    """
    sheets = [LIVE / "kit" / "base.css", *(sheet for part in (*parts, name) for sheet in sorted((LIVE / "parts" / part).glob("*.css")))]
    css = "".join(sheet.read_text("utf-8") for sheet in sheets)
    renderer = st.components.v2.component(
        f"latent_loom_{name}", html='<div class="live"></div>', css=css, js=_LOADER, isolate_styles=not in_dialog
    )
    module = f"code/{CODE_VERSION}/parts/{name}/{name}.js"

    words = f"code/{CODE_VERSION}/kit/words.js"
    default_room = room

    def mount(*, key: str, data: Mapping[str, Any], on_event: Callable[[Event], None], room: Room | None = None) -> None:
        seen = state.part(key, state.PART_SEEN)

        def heard() -> None:
            event = (state.get(key) or {}).get("event")
            if isinstance(event, Mapping) and type(event.get("n")) is int:  # else it is none of the loader's
                state.put(seen, event["n"])
                on_event(event)

        state.default(state.SHARED_LIVE_SESSION, secrets.token_hex(4))
        dictionary = DICTIONARIES.get(spoken())
        source = {
            "module": address(module),
            "mount": f"mount{name.title()}",
            "words": address(words),
            "dictionary": None if dictionary is None else address(f"code/{CODE_VERSION}/kit/{dictionary}"),
        }
        whole = {**data, **source, "session": state.get(state.SHARED_LIVE_SESSION), "seen": state.get(seen, 0)}
        with _kept_free(key, room or default_room or Room(0, 0)):
            renderer(key=key, data=whole, on_event_change=heard)

    return mount


def _kept_free(key: str, room: Room) -> DeltaGenerator:
    """A container that is as high as this from the start: the component's own style sheet comes seconds later on a slow network."""
    box = state.part(key, state.PART_ROOM)
    style = f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', box)}"
    st.html(f"<style>{style} {{min-height: {room.narrow}px}} @media (min-width: 641px) {{{style} {{min-height: {room.wide}px}}}}</style>")
    return st.container(key=box)


def broken(scope: str, sentence: str) -> bool:
    """Whether a component of this scope has reported that it cannot run here; if so the page says so, with a button to try again."""
    key = state.part(scope, state.PART_FAILED)
    reason = state.get(key)
    if reason is None:
        return False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{sentence} {reason}", width="stretch")
        st.button("Try again", key=state.part(scope, state.PART_AGAIN), on_click=state.take, args=(key,))
    return True


def report(scope: str, event: Event) -> None:
    """Keep why a component of this scope cannot run, from its event of the kind "failed", for `broken`."""
    state.put(state.part(scope, state.PART_FAILED), str(event.get("reason"))[:200])


def number_in(event: Event, known: Container[int], *, refusal: str) -> int:
    """The number, of an image, that a browser sent as a list of one.

    Raises:
        InputError: it is no such list, or the number is not among the known; it says the refusal.
    """
    match event.get("numbers"):
        case [number] if type(number) is int and number in known:
            return number
    raise InputError(refusal)


def stand_in(entry: Entry, z: Floats) -> str | None:
    """The picture of a code [K], bytes [C, H, W] in base64, for the browser to show while the server that decodes is away.

    None for a model that the browser runs itself.
    """
    if live_model.runs_in_browser(entry.card.model):
        return None
    return base64.b64encode(explore.decode(cache.opened(entry.folder).model, z[None]).tobytes()).decode()


def engine_source(entry: Entry) -> ModelSource:
    """How the browser gets a model, as `openEngine` of assets/live/engine takes it: by its weights, or by answers of the server."""
    config, weights = entry.card.model, cache.opened(entry.folder).weights_hash
    name = f"{entry.id}/{weights}"
    if live_model.runs_in_browser(config):
        return {"hash": weights, "weights": address(f"model/{name}"), "stream": None}
    return {
        "hash": weights,
        "stream": address(f"stream/{name}"),
        "latent": config.latent,
        "shape": (config.channels, config.height, config.width),
        "variational": config.variational,
    }


def whole_source(entry: Entry) -> WeightsSource:
    """How the browser gets a multi-rate model whole, with all its KL weights; it must be one that the browser runs itself."""
    weights = cache.whole(entry.folder).weights_hash
    return {"hash": weights, "weights": address(f"model/{entry.id}/{weights}"), "stream": None}
