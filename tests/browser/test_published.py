"""Models that others trained and published, run by the browser: they answer as their authors' own code does."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.test_model import CLOSE, in_browser
from tests.foreign.test_importing import AS_ONNX, EACH, FOREIGN, opened
from vae_core.export.live_model import live_bundle, runs_in_browser
from vae_core.foreign import apart

PUBLISHED = [
    *((name, ("model.pt", "specs.json"), "burgess") for name in EACH),
    *((name, ("encoder.onnx", "decoder.onnx"), None) for name in AS_ONNX),
]


@pytest.mark.skipif(not PUBLISHED, reason=f"no published models at {FOREIGN}")
def test_every_published_model_answers_in_the_browser_as_its_authors_code_does(empty: Page) -> None:
    for name, parts, architecture in PUBLISHED:
        files = [(part, (FOREIGN / name / part).read_bytes()) for part in parts]
        point = opened(files, architecture=architecture, open_files=apart.open_files)
        assert runs_in_browser(point.card.model)
        probe = np.load(FOREIGN / name / "probe.npz")
        drawn, seen = len(probe["z"]), len(probe["x"])
        codes = np.concatenate([probe["z"], probe["mu"]])
        images = np.resize(probe["x"], (drawn + seen, *probe["x"].shape[1:]))
        decoded, mean, logvar = in_browser(empty, live_bundle(point.model), codes, images)
        pictures = decoded.reshape(images.shape)
        answers = {"decoded": pictures[:drawn], "rec": pictures[drawn:], "mu": mean[:seen], "logvar": logvar[:seen]}
        off = {of: float(np.abs(answer - probe[of]).max()) for of, answer in answers.items()}
        logging.getLogger(__name__).info("%s, %s: %s", name, parts[0], off)  # seen with --log-cli-level=info
        assert all(value <= CLOSE for value in off.values()), (name, parts, off)
