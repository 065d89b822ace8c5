"""What a link says that its page cannot use: it is taken out of the address, and a sentence says what is shown instead."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from streamlit.elements.widgets.number_input import NumberInputSerde
from streamlit.elements.widgets.select_slider import SelectSliderSerde
from streamlit.elements.widgets.slider import SliderSerde
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.Slider_pb2 import Slider
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import WidgetMetadata

from pages.ui.ground import state
from vae_core.base.errors import InputError
from vae_core.data.images import shown

IDS = frozenset(
    (
        state.MODEL,
        state.SLIDERS_COMPARED,
        state.INTERPOLATE_TWIN,
        state.COMPARE_OTHER,
        state.COMPARE_OWN,
        state.TRAIN_RUN,
        state.TRAIN_DATA,
        state.KL_SWEEP,
        state.KL_SWEEP_DATA,
        state.CLASS_MODEL,
    )
)
"""The names whose values are ids, of which one in some hundreds reads like a number without an end: 78e753078354."""

_ID = re.compile("[0-9a-f]{12}")

MOST = 4_000  # characters of one value; the longest that we write ourselves is a code of 128 numbers
_NAMED = 6  # choices or names in one sentence


@dataclass
class _Left:
    """A value that was left out: why, and what has stood there since; None until the page is drawn."""

    sentence: str
    since: str | None = None


@dataclass
class _Link:
    """What was heard of the link by which a page was opened.

    Attributes:
        page: which page.
        unsound: values that no page can use, by their names.
        heard: names that a widget, or the page itself, has heard.
        left: what was left out, by its name, until something else is chosen there.
    """

    page: str
    unsound: dict[str, list[str]] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    left: dict[str, _Left] = field(default_factory=dict)


def clean() -> None:
    """Take out of the address what no page can use, before the page reads it; `complaint` says so afterwards.

    Streamlit's number fields end the page at a number without an end, and its choices at an empty one.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    link = _link()
    with context.session_state.query_params() as parameters:
        said = {name: parameters.get_all(name) for name in parameters}
        unsound = {
            name: values
            for name, values in said.items()
            if any(_is_unsound(value) and not (name in IDS and _ID.fullmatch(value)) for value in values)
        }
        for name in unsound:
            parameters.remove_param(name)
        if unsound:
            parameters.set_initial_query_params_from_current()  # what the widgets will be given
    link.unsound |= {name: values for name, values in unsound.items() if any(values)}  # an empty one says nothing


def understood(key: str) -> None:
    """The page itself has made sense of what the link says under a name, though the widget of that name does not."""
    _link().heard.add(key)


def leave_out(key: str, said: str, why: str | InputError, then: str) -> None:
    """Take out of the address what a page cannot use under a name that no widget is bound to; `complaint` says why.

    Args:
        key: the name.
        said: its value.
        why: what is wrong with it, as a sentence.
        then: what is shown instead, as a sentence.
    """
    state.tell(key, None)
    text = str(why)
    _link().left[key] = _Left(f"The link asks for {key}={_quoted([said])}: {text[0].lower()}{text[1:]} {then}")
    understood(key)


def complaint() -> InputError | None:
    """What the page has made of its link, once it is drawn: a sentence for each value that it left out, as long as nothing else is chosen
    there; None where it could use them all.
    """
    context = get_script_run_ctx()
    if context is None:
        return None
    link, widgets = _link(), context.session_state._state
    with context.session_state.query_params() as parameters:
        asked = {name: _as_list(parameters.get_initial_value(name)) for name in parameters._initial_query_params} | link.unsound
        bound = {
            name: widgets._new_widget_state.widget_metadata[binding.widget_id]
            for name, binding in parameters._bindings_by_param.items()
            if binding.widget_id in widgets._new_widget_state.widget_metadata
        }
        now = {name: _now(metadata, state.get(name)) for name, metadata in bound.items()}
        now |= {name: parameters.get(name, "") for name in link.left if name not in bound}
    for name, metadata in bound.items():
        if name in link.heard:
            continue
        link.heard.add(name)
        said = asked.get(name, [])
        wrong = [value for value in said if value and not _fits(metadata, value)]
        if wrong and [value.casefold() for value in said] != [now[name].casefold()]:
            link.left[name] = _Left(_sentence(name, wrong, metadata, now[name]))
    for name, each in list(link.left.items()):
        if each.since is None:
            each.since = now.get(name, "")
        elif each.since != now.get(name, ""):
            del link.left[name]
    sentences = [each.sentence for each in link.left.values()]
    if nonsense := [name for name in link.unsound if name not in link.heard]:
        names = ", ".join(map(shown, nonsense[:_NAMED]))
        sentences.append(f"The link says something in {names}{_more(nonsense, _NAMED)} that cannot be used and is left out.")
    return InputError("\n".join(sentences)) if sentences else None


def _link() -> _Link:
    """That of this page; a new one where another page was opened, or this one by Back."""
    context = get_script_run_ctx()
    here = context.page_script_hash if context else ""
    link: _Link | None = state.get(state.SHARED_LINK)
    if link is None or link.page != here:
        link = _Link(here)
        state.put(state.SHARED_LINK, link)
    return link


def _sentence(name: str, said: Sequence[str], metadata: WidgetMetadata[Any], now: str) -> str:
    """What a link asks of a widget, what that takes, and what it shows."""
    options, limits = _options(metadata), _limits(metadata)
    if options is not None:
        fault = f"none of {', '.join(options[:_NAMED])}{_more(options, _NAMED)}" if options else "not to be had here"
    elif metadata.value_type == "bool_value":
        fault = "neither true nor false"
    elif limits is None:
        fault = "no number"
    else:
        fault = f"no {'whole ' if _is_whole(limits) else ''}number from {_plain(limits[0])} to {_plain(limits[1])}"
    return f"The link asks for {shown(name)}={_quoted(said)}, which is {fault}. {f'{now} is shown instead' if now else 'It is left out'}."


def _fits(metadata: WidgetMetadata[Any], value: str) -> bool:
    """Whether a widget can stand at what a link says."""
    if (options := _options(metadata)) is not None:
        return value in options
    if metadata.value_type == "bool_value":
        return value.lower() in ("true", "false")
    if metadata.value_type == "string_value":
        return True
    try:
        number = float(value)
    except ValueError:
        return False
    limits = _limits(metadata)
    return limits is None or (limits[0] <= number <= limits[1] and (number.is_integer() or not _is_whole(limits)))


def _options(metadata: WidgetMetadata[Any]) -> list[str] | None:
    """What a menu or a slider of choices has to choose from; None of any other widget."""
    owner: Any = getattr(metadata.deserializer, "__self__", None)
    return list(owner.formatted_option_to_index) if isinstance(owner, SelectSliderSerde) else metadata.formatted_options


def _limits(metadata: WidgetMetadata[Any]) -> tuple[float, float] | None:
    """The least and the largest number of a field or a slider, as whole numbers where it takes no others."""
    owner: Any = getattr(metadata.deserializer, "__self__", None)
    if not isinstance(owner, NumberInputSerde | SliderSerde):
        return None
    whole = owner.data_type == (NumberInput.INT if isinstance(owner, NumberInputSerde) else Slider.INT)
    return (int(owner.min_value), int(owner.max_value)) if whole else (owner.min_value, owner.max_value)


def _is_whole(limits: tuple[float, float]) -> bool:
    return all(isinstance(limit, int) for limit in limits)


def _now(metadata: WidgetMetadata[Any], value: object) -> str:
    """What a widget stands at, as an address says it; empty where that is nothing."""
    return ", ".join(map(_text, [] if value is None else _as_list(metadata.serializer(value))))


def _plain(number: float) -> str:
    """A limit as people write it."""
    return str(f"{number:,.6f}".rstrip("0").rstrip("."))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _as_list(said: Any) -> list[Any]:  # noqa: ANN401 — a widget's value of any type
    return said if isinstance(said, list) else [] if said is None else [said]


def _quoted(said: Sequence[str]) -> str:
    return shown(", ".join(said))


def _more(named: Sequence[str], most: int) -> str:
    return " …" if len(named) > most else ""


def _is_unsound(value: str) -> bool:
    """Whether a value is empty, too long, no finite number, or holds a control character."""
    if not 0 < len(value) <= MOST or any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        return True
    try:
        return not math.isfinite(float(value))
    except ValueError:
        return False
