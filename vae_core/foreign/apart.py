"""A stranger's model → numbers and layers, in a process of its own: what comes back is data, and each layer of it is checked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from numpy.typing import NDArray

from vae_core.base import child, layers
from vae_core.base.child import Crew
from vae_core.base.plain import Records
from vae_core.data.images import shown
from vae_core.foreign.halves import Halves, Source
from vae_core.foreign.opening import ForeignCard, Latent, Loss, Opened, Picture, Upload
from vae_core.foreign.telling import Tell, silent
from vae_core.foreign.translation import Live, Network

SECONDS = 300.0
ROOM = child.ROOM

_MODELS = Crew("vae_core.foreign.child", places=2)
_RECORDS: Records = {
    "ForeignCard": ForeignCard,
    "Halves": Halves,
    "Latent": Latent,
    "Live": Live,
    "Loss": Loss,
    "Network": Network.of,
    "Opened": Opened,
    "Picture": Picture,
    "Source": Source,
    **{layer.__name__: layer for layer in get_args(layers.Layer)},
}


def open_files(
    files: Sequence[Upload],
    *,
    architecture: str | None = None,
    image: tuple[int, int, int] | None = None,
    latent: tuple[int, ...] | None = None,
) -> Opened:
    """As `opening.open_files`, apart.

    Raises:
        InputError: as there; or the files took too much memory or time, or broke their reader.
    """
    said = list(files), architecture, image, latent
    opened = _MODELS.call("open", *said, label=_label(files), seconds=SECONDS, room=ROOM, records=_RECORDS)
    assert isinstance(opened, Opened)
    return opened


def holds_weights_alone(files: Sequence[Upload]) -> bool:
    """As `opening.holds_weights_alone`, apart.

    Raises:
        InputError: as there; or the files took too much memory or time, or broke their reader.
    """
    return bool(_MODELS.call("weights_alone", list(files), label=_label(files), seconds=SECONDS, room=ROOM))


def answers(half: Source, x: NDArray[Any], tell: Tell = silent) -> dict[str, NDArray[Any]]:
    """As `evaluator.answers`, apart; `tell` hears how far it is.

    Raises:
        InputError: as there; or the file took too much memory or time, or broke the evaluator.
    """
    found = _MODELS.call(
        "answers", half, x, label=half.label, seconds=SECONDS, room=ROOM, progress=lambda share: tell(share, f"Checking {half.label}")
    )
    return dict(found)


def close() -> None:
    """End the process that waits for files."""
    _MODELS.close()


def _label(files: Sequence[Upload]) -> str:
    return shown(files[0][0]) if len(files) == 1 else "The model"
