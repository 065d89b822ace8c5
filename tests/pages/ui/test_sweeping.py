"""The translator of β on the KL weight page: which σ it counts with."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import pixels
from tests import sweep
from tests.conftest import ROOT
from vae_core import catalogue, jobs

BETAS = (0.3, 1.0)


def on_the_page(home: Path, monkeypatch: pytest.MonkeyPatch, **model: object) -> AppTest:
    """The KL weight page with a sweep of two such models and no other."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(home))
    monkeypatch.setattr(catalogue, "BUNDLED", home / "none")
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    monkeypatch.setattr(sweep, "MODEL", sweep.MODEL.model_copy(update=model))
    sweep.train(home, BETAS)
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=60).run()
    page.switch_page("pages/kl_weight.py").run()
    assert not page.exception
    return page


def sigma_of(page: AppTest) -> float:
    (value,) = [field.value for field in page.number_input if field.label.startswith("σ,")]
    assert value is not None
    return value


def captions(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.caption, *page.markdown))


@pytest.mark.parametrize(("sigma_is", "word"), [("learned", "learned"), ("optimal", "its own error")])
def test_it_counts_with_the_sigma_that_the_model_at_this_beta_has_now(
    sigma_is: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = on_the_page(tmp_path, monkeypatch, likelihood="gaussian", sigma_is=sigma_is)
    trained = {entry.card.train.beta: pixels.trained_sigma(entry.folder) for entry in catalogue.models().values()}
    assert len(set(trained.values())) == 2
    for beta in BETAS:
        page.select_slider(key="beta").set_value(beta).run()
        sigma = sigma_of(page)
        assert sigma == pytest.approx(trained[beta], abs=1e-6)
        assert f"σ of the model at β = {beta:g} is {word}: {trained[beta]:.4g}." in captions(page)
        assert f"w = 0.001 is **β = {0.001 * 64 / (2 * sigma**2):.4g}**" in captions(page)


def alone(**model: object) -> AppTest:
    """The translator by itself, for models that need not be there."""

    def script(config: str) -> None:
        from pages.ui import sweeping
        from vae_core.config import ModelConfig

        sweeping.translator(ModelConfig.model_validate_json(config), 1.0)

    config = sweep.MODEL.model_copy(update=model).model_dump_json()
    page = AppTest.from_function(script, args=(config,), default_timeout=60).run()
    assert not page.exception
    return page


def test_a_fixed_sigma_is_taken_as_set_and_nothing_more_is_said() -> None:
    page = alone(likelihood="gaussian", sigma=0.5)
    assert sigma_of(page) == 0.5
    assert "σ of the model at" not in captions(page)
    assert "no such σ" not in captions(page)


def test_a_likelihood_without_such_a_sigma_is_named() -> None:
    page = alone(likelihood="continuous_bernoulli")
    assert "These models have no such σ: their likelihood is continuous bernoulli." in captions(page)
