"""The bundled models of the lesson, for pages without the app."""

from __future__ import annotations

from vae_core.analysis import tradeoff
from vae_core.base.errors import InputError
from vae_core.export.lesson_content import AUTOENCODER, EVERY_WEIGHT, MODEL, SIXTEEN, SMALL, LessonModels
from vae_core.runs import catalogue, sweeps
from vae_core.training import checkpoint


def lesson_models() -> LessonModels:
    """All of them, opened.

    Raises:
        InputError: one is gone or damaged.
    """
    known = catalogue.models()
    wanted = [MODEL, AUTOENCODER, SIXTEEN, EVERY_WEIGHT, SMALL]
    for key in wanted:
        if key not in known:
            raise InputError(f"The lesson shows the bundled model {key}, which is gone or damaged: install Latent Loom again.")
    several = known[EVERY_WEIGHT]
    axis = tradeoff.stations(several.card.model)[0]
    alone = [entry.id for entry in sweeps.alone(several, known.values(), axis[tradeoff.first_shown(axis)])]
    folders = {key: known[key].folder for key in dict.fromkeys([*wanted, *alone])}
    return LessonModels({key: checkpoint.load(folder) for key, folder in folders.items()}, folders, alone)
