"""Principal components: those of scikit-learn, whichever product is taken apart."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from vae_core.analysis.components import components


@pytest.mark.parametrize(("count", "latent"), [(40, 8), (500, 300), (60, 700)])
def test_components_are_those_of_scikit_learn(count: int, latent: int) -> None:
    random = np.random.default_rng(0)
    codes = (random.normal(size=(count, latent)) * np.linspace(3, 0.1, latent)).astype(np.float32) + 2
    found, expected = components(codes, 5), PCA(5, svd_solver="full").fit(codes.astype(np.float64))
    np.testing.assert_allclose(found.centre, expected.mean_, atol=1e-5)
    np.testing.assert_allclose(found.variances, expected.explained_variance_ * (count - 1) / count, rtol=1e-6)
    np.testing.assert_allclose(found.shares, expected.explained_variance_ratio_, rtol=1e-6)
    np.testing.assert_allclose(abs(found.axes @ expected.components_.T), np.eye(5), atol=1e-6)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(5), atol=1e-9)


@pytest.mark.parametrize("count", [1, 2])
def test_a_plane_of_hardly_any_wide_codes_still_has_directions(count: int) -> None:
    codes = np.random.default_rng(0).normal(size=(count, 600)).astype(np.float32)
    found = components(codes, 2)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(count), atol=1e-9)
    assert found.shares[0] == pytest.approx(1 if count == 2 else 0)
