"""A second model beside the walk, such as an autoencoder beside a variational one."""

from __future__ import annotations

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.kin import choose_second, takes_same_images
from vae_core.runs.catalogue import Entry


def choose_twin(entry: Entry) -> Entry | None:
    """A second model that takes the same images, to walk beside the first."""
    others = {key: other for key, other in cache.models().items() if key != entry.id and takes_same_images(entry, other)}
    return choose_second(
        label="Beside it",
        entry=entry,
        others=others,
        key=state.INTERPOLATE_TWIN,
        help="A second model that takes the same images, such as an autoencoder beside a VAE. It encodes A and B itself.",
    )


def said(entry: Entry, twin: Entry) -> str:
    """What two models side by side are to be looked at for."""
    kinds = {entry.card.model.variational, twin.card.model.variational}
    said = "Each model walks between its own codes of the same two images."
    if len(kinds) == 1:
        return f"{said} Compare the middles."
    return f"{said} Compare the middles: no KL term asked the autoencoder to fill the space between its codes."
