"""The coverage panel: it says the figures, what they mean, and the right verdict."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import figures
from pages.ui.screens.kl_weight import coverage_panel
from tests import many
from vae_core.analysis import blur, coverage
from vae_core.analysis.coverage import HOLE, Coverage, Estimate
from vae_core.analysis.posterior import Posterior
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint

FLAT, WIDE = "digits-2d", "sprites"


def panel(entry: Entry) -> AppTest:
    """The panel by itself."""

    def script(entry: object) -> None:  # its text runs by itself, without the imports above
        from pages.ui.screens.kl_weight.coverage_panel import coverage_panel

        coverage_panel(entry=entry)  # type: ignore[arg-type]

    page = AppTest.from_function(script, args=(entry,), default_timeout=60)
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (page.markdown, page.caption) for element in kind)


def figures_shown(page: AppTest) -> list[str]:
    return page.table[0].value["Figure"].tolist()


def covered(holes: float, unseen: float, *, effective: float = 1.0, rate: float = 20.0, outside: float = 0.05) -> cache.Covered:
    sure = Estimate(0.05, 0.001)
    found = Coverage(rate, sure, sure, Estimate(holes, 0.005), Estimate(outside, 0.001), Estimate(effective, 0.01))
    return cache.Covered(found, 4800, Estimate(unseen, 0.02), 600, True, None, None)


def test_the_figures_are_those_of_all_training_codes() -> None:
    entry = catalogue.models()[FLAT]
    population = cache.population(entry)
    assert population is not None
    found = coverage.coverage(population.posterior)
    page = panel(entry)
    holes, unseen, outside, kl, information, rate = figures_shown(page)
    for text, figure, scale in (
        (holes, found.holes, 100),
        (outside, found.outside, 100),
        (kl, found.kl, 1),
        (information, found.mutual_information, 1),
    ):
        value, error = text.removesuffix(" nats").removesuffix(" %").split(" ± ")
        assert float(value) == pytest.approx(scale * figure.value, abs=0.06)
        assert float(error) == pytest.approx(scale * figure.error, abs=0.06)
    assert unseen == "under 2 %"  # none of 179
    assert rate == f"{found.rate:.2f} nats"
    assert "1,439 training images" in said(page)
    assert "**The codes fill the prior.**" in said(page)
    assert f"{found.effective.value:,.0f}" not in said(page)  # N_eff stands above, once


def test_two_dimensions_have_a_map_and_more_have_none() -> None:
    chart = panel(catalogue.models()[FLAT]).get("plotly_chart")
    assert len(chart) == 1
    assert not panel(catalogue.models()[WIDE]).get("plotly_chart")


def test_test_images_are_parted_in_two_and_called_so() -> None:
    page = panel(catalogue.models()["mnist-2d"])
    assert "8,000 test images, which the model has not seen" in said(page)
    assert any("1,000 other images" in meaning for meaning in page.table[0].value["What it means"])


def test_codes_kept_with_a_model_are_parted_in_two(fresh_home: Path) -> None:
    entry = many.away(fresh_home)
    page = panel(entry)
    assert "1,617 codes kept with the model" in said(page)
    point = checkpoint.load(entry.folder)
    assert point.codes is not None
    aside = np.arange(1797) % 10 == 0
    codes = Posterior(point.codes.mean, point.codes.logvar)
    known = codes.of(~aside)
    unseen = blur.draw(codes.of(aside), 4000, seed=4)
    assert figures_shown(page)[1] == "under 2 %"
    assert coverage.holes(known, unseen).value < 0.02
    assert figures_shown(page)[5] == f"{coverage.coverage(known, draws=2).rate:.2f} nats"


def test_a_deterministic_autoencoder_gets_one_sentence(tmp_path: Path) -> None:
    entry = catalogue.models()[FLAT]
    config = entry.card.model.model_copy(update={"variational": False})
    card = entry.card.model_copy(update={"model": config})
    checkpoint.save(tmp_path / "points", VAE(config), card)
    page = panel(replace(entry, folder=tmp_path / "points", card=card))
    assert "has no prior" in said(page)
    assert not page.table


def test_mutual_information_near_log_n_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(covered(0.9, 0.9), count=2)  # log 2 is within 1 nat of anything
    monkeypatch.setattr(cache, "covered", lambda entry, beta, population: few)
    *_, kl, information, rate = figures_shown(panel(catalogue.models()[FLAT]))
    assert kl == information == "– (within 1 of log N: 2 images are too few)"
    assert rate == "20.00 nats"


def test_the_verdict_compares_random_codes_with_those_of_unseen_images() -> None:
    assert coverage_panel.verdict(covered(0.02, 0.0, effective=95)).startswith("**The codes fill the prior.**")
    blurred = coverage_panel.verdict(covered(0.02, 0.0, effective=95))
    assert "averages several images at a code, N_eff above: where samples are blurred, that is why." in blurred
    assert coverage_panel.verdict(covered(0.02, 0.0)).endswith("hardly any image has its code.")
    assert coverage_panel.verdict(covered(0.0, 0.0, outside=0.21)).startswith(
        "**The prior has hardly any holes, but 21\N{NO-BREAK SPACE}% of the codes"
    )
    assert coverage_panel.verdict(covered(0.84, 0.56)).startswith("**Random codes land where no image has its code.** 84")
    few = coverage_panel.verdict(covered(0.99, 0.97, rate=60))
    assert few.startswith("**4,800 images are too few to fill the prior.**")
    assert f"spends 60.0 nats, and so few images fill only {math.log(4800):.1f}" in few


def test_the_map_shows_holes_by_a_line_and_by_colour() -> None:
    places = np.linspace(-3, 3, 7)
    ratio = np.arange(49.0).reshape(7, 7) - 40
    chart = figures.coverage_map(ratio, places, hole=math.log(HOLE), names=("z₀", "z₁"))
    heat, edge, half, most = chart.data
    np.testing.assert_array_equal(heat.z, ratio.clip(-5, 5))
    np.testing.assert_array_equal(heat.customdata, ratio)
    assert (heat.zmin, heat.zmax) == (-5, 5)  # so that its middle colour is 0
    assert edge.contours.start == edge.contours.end == math.log(HOLE)
    assert np.hypot(half.x, half.y) == pytest.approx(np.sqrt(2 * math.log(2)))  # P(|z| < r) = 1 − e^(−r²/2)
    assert 1 - np.exp(-(np.hypot(most.x, most.y) ** 2) / 2) == pytest.approx(0.95)
    assert [trace.name for trace in chart.data[1:]] == ["Edge of the holes", "50 % of the prior", "95 % of the prior"]
