"""Which values of an array are black and which are white: chosen among the usual ranges by what each would lose, never by an extreme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers.stored import Elements, Stored
from vae_core.data.taken import Doubt, Remedy, Taken

_SAMPLE = 2**20  # values that are looked at
_SLACK = 1e-3  # of the range: rounding in the sender's own scaling is no overshoot
_MARGIN = 0.5  # of the range: what overshoots by less is "a little"
_OVERSHOOT = 0.4  # of what the values span
_STRAY = 1e-4  # of all values: so few may lie anywhere, as dead pixels do
_SLIVER = 0.25  # of the range: where values take less of it, they are measured by themselves
_LOSS = 10.0  # what clipping takes off, in shares of the range, weighs so much more than a range that is not filled
_FLOATS = ((0, 1), (-1, 1), (-0.5, 0.5), (0, 16), (0, 255), (0, 1023), (0, 4095), (0, 65535))
_SIGNED = ((-128, 127), (-32768, 32767))
_DEPTHS = (255, 1023, 4095, 16383, 65535)  # of cameras and scanners: 8, 10, 12, 14 and 16 bits
FEW_LEVELS = (1, 3, 7, 15, 16)
"""The white of whole numbers where none is higher: masks of 0 and 1, pictures of 2, 3 and 4 bits, scikit-learn's digits."""
FAINT = 64
"""Grey levels: where the brightest pixel of most images is darker, the set is dark."""


class Reading(NamedTuple):
    """A range of values: `black` becomes 0 and `white` 255. A `usual` one is known from other data, else it is the data's own."""

    black: float
    white: float
    usual: bool = True

    @property
    def words(self) -> str:
        """As a sentence has it: "0 to 65,535"."""
        return f"{number(self.black)} to {number(self.white)}"

    def bytes(self, values: Elements) -> NDArray[np.uint8]:
        """The values as grey levels, rounded; what lies outside is clipped."""
        if (self.black, self.white) == (0, 255) and values.dtype == np.uint8:
            return values.view(np.uint8)
        if values.dtype == np.uint8:
            levels = np.arange(256.0)
            table = np.rint((levels - self.black) * (255 / (self.white - self.black))).clip(0, 255).astype(np.uint8)
            return table[values.view(np.uint8)]
        gain = 255 / (self.white - self.black)
        return np.rint((values.astype(np.float64) - self.black) * gain).clip(0, 255).astype(np.uint8)

    def outside(self, values: NDArray[Any]) -> int:
        """How many values clipping changes by more than rounding."""
        if values.dtype == np.uint8 and self.white == 255:
            return 0
        slack = _SLACK * (self.white - self.black)
        return int(np.count_nonzero((values < self.black - slack) | (values > self.white + slack)))


@dataclass(frozen=True)
class _Seen:
    """What there is to know about values: how many, their kind, the extremes, and about a million of them."""

    count: int
    kind: str
    low: float
    high: float
    some: NDArray[np.float64]

    def ends(self) -> tuple[float, float]:
        """Between these lie all but the outermost thousandth at either side."""
        low, high = np.quantile(self.some, (0.001, 0.999))
        return float(low), float(high)


def reading_of(parts: Sequence[Stored], wanted: tuple[float, float] | None, taken: Taken) -> Reading:
    """The range of the images in these arrays, one for all, and in `taken` a sentence where it is not certain.

    Args:
        parts: arrays of numbers.
        wanted: the values of black and white, where the user named them.
        taken: is told.

    Raises:
        InputError: an array holds NaN or infinity, all values are the same, or `wanted` is no range.
    """
    name = shown(parts[0].name)
    if wanted is not None:
        return _wanted(wanted, name, taken)
    if all(part.dtype.kind == "b" for part in parts):
        return Reading(0, 1)
    seen = _seen(parts)
    reading = _of_integers(seen, all(part.dtype == np.uint8 for part in parts)) if seen.kind != "f" else _of_floats(seen)
    if reading.black == reading.white:
        raise InputError(f"{name} holds the value {number(reading.black)} everywhere: there is nothing to see in it.")
    if not reading.usual:
        taken.doubts.append(
            Doubt(
                f"The values of {name} run from {number(seen.low)} to {number(seen.high)}, which is no usual range: black is "
                f"{number(reading.black)} and white is {number(reading.white)}.",
                tuple(Remedy(f"Take {other.words}", {"range": other[:2]}) for other in _alternatives(seen)),
            )
        )
    elif (reading.black, reading.white) == (0, 1) and seen.kind != "f":
        taken.notes.append(f"The values of {name} were taken as 0 for black and 1 for white.")
    elif (reading.black, reading.white) != (0, 255) or any(part.dtype != np.uint8 for part in parts):
        taken.notes.append(f"The values of {name} were taken as {reading.words}.")
    return reading


def say_clipped(outside: int, count: int, reading: Reading, name: str, taken: Taken) -> None:
    """How many pixels lay outside the range; more than a hundredth of them is a doubt."""
    if not outside or not reading.usual:
        return
    sentence = f"{outside:,} of {count:,} values of {shown(name)} lie outside {reading.words} and were clipped."
    if outside > count / 100:
        width = reading.white - reading.black
        wider = (reading.black - width * _MARGIN, reading.white + width * _MARGIN)
        taken.doubts.append(Doubt(sentence, (Remedy(f"Take {number(wider[0])} to {number(wider[1])}", {"range": wider}),)))
    else:
        taken.notes.append(sentence)


def say_dark(pixels: NDArray[np.uint8], reading: Reading, taken: Taken) -> None:
    """A doubt where most images are dark, uint8 [N, …], with the range that would stretch them."""
    brightest = pixels.reshape(len(pixels), -1).max(axis=1)
    if np.median(brightest) >= FAINT:
        return
    top = max(1, int(np.quantile(brightest, 0.99)))
    white = reading.black + (reading.white - reading.black) * top / 255
    taken.doubts.append(
        Doubt(
            f"These images are dark: the brightest pixel of most is at most {int(np.median(brightest))} of 255, and a model learns little "
            "from so small differences.",
            (Remedy(f"Stretch: white is {number(white)}", {"range": (reading.black, white)}),),
        )
    )


def number(value: float) -> str:
    """A value as a sentence has it, with a true minus."""
    text = f"{value:,.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:.3g}"
    return text.replace("-", "−")


def _wanted(wanted: tuple[float, float], name: str, taken: Taken) -> Reading:
    black, white = wanted
    if black == white:
        raise InputError(f"A range from {number(black)} to {number(white)} is none: black and white need different values.")
    taken.notes.append(f"The values of {name} were stretched: black is {number(black)} and white is {number(white)}.")
    return Reading(black, white)


def _seen(parts: Sequence[Stored]) -> _Seen:
    count = sum(math.prod(part.shape) for part in parts)
    step = max(1, count // _SAMPLE) | 1  # odd, so that it does not keep to one column of the images
    low, high = math.inf, -math.inf
    some = []
    for part in parts:
        bad = 0
        for chunk in part.chunks():
            if not len(chunk):
                continue
            with np.errstate(all="ignore"):
                low, high = float(np.minimum(low, np.min(chunk))), float(np.maximum(high, np.max(chunk)))
            if not (math.isfinite(low) and math.isfinite(high)):
                bad += int(np.count_nonzero(~np.isfinite(chunk.astype(np.float64))))
                raise InputError(f"{shown(part.name)} holds values that are not finite numbers (NaN or infinity).")
            some.append(chunk[::step].astype(np.float64))
    kind = "f" if any(part.dtype.kind == "f" for part in parts) else "i"
    return _Seen(count, kind, low, high, np.concatenate(some))


def _of_integers(seen: _Seen, octets: bool) -> Reading:
    if seen.low >= 0 and seen.high <= FEW_LEVELS[-1]:
        return Reading(0, next(top for top in FEW_LEVELS if seen.high <= top))
    if octets:
        return Reading(0, 255)
    if seen.low < 0:
        low, _ = seen.ends()
        signed = (Reading(*ends) for ends in _SIGNED if ends[0] <= seen.low and seen.high <= ends[1] and low <= ends[0] / 2)
        return next(signed, _own(seen))
    return next((Reading(0, top) for top in _DEPTHS if _strays(seen, top)), _own(seen))


def _strays(seen: _Seen, top: float) -> bool:
    """Whether no more than strays lie above `top`."""
    return seen.high <= top or int(np.count_nonzero(seen.some > top)) <= max(2, _STRAY * len(seen.some))


def _of_floats(seen: _Seen) -> Reading:
    """The usual range that costs least: what clipping to it takes off, and what of it is not filled."""
    costs = [(cost, Reading(*ends)) for ends in _FLOATS if (cost := _cost(seen, *ends)) is not None]
    return min(costs, key=lambda pair: pair[0])[1] if costs else _own(seen)


def _cost(seen: _Seen, black: float, white: float) -> float | None:
    """What a range costs; None where it is not plausible."""
    width = white - black
    low, high = seen.ends()
    if black < 0 and low > 0.8 * black:  # a signed range is used down to its black
        return None
    if max(0.0, black - low) + max(0.0, high - white) > _OVERSHOOT * (high - low):
        return None
    far = np.count_nonzero((seen.some < black - _MARGIN * width) | (seen.some > white + _MARGIN * width))
    loss = float(np.mean(np.maximum(black - seen.some, 0) + np.maximum(seen.some - white, 0))) / width
    if far > max(2, _STRAY * len(seen.some)) or loss * _LOSS > 1:
        return None
    filled = max(0.0, min(high, white) - max(low, black)) / width
    if filled < _SLIVER and low < black - 0.05 * (high - low):  # what is below black belongs to so small a picture as much as the rest
        return None
    return loss * _LOSS + 1 - filled


def _own(seen: _Seen) -> Reading:
    """From the darkest to the brightest value, but for the outermost thousandths."""
    low, high = seen.ends()
    return Reading(low, high, usual=False) if low < high else Reading(seen.low, seen.high, usual=False)


def _alternatives(seen: _Seen) -> list[Reading]:
    """The usual ranges that hold most of the values, the narrowest first, at most three."""
    low, high = np.quantile(seen.some, (0.25, 0.75))
    holding = [Reading(*ends) for ends in (*_FLOATS, *_SIGNED) if ends[0] <= low and high <= ends[1]]
    return sorted(holding, key=lambda reading: reading.white - reading.black)[:3]
