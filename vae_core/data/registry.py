"""Every data set by its name or id, the standard ones and the imported ones: what there is, and how to get it."""

from __future__ import annotations

from vae_core.base.errors import InputError
from vae_core.data import library, standard
from vae_core.data.images import shown
from vae_core.data.imageset import Images, SetInfo
from vae_core.data.standard import SETS


def load(name: str) -> Images:
    """The data set of this name: one of SETS, or the id of an imported set. Nothing is kept in memory here.

    Raises:
        InputError: there is no such set, it has not been downloaded yet, or it is damaged.
    """
    if name in SETS:
        return standard.load(name)
    if name in library.imported():
        return library.load_imported(name)
    raise InputError(f'There is no data set "{shown(name)}": choose one of {", ".join(SETS)}, or import your own images.')


def known() -> dict[str, SetInfo]:
    """Every set by name or id: the standard ones, then the imported ones, oldest first."""
    return {**SETS, **library.imported()}


def available(name: str) -> bool:
    """Whether `load` gives this set now, without a download."""
    return standard.available(name) if name in SETS else name in library.imported()
