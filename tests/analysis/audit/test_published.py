"""Models that others trained and published: what the audit reads from their weights is what their own settings say."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tests.analysis.audit.planted import found
from tests.foreign.test_importing import EACH, FOREIGN, opened
from vae_core.data import Images
from vae_core.foreign import opening

TERM = {"betaB": "a capacity", "factor": "the total correlation", "btcvae": "the total correlation"}


@pytest.mark.parametrize("name", EACH)
def test_the_weight_that_a_published_model_betrays_is_that_of_its_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the eight images of its authors' probe alone, which leaves an error of a tenth to a fifth."""
    folder = FOREIGN / name
    state = torch.load(folder / "model.pt", weights_only=True)
    monkeypatch.setattr(opening, "read_weights", lambda data, label: {key: value.numpy() for key, value in state.items()})
    point = opened([(part, (folder / part).read_bytes()) for part in ("model.pt", "specs.json")], architecture="burgess")
    pixels = np.rint(255 * np.load(folder / "probe.npz")["x"]).astype(np.uint8)
    images = Images("probe", np.concatenate([pixels, pixels]), validation_start=len(pixels), test_start=2 * len(pixels))
    findings, settings = found(point, images), json.loads((folder / "specs.json").read_text("utf-8"))
    weight = findings["KL weight"]
    if settings["loss"] in TERM:
        assert (weight.severity, weight.figure) == ("not measured", None)
        assert TERM[settings["loss"]] in weight.sentence
    else:
        beta = {"VAE": 1, "betaH": settings["betaH_B"]}[settings["loss"]]
        assert weight.severity == "sound"
        assert f"the card says {beta}." in weight.sentence
        assert weight.figure == pytest.approx(beta, rel=0.6)
    assert {name for name, finding in findings.items() if finding.severity == "fault"} == set()
