"""The browser's way between two codes against vae_core.analysis.explore's."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from pages.ui.server.addresses import CODE_VERSION
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats

PLACES = np.linspace(-0.5, 1.5, 201)
ALONG = f"""async ({{pairs, places, kind}}) => {{
  const {{codeAlong}} = await import("/live/code/{CODE_VERSION}/path/way.js")
  return pairs.map(([a, b]) => places.map((t) => {{
    const z = new Float32Array(a.length)
    codeAlong(Float32Array.from(a), Float32Array.from(b), t, kind, z)
    return [...z]
  }}))
}}"""


def ends(latent: int) -> list[tuple[Floats, Floats]]:
    """Twenty pairs of codes as they come, then pairs at an angle of 0, all but 0, 180°, all but 180°, none, and of very unlike norms."""
    drawn = np.random.default_rng(latent).normal(size=(40, latent)).astype(np.float32)
    a, b = drawn[:2]
    turned = a.copy()
    turned[[0, 1]] = a[1] - 3e-5, a[0] + 3e-5
    nearly = a + np.float32(1e-3) * b
    special = [
        (a, a),
        (a, 2 * a),
        (a, nearly),
        (a, -a),
        (a, -nearly),
        (a, 0 * a),
        (0 * a, 0 * a),
        (0.01 * a, 5 * b),
        (5 * a, 0.01 * b),
        (a, turned),
    ]
    return [*zip(drawn[::2], drawn[1::2], strict=True), *special]


@pytest.mark.parametrize("latent", [2, 16, 128])
@pytest.mark.parametrize("kind", ["linear", "spherical"])
def test_the_browser_walks_the_same_way(page: Page, latent: int, kind: explore.Path) -> None:
    pairs = ends(latent)
    page.goto("/_stcore/health")
    found = page.evaluate(ALONG, {"pairs": [[a.tolist(), b.tolist()] for a, b in pairs], "places": PLACES.tolist(), "kind": kind})
    for (a, b), codes in zip(pairs, np.array(found), strict=True):
        np.testing.assert_allclose(codes, explore.along(a, b, PLACES, kind), rtol=0, atol=1e-6 * max(1, abs(codes).max()))
        inside = slice(50, 151)  # from A to B
        np.testing.assert_allclose(codes[inside], explore.interpolate(a, b, 101, kind), rtol=0, atol=1e-6)
        assert codes[50].tolist() == a.tolist()
        assert codes[150].tolist() == b.tolist()
