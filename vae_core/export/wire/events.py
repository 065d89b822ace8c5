"""Every event that a live part sends back, as JSON; `typedefs` writes the same as types of JavaScript. The app checks what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict


class MoveEvent(TypedDict):
    """The user has moved the code, and let go."""

    kind: Literal["move"]
    z: Sequence[float]  # the code, [K]


class HistoryEvent(TypedDict):
    """The user asks for the code before, or for the one after."""

    kind: Literal["undo", "redo"]


class NameEvent(TypedDict):
    """The user has named a dimension."""

    kind: Literal["name"]
    index: int  # of the latent dimension, from 0
    name: str  # empty: it has no name any more


class ChooseEvent(TypedDict):
    """The user has clicked a point or a picture, or drawn a lasso."""

    kind: Literal["choose"]
    numbers: Sequence[int]  # of the images; none where the choice was undone


class PinEvent(TypedDict):
    """The user has put the pin somewhere, and let go."""

    kind: Literal["pin"]
    z: Sequence[float]  # its code, [K]


class BetaEvent(TypedDict):
    """The user has moved the KL weight, and let go."""

    kind: Literal["beta"]
    beta: Sequence[float]  # [β], or [β_μ, β_σ]


class PlaceEvent(TypedDict):
    """The user has chosen a code on the map of a multi-rate model."""

    kind: Literal["place"]
    z: Sequence[float]  # the code, [K]


class WalkEvent(TypedDict):
    """The user has moved a path or walked on it, and let go: all there is, since one event may overtake another."""

    kind: Literal["walk"]
    t: float  # where the user is: 0 at A, 1 at B
    a: Sequence[float] | None  # the code at A, [K]; null: never dragged
    b: Sequence[float] | None  # the code at B, [K]; null: never dragged


class GatherEvent(TypedDict):
    """The user has drawn a lasso around points of one of two maps."""

    kind: Literal["gather"]
    numbers: Sequence[int]  # of the images; none where the group was let go


class StepEvent(TypedDict):
    """The user has moved the code of an image in two models, and let go."""

    kind: Literal["step"]
    step: Sequence[float]  # from the image's own code, in the plane of both maps, [x, y]


class DrawnEvent(TypedDict):
    """The drawing has changed: at the end of each stroke, undo, fill and clear."""

    kind: Literal["drawn"]
    pixels: str  # uint8 [C, H, W] in base64


class FailedEvent(TypedDict):
    """The part cannot run here; what loads the parts sends it too."""

    kind: Literal["failed"]
    reason: str  # a sentence


DeckEvent = MoveEvent | HistoryEvent | NameEvent | FailedEvent
MapEvent = ChooseEvent | PinEvent | FailedEvent
GridEvent = PinEvent | FailedEvent
MultirateEvent = BetaEvent | PlaceEvent | FailedEvent
PathEvent = WalkEvent | FailedEvent
DrawEvent = DrawnEvent | FailedEvent
MachineEvent = DrawnEvent | ChooseEvent | FailedEvent
AtlasEvent = MoveEvent | FailedEvent
PickerEvent = ChooseEvent | FailedEvent
ReplayEvent = ChooseEvent | FailedEvent
PairEvent = ChooseEvent | GatherEvent | StepEvent | FailedEvent
