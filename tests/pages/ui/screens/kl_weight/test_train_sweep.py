"""The translator of β on the KL weight page: both ways for each loss of other code, and which σ it counts with."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.ground.models import trained_sigma
from pages.ui.screens.kl_weight.tabs import CODE
from tests import sweep
from tests.conftest import ROOT
from vae_core.runs import catalogue, jobs

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
    trained = {entry.card.train.beta: trained_sigma(entry.folder) for entry in catalogue.models().values()}
    assert len(set(trained.values())) == 2
    page.session_state[state.KL_SWEEP_TABS] = CODE
    for beta in BETAS:
        page.select_slider(key=state.KL_BETA).set_value(beta).run()
        sigma = sigma_of(page)
        assert sigma == pytest.approx(trained[beta], abs=1e-6)
        assert f"σ of the model at β = {beta:g} is {word}: {trained[beta]:.4g}." in captions(page)
        assert f"w = 0.001 is **β = {0.001 * 64 / (2 * sigma**2):.4g}** at this σ" in captions(page)


def alone(beta: float = 1.0, **model: object) -> AppTest:
    """The translator by itself, for models that need not be there."""

    def script(config: str, beta: float) -> None:
        from pages.ui.screens.kl_weight import translator
        from vae_core.base.config import ModelConfig

        translator.translator(ModelConfig.model_validate_json(config), beta)

    config = sweep.MODEL.model_copy(update=model).model_dump_json()
    page = AppTest.from_function(script, args=(config, beta), default_timeout=60).run()
    assert not page.exception
    return page


def choose(page: AppTest, title: str) -> AppTest:
    page.selectbox[0].select(title).run()
    assert not page.exception
    return page


def labels(page: AppTest) -> list[str]:
    return [field.label[0] for field in page.number_input]


def test_a_fixed_sigma_is_taken_as_set_and_nothing_more_is_said() -> None:
    page = alone(likelihood="gaussian", sigma=0.5)
    assert sigma_of(page) == 0.5
    assert "σ of the model at" not in captions(page)
    assert "no such σ" not in captions(page)


def test_a_likelihood_without_such_a_sigma_is_named() -> None:
    page = alone(likelihood="continuous_bernoulli")
    assert "These models have no such σ: their likelihood is continuous bernoulli." in captions(page)


def test_every_loss_is_translated_both_ways() -> None:
    """8 × 8 images, K = 6, σ = 0.5, w = 0.001: the eight β by hand, and the weight that the page's own β = 4 is."""
    page = alone(beta=4, likelihood="gaussian", sigma=0.5)
    titles = page.selectbox[0].options
    expected = {
        "Squared error averaged over the pixels + w · KL": ("wPσ", 0.128, 0.03125),
        "Squared error averaged over the pixels + w · KL averaged over the dimensions": ("wPKσ", 0.021333333, 0.1875),
        "Squared error summed over the pixels + w · KL": ("wσ", 0.002, 2),
        "Half the squared error, summed + w · KL": ("wσ", 0.004, 1),
        "Absolute error summed over the pixels + w · KL (latent diffusion: w = 0.000001)": ("wσ", 0.0028284271, 1.4142136),
        "Cross-entropy summed over the pixels + w · KL (examples of PyTorch and Keras)": ("w", 0.001, 4),
        "Cross-entropy averaged over the pixels + w · KL": ("wP", 0.064, 0.0625),
        "β normalised by the sizes of code and image (Higgins et al. 2017)": ("wPKσ", 0.010666667, 0.375),
    }
    assert sorted(titles) == sorted(expected)
    for title, (fields, beta, weight) in expected.items():
        choose(page, title)
        assert "".join(labels(page)) == fields, title
        assert f"w = 0.001 is **β = {beta:.4g}**" in captions(page), title
        assert f"The page's β = 4 is **w = {weight:.4g}** in that code." in captions(page), title
        plain = 0.5 * (beta if title.startswith("Absolute") else beta**0.5)
        assert (f"β = 1, for σ = {plain:.4g}." in captions(page)) == ("σ" in fields), title


def test_the_loss_that_is_nearest_to_the_models_own_comes_first() -> None:
    assert alone(likelihood="bernoulli").selectbox[0].value == "entropy"
    assert alone(likelihood="gaussian").selectbox[0].value == "mean"


def test_a_bernoulli_model_needs_no_sigma_for_cross_entropy_and_another_is_told() -> None:
    page = alone(likelihood="bernoulli")
    assert labels(page) == ["w", "P"]
    assert "their likelihood" not in captions(page)
    other = choose(alone(likelihood="gaussian"), "Cross-entropy averaged over the pixels + w · KL")
    assert "These models have another D: their likelihood is gaussian, σ 0.1." in captions(other)
