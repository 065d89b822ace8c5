"""Step 3: the machine of Home, with the dice: a region of codes for each image, and one picture for each roll."""

from __future__ import annotations

import numpy as np

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.live.machine import machine
from pages.ui.screens.learn.found import MODEL, Found, model, off
from vae_core.analysis import explore
from vae_core.analysis.compression import error

_JUDGED = 200


def picture() -> Found:
    """The machine; and how much pictures tremble within a region, beside how far two images are apart."""
    entry = model(MODEL)
    welcome = cache.welcome(entry)
    assert welcome is not None  # the digits ship with the app
    machine(entry=entry, welcome=welcome, key=state.LEARN_MACHINE)
    vae, images = cache.opened(entry.folder).model, cache.digits().pixels[:_JUDGED]
    posterior = explore.encode(vae, images)
    noise = np.random.default_rng(0).normal(size=posterior.mean.shape).astype(np.float32)
    centre, drawn = explore.decode(vae, posterior.mean), explore.decode(vae, posterior.sample(noise))
    low, high = np.quantile(posterior.std, [0.05, 0.95])
    tremble, apart = error(centre, drawn), error(images, np.roll(images, 1, axis=0))
    figures = {"tremble": off(tremble), "apart": off(apart), "sigma_low": f"{low:.2f}", "sigma_high": f"{high:.2f}"}
    return Found(figures, right=1 if tremble < apart / 2 else 2)
