"""Whether a model sees pixels as they are given, and draws pixels as they are: their range, their sign, their colours, their axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.analysis import explore
from vae_core.analysis.audit.evidence import Evidence, Finding, on_scale
from vae_core.model.vae import VAE

_IMAGES, _AT_ONCE = 128, 16
_CLEARLY = 0.8  # of the error as the images are: below it another way to see them is the right one
_BEYOND = 0.25  # of the [0, 1] scale: how far pictures reach over its ends before it is another scale
_DARK = 0.3  # of the brightest pixel of all images
_TAIL = 0.01


class _Way(NamedTuple):
    """Another way to see pictures [B, C, H, W] of pixels from 0 to 1: what they are then, there and back."""

    words: str
    there: Callable[[Tensor], Tensor]
    back: Callable[[Tensor], Tensor]


def pixels(evidence: Evidence) -> Iterator[Finding]:
    """How pixels are seen, what range they are drawn in, and what range the images have."""
    model, x = evidence.model, on_scale(evidence.held_out[:_IMAGES], evidence.model)
    yield _seen(model, x)
    yield _range(_rebuilt(model, x))
    brightest = int(evidence.sample.pixels.max())
    if brightest < _DARK * 255:
        sentence = (
            f"The brightest pixel of {len(evidence.sample):,} images is {brightest} of 255: they were read in another range than theirs."
        )
        yield Finding("Images", "doubt", sentence, brightest / 255)


def pixels_of_prior(model: VAE) -> Finding:
    """The range of what a model draws of codes from N(0, I), where there are no images."""
    codes = torch.from_numpy(explore.sample_prior(model.config.latent, _IMAGES, seed=0)).to(next(model.parameters()))
    with torch.inference_mode():
        return _range(model.likelihood.mean(model.decode(codes)))


def _rebuilt(model: VAE, x: Tensor) -> Tensor:
    """Reconstructions at the means of the codes, some at a time: all at once they would take gigabytes of a large network."""
    with torch.inference_mode():
        return torch.cat([model.likelihood.mean(model.decode(model.encode(some).mean)) for some in torch.split(x, _AT_ONCE)])


def _seen(model: VAE, x: Tensor) -> Finding:
    """Reconstruct the images seen in each way, and read what is drawn in each way: the best pair should be as they are in both."""
    ways = _ways(x)
    drawn = [_rebuilt(model, way.there(x)) for way in ways]
    errors = [[_error(other.back(pictures), x) for other in ways] for pictures in drawn]
    plain, constant = errors[0][0], _error(x.mean(0, keepdim=True).expand_as(x), x)
    best, given, got = min((error, row, column) for row, line in enumerate(errors) for column, error in enumerate(line))
    if not best < _CLEARLY * min(plain, constant):
        return Finding("Pixels", "sound", f"Pixels are seen as they are given: reconstructions have an error of {plain:.3f}.", plain)
    if given == got:
        fault = f"It reconstructs these images better as {ways[given].words}"
    elif given == 0:
        fault = f"What it draws of these images are {ways[got].words}"
    else:
        fault = f"Its encoder takes {ways[given].words}, and its decoder draws {ways[got].words}"
    return Finding("Pixels", "fault", f"{fault}: an error of {best:.3f}, and {plain:.3f} as they are.", best)


def _ways(x: Tensor) -> list[_Way]:
    """All ways that differ for such pictures, the first as they are."""
    ways = [
        _Way("pixels from 0 to 1", lambda x: x, lambda x: x),
        _Way("negatives", lambda x: 1 - x, lambda x: 1 - x),
        _Way("pixels from −1 to 1", lambda x: 2 * x - 1, lambda x: (x + 1) / 2),
        _Way("pixels from 0 to 255", lambda x: 255 * x, lambda x: x / 255),
    ]
    if x.shape[1] == 3:
        ways.append(_Way("colours in the order blue, green, red", lambda x: x.flip(1), lambda x: x.flip(1)))
    if x.shape[2] == x.shape[3]:
        ways.append(_Way("pictures with rows and columns swapped", lambda x: x.transpose(2, 3), lambda x: x.transpose(2, 3)))
    return ways


def _error(pictures: Tensor, x: Tensor) -> float:
    """Root mean squared; infinite where a picture has a number that is none."""
    error = (pictures - x).square().mean().sqrt().item()
    return error if math.isfinite(error) else math.inf


def _range(drawn: Tensor) -> Finding:
    ends = torch.quantile(drawn.flatten()[:: max(1, drawn.numel() // 2**20)], drawn.new_tensor([_TAIL, 1 - _TAIL]))
    low, high = (0.0 if abs(end) < 0.005 else end for end in ends.tolist())
    reach = f"Pictures have pixels from {low:.2f} to {high:.2f}".replace("-", "\N{MINUS SIGN}")
    if low >= -_BEYOND and high <= 1 + _BEYOND:
        return Finding("Range of pictures", "sound", f"{reach}, where images have 0 to 1.", high)
    return Finding("Range of pictures", "fault", f"{reach}, and images 0 to 1: the decoder draws on another scale.", high)
