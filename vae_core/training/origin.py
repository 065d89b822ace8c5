"""What is known of a model that was trained elsewhere, and how its numbers are read: a part of its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from vae_core.base.strict import Config

Width = Literal["logvar", "logstd", "std", "variance"]
Arrangement = Literal["mean", "joined", "interleaved"]
DecoderGives = Literal["picture", "logits"]
Objective = Literal["", "a capacity", "the total correlation"]

WIDTHS: tuple[Width, ...] = get_args(Width)
ENCODER_GIVES = ("mean", *(f"{arrangement},{width}" for arrangement in get_args(Arrangement) for width in WIDTHS))
"""What an encoder can give: the mean alone, as a plain autoencoder does; mean and width as two outputs; or as one output of 2K numbers, the
means and then the widths ("joined"), or one of each in turn ("interleaved")."""

_Numbers = Annotated[tuple[Annotated[float, Field(ge=-1e6, le=1e6)], ...], Field(min_length=1, max_length=3)]
_WIDTHS_IN_WORDS: Mapping[str, str] = {"logvar": "log-variance", "logstd": "log σ", "std": "σ", "variance": "variance"}
_ARRANGED: Mapping[str, str] = {
    "mean": "as two outputs",
    "joined": "in one output, all means first",
    "interleaved": "in turn in one output",
}


class Range(Config):
    """What the model takes for a pixel p from 0 to 1: scale·p + shift, one number for all channels or one for each."""

    scale: _Numbers
    shift: _Numbers

    @property
    def words(self) -> str:
        """The range as an option has it: "0,1", "-1,1", or scale and shift."""
        known = next((name for name, pixels in RANGES.items() if pixels == self), None)
        return known or "×({}) +({})".format(*self._parts())

    @property
    def sentence(self) -> str:
        """The range as people say it, after "pixels go": "from −1 to 1"."""
        if self in RANGES.values():
            return "from {} to {}".format(*self.words.replace("-", "\N{MINUS SIGN}").split(","))
        return "from 0 to 1, times {} and plus {}".format(*(part.replace("-", "\N{MINUS SIGN}") for part in self._parts()))

    def _parts(self) -> tuple[str, str]:
        scale, shift = (", ".join(f"{number:g}" for number in part) for part in (self.scale, self.shift))
        return scale, shift


RANGES = {
    "0,1": Range(scale=(1.0,), shift=(0.0,)),
    "-1,1": Range(scale=(2.0,), shift=(-1.0,)),
    "0,255": Range(scale=(255.0,), shift=(0.0,)),
}
"""The usual ranges of pixels, by their ends."""


def reading_in_words(encoder_gives: str, decoder_gives: DecoderGives, pixels: Range) -> str:
    """How a model's numbers are read, for people who know no option's name."""
    arrangement, _, width = encoder_gives.partition(",")
    code = f"mean and {_WIDTHS_IN_WORDS[width]} {_ARRANGED[arrangement]}" if width else "the code itself, without a width"
    picture = "a picture" if decoder_gives == "picture" else "logits, which a sigmoid makes a picture"
    return f"the encoder gives {code}; the decoder gives {picture}; pixels go {pixels.sentence}"


class Origin(Config):
    """Where a model is from that was not trained here.

    Attributes:
        files: their names.
        producer: what wrote them, "pytorch 2.13.0", or the architecture of a checkpoint.
        encoder_gives: one of `ENCODER_GIVES`.
        decoder_gives: a picture in `pixels`, or logits of a picture from 0 to 1.
        pixels: what the model takes for a picture.
        found: how each of these was found, in sentences.
        off: largest difference of its own answers from those of the reference evaluator or of the maker's code, over the encoder and the
            decoder; None where there was nothing to compare with.
        checked_with: what `off` is a difference from, in words.
        knows_beta: whether the KL weight of its training is known; its card's β is 1 where it is not.
        licence: of the weights.
        objective: what its training charged besides a constant share of the rate; empty where nothing is known of it.
    """

    files: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=8)]
    producer: Annotated[str, Field(max_length=200)]
    encoder_gives: Annotated[str, Field(pattern=f"^({'|'.join(ENCODER_GIVES)})$")]
    decoder_gives: DecoderGives
    pixels: Range
    found: Annotated[tuple[Annotated[str, Field(max_length=600)], ...], Field(max_length=20)] = ()
    off: Annotated[float, Field(ge=0)] | None = None
    checked_with: Annotated[str, Field(max_length=200)] = ""
    knows_beta: bool = False
    licence: Annotated[str, Field(max_length=200)] = "not known"
    objective: Objective = ""
