"""Step 3: the machine of Home, with the dice: a region of codes for each image, and one picture for each roll."""

from __future__ import annotations

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.live.machine import machine
from pages.ui.screens.learn.found import MODEL, Found, model, off


def picture() -> Found:
    """The machine; and how much pictures tremble within a region, beside how far two images are apart."""
    entry = model(MODEL)
    welcome = cache.welcome(entry)
    assert welcome is not None  # the digits ship with the app
    machine(entry=entry, welcome=welcome, key=state.LEARN_MACHINE)
    found = cache.trembling(entry.folder)
    figures = {"tremble": off(found.within), "apart": off(found.apart), "sigma_low": f"{found.low:.2f}", "sigma_high": f"{found.high:.2f}"}
    return Found(figures, right=1 if found.within < found.apart / 2 else 2)
