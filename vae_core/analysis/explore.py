"""What pages ask of a model: NumPy in, NumPy out. Pictures are uint8 [N, C, H, W], codes float32 [N, K]."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.analysis.posterior import Posterior
from vae_core.base.config import MAX_LATENT
from vae_core.base.errors import InputError
from vae_core.model.gathered import gathered
from vae_core.model.vae import VAE
from vae_core.training.objectives import unused as carries_nothing

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Path = Literal["linear", "spherical"]
MAX_COORDINATE, WIDE_COORDINATE = 10.0, 100.0  # how far a code goes; a wide one has no slider that ends there
_BATCH, _USUAL = 512, 64 * 64  # pictures at a time, and pixels up to which that is so: fewer of larger ones, for the memory
_TAIL = 0.005  # a slider spans the aggregate posterior between this quantile and its mirror
_DRAWS = 4096


@dataclass(frozen=True)
class Axes:
    """The latent dimensions as a slider bank needs them; all arrays are indexed by dimension, `order` lists them.

    Attributes:
        order: dimensions, the most informative first, int64 [K].
        low, high: 0.5 % and 99.5 % quantiles of the aggregate posterior, float32 [K].
        information: mean KL in nats over the images, float64 [K]; for a deterministic autoencoder the variance of the codes.
        unused: below 0.01 nats (or without any variance), bool [K].
    """

    order: NDArray[np.int64]
    low: Floats
    high: Floats
    information: NDArray[np.float64]
    unused: NDArray[np.bool_]


@torch.inference_mode()
def encode(model: VAE, pixels: Pixels) -> Posterior:
    """The posterior of each picture [N, C, H, W]."""
    parts = (model.encode(chunk.float().div_(255)) for chunk in torch.split(torch.tensor(pixels), _at_once(model)))
    mean, logvar = gathered(torch.cat([part.mean, part.logvar], 1) for part in parts).chunk(2, 1)
    return Posterior(mean.contiguous().numpy(), logvar.contiguous().numpy())


@torch.inference_mode()
def decode(model: VAE, z: Floats) -> Pixels:
    """The mean picture of each code [N, K], rounded to uint8 [N, C, H, W]."""
    codes = torch.tensor(z, dtype=torch.float32)
    means = (model.likelihood.mean(model.decode(chunk)) for chunk in torch.split(codes, _at_once(model)))
    return torch.cat([mean.clamp_(0, 1).mul_(255).round_().to(torch.uint8) for mean in means]).numpy()


def _at_once(model: VAE) -> int:
    return min(_BATCH, _BATCH * _USUAL // (model.config.height * model.config.width))


def reconstruct(model: VAE, pixels: Pixels) -> Pixels:
    """Each picture decoded from the mean of its own posterior."""
    return decode(model, encode(model, pixels).mean)


def reconstruction_error(pixels: Pixels, reconstructed: Pixels) -> Floats:
    """Root mean squared error per picture on the [0, 1] pixel scale, float32 [N]."""
    difference = (pixels.astype(np.float32) - reconstructed.astype(np.float32)) / 255
    error: Floats = np.sqrt(np.square(difference).reshape(len(pixels), -1).mean(axis=1))
    return error


def reach(latent: int) -> float:
    """How far from 0 a number of a code of so many may be."""
    return MAX_COORDINATE if latent <= MAX_LATENT else WIDE_COORDINATE


def parse_code(text: str, latent: int) -> Floats:
    """A code typed or pasted as "0.1, -1, …" → float32 [K].

    Raises:
        InputError: not `latent` numbers, or one that is not finite or beyond `reach`.
    """
    fields = [field for field in text.replace(",", " ").split() if field]
    if len(fields) != latent:
        raise InputError(f"The code has {len(fields)} numbers; this model takes {latent}, separated by commas.")
    values, limit = [], reach(latent)
    for field in fields:
        try:
            value = np.nan if "_" in field else float(field)  # Python reads 1_0 as ten
        except ValueError:
            value = np.nan
        if not abs(value) <= limit:
            raise InputError(f"{field[:20]!r} is not a number from {-limit:g} to {limit:g}.")
        values.append(value)
    return np.array(values, dtype=np.float32)


def check_code(values: object, latent: int) -> Floats:
    """A code that a browser sent as a list of numbers → float32 [K].

    Raises:
        InputError: not a list of `latent` numbers, or one that is not finite or beyond `reach`.
    """
    limit = reach(latent)
    if not isinstance(values, list) or len(values) != latent:
        given = f"{len(values)} numbers" if isinstance(values, list) else "no list of numbers"
        raise InputError(f"The code has {given}; this model takes {latent}.")
    for value in values:
        # so written because NaN compares false; True is an int to Python
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= limit:
            raise InputError(f"{str(value)[:20]!r} is not a number from {-limit:g} to {limit:g}.")
    return np.array(values, dtype=np.float32)


def check_pixels(text: object, shape: tuple[int, int, int]) -> Pixels:
    """A picture that a browser sent as its bytes in base64 → uint8, of this shape [C, H, W].

    Raises:
        InputError: it is anything else.
    """
    channels, height, width = shape
    size = channels * height * width
    try:
        content = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        content = b""
    if len(content) != size:
        raise InputError(f"The picture did not arrive whole: {width} × {height} pixels take {size:,} bytes in base64.")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def axes(posterior: Posterior, *, seed: int = 0) -> Axes:
    """Order, range and use of each latent dimension over a data set.

    The aggregate posterior is sampled, seeded, at least 4,096 times: its quantiles have no closed form.
    """
    if np.isneginf(posterior.logvar).all():
        information = posterior.mean.var(axis=0, dtype=np.float64)
        unused = information == 0
    else:
        information = posterior.kl().mean(axis=0)
        unused = carries_nothing(information)
    images, latent = posterior.mean.shape
    noise = np.random.default_rng(seed).standard_normal((-(-_DRAWS // images), images, latent), dtype=np.float32)
    draws = posterior.sample(noise).reshape(-1, latent)
    low, high = np.quantile(draws, [_TAIL, 1 - _TAIL], axis=0).astype(np.float32)
    return Axes(np.argsort(-information, kind="stable"), low, high, information, unused)


def traverse(model: VAE, z: Floats, dims: NDArray[np.int64], values: Floats) -> Pixels:
    """One row of pictures per dimension: z [K] with dimension dims[d] set to values[d, s] → uint8 [D, S, C, H, W]."""
    count, steps = values.shape
    codes = np.tile(z, (count, steps, 1))
    codes[np.arange(count)[:, None], np.arange(steps)[None, :], dims[:, None]] = values
    pictures = decode(model, codes.reshape(count * steps, -1))
    return pictures.reshape(count, steps, *pictures.shape[1:])


def interpolate(start: Floats, end: Floats, steps: int, path: Path = "linear") -> Floats:
    """A path of `steps` codes [steps, K] from start [K] to end [K], both exactly included, evenly spaced as `along` has it.

    Raises:
        InputError: fewer than 2 steps.
    """
    if steps < 2:
        raise InputError(f"A path needs at least 2 steps, not {steps}.")
    return along(start, end, np.linspace(0, 1, steps), path)


def along(start: Floats, end: Floats, places: NDArray[np.float64], path: Path = "linear") -> Floats:
    """The codes [n, K] at places [n] on the way from start [K], which is 0, to end [K], which is 1, and beyond both.

    "spherical" turns the direction at constant angular speed (Shoemake 1985, slerp) while the norm runs linearly from one end
    to the other, so that the end points keep their norms; beyond the ends both go on, though no norm falls below 0. Where the
    angle is 0, 180° or undefined, it is the straight line.
    """
    t = places[:, None]
    a, b = start.astype(np.float64), end.astype(np.float64)
    codes = (1 - t) * a + t * b
    norms = np.linalg.norm(a), np.linalg.norm(b)
    if path == "spherical" and min(norms) > 0:
        u, v = a / norms[0], b / norms[1]
        angle = np.arccos(np.clip(u @ v, -1, 1))
        if 1e-4 < angle < np.pi - 1e-4:
            direction = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
            codes = direction * np.maximum(0, (1 - t) * norms[0] + t * norms[1])
    codes[places == 0], codes[places == 1] = a, b
    return codes.astype(np.float32)


def step_changes(frames: Pixels) -> Floats:
    """How much each picture differs from the one before: root mean squared difference on the [0, 1] scale, float32 [steps − 1]."""
    return reconstruction_error(frames[1:], frames[:-1])


def sample_prior(latent: int, count: int, *, seed: int) -> Floats:
    """`count` codes drawn from N(0, I), float32 [count, latent]."""
    return np.random.default_rng(seed).standard_normal((count, latent), dtype=np.float32)


def format_code(z: Floats) -> str:
    """A code [K] as text with the fewest digits that `parse_code` reads back to the same float32 values, "0.1,-1,…"."""
    return ",".join(np.format_float_positional(value, trim="-") for value in z)


def prior_axes(latent: int) -> Axes:
    """The dimensions of a model whose images and codes are not at hand: in their own order, over the prior's quantiles.

    Their information is not known and therefore NaN.
    """
    high = np.full(latent, NormalDist().inv_cdf(1 - _TAIL), dtype=np.float32)
    return Axes(np.arange(latent), -high, high, np.full(latent, np.nan), np.zeros(latent, dtype=np.bool_))


def difference(picture: Pixels, reference: Pixels) -> Pixels:
    """Where a picture departs from another of the same shape: mid grey (128) is equal, lighter is brighter than the reference.

    Half the difference is shown, so that the whole range fits.
    """
    halved = (picture.astype(np.int16) - reference) // 2
    return (halved + 128).astype(np.uint8)


def cross_fade(first: Pixels, last: Pixels, steps: int) -> Pixels:
    """The naive blend of two pictures [C, H, W], pixel by pixel, uint8 [steps, C, H, W]; both ends included."""
    share = np.linspace(0, 1, steps)[:, None, None, None]
    return np.rint((1 - share) * first + share * last).astype(np.uint8)
