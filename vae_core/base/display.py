"""What the app and the pages it gives away call things alike: dimensions, kinds of model, numbers of three digits."""

from __future__ import annotations

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


def class_list(names: Sequence[str]) -> str:
    """The names of classes as a card has them; of very many the first, and how many more there are."""
    more = f" and {len(names) - _MOST_CLASSES:,} more" if len(names) > _MOST_CLASSES else ""
    return f"{', '.join(names[:_MOST_CLASSES])}{more}" or "none"
