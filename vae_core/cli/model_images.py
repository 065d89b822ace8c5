"""The images that a command uses a model with: those of ``--data``, else those that the model is shown with."""

from __future__ import annotations

import argparse

from vae_core import data
from vae_core.analysis.pictures import shown_with
from vae_core.base.errors import InputError
from vae_core.cli.data_option import images_of
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.training.checkpoint import Card


def images_for(chosen: argparse.Namespace, card: Card) -> tuple[str, Images]:
    """The name of the images, and the images, of the shape that the model takes.

    Where the user names none they are those that it learnt from, or else test images of the same set, and never others of that name.

    Raises:
        InputError: they are not on this computer, only what the user names is downloaded; or they are of another shape.
    """
    if chosen.data:
        name, images = chosen.data, images_of(chosen)
    else:
        found = shown_with(card)
        if found is None:
            data.load_exactly(card.data.name)  # says what is missing
            raise InputError(f"The images of {shown(card.data.title)} have changed since this model learnt from them: name some by --data.")
        name, images = found.name, found
    wanted = (card.model.channels, card.model.height, card.model.width)
    if images.shape != wanted:
        raise InputError(f"The model takes images of {wanted} (channels, height, width), and {shown(name)} has {images.shape}.")
    return name, images
