"""Random codes on the Sliders and KL weight pages: from the prior or the mixture, side by side, and what is said where one is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.state import KL_BETA, SLIDERS_SAMPLER, SLIDERS_SEED, SLIDERS_WALK
from pages.ui.panels.sampling import MIXTURE
from tests import sweep
from tests.pages.steps import open_page, press
from tests.pages.test_sliders import code, opened, start_from, typed
from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.analysis.mixture import Mixture, sample_mixture
from vae_core.analysis.posterior import Posterior
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Card, Codes, DataCard
from vae_core.training.figures import Figures

FLAT, WIDE = "digits-2d", "mnist-16d"
SAMPLES = state.SLIDERS_SAMPLES
MISSING = "not on this computer"


def mixture(model: str = FLAT) -> Mixture:
    found = cache.mixture(catalogue.models()[model])
    assert found is not None
    return found


def of_mixture(seed: int, model: str = FLAT) -> str:
    return explore.format_code(sample_mixture(mixture(model), 1, seed=seed)[0])


def words(page: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (page.caption, page.markdown, page.text) for element in kind)


def panel(page: AppTest) -> AppTest:
    """Open the samples."""
    page.session_state[SAMPLES] = True
    page.run()
    assert not page.exception
    return page


def samples(page: AppTest, source: str) -> list[str]:
    """The pictures of this source, in order."""
    pictures = [picture for element in page.get("image") for picture in element.proto.imgs]
    return [picture.url for picture in pictures if picture.alt.startswith("Sample") and f"from {source}" in picture.alt]


def test_randomise_draws_from_the_mixture_when_that_is_chosen() -> None:
    page = opened()
    start = code(page)
    page.button_group(key=SLIDERS_SAMPLER).set_value(MIXTURE).run()
    assert code(page) == start
    press(press(page, "Randomise"), "Randomise")
    assert code(page) == of_mixture(1)
    press(press(page, "Undo"), "Undo")
    assert code(page) == start


def test_a_random_start_follows_the_choice_and_a_link_brings_it_back() -> None:
    page = start_from(opened(), "Random")
    page.number_input(key=SLIDERS_SEED).set_value(3).run()
    assert code(page) == explore.format_code(explore.sample_prior(2, 1, seed=3)[0])
    page.button_group(key=SLIDERS_SAMPLER).set_value(MIXTURE).run()
    assert code(page) == of_mixture(3)
    linked = opened(**{SLIDERS_SAMPLER: MIXTURE, "start": "Random", "draw": "3"})
    assert code(linked) == of_mixture(3)
    assert code(opened(**{SLIDERS_SAMPLER: "Nonsense", "start": "Random", "draw": "3"})) != of_mixture(3)


def test_codes_kept_with_a_model_are_enough_for_a_mixture() -> None:
    page = opened(WIDE, **{SLIDERS_SAMPLER: MIXTURE, "start": "Random", "draw": "0"})
    assert code(page) == of_mixture(0, WIDE)


def test_no_mixture_is_fitted_before_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(cache, "mixture", lambda entry: asked.append(entry.id))
    page = opened()
    assert not asked
    panel(page)
    assert asked == [FLAT]


def test_eight_samples_of_each_stand_side_by_side_and_another_seed_draws_others() -> None:
    page = panel(opened())
    before = [samples(page, source) for source in ("the prior", "the mixture")]
    assert [len(set(row)) for row in before] == [8, 8]
    assert "Drawn with seed 0" in words(page)
    press(page, "New samples")
    after = [samples(page, source) for source in ("the prior", "the mixture")]
    assert all(set(old).isdisjoint(new) for old, new in zip(before, after, strict=True))
    assert "Drawn with seed 1" in words(page)


def test_a_sample_opens_its_code_on_the_sliders_and_undo_leads_back() -> None:
    page = typed(panel(opened()), "1,nan")  # refused, which must not stand in the way
    start = explore.format_code(page.session_state[SLIDERS_WALK].now)
    third = {"the prior N(0, I)": explore.sample_prior(2, 8, seed=0)[2], "the mixture": sample_mixture(mixture(), 8, seed=0)[2]}
    for source, expected in third.items():
        page.button(key=state.part(SAMPLES, source, 3)).click().run()
        assert code(page) == explore.format_code(expected)
    press(press(page, "Undo"), "Undo")
    assert code(page) == start


def test_the_figures_are_those_of_the_mixture() -> None:
    found, text = mixture(WIDE), words(panel(opened(WIDE))).replace("\N{NO-BREAK SPACE}", " ")
    assert 0.02 < found.missed < 0.5
    assert f"**About {100 * found.missed:.0f} % of the draws from the prior**" in text
    assert f"−{-found.log_prior:.1f} nats under the prior and −{-found.log_density:.1f} under the mixture" in text


def save(folder: Path, *, variational: bool, codes: Codes | None = None, near: str = "digits") -> str:
    """Keep an untrained model as an uploaded one; returns its id."""
    torch.manual_seed(0)
    model = VAE(ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(16,), variational=variational))
    digits = data.load("digits")
    card = Card(
        name="Made up",
        data=DataCard(name=near, title="Digits", identity=digits.identity, images=len(digits), licence=digits.licence),
        model=model.config,
        train=TrainConfig(),
        epochs=1,
        steps=1,
        validation=Figures(distortion=1.0, rate=1.0, loss=2.0),
        seconds=1.0,
        images_per_second=1.0,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
    )
    checkpoint.save(folder / "models" / f"{'a' * 12}" / "checkpoint", model, card, codes)
    return "a" * 12


def test_a_plain_autoencoder_draws_from_n_0_i_says_why_that_fails_and_has_the_mixture_beside_it(fresh_home: Path) -> None:
    model = save(fresh_home, variational=False)
    page = start_from(opened(model), "Random")
    assert "mostly land where no image has its code" in words(page)
    assert code(page) == explore.format_code(explore.sample_prior(3, 1, seed=0)[0])
    page.button_group(key=SLIDERS_SAMPLER).set_value(MIXTURE).run()
    assert code(page) == of_mixture(0, model)
    press(press(page, "Randomise"), "Randomise")
    assert code(page) == of_mixture(1, model)
    panel(page)
    assert [len(samples(page, source)) for source in ("N(0, I)", "the mixture")] == [8, 8]
    assert "nats under N(0, I)" in words(page)
    assert "the prior" not in words(page)


def test_a_plain_autoencoder_whose_images_are_elsewhere_still_draws_from_n_0_i(fresh_home: Path) -> None:
    page = opened(save(fresh_home, variational=False, near="elsewhere"), **{SLIDERS_SAMPLER: "Prior"})
    press(page, "Randomise")
    assert code(page) == explore.format_code(explore.sample_prior(3, 1, seed=0)[0])
    panel(page)
    assert MISSING in words(page)
    assert len(samples(page, "N(0, I)")) == 8


def test_without_codes_the_prior_stands_alone(fresh_home: Path) -> None:
    model = save(fresh_home, variational=True, near="elsewhere")
    page = opened(model, **{SLIDERS_SAMPLER: MIXTURE, "start": "Random", "draw": "3"})
    assert "There is no mixture" in words(page)
    assert code(page) == explore.format_code(explore.sample_prior(3, 1, seed=3)[0])
    panel(page)
    assert len(samples(page, "the prior")) == 8
    assert not samples(page, "the mixture")


def test_codes_that_were_cut_at_the_end_of_the_sliders_are_said(fresh_home: Path) -> None:
    far = np.random.default_rng(0).normal(9.5, 1, (50, 3)).astype(np.float32)
    codes = Codes(far, np.full_like(far, -9), None)
    page = panel(opened(save(fresh_home, variational=True, near="elsewhere", codes=codes)))
    assert words(page).count("went beyond ±10") == 1


def test_codes_that_are_no_numbers_are_said(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(save(fresh_home, variational=True))
    monkeypatch.setattr(explore, "encode", lambda model, pixels: Posterior(*np.full((2, len(pixels), 3), np.nan, np.float32)))
    page.button_group(key=SLIDERS_SAMPLER).set_value(MIXTURE).run()
    assert not page.exception
    assert "not numbers, so no mixture" in words(page)


def test_the_kl_weight_page_draws_both_by_the_same_seed_at_every_beta(fresh_home: Path) -> None:
    sweep.train(fresh_home, (0.01, 1.0))
    drawn: list[Floats] = []
    page = open_page("kl_weight", sweep=sweep.ID)
    for beta in (0.01, 1.0):
        page.select_slider(key=KL_BETA).set_value(beta).run()
        assert not page.exception
        entry = next(entry for entry in catalogue.models().values() if entry.card.train.beta == beta and entry.card.model.latent == 6)
        fitted = cache.mixture(entry)
        assert fitted is not None
        assert "of the draws from the prior" in words(page)
        drawn.append(sample_mixture(fitted, 8, seed=0))
        assert len(samples(page, "the prior")) == len(samples(page, "the mixture")) == 8
    first, second = drawn
    assert not np.array_equal(first, second)
