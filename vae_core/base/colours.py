"""The colours of classes and of quantities, for the app and the pages it gives away; safe for colour-blind readers."""

from __future__ import annotations

# Okabe & Ito (2008), safe for colour-blind readers; black left out because it vanishes on the dark theme, grey because it is for the others
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
CLASS_COLOURS = (*PALETTE, "#7B61FF", "#8C564B", "#A3B500")
"""Ten, as many as digits."""

OTHERS = "#999999"
SCALE = ("#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838")
"""Cividis, for quantities: even steps in lightness, and the same to colour-blind readers (Nuñez, Anderton & Renslow 2018)."""
