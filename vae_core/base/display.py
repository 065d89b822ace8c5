"""What the app and the pages it gives away call things alike: dimensions, kinds of model, numbers of three digits."""

from __future__ import annotations

import math
from collections.abc import Sequence

BODIES = {"mlp": "fully connected", "conv": "convolutional", "linear": "linear", "graph": "made elsewhere"}
"""The kinds of layers of a `ModelConfig`, in words."""

_MOST_CLASSES = 40
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def dimension_name(dimension: int) -> str:
    """What a latent dimension is called on screen, "z₀" for the first."""
    return f"z{dimension}".translate(_SUBSCRIPTS)


def three_digits(value: float) -> str:
    """A number on screen of which three digits count, as 0.0126, 44.7 and 1440; a thousand is no 1e+03."""
    return f"{float(f'{value:.3g}'):.15g}"


def known(value: float, error: float) -> tuple[float, float]:
    """A mean and its standard error, both rounded to where the second digit of the error stands: 22.058 and 0.254 to 22.06 and 0.25.

    Where the error is 0 or NaN, which says nothing about the mean, three digits of this count.
    """
    if not error > 0:  # so written because NaN compares false
        return float(f"{value:.3g}"), error
    places = 1 - math.floor(math.log10(error))
    return round(value, places) + 0.0, round(error, places)  # of −0 that makes 0


def with_error(value: float, error: float, most: int | None = None) -> str:
    """A mean on screen with its standard error as far as both are known, "−14,700 ± 120"; without an error that is not known.

    `most` is how many digits after the point there is room for; an error of which none of these says anything is left out.
    """
    mean, spread = known(value, error)
    if not spread > 0:
        return _number(mean)
    places = max(0, 1 - math.floor(math.log10(error)))
    if most is None or places <= most:
        return f"{_number(mean, places)} ± {_number(spread, places)}"
    shown = _number(round(value, most) + 0.0, most)
    return f"{shown} ± {_number(error, most)}" if round(error, most) > 0 else shown


def _number(value: float, places: int | None = None) -> str:
    digits = f"{value:,.{places}f}" if places is not None else f"{value:,.15g}"
    return digits.replace("-", "\N{MINUS SIGN}")


def duration(seconds: float) -> str:
    """A length of time as people say it, never more exact than it is known."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def percent(share: float) -> str:
    """A share as a whole number of per cent, halves up as in the browser; of one that is not 0, or not all, never "0 %" or "100 %"."""
    if 0 < share < 0.005:
        return "below 1\N{NO-BREAK SPACE}%"
    whole = math.floor(100 * share + 0.5)
    return f"{'above 99' if share < 1 and whole == 100 else whole}\N{NO-BREAK SPACE}%"


def class_list(names: Sequence[str]) -> str:
    """The names of classes as a card has them; of very many the first, and how many more there are."""
    more = f" and {len(names) - _MOST_CLASSES:,} more" if len(names) > _MOST_CLASSES else ""
    return f"{', '.join(names[:_MOST_CLASSES])}{more}" or "none"
