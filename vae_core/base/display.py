"""Colours, and the names of dimensions and kinds of model: the same in the app and in the pages to take home."""

from __future__ import annotations

# Okabe & Ito (2008), safe for colour-blind readers; without black, which vanishes on the dark theme, and grey, which is for the others
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
CLASS_COLOURS = (*PALETTE, "#7B61FF", "#8C564B", "#A3B500")
"""Ten, one for each digit."""

OTHERS = "#999999"

SCALE = ("#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838")
"""Cividis, for quantities: even steps in lightness, and the same to colour-blind readers (Nuñez, Anderton & Renslow 2018)."""

BODIES = {"mlp": "fully connected", "conv": "convolutional", "linear": "linear"}
"""The kinds of layers of a `ModelConfig`, in words."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def dimension_name(dimension: int) -> str:
    """What a latent dimension is called on screen, "z₀" for the first."""
    return f"z{dimension}".translate(_SUBSCRIPTS)


def three_digits(value: float) -> str:
    """A number as text with three digits that count: "0.0126", "44.7", "1440", never "1e+03"."""
    return f"{float(f'{value:.3g}'):.15g}"
