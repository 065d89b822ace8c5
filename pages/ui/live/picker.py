"""Pictures of which the user chooses one by clicking it, or by the arrow keys and Enter."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, component, number_in
from vae_core.export.wire.records import PickerData

_mount = component("picker", room=Room(158, 210), in_dialog=True)


def pick_picture(
    *,
    legend: str,
    pictures: NDArray[np.uint8],
    numbers: Sequence[int],
    titles: Sequence[str],
    chosen: int | None,
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """The pictures. What the browser sends is checked; why it was refused is in `state.SHARED_REFUSED`.

    Args:
        legend: what is chosen, for a screen reader.
        pictures: uint8 [n, C, H, W].
        numbers: of each picture in its set, [n].
        titles: what to call each, [n].
        chosen: the number that is marked, if it is among them.
        key: of the component.
        on_pick: given the number of the picture that was clicked.
    """

    def hear(event: Event) -> None:
        if event.get("kind") == "choose":
            on_pick(number_in(event, numbers, refusal="Choose one of the pictures that are shown."))

    data: PickerData = {
        "legend": legend,
        "images": base64.b64encode(np.ascontiguousarray(pictures).tobytes()).decode(),
        "shape": (pictures.shape[1], pictures.shape[2], pictures.shape[3]),
        "numbers": list(numbers),
        "titles": list(titles),
        "chosen": chosen,
    }
    _mount(key=key, data=data, on_event=partial(attempt, hear))
