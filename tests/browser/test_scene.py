"""A scene of a model too large for the page: eight images and samples at one KL weight, drawn in a worker."""

from __future__ import annotations

import numpy as np
import torch
from playwright.sync_api import Page

from tests.browser.test_engine import emptied, fetched_elsewhere
from vae_core.analysis.explore import Floats, Pixels
from vae_core.base.config import ModelConfig
from vae_core.model.gates import CodeGate, Gate
from vae_core.model.vae import VAE

BIG = ModelConfig(
    body="conv", channels=3, height=64, width=64, latent=4, hidden=(16, 32, 64, 128), likelihood="gaussian", beta_range=(0.01, 10.0)
)


def test_a_large_model_draws_its_scene_in_a_worker_and_the_newest_weight_wins(page: Page) -> None:
    emptied(page)
    model = VAE(BIG, seed=1).requires_grad_(False).eval()
    for gate in model.modules():
        if isinstance(gate, Gate | CodeGate):
            for number in gate.parameters():
                number.add_(torch.randn(number.shape, generator=torch.Generator().manual_seed(0)))  # untrained, all are open
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 64), dtype=np.uint8)
    codes = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
    kind, painted, (reconstructions, samples) = page.evaluate(
        """async ([source, pixels, numbers]) => {
          const engine = await engineOf(source)
          const scene = { images: Float32Array.from(pixels, (level) => level / 255), codes: Float32Array.from(numbers) }
          let painted = 0, last = null, since = 0
          const view = engine.scene(scene, (pictures) => { painted++; last = pictures; since = performance.now() })
          for (let beta = 0.1; beta < 5; beta *= 1.02) {
            view.show(beta)
            await new Promise((done) => setTimeout(done))
          }
          view.show(2)
          await until(() => painted > 0 && performance.now() > since + 1500)
          view.close()
          return [engine.kind, painted, [Array.from(last.reconstructions), Array.from(last.samples)]]
        }""",
        [fetched_elsewhere(page, model), images.ravel().tolist(), codes.ravel().tolist()],
    )
    assert kind == "worker"
    assert painted < 150
    newest, before = (drawn_by(model.at(beta), images, codes) for beta in (2.0, 4.9))
    painted_last = np.concatenate([reconstructions, samples])
    np.testing.assert_allclose(painted_last, newest, atol=1e-5)
    assert np.abs(painted_last - before).max() > 1e-3


def drawn_by(model: VAE, images: Pixels, codes: Floats) -> Floats:
    """A scene as torch draws it: all reconstructions, then all samples, in one row."""
    with torch.no_grad():
        mean = model.encode(torch.tensor(images) / 255).mean
        pictures = model.likelihood.mean(model.decode(torch.cat([mean, torch.tensor(codes)])))
    return pictures.numpy().ravel()
