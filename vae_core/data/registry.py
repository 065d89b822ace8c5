"""Every data set by its name or id, the standard ones and the imported ones: what there is, and how to get it."""

from __future__ import annotations

from vae_core.base.errors import InputError
from vae_core.data import library, standard
from vae_core.data.images import shown
from vae_core.data.imageset import Images, SetInfo
from vae_core.data.standard import SETS, at_hand


def load(name: str) -> Images:
    """What a user gets under this name now: one of SETS, or the id of an imported set. Nothing is kept in memory here.

    Of MNIST and Fashion-MNIST these are the 10,000 test images, named "mnist-10k", until all 70,000 are downloaded.

    Raises:
        InputError: there is no such set, or it is damaged.
    """
    return load_exactly(at_hand(name))


def load_exactly(name: str) -> Images:
    """The set that a run or a model has written down by this name, and never another size of it.

    Raises:
        InputError: there is no such set, it has not been downloaded yet, or it is damaged.
    """
    if standard.info(name) is not None:
        return standard.load_exactly(name)
    if name in library.imported():
        return library.load_imported(name)
    raise InputError(f'There is no data set "{shown(name)}": choose one of {", ".join(SETS)}, or import your own images.')


def known() -> dict[str, SetInfo]:
    """Every set of a menu by name or id: the standard ones, then the imported ones, oldest first."""
    return {**SETS, **library.imported()}


def info(name: str) -> SetInfo | None:
    """What is known of a set by the name that a menu or a run has for it; None where there is no such set."""
    return standard.info(name) or library.imported().get(name)


def complete(name: str) -> bool:
    """Whether `load_exactly` gives this set now."""
    return standard.complete(name) if name in SETS else info(name) is not None
