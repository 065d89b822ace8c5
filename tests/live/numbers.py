"""The numbers that the modules of assets/live must come to, from torch and NumPy, for the tests of `deno test`.

They stand in tests/live/expected, one file per name of `NUMBERS`. After a change here: python -m tests.live.numbers
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from tests.likelihoods import EVERY
from tests.live.graph import graph_model
from vae_core.analysis import explore, projection
from vae_core.base.colours import SCALE
from vae_core.base.config import Body, ModelConfig
from vae_core.export.live_model import live_bundle
from vae_core.model.vae import VAE

EXPECTED = Path(__file__).parent / "expected"
RANGE = (0.01, 10.0)


def drawn(seed: int, *shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _model(**values: object) -> VAE:
    """A small model whose weights are large enough to matter."""
    small = {"channels": 1, "height": 8, "width": 10, "latent": 3, "body": "mlp"} | values
    hidden = {"linear": (), "mlp": (7, 5), "conv": (2, 3, 5)}[str(small["body"])]
    model = VAE(ModelConfig.model_validate({"hidden": hidden} | small)).requires_grad_(False)
    for seed, parameter in enumerate(model.parameters()):
        parameter.copy_(torch.from_numpy(drawn(seed, *parameter.shape)) / max(1, parameter[0].numel() if parameter.dim() else 1) ** 0.5)
    return model


@torch.inference_mode()
def _answers(model: VAE) -> dict[str, Any]:
    """What torch makes of four codes and four images, each at another KL weight where there are many."""
    config = model.config
    codes = (2 * drawn(100, 4, config.latent)).round(2)
    images = np.random.default_rng(101).random((4, config.channels, config.height, config.width)).round(2).astype(np.float32)
    weights = np.array([[0.01, 10], [10, 0.01], [0.3, 0.3], [1, 2]])
    betas = None if config.beta_range is None else weights if config.split else weights[:, 0]
    beta = None if betas is None else torch.from_numpy(betas)
    posterior = model.encode(torch.from_numpy(images), beta)
    return {
        "config": f"{config.body}, {config.likelihood}, {config.channels} channels, split {config.split}, range {config.beta_range}",
        "bundle": base64.b64encode(live_bundle(model)).decode(),
        "betas": betas,
        "codes": codes,
        "images": images.reshape(4, -1),
        "decoded": model.likelihood.mean(model.decode(torch.from_numpy(codes), beta)).flatten(1).numpy(),
        "mean": posterior.mean.numpy(),
        "logvar": posterior.logvar.numpy() if config.variational else None,
    }


def models() -> list[dict[str, Any]]:
    """Every body at one KL weight, at many and at many pairs; colours; no variance; every likelihood; layers of models from elsewhere."""
    ranges: tuple[dict[str, object], ...] = ({}, {"beta_range": RANGE}, {"beta_range": RANGE, "split": True})
    found = [_model(body=body, **kind) for body in get_args(Body) for kind in ranges]
    found += [_model(body="conv", channels=3), _model(variational=False)]
    found += [_model(body="linear", likelihood=name, sigma_is=kind, sigma=0.3) for name, kind in EVERY]
    return [_answers(model) for model in [*found, graph_model()]]


def ways() -> list[dict[str, Any]]:
    """Places on ways between pairs of codes: as they come, at no angle and at 180°, from 0, of unlike norms, and all but at no angle."""
    a, b = drawn(0, 2, 5)
    pairs = [(a, b), (a, 2 * a), (a, -a), (a, 0 * a), (0.01 * a, 5 * b), (a, a + np.float32(1e-3) * b)]
    places = np.array([-0.5, -0.1, 0, 0.25, 0.5, 1, 1.5])
    return [
        {"a": start, "b": end, "kind": kind, "places": places, "codes": explore.along(start, end, places, kind)}
        for start, end in pairs
        for kind in get_args(explore.Path)
    ]


def planes() -> list[dict[str, Any]]:
    """New codes on maps, and the codes behind places: of raw dimensions, of PCA, and of a map without axes, off its points and on one."""
    codes = drawn(0, 40, 4) + np.float32(0.5)
    bent = replace(projection.pca(codes), points=np.tanh(drawn(5, 40, 2) + codes[:, :2]), centre=None, axes=None)
    found = []
    for plane in (projection.raw(codes, (1, 0)), projection.pca(codes), bent):
        new, places = np.concatenate([drawn(1, 5, 4), codes[:1]]), np.concatenate([drawn(2, 5, 2), plane.points[:1]])
        found.append(
            {
                "view": {"centre": plane.centre, "axes": plane.axes},
                "points": plane.points.ravel(),
                "codes": codes.ravel(),
                "new": new,
                "placed": projection.place(plane, codes, new),
                "places": places,
                "lifted": [projection.unproject(plane, codes, place) for place in places],
            }
        )
    return found


def ellipses() -> list[dict[str, Any]]:
    """Gaussians of independent dimensions, and their covariances in a plane."""
    found = []
    for seed in range(4):
        axes = np.linalg.qr(drawn(seed, 5, 2).astype(np.float64))[0].T
        deviations = np.random.default_rng(seed).uniform(0.1, 2, 5)
        found.append({"axes": axes, "deviations": deviations, "covariance": axes @ np.diag(deviations**2) @ axes.T})
    return found


def quantiles() -> dict[str, Any]:
    """Of N(0, 1): in its tails, in the middle, and where one approximation takes over from the other."""
    shares = [1e-6, 1e-4, 0.005, 0.02, 0.02425, 0.03, 0.1, 0.3, 0.5, 0.7, 0.97, 0.97575, 0.98, 0.995, 1 - 1e-6]
    places = [-4.5, -2.6, -1, -0.1, 0, 1e-8, 0.3, 1.7, 2.6, 4.5]
    normal = NormalDist()
    return {"shares": shares, "quantiles": [normal.inv_cdf(p) for p in shares], "places": places, "below": [normal.cdf(x) for x in places]}


def stations() -> list[dict[str, Any]]:
    """Values at stations on one axis of weights and on two, and between them: straight over log β."""
    first, second = np.geomspace(0.01, 10, 7), np.array([0.1, 0.5, 4.0])
    one, two = drawn(0, 7, 2).astype(np.float64), drawn(1, 7, 3, 2).astype(np.float64)
    weights = np.array([0.01, 0.02, 0.1, 1.7, 9.99, 10])
    others = np.array([0.1, 0.3, 0.5, 2, 4, 0.2])
    along = np.stack([np.interp(np.log(weights), np.log(first), one[:, k]) for k in range(2)], axis=1)
    rows = np.stack([[np.interp(np.log(other), np.log(second), two[i, :, k]) for k in range(2)] for other in others for i in range(7)])
    rows = rows.reshape(len(others), 7, 2)
    mixed = np.array([[np.interp(np.log(w), np.log(first), rows[n, :, k]) for k in range(2)] for n, w in enumerate(weights)])
    return [
        {"axes": [first], "values": one.ravel(), "weights": weights[:, None], "mixed": along},
        {"axes": [first, second], "values": two.ravel(), "weights": np.stack([weights, others], axis=1), "mixed": mixed},
    ]


def scales() -> list[dict[str, Any]]:
    """Quantities and their colours on a scale of 256 steps, red, green and blue from 0 to 255."""
    found = []
    for palette in (SCALE, ("#102030", "#f0e0d0")):
        values = 3 * drawn(len(palette), 20)
        level = np.round(255 * (values - values.min()) / np.ptp(values))
        colours = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in palette])
        steps = np.linspace(0, 255, len(palette))
        mixed = np.stack([np.interp(level, steps, colours[:, channel]) for channel in range(3)], axis=1)
        found.append({"palette": list(palette), "values": values, "colours": mixed})
    return found


NUMBERS: dict[str, Callable[[], Any]] = {
    "models": models,
    "ways": ways,
    "planes": planes,
    "ellipses": ellipses,
    "quantiles": quantiles,
    "stations": stations,
    "scales": scales,
}


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON has it: arrays as lists, numbers with nine digits, which float32 needs."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, np.ndarray | list):
        return [plain(part) for part in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.9g}") if isinstance(value, np.float32) else float(value)
    return value


if __name__ == "__main__":
    for name, numbers in NUMBERS.items():
        (EXPECTED / f"{name}.json").write_text(json.dumps(plain(numbers()), allow_nan=False, indent=None) + "\n", "utf-8")
