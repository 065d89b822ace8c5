"""Models that others trained and published, run by the browser: they answer as their authors' own code does."""

from __future__ import annotations

import io
import logging
import shutil

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Server
from tests.browser.deck import pixels, slider
from tests.browser.steps import arrive, grab, open_link, settle, upload
from tests.browser.test_model import CLOSE, in_browser
from tests.foreign.test_importing import AS_ONNX, EACH, FOREIGN, opened
from vae_core.analysis import explore
from vae_core.export.live_model import live_bundle, runs_in_browser
from vae_core.foreign import apart
from vae_core.training import checkpoint

FACES = "betaH_celeba"

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


@pytest.mark.skipif(not (FOREIGN / FACES).is_dir(), reason=f"no published models at {FOREIGN}")
def test_a_checkpoint_of_faces_is_opened_on_the_page_moves_under_the_pointer_and_draws_a_photo_again(page: Page, server: Server) -> None:
    photo = np.rint(255 * np.load(FOREIGN / FACES / "probe.npz")["x"][1]).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(photo.transpose(1, 2, 0)).save(file, "PNG")
    try:
        open_link(page, "/models?model=sprites")
        page.get_by_text("Open a model that was trained elsewhere").click()
        upload(page, "Its files", [FOREIGN / FACES / part for part in ("model.pt", "specs.json")])
        expect(page.get_by_text("the encoder gives mean and log-variance in turn in one output")).to_be_visible()
        page.get_by_role("button", name="Add this model").click()
        settle(page)
        expect(page.get_by_text(f"{FACES} is now the chosen model")).to_be_visible()
        page.get_by_role("link", name="Move its sliders").last.click()
        arrive(page, "Sliders")
        before = pixels(page)
        x, y = grab(page, slider(page))
        page.mouse.move(x + 60, y)  # hair grows, and the mouth opens to a smile
        assert np.abs(pixels(page).astype(int) - before).max() > 50
        page.mouse.up()
        settle(page)
        page.get_by_test_id("stMain").get_by_text("Own image", exact=True).click()
        settle(page)
        upload(page, "Your image", [FilePayload(name="photo.png", mimeType="image/png", buffer=file.getvalue())])
        (folder,) = (server.home / "models").iterdir()
        expected = explore.reconstruct(checkpoint.load(folder / "checkpoint").model, photo[None])[0].transpose(1, 2, 0)
        assert np.abs(pixels(page).astype(int) - expected).max() <= 1
    finally:
        shutil.rmtree(server.home / "models")
