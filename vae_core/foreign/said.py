"""What a person says of a model from elsewhere, as texts: on the command line and on the Models page alike."""

from __future__ import annotations

from typing import NamedTuple, cast, get_args

from pydantic import ValidationError

from vae_core.base.config import LikelihoodName, explain
from vae_core.base.errors import InputError
from vae_core.foreign.adopting import Choices
from vae_core.training.origin import RANGES, DecoderGives, Range

ORDERS = ("channels first", "channels last")


class Said(NamedTuple):
    """Each a text, or None for what is to be found.

    Attributes:
        encoder_gives: one of `ENCODER_GIVES`.
        decoder_gives: "picture" or "logits".
        pixels: one of `RANGES`, or mean and standard deviation of each channel, "0.5,0.5,0.5/0.2,0.2,0.2".
        image: "3x64x64", channels first.
        latent: "10", or "4x8x8".
        order: one of `ORDERS`, for pictures that the files hold as a flat list.
        likelihood: what the decoder's output means.
        sigma: σ of that likelihood.
    """

    encoder_gives: str | None = None
    decoder_gives: str | None = None
    pixels: str | None = None
    image: str | None = None
    latent: str | None = None
    order: str | None = None
    likelihood: str | None = None
    sigma: float | None = None

    def choices(self) -> Choices:
        """The same as values.

        Raises:
            InputError: a text says nothing of its kind.
        """
        image = None if not self.image else _sizes("The size of a picture", self.image, (3,))
        if image is not None and image[0] not in (1, 3):
            raise InputError(f"A picture has 1 channel, grey, or 3, not {image[0]}: say channels first, such as 3x64x64.")
        if self.decoder_gives is not None and self.decoder_gives not in get_args(DecoderGives):
            raise InputError(f'A decoder gives a picture or logits, not "{self.decoder_gives[:20]}".')
        if self.order is not None and self.order not in ORDERS:
            raise InputError(f'The order of axes is {" or ".join(ORDERS)}, not "{self.order[:20]}".')
        if self.likelihood is not None and self.likelihood not in get_args(LikelihoodName):
            raise InputError(f'A likelihood is one of {", ".join(get_args(LikelihoodName))}, not "{self.likelihood[:20]}".')
        return Choices(
            encoder_gives=self.encoder_gives,
            decoder_gives=cast("DecoderGives | None", self.decoder_gives),
            pixels=None if not self.pixels else range_of(self.pixels),
            image=None if image is None else (image[0], image[1], image[2]),
            likelihood=cast("LikelihoodName | None", self.likelihood),
            sigma=self.sigma,
            latent=None if not self.latent else _sizes("The size of a code", self.latent, (1, 3)),
            channels_last=None if self.order is None else self.order == ORDERS[1],
        )


def range_of(text: str) -> Range:
    """A range of pixels by its name, or by mean and standard deviation of each channel.

    Raises:
        InputError: it is neither.
    """
    known = RANGES.get(text.replace(" ", ""))
    if known is not None:
        return known
    parts = text.split("/")
    try:
        mean, std = ([float(number) for number in part.replace(",", " ").split()] for part in parts)
    except ValueError:
        mean, std = [], []
    if not mean or len(mean) not in (1, 3) or len(std) != len(mean) or not all(number > 0 for number in std):
        raise InputError(
            f'The pixels "{text[:60]}" are no range. It is one of {"  ".join(RANGES)}, or mean and standard deviation of each channel, '
            "each one number or three, such as 0.5,0.5,0.5/0.2,0.2,0.2."
        )
    try:
        scale, shift = tuple(1 / part for part in std), tuple(-middle / part for middle, part in zip(mean, std, strict=True))
        return Range(scale=scale, shift=shift)
    except ValidationError as error:
        raise InputError(f"The mean and the standard deviation of the pixels cannot be used: {explain(error)}") from error


def _sizes(what: str, text: str, many: tuple[int, ...]) -> tuple[int, ...]:
    fields = text.lower().replace("×", "x").replace(" ", "").split("x")
    sizes = tuple(int(field) for field in fields if field.isascii() and field.isdigit() and 0 < len(field) < 6)
    if len(sizes) != len(fields) or len(sizes) not in many or min(sizes) < 1:
        axes = "channels x height x width such as"
        shape = f"{axes} 3x64x64" if many == (3,) else f"a number such as 10, or {axes} 4x8x8"
        raise InputError(f'{what} is {shape}, not "{text[:40]}".')
    return sizes
