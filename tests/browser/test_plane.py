"""The browser's ways between codes and a map against those of vae_core.analysis.projection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from pages.ui.server.addresses import CODE_VERSION
from vae_core.analysis import projection
from vae_core.analysis.projection import Projection

BOTH_WAYS = f"""async ({{view, points, codes, deviations, new_codes, places}}) => {{
  const {{openPlane}} = await import("/live/code/{CODE_VERSION}/map/plane.js")
  const plane = openPlane(view, Float32Array.from(points.flat()), Float32Array.from([...codes, ...deviations].flat()))
  return {{
    placed: new_codes.map((z) => plane.place(Float32Array.from(z))),
    lifted: places.map((place) => [...plane.lift(place)]),
  }}
}}"""


def drawn_codes(n: int, latent: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(n, latent)).astype(np.float32)


def umap_like(codes: NDArray[np.float32]) -> Projection:
    """Points without axes, as UMAP's are."""
    points = np.tanh(drawn_codes(len(codes), 2, seed=5) + codes[:, :2]).astype(np.float32)
    return replace(projection.pca(codes), method="umap", points=points, centre=None, axes=None)


def agrees(page: Page, plane: Projection, codes: NDArray[np.float32], new: NDArray[np.float32], places: NDArray[np.float32]) -> None:
    """Place the codes `new` [M, K] and lift the places [M, 2], here and in the browser."""
    page.goto("/_stcore/health")
    found = page.evaluate(
        BOTH_WAYS,
        {
            "view": {
                "centre": None if plane.centre is None else plane.centre.tolist(),
                "axes": None if plane.axes is None else plane.axes.tolist(),
            },
            "points": plane.points.tolist(),
            "codes": codes.tolist(),
            "deviations": np.ones_like(codes).tolist(),
            "new_codes": new.tolist(),
            "places": places.tolist(),
        },
    )
    lifted = [projection.unproject(plane, codes, place) for place in places]
    np.testing.assert_allclose(found["placed"], projection.place(plane, codes, new), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found["lifted"], lifted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("latent", [2, 7])
def test_latent_dimensions_as_they_are(page: Page, latent: int) -> None:
    codes = drawn_codes(40, latent, seed=0)
    agrees(page, projection.raw(codes, (1, 0)), codes, drawn_codes(9, latent, seed=1), drawn_codes(9, 2, seed=2))


@pytest.mark.parametrize("latent", [2, 7])
def test_pca(page: Page, latent: int) -> None:
    codes = drawn_codes(40, latent, seed=0) + np.float32(0.5)
    agrees(page, projection.pca(codes), codes, drawn_codes(9, latent, seed=1), drawn_codes(9, 2, seed=2))


@pytest.mark.parametrize("latent", [2, 7])
def test_a_map_without_axes_averages_the_nearest(page: Page, latent: int) -> None:
    codes = drawn_codes(300, latent, seed=0)
    agrees(page, umap_like(codes), codes, drawn_codes(30, latent, seed=1), drawn_codes(30, 2, seed=2))


def test_a_mapped_code_lies_on_its_own_point_and_the_other_way_round(page: Page) -> None:
    codes = drawn_codes(50, 3, seed=0)
    plane = umap_like(codes)
    agrees(page, plane, codes, codes[:5], plane.points[:5])


def test_fewer_codes_than_are_averaged(page: Page) -> None:
    codes = drawn_codes(3, 4, seed=0)
    agrees(page, umap_like(codes), codes, drawn_codes(5, 4, seed=1), drawn_codes(5, 2, seed=2))
