"""Which axis of an array is which, chosen among the readings that its shape allows by how smooth the images would be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.choices import Layout, Planes
from vae_core.data.images import MAX_PIXELS, shown
from vae_core.data.imageset import MIN_IMAGES, MIN_SIDE
from vae_core.data.taken import Doubt, Question, Remedy, Taken

Pixels = NDArray[np.uint8]

EXPECTED = (
    f"arrays of numbers with at least {MIN_SIDE} pixels a side, such as [N, H, W], [N, H, W, C], [N, C, H, W], [H, W, N] or flat rows"
)

_LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_MOST_PLANES = 16
_LOOKED_AT = 64  # elements of each axis
_SOME_ROWS, _SOME = 256, 2**23  # flat rows, and numbers of them, that are looked at
_CLOSE = 0.15  # two readings that differ by less are both plausible
_CLEARLY = 0.8  # of what the usual reading costs
_LONGEST = 4  # times the shorter side, of images in flat rows
_OPAQUE_OR_CLEAR = 0.6  # of the pixels of a transparency
_WORDS = {"N": "images", "H": "height", "W": "width", "C": "channels"}


class Frame(NamedTuple):
    """The shape of images in flat rows; `planar` where the colours follow each other as whole images."""

    height: int
    width: int
    channels: int
    planar: bool = False

    @property
    def words(self) -> str:
        """As a sentence has it."""
        return f"{self.height} × {self.width} {'grey' if self.channels == 1 else 'RGB'} pixels"


def layouts_of(shape: Sequence[int]) -> list[Layout]:
    """The layouts that images of this shape can have, the usual ones first; empty where it cannot be images, but they may be too few."""
    return [layout for layout in _LAYOUTS if len(layout) == len(shape) and _fits(layout, shape)]


def words_of(layout: Layout) -> str:
    """As a sentence has it: "images × height × width"."""
    return " × ".join(_WORDS[letter] for letter in layout)


def layout_of(view: Pixels, wanted: Layout | None, name: str, taken: Taken) -> Layout:
    """The layout of an array of images: neighbours in an image are alike in both directions, and images are not.

    Args:
        view: uint8, three or four axes, `layouts_of` whose shape is not empty.
        wanted: what the user chose.
        name: of the array.
        taken: is told what was not certain.

    Raises:
        InputError: the array cannot have the layout that was chosen.
    """
    if wanted is not None:
        if len(wanted) != view.ndim or not _fits(wanted, view.shape):
            raise InputError(f"{shown(name)} is {list(view.shape)} and cannot be {words_of(wanted)}.")
        return wanted
    costs = _costs(view.shape, view[middle(view.shape)])
    best = costs[0][2]
    close = [layout for cost, _, layout in costs[1:] if cost - costs[0][0] < _CLOSE]
    sentence = f"{shown(name)} is {list(view.shape)} and was taken as {words_of(best)}."
    if close:
        taken.doubts.append(Doubt(sentence, tuple(Remedy(f"Take {words_of(other)}", {"layout": other}) for other in close)))
    elif best in ("HWN", "HWCN", "CHWN"):
        taken.notes.append(sentence)
    return best


def likeliest(shape: Sequence[int], block: Pixels) -> Layout:
    """The layout that `layout_of` finds for an array of this shape, from its `middle` alone."""
    return _costs(shape, block)[0][2]


def middle(shape: Sequence[int]) -> tuple[slice, ...]:
    """The part of an array that says its layout."""
    return tuple(slice(max(0, (size - _LOOKED_AT) // 2), (size + _LOOKED_AT) // 2) for size in shape)


def arranged(view: Pixels, layout: Layout) -> Pixels:
    """An array of this layout as a view [N, H, W, C]."""
    axes = [layout.index(letter) for letter in "NHWC" if letter in layout]
    moved = view.transpose(axes)
    return moved if "C" in layout else moved[..., None]


def pictures_of(frames: Pixels, planes: Planes | None, name: str, taken: Taken) -> Pixels:
    """Images [N, H, W, C] with any number of channels as images with 1, 3 or 4 (straight alpha), C of each where they are grey planes.

    Args:
        frames: uint8.
        planes: what the user chose for channels that are no colours; see `ImportChoices`.
        name: of the array.
        taken: is told.

    Raises:
        InputError: the copy takes more memory than is left to the import.
        Question: there are two, four or more channels, the last is no transparency, and nothing is chosen.
    """
    n, height, width, channels = frames.shape
    if channels in (1, 3):
        return frames
    if planes == "each":
        taken.budget.hold(frames.size, name)
        taken.notes.append(f"Each of the {channels} channels of {shown(name)} became a grey image of its own.")
        return frames.transpose(0, 3, 1, 2).reshape(n * channels, height, width, 1)
    kept = 1 if channels == 2 else 3
    if planes == "first":
        taken.leave(f"{'the last channel' if channels - kept == 1 else 'the last channels'} of {name}", "were left out as chosen.")
        return frames[..., :kept]
    if channels in (2, 4) and _is_transparency(frames[..., -1]):
        taken.notes.append(f"The last of the {channels} channels of {shown(name)} was taken as transparency.")
        if channels == 4:
            return frames
        taken.budget.hold(2 * frames.size, name)
        return frames[..., [0, 0, 0, 1]]
    first = "the first" if kept == 1 else "the first three as RGB"
    raise Question(
        f"{shown(name)} has {channels} channels, and the last is no transparency: choose whether to take {first}, or each as a grey image.",
        (Remedy(f"Take {first}", {"planes": "first"}), Remedy("Take each as grey", {"planes": "each"})),
    )


def frames_of_width(size: int) -> list[Frame]:
    """The shapes that images in rows of so many numbers can have, the squarest first, grey before colour."""
    found = []
    for channels in (1, 3):
        area = size // channels if size % channels == 0 else 0
        for height in range(MIN_SIDE, math.isqrt(area * _LONGEST) + 1):
            if area % height == 0 and MIN_SIDE <= area // height <= _LONGEST * height:
                found.append(Frame(height, area // height, channels))
    return sorted(found, key=lambda frame: (abs(math.log2(frame.height / frame.width)), frame.channels))


def frame_of_rows(rows: Pixels, wanted: tuple[int, int, int] | None, name: str, taken: Taken) -> Frame:
    """The shape of images that lie in flat rows: the one in which the pixels below each other are most alike.

    Args:
        rows: uint8 [N, D], `frames_of_width(D)` is not empty.
        wanted: height, width and channels as the user knows them.
        name: of the array.
        taken: is told.

    Raises:
        InputError: `wanted` has another number of pixels.
        Question: several shapes are as plausible, and none is a square.
    """
    size = rows.shape[1]
    if wanted is not None:
        if math.prod(wanted) != size:
            raise InputError(
                f"{shown(name)} has {size:,} numbers for each image, and {' × '.join(map(str, wanted))} are {math.prod(wanted):,}."
            )
        possible = [Frame(*wanted)]
    else:
        possible = frames_of_width(size)
    some = _some(rows)
    costs = sorted((cost, order, frame) for order, shape in enumerate(possible) for cost, frame in _roughness(some, shape))
    best = costs[0][2]
    others = [frame for cost, _, frame in costs[1:] if frame[:3] != best[:3] and cost - costs[0][0] < _CLOSE]
    if others and best.height != best.width:
        asked = (best, *others)[:3]
        raise Question(
            f"{shown(name)} has {size:,} numbers for each image, which can be {' or '.join(frame.words for frame in asked)}: choose one.",
            [Remedy(f"Take {frame.words}", {"frame": frame[:3]}) for frame in asked],
        )
    taken.notes.append(f"The {size:,} numbers for each image of {shown(name)} were taken as {best.words}.")
    return best


def is_turned(rows: Pixels) -> bool:
    """Whether the columns of a table of pixels make images that are clearly smoother than those of its rows, or only they can be images."""
    ways = [(table, frames_of_width(table.shape[1])) for table in (rows, rows.T)]
    if not ways[1][1] or rows.shape[1] < MIN_IMAGES:
        return False
    if not ways[0][1]:
        return True
    along, across = (min(cost for frame in frames for cost, _ in _roughness(_some(table), frame)) for table, frames in ways)
    return across < _CLEARLY * along


def unrolled(rows: Pixels, frame: Frame) -> Pixels:
    """Flat rows as a view [N, H, W, C]."""
    height, width, channels, planar = frame
    if planar:
        return rows.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    return rows.reshape(-1, height, width, channels)


def _fits(layout: Layout, shape: Sequence[int]) -> bool:
    size = dict(zip(layout, shape, strict=True))
    sides = min(size["H"], size["W"]) >= MIN_SIDE and size["H"] * size["W"] <= MAX_PIXELS
    return sides and 1 <= size.get("C", 1) <= _MOST_PLANES and (layout[0] == "N" or size["N"] >= MIN_IMAGES)


def _costs(shape: Sequence[int], block: Pixels) -> list[tuple[float, int, Layout]]:
    """The layouts that are possible, the likeliest first."""
    values = block.astype(np.int16)
    return sorted((_cost(shape, values, layout), order, layout) for order, layout in enumerate(layouts_of(shape)))


def _cost(shape: Sequence[int], block: NDArray[np.int16], layout: Layout) -> float:
    """How unlikely a layout is: rough in one direction and not in the other, far from square, images more alike than pixels."""
    height, width, images = (layout.index(letter) for letter in "HWN")
    down, across, between = (float(np.abs(np.diff(block, axis=axis)).mean()) + 1e-3 for axis in (height, width, images))
    far_from_square = min(1.0, abs(math.log2(shape[height] / shape[width])))
    alike = min(1.0, max(0.0, math.log2((down + across) / 2 / between)))
    channels = {1: 0.0, 3: 0.0, 4: 0.1, 2: 0.3}.get(shape[layout.index("C")] if "C" in layout else 1, 0.5)
    unusual = 0.0 if layout[0] == "N" else 0.25
    return min(2.0, abs(math.log2(down / across))) + 0.5 * far_from_square + 0.5 * alike + channels + unusual


def _is_transparency(last: Pixels) -> bool:
    some = last[:: max(1, len(last) // 256)]
    return bool(np.mean((some == 0) | (some == 255)) >= _OPAQUE_OR_CLEAR and (some > 0).any())


def _some(rows: Pixels) -> NDArray[np.int16]:
    count = min(_SOME_ROWS, max(1, _SOME // rows.shape[1]))
    return rows[:: max(1, len(rows) // count)][:count].astype(np.int16)


def _roughness(rows: NDArray[np.int16], shape: Frame) -> list[tuple[float, Frame]]:
    """How much pixels beside and below each other differ, relative to pixels anywhere; both orders of the colours."""
    spread = float(np.abs(rows - rows[:, np.random.default_rng(0).permutation(rows.shape[1])]).mean()) + 1e-3
    squareness = 0.15 * abs(math.log2(shape.height / shape.width))
    found = []
    for planar in (False, True)[: 1 if shape.channels == 1 else 2]:
        frame = shape._replace(planar=planar)
        pictures = unrolled(rows, frame)  # type: ignore[arg-type]
        rough = sum(float(np.abs(np.diff(pictures, axis=axis)).mean()) for axis in (1, 2)) / spread
        found.append((rough + squareness, frame))
    return found
