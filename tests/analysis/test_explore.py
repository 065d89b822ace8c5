"""explore: what pages see, against torch by hand, closed forms, SciPy and scikit-learn."""

from __future__ import annotations

import base64
from statistics import NormalDist

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.spatial import geometric_slerp

from tests.training.test_objectives import digits, model
from vae_core.analysis.explore import (
    Path,
    along,
    axes,
    check_code,
    check_pixels,
    decode,
    encode,
    interpolate,
    parse_code,
    reconstruct,
    reconstruction_error,
    sample_prior,
    step_changes,
    traverse,
)
from vae_core.analysis.neighbours import nearest
from vae_core.analysis.posterior import Posterior
from vae_core.base.config import default_hidden
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE

MODELS = {
    "mlp": model(),
    "conv": model(body="conv", hidden=default_hidden("conv", 8, 8)),
    "gaussian": model(likelihood="gaussian", sigma=0.5),
    "deterministic": model(variational=False),
}


every_model = pytest.mark.parametrize("vae", MODELS.values(), ids=MODELS.keys())


def codes(count: int, latent: int = 4) -> NDArray[np.float32]:
    return 2 * sample_prior(latent, count, seed=3)


@every_model
def test_encode_is_the_models_posterior(vae: VAE) -> None:
    pixels = digits()[:600]  # more than one batch
    found = encode(vae, pixels)
    with torch.no_grad():
        expected = vae.encode(torch.from_numpy(pixels).float() / 255)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.logvar, expected.logvar, rtol=1e-5, atol=1e-6)
    assert found.mean.dtype == found.logvar.dtype == np.float32


@every_model
def test_decode_is_the_mean_picture_rounded(vae: VAE) -> None:
    z = codes(600)
    with torch.no_grad():
        mean = vae.likelihood.mean(vae.decode(torch.from_numpy(z))).numpy()
    found = decode(vae, z)
    assert found.dtype == np.uint8
    assert found.shape == (600, 1, 8, 8)
    assert np.abs(found - np.clip(mean, 0, 1) * 255).max() <= 0.5 + 1e-3


@every_model
def test_a_picture_decoded_alone_is_the_one_decoded_among_many(vae: VAE) -> None:
    z = codes(20)
    together = decode(vae, z).astype(int)
    for i in range(len(z)):
        assert np.abs(decode(vae, z[i : i + 1])[0] - together[i]).max() <= 1


def test_a_mean_beyond_black_and_white_is_cut_off() -> None:
    far = decode(MODELS["gaussian"], 1000 * codes(5))
    assert np.isin(far, [0, 255]).mean() > 0.9
    assert {0, 255} <= set(far.flat)


@every_model
def test_a_reconstruction_is_decoded_from_the_posterior_mean(vae: VAE) -> None:
    pixels = digits()[:20]
    assert np.array_equal(reconstruct(vae, pixels), decode(vae, encode(vae, pixels).mean))


def test_exploring_changes_neither_arguments_nor_global_randomness() -> None:
    vae, pixels, z = MODELS["mlp"], digits()[:5].copy(), codes(5)
    kept, state = z.copy(), torch.get_rng_state()
    reconstruct(vae, pixels)
    decode(vae, z)
    traverse(vae, z[0], np.array([0, 1]), codes(2))
    interpolate(z[0], z[1], 5, "spherical")
    nearest(z, z[0], 3)
    assert np.array_equal(pixels, digits()[:5])
    assert np.array_equal(z, kept)
    assert torch.equal(torch.get_rng_state(), state)


def test_reconstruction_error_by_hand() -> None:
    black, white = np.zeros((2, 1, 2, 2), np.uint8), np.full((2, 1, 2, 2), 255, np.uint8)
    white[1, 0, 0] = 0
    np.testing.assert_allclose(reconstruction_error(black, white), [1, 0.5**0.5], rtol=1e-6)
    np.testing.assert_allclose(reconstruction_error(white, black), [1, 0.5**0.5], rtol=1e-6)


@pytest.mark.parametrize("text", ["0.1, -1, 10", "0.1 -1 10", " 0.1,-1 ,\n10,", "1e-1\t-1.0\t+10"])
def test_a_code_is_read_with_commas_or_blanks(text: str) -> None:
    found = parse_code(text, 3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array([0.1, -1, 10], np.float32))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The code has 0 numbers; this model takes 3, separated by commas."),
        ("1, 2", "The code has 2 numbers; this model takes 3, separated by commas."),
        ("1, 2, 3, 4", "The code has 4 numbers; this model takes 3, separated by commas."),
        ("1;2;3", "The code has 1 numbers; this model takes 3, separated by commas."),
        ("1, nan, 2", "'nan' is not a number from -10 to 10."),
        ("1, inf, 2", "'inf' is not a number from -10 to 10."),
        ("1, 2, -1e999", "'-1e999' is not a number from -10 to 10."),
        ("1, 10.001, 2", "'10.001' is not a number from -10 to 10."),
        ("1, -10.001, 2", "'-10.001' is not a number from -10 to 10."),
        ("1, 0x1, 2", "'0x1' is not a number from -10 to 10."),
        ("1, 1_0, 2", "'1_0' is not a number from -10 to 10."),
        ("1, <b>, 2", "'<b>' is not a number from -10 to 10."),
        ("1, \u202e1, 2", "'\\u202e1' is not a number from -10 to 10."),
        (f"1, {'9' * 5000}, 2", "'99999999999999999999' is not a number from -10 to 10."),
    ],
)
def test_a_code_that_cannot_be_read_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_code(text, 3)
    assert str(caught.value) == sentence


def test_a_code_from_the_browser_is_taken_as_it_is() -> None:
    found = check_code([0.1, -1, 10], 3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array([0.1, -1, 10], np.float32))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (None, "The code has no list of numbers; this model takes 3."),
        ("1,2,3", "The code has no list of numbers; this model takes 3."),
        ({"0": 1}, "The code has no list of numbers; this model takes 3."),
        ([], "The code has 0 numbers; this model takes 3."),
        ([1.0, 2.0], "The code has 2 numbers; this model takes 3."),
        ([0.0] * 100_000, "The code has 100000 numbers; this model takes 3."),
        ([0, float("nan"), 0], "'nan' is not a number from -10 to 10."),
        ([0, float("inf"), 0], "'inf' is not a number from -10 to 10."),
        ([0, -10.001, 0], "'-10.001' is not a number from -10 to 10."),
        ([0, 10**400, 0], "'10000000000000000000' is not a number from -10 to 10."),
        ([0, True, 0], "'True' is not a number from -10 to 10."),
        ([0, None, 0], "'None' is not a number from -10 to 10."),
        ([0, "1", 0], "'1' is not a number from -10 to 10."),
        ([0, [1], 0], "'[1]' is not a number from -10 to 10."),
    ],
)
def test_a_code_from_the_browser_that_is_none_is_refused(values: object, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        check_code(values, 3)
    assert str(caught.value) == sentence


def test_a_picture_from_the_browser_becomes_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 7), dtype=np.uint8)
    assert np.array_equal(check_pixels(base64.b64encode(pixels.tobytes()).decode(), (3, 5, 7)), pixels)


# 64 bytes are 86 letters and two signs
@pytest.mark.parametrize(
    "text",
    [None, 7, [0] * 64, "", "A" * 87, "A" * 88, "A" * 87 + "=", "A" * 85 + "===", "!" * 86 + "==", "é" * 86 + "==", "A" * 86 + "==\n"],
)
def test_a_picture_from_the_browser_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(InputError, match=r"^The picture did not arrive whole: 8 × 8 pixels take 64 bytes in base64\.$"):
        check_pixels(text, (1, 8, 8))


def known_posterior(images: int = 400) -> Posterior:
    """Four dimensions: strong, unused, weak, and in between with two clusters."""
    rng = np.random.default_rng(1)
    mean = np.zeros((images, 4), np.float32)
    mean[:, 0] = rng.normal(0, 2, images)
    mean[:, 2] = 0.2
    mean[:, 3] = np.where(np.arange(images) % 2, -1.0, 1.0)
    logvar = np.broadcast_to(np.array([-4, 0, 0, -2], np.float32), mean.shape)
    return Posterior(mean, logvar)


def test_axes_are_ordered_by_their_kl() -> None:
    posterior = known_posterior()
    found = axes(posterior)
    strong = 0.5 * (np.mean(posterior.mean[:, 0].astype(float) ** 2) + np.exp(-4) + 4 - 1)
    expected = [strong, 0, 0.02, 0.5 * (1 + np.exp(-2) + 2 - 1)]
    np.testing.assert_allclose(found.information, expected, rtol=1e-6, atol=1e-12)
    assert found.order.tolist() == [0, 3, 2, 1]
    assert found.unused.tolist() == [False, True, False, False]


@pytest.mark.parametrize(("nats", "unused"), [(0.0099, True), (0.0101, False)])
def test_a_dimension_is_unused_below_a_hundredth_of_a_nat(nats: float, unused: bool) -> None:
    mean = np.full((50, 2), (2 * nats) ** 0.5, np.float32)
    assert axes(Posterior(mean, np.zeros_like(mean))).unused.tolist() == [unused] * 2


@pytest.mark.parametrize("images", [3, 400, 5000])
def test_a_slider_spans_99_percent_of_the_aggregate_posterior(images: int) -> None:
    posterior = known_posterior(images)
    found = axes(posterior)
    draws = images * -(-4096 // images)
    for dim in range(4):
        parts = [NormalDist(m, np.exp(v / 2)) for m, v in zip(posterior.mean[:, dim].tolist(), posterior.logvar[:, dim], strict=True)]
        for level, value in ((0.005, found.low[dim]), (0.995, found.high[dim])):
            exact = brentq(lambda x, level=level, parts=parts: np.mean([part.cdf(x) for part in parts]) - level, -30, 30)
            density = np.mean([part.pdf(exact) for part in parts])
            assert abs(value - exact) < 5 * (0.005 * 0.995 / draws) ** 0.5 / density


def test_the_seed_decides_the_sliders() -> None:
    posterior = known_posterior(10)
    assert np.array_equal(axes(posterior, seed=1).low, axes(posterior, seed=1).low)
    assert not np.array_equal(axes(posterior, seed=1).low, axes(posterior, seed=2).low)


def test_axes_of_a_deterministic_autoencoder_are_those_of_its_codes() -> None:
    mean = np.random.default_rng(0).normal(0, [3, 0, 1], (1000, 3)).astype(np.float32)
    mean[:, 1] = 0.1
    found = axes(Posterior(mean, np.full_like(mean, -np.inf)))
    np.testing.assert_allclose(found.information, mean.astype(float).var(0), rtol=1e-12, atol=1e-20)
    assert found.order.tolist() == [0, 2, 1]
    assert found.unused.tolist() == [False, True, False]
    assert (found.low < np.quantile(mean, 0.006, axis=0)).tolist() == [True, False, True]
    np.testing.assert_allclose([found.low, found.high], np.quantile(np.tile(mean, (5, 1)), [0.005, 0.995], axis=0), rtol=1e-6)


def test_a_traversal_sets_one_dimension_at_a_time() -> None:
    vae, z = MODELS["mlp"], codes(1)[0]
    dims, values = np.array([2, 0]), np.array([[-2, 0, 2], [-1, 0.5, 3]], np.float32)
    found = traverse(vae, z, dims, values)
    assert found.shape == (2, 3, 1, 8, 8)
    for row, dim in enumerate(dims):
        for step in range(3):
            code = z.copy()
            code[dim] = values[row, step]
            assert np.abs(found[row, step].astype(int) - decode(vae, code[None])[0]).max() <= 1
    assert len(np.unique(found.reshape(6, -1), axis=0)) == 6


@pytest.mark.parametrize("path", ["linear", "spherical"])
@pytest.mark.parametrize("latent", [2, 3, 128])
@pytest.mark.parametrize("steps", [2, 3, 7, 50])
def test_a_path_keeps_its_end_points_to_the_bit(path: Path, latent: int, steps: int) -> None:
    a, b = codes(2, latent)
    a[0] = b[-1] = -0.0
    found = interpolate(a, b, steps, path)
    assert found.dtype == np.float32
    assert found.shape == (steps, latent)
    assert found[0].tobytes() == a.tobytes()
    assert found[-1].tobytes() == b.tobytes()


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_path_needs_two_ends(steps: int) -> None:
    with pytest.raises(InputError, match=f"^A path needs at least 2 steps, not {steps}\\.$"):
        interpolate(codes(1)[0], codes(1)[0], steps)


def test_a_straight_path_has_even_steps() -> None:
    a, b = codes(2)
    found = interpolate(a, b, 5)
    np.testing.assert_allclose(found[2], (a + b) / 2, rtol=1e-6)
    np.testing.assert_allclose(np.diff(found, axis=0), np.tile((b - a) / 4, (4, 1)), atol=1e-6)


@pytest.mark.parametrize("latent", [2, 3, 16])
def test_a_spherical_path_is_that_of_scipy_with_a_norm_that_grows_evenly(latent: int) -> None:
    a, b = codes(2, latent).astype(float)
    t = np.linspace(0, 1, 9)
    norms = (1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)
    expected = geometric_slerp(a / np.linalg.norm(a), b / np.linalg.norm(b), t) * norms[:, None]
    found = interpolate(a.astype(np.float32), b.astype(np.float32), 9, "spherical")
    np.testing.assert_allclose(found, expected, atol=1e-5)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    angles = np.arccos((unit[1:] * unit[:-1]).sum(1))
    np.testing.assert_allclose(angles, angles.mean(), rtol=1e-3)


def test_beyond_its_ends_a_path_goes_on_as_it_came() -> None:
    t = np.array([-0.5, 0, 0.25, 1, 1.5, 3])
    line = along(np.array([1, 0], np.float32), np.array([3, -2], np.float32), t)
    np.testing.assert_allclose(line, np.stack([1 + 2 * t, -2 * t], axis=1), atol=1e-6)
    arc = along(np.array([1, 0], np.float32), np.array([0, 0.5], np.float32), t, "spherical")
    norms = np.maximum(0, 1 - t / 2)
    np.testing.assert_allclose(arc, np.stack([norms * np.cos(t * np.pi / 2), norms * np.sin(t * np.pi / 2)], axis=1), atol=1e-6)


@pytest.mark.parametrize("latent", [2, 3, 128])
def test_a_spherical_path_without_a_plane_is_the_straight_one(latent: int) -> None:
    (a,) = codes(1, latent)
    for b in (a, -a, 2 * a, -3 * a, np.zeros_like(a), a * (1 + 1e-6)):
        for start, end in ((a, b), (b, a)):
            np.testing.assert_array_equal(interpolate(start, end, 7, "spherical"), interpolate(start, end, 7))


@given(st.lists(st.tuples(*[st.floats(-10, 10, width=32)] * 2), min_size=2, max_size=6), st.sampled_from(["linear", "spherical"]))
def test_any_path_is_finite_and_no_longer_than_its_longer_end(ends: list[tuple[float, float]], path: Path) -> None:
    a, b = np.array(ends, np.float32).T
    norms = np.linalg.norm(interpolate(a, b, 9, path).astype(float), axis=1)
    assert np.isfinite(norms).all()
    assert norms.max() <= max(norms[0], norms[-1]) * (1 + 1e-6)


def test_step_changes_by_hand() -> None:
    frames = np.array([0, 255, 255, 204], np.uint8)[:, None, None, None] * np.ones((1, 1, 2, 2), np.uint8)
    np.testing.assert_allclose(step_changes(frames), [1, 0, 0.2], rtol=1e-6)


def test_prior_codes_are_standard_normal_and_their_seed_decides_them() -> None:
    z = sample_prior(3, 20_000, seed=1)
    assert z.dtype == np.float32
    assert np.array_equal(z, sample_prior(3, 20_000, seed=1))
    assert not np.array_equal(z, sample_prior(3, 20_000, seed=2))
    assert np.abs(z.mean(0)).max() < 4 / 20_000**0.5
    assert np.abs(np.cov(z.T) - np.eye(3)).max() < 4 * (2 / 20_000) ** 0.5
