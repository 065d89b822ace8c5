"""evaluate: figures against the objective itself, sharpness against SciPy's Laplacian."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage

from tests.training.test_objectives import digits, model, optimum
from vae_core.analysis.evaluate import evaluate, sharpness, sharpness_error
from vae_core.training.objectives import elbo


def pictures(count: int = 6, channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, channels, 20, 24), np.uint8)


def blurred(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return ndimage.uniform_filter(images, (1, 1, side, side))


def test_figures_are_the_means_of_the_objective() -> None:
    vae, pixels = model(), digits()[:100]
    x = torch.from_numpy(pixels) / 255
    terms = elbo(vae, x, beta=2.5, generator=torch.Generator().manual_seed(4))
    found = evaluate(vae, pixels, beta=2.5, seed=4)
    for name in ("loss", "distortion", "rate"):
        assert getattr(found, name) == pytest.approx(getattr(terms, name).mean().item(), rel=1e-6)
    np.testing.assert_allclose(found.kl_per_dim, vae.encode(x).kl_per_dim().detach().mean(0), rtol=1e-5)


def test_the_images_are_not_changed() -> None:
    pixels = digits()[:10].copy()
    evaluate(model(), pixels, beta=1)
    assert np.array_equal(pixels, digits()[:10])


def test_dimensions_under_the_water_are_the_unused_ones() -> None:
    best = optimum(15.0)
    vae = model(**best.model.config.model_dump())
    vae.load_state_dict(best.model.state_dict())
    found = evaluate(vae, digits(), beta=15)
    assert found.unused == 10 - best.active == 6
    assert found.rate == pytest.approx(best.rate, rel=1e-4)


def test_a_deterministic_autoencoder_has_no_rate_and_no_unused_dimensions() -> None:
    found = evaluate(model(variational=False), digits()[:10], beta=1)
    assert (found.rate, found.unused, found.loss) == (0, 0, found.distortion)


def test_a_picture_is_as_sharp_as_itself() -> None:
    assert sharpness(pictures(), pictures()) == 1


def test_blur_lowers_sharpness_the_more_the_wider_it_is() -> None:
    found = [sharpness(blurred(pictures(), side), pictures()) for side in (1, 2, 3, 5, 9)]
    assert found[0] == 1
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)
    assert sharpness(np.full_like(pictures(), 90), pictures()) == 0


def test_sharpness_is_the_ratio_of_laplacian_energies() -> None:
    def energy(images: NDArray[np.uint8]) -> float:
        planes = images.reshape(-1, *images.shape[2:]).astype(float)
        return sum(np.square(ndimage.laplace(plane)[1:-1, 1:-1]).sum() for plane in planes)

    soft = blurred(pictures(), 3)
    assert sharpness(soft, pictures()) == pytest.approx(energy(soft) / energy(pictures()), rel=1e-6)


def test_a_corner_has_no_inner_neighbour_and_does_not_count() -> None:
    flat = np.full((1, 1, 8, 8), 100, np.uint8)
    corner = flat.copy()
    corner[0, 0, 0, 0] = 255
    assert math.isnan(sharpness(flat, corner))


def test_the_error_of_sharpness_is_how_far_it_spreads_over_other_images() -> None:
    rng, sharp = np.random.default_rng(0), digits()
    soft = (sharp // 2 + np.roll(sharp, 1, axis=3) // 2).astype(np.uint8)
    again = [sharpness(soft[rows], sharp[rows]) for rows in rng.integers(len(sharp), size=(300, 400))]
    assert sharpness_error(soft, sharp) * math.sqrt(len(sharp) / 400) == pytest.approx(np.std(again), rel=0.15)
    assert math.isnan(sharpness_error(soft[:1], sharp[:1]))
    assert math.isnan(sharpness_error(soft[:5], np.zeros_like(sharp[:5])))


def test_sharpness_against_flat_originals_is_undefined_at_every_grey_level() -> None:
    for level in range(256):
        assert math.isnan(sharpness(pictures(1, 1), np.full((1, 1, 20, 24), level, np.uint8)))


def test_sharpness_of_a_ramp_is_undefined_as_it_has_no_detail() -> None:
    ramp = np.broadcast_to(np.arange(0, 240, 10, dtype=np.uint8), (1, 1, 20, 24))
    assert math.isnan(sharpness(ramp, ramp))
