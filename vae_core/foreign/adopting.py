"""Make a model of ours of an encoder and a decoder from elsewhere: choose how to read their numbers, and put that into the layers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.base.config import MAX_SIDE, MAX_WIDE, MIN_LATENT, MIN_SIDE, LikelihoodName, ModelConfig, explain
from vae_core.base.errors import InputError
from vae_core.base.layers import Graphs, Reshape
from vae_core.foreign import heads, pixels
from vae_core.foreign.halves import Halves
from vae_core.foreign.heads import Heads
from vae_core.foreign.pixels import Layout, PixelReading
from vae_core.foreign.telling import Tell, silent
from vae_core.foreign.translation import Live, Network
from vae_core.model.vae import VAE
from vae_core.training.origin import DecoderGives, Range, reading_in_words

_CLEAR = 0.9  # of the second best error: below it, the best reading is clearly the best


class Choices(NamedTuple):
    """What the user says of a model; None for what is to be found.

    Attributes:
        encoder_gives: one of `ENCODER_GIVES`.
        decoder_gives: "picture" or "logits".
        pixels: the range of its pixels.
        image: (C, H, W).
        likelihood, sigma: what its decoder's output means; Bernoulli where that is a chance, else Gaussian with σ = 1.
        latent: the shape of a code, for a decoder that leaves it open.
        channels_last: of a colour picture that its files hold as a flat list.
    """

    encoder_gives: str | None = None
    decoder_gives: DecoderGives | None = None
    pixels: Range | None = None
    image: tuple[int, int, int] | None = None
    likelihood: LikelihoodName | None = None
    sigma: float | None = None
    latent: tuple[int, ...] | None = None
    channels_last: bool | None = None


class Reading(NamedTuple):
    """One way to read a model's numbers, and what comes of it.

    Attributes:
        heads, pixels: what the encoder's and the decoder's numbers mean.
        layouts: how the encoder and the decoder lay out a picture.
        model: of ours, read in this way.
        error: root mean squared error of its reconstructions from 0 to 1, over all images; NaN where there were none.
        divided: by what the codes of a plain autoencoder are divided here, and multiplied again before its decoder.
    """

    heads: Heads
    pixels: PixelReading
    layouts: tuple[Layout, Layout]
    model: VAE
    error: float
    divided: float = 1.0

    @property
    def words(self) -> str:
        """The reading in a line."""
        order = "" if self._order is None else f"; of each picture {self._order}"
        return reading_in_words(self.heads.gives, self.pixels.gives, self.pixels.pixels) + order

    @property
    def options(self) -> str:
        """The same by the values with which one asks for it."""
        order = "" if self._order is None else f", {self._order}"
        return f"encoder gives {self.heads.gives}, decoder gives {self.pixels.gives}, pixels {self.pixels.pixels.words}{order}"

    @property
    def _order(self) -> str | None:
        """ "channels first" or "channels last", for a colour picture that its files hold as a flat list."""
        if not any(len(layout.own) == 1 and layout.image[0] > 1 for layout in self.layouts):
            return None
        return f"channels {'last' if any(layout.channels_last for layout in self.layouts) else 'first'}"


def readings(halves: Halves, choices: Choices, images: Pixels | None, tell: Tell = silent) -> list[Reading]:
    """Every way to read the model that its names, its shapes and the user's choices leave open, the best first.

    Args:
        halves: the model.
        choices: what the user says.
        images: uint8 [N, C, H, W] in the model's size, of the kind that it was trained on; None where there are none.
        tell: hears how far it is.

    Raises:
        InputError: nothing fits, or the model is over one of our limits.
    """
    ways = [
        (head, pixel, both)
        for head in heads.candidates(halves, choices.encoder_gives)
        for pixel in pixels.candidates(halves, choices.pixels, choices.decoder_gives)
        for both in pixels.arrangements(halves, choices.image, channels_last=choices.channels_last)
    ]
    found = []
    for done, (head, pixel, both) in enumerate(ways):
        tell(done / len(ways), f"Trying reading {done + 1} of {len(ways)}")
        model = build(halves, head, pixel, choices, both)
        divided = 1.0 if images is None or head.gives != "mean" else _divisor(model, images)
        if divided > 1:
            model = build(halves, head, pixel, choices, both, divided)
        error = math.nan if images is None else _error(model, images)
        found.append(Reading(head, pixel, both, model, error, divided))
    return sorted(found, key=lambda reading: math.inf if math.isnan(reading.error) else reading.error)


def chosen(found: list[Reading], label: str, way_out: str = "Say which, or give images of its kind") -> tuple[Reading, list[str]]:
    """The one reading that is left, or the one that clearly reconstructs best; with sentences that say how it was found.

    `way_out` is what a caller can do who left several open, without a full stop.

    Raises:
        InputError: several are left and nothing tells them apart: the sentence lists them.
    """
    best, *others = found
    why = [best.heads.why, best.pixels.why]
    if best.divided > 1:
        why.append(f"Its codes go far beyond the sliders, so they are divided by {best.divided:g} here, and multiplied again to decode.")
    if not others:
        return best, why
    if math.isnan(best.error) or not best.error < _CLEAR * others[0].error:
        listed = "; ".join(
            reading.options + ("" if math.isnan(reading.error) else f" (error {reading.error:.3f})") for reading in found[:8]
        )
        told = "without images nothing tells them apart" if math.isnan(best.error) else "they reconstruct about equally well"
        raise InputError(f"{label} can be read in {len(found)} ways, and {told}: {listed}. {way_out}.")
    why.append(f"Of {len(found)} readings this one reconstructs best: an error of {best.error:.3f}, and {others[0].error:.3f} of the next.")
    return best, why


def build(halves: Halves, head: Heads, pixel: PixelReading, choices: Choices, layouts: tuple[Layout, Layout], divided: float = 1.0) -> VAE:
    """The model of ours, in eval mode, whose layers hold one reading; `divided` as in `Reading`.

    Raises:
        InputError: the model is over one of our limits, or the likelihood asks for what the decoder does not give.
    """
    before, after = layouts
    chance = pixel.gives == "logits" or (pixels.ends_with_sigmoid(halves) and pixel.pixels.words == "0,1")
    likelihood = choices.likelihood or ("bernoulli" if chance else "gaussian")
    logits = likelihood in ("bernoulli", "continuous_bernoulli")
    if logits and not chance:
        raise InputError(
            f"{halves.label} draws pictures, not chances: a {likelihood.replace('_', ' ')} likelihood needs logits or a sigmoid."
        )
    if likelihood == "continuous_bernoulli" and pixel.gives == "picture":
        raise InputError(f"{halves.label} gives chances of white: a continuous bernoulli likelihood is read from logits alone.")
    latent = math.prod(halves.decoder.shape)
    channels, height, width = before.image
    _refuse_sizes(halves, latent, (height, width))
    encoder = heads.put_on(_copied(halves.encoder), dict(halves.outputs), head)
    encoder = pixels.put_before(encoder, before, pixel.pixels)
    decoder = pixels.put_after(_copied(halves.decoder), halves.picture, after, pixel, logits=logits)
    ours = Network((latent,))
    code = ours.input if halves.decoder.shape == (latent,) else ours.add(Reshape(shape=halves.decoder.shape), ours.input)
    if divided != 1:
        encoder.affine(Live(len(encoder.layers), (latent,)), np.array(1 / divided), None, alone=True)
        code = ours.affine(code, np.array(divided), None, alone=False)
    if ours.layers:
        decoder = ours.followed_by(decoder, code)
    values = {
        "body": "graph",
        "channels": channels,
        "height": height,
        "width": width,
        "latent": latent,
        "likelihood": likelihood,
        "sigma": 1.0 if choices.sigma is None else choices.sigma,
        "variational": head.gives != "mean",
        "graph": Graphs(encoder=tuple(encoder.layers), decoder=tuple(decoder.layers)),
    }
    try:
        config = ModelConfig.model_validate(values)
    except ValidationError as error:
        raise InputError(f"{halves.label} is no model that can be opened here: {explain(error)}") from error
    return _with_weights(config, encoder, decoder, halves.label)


def _divisor(model: VAE, images: Pixels) -> float:
    """What brings the codes of these images within the sliders: a power of two, so that nothing is rounded; 1 where they are."""
    furthest = float(np.abs(explore.encode(model, images).mean).max())
    if not math.isfinite(furthest) or furthest <= explore.reach(model.config.latent):
        return 1.0
    return float(2.0 ** math.ceil(math.log2(2 * furthest / explore.reach(model.config.latent))))


def _refuse_sizes(halves: Halves, latent: int, sides: tuple[int, int]) -> None:
    """Refuse a code or a picture that the pages have no room for."""
    if not MIN_LATENT <= latent <= MAX_WIDE:
        code = halves.decoder.shape
        axes = f", {' × '.join(map(str, code))}" if len(code) > 1 else ""
        raise InputError(
            f"{halves.label} is of a model with a code of {latent:,} numbers{axes}; a code here has {MIN_LATENT} to {MAX_WIDE:,}. "
            f"{'Bring a model that was trained with such a code.' if len(code) == 1 else 'Export it with an example of fewer pixels.'}"
        )
    if not MIN_SIDE <= min(sides) <= max(sides) <= MAX_SIDE:
        raise InputError(
            f"{halves.label} is of a model for pictures of {sides[0]:,} × {sides[1]:,} pixels. Here a side has {MIN_SIDE} to {MAX_SIDE}: "
            f"bring one for {'smaller' if max(sides) > MAX_SIDE else 'larger'} pictures."
        )


def _copied(network: Network) -> Network:
    """The same layers, to which others can be added."""
    return Network(network.shape).followed_by(network, Network(network.shape).input)


def _with_weights(config: ModelConfig, encoder: Network, decoder: Network, label: str) -> VAE:
    with torch.device("meta"):  # the weights are there already
        model = VAE(config)
    state = {
        f"{half}.{place}.{name}": torch.from_numpy(_finite(array, label).copy())
        for half, network in (("encoder", encoder), ("decoder", decoder))
        for place, own in enumerate(network.weights)
        for name, array in own.items()
    }
    model.to_empty(device="cpu")
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(f"{label} has weights that do not fit its layers.") from error
    return model.requires_grad_(False).eval()


def _finite(array: NDArray[np.float32], label: str) -> NDArray[np.float32]:
    if not np.isfinite(array).all():
        raise InputError(f"{label} holds numbers that are not finite: its training diverged.")
    return array


def _error(model: VAE, images: Pixels) -> float:
    return float(np.sqrt(np.square(explore.reconstruction_error(images, explore.reconstruct(model, images))).mean()))
