"""`ImportChoices`: what a user decides about files of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vae_core.data.images import Fit
from vae_core.data.imageset import MAX_SIDE, MIN_SIDE

Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)]
Level = Annotated[int, Field(ge=0, le=255)]
Planes = Literal["first", "each"]
Layout = Literal["NHW", "HWN", "NHWC", "NCHW", "HWCN", "CHWN"]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class ImportChoices(BaseModel):
    """What the user decides at import; None means as found in the source.

    Attributes:
        channels: 1 for grey, 3 for RGB.
        height: pixels.
        width: pixels.
        background: the colour behind transparent pixels and beside padded images.
        fit: how an image of another aspect ratio is fitted, see `vae_core.data.images.fit_image`.
        range: the values that become black and white, in the numbers of the file.
        layout: which axis of an array is which: N images, H height, W width, C channels.
        planes: of images with two, four or more channels that are no transparency: "first" takes the first three (of two, one),
            "each" makes every channel a grey image of its own.
        frame: height, width and channels of images that lie in flat rows of numbers.
        take: which of several arrays, files or splits, by its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: Literal[1, 3] | None = None
    height: Side | None = None
    width: Side | None = None
    background: tuple[Level, Level, Level] = (0, 0, 0)
    fit: Fit = "crop"
    range: tuple[Finite, Finite] | None = None
    layout: Layout | None = None
    planes: Planes | None = None
    frame: tuple[int, int, Literal[1, 3]] | None = None
    take: str | None = None
