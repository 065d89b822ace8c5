"""What a link says that no page can use, whatever it stands for: taken out of the address before a page reads it."""

from __future__ import annotations

import math
import re
import unicodedata

from streamlit.runtime.scriptrunner import get_script_run_ctx

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


def clean() -> InputError | None:
    """Take such values out of the address, so that the page opens with its own; what to say about it, None where there is nothing to say.

    Streamlit's number fields end the page at a number without an end, and its choices at an empty one.
    """
    context = get_script_run_ctx()
    if context is None:
        return None
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
    nonsense = [name for name, values in unsound.items() if any(values)]  # an empty one says nothing
    if not nonsense:
        return None
    names = ", ".join(map(shown, nonsense[:5]))
    return InputError(f"The link says something in {names}{' …' if len(nonsense) > 5 else ''} that cannot be used and is left out.")


def _is_unsound(value: str) -> bool:
    """Whether a value is empty, too long, no finite number, or holds a control character."""
    if not 0 < len(value) <= MOST or any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        return True
    try:
        return not math.isfinite(float(value))
    except ValueError:
        return False
