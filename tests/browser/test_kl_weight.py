"""The KL weight page in a browser, on a sweep of digits that this module trains, and on the bundled multi-rate model of MNIST."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests import sweep
from tests.browser.conftest import Server, serve, window
from tests.browser.steps import canvas_pixels, grab, open_link, settle, shown_picture
from tests.conftest import ROOT

FIRST_OF_ONE_NETWORK = 4 / 24 + 0.01
"""Where on the slider of MNIST in 16 dimensions, as a part of its width, the models of one weight end, and a little further."""


@pytest.fixture(scope="module")
def sweeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with a trained sweep of four models."""
    folder = tmp_path_factory.mktemp("sweep")
    sweep.train(folder / "home")
    with serve(ROOT / "app.py", folder) as server:
        yield server


@contextmanager
def opened(browser: Browser, server: Server, width: int = 1280, height: int = 900, *, phone: bool = False) -> Iterator[Page]:
    """The page with the sweep."""
    with window(browser, server.url, width, height, phone=phone) as page:
        open_link(page, f"/kl_weight?sweep={sweep.ID}")
        yield page


def metric(page: Page, label: str) -> float:
    """The number of a metric; of "3 of 6" the first."""
    text = page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").inner_text()
    return float(re.findall(r"[\d.]+", text)[0])


def move(page: Page, key: str) -> None:
    page.get_by_role("slider", name="KL weight β").press(key)
    settle(page)


def test_a_sweep_in_a_window_and_on_a_phone(browser: Browser, sweeping: Server, tmp_path: Path) -> None:
    with opened(browser, sweeping) as page:
        the_slider_to_its_end_blurs_and_switches_dimensions_off(page)
        charts_have_a_text_and_the_table_is_downloaded(page, tmp_path)
    with opened(browser, sweeping, 390, 844, phone=True) as page:
        charts_have_a_text_and_the_table_is_downloaded(page, tmp_path)


def the_slider_to_its_end_blurs_and_switches_dimensions_off(kl_page: Page) -> None:
    move(kl_page, "Home")
    sharp, unused = metric(kl_page, "Sharpness"), metric(kl_page, "Unused dimensions")
    original, clear = shown_picture(kl_page, "Validation image"), shown_picture(kl_page, "Its reconstruction at β = 0.05")
    rates = [metric(kl_page, "Rate R")]
    for _ in sweep.BETAS[1:]:
        move(kl_page, "ArrowRight")
        rates.append(metric(kl_page, "Rate R"))
    assert metric(kl_page, "Sharpness") < sharp
    assert metric(kl_page, "Unused dimensions") > unused
    assert rates == sorted(rates, reverse=True)
    assert "beta=10" in kl_page.url
    assert shown_picture(kl_page, "Validation image").tobytes() == original.tobytes()
    assert shown_picture(kl_page, "Its reconstruction at β = 10").tobytes() != clear.tobytes()
    assert kl_page.get_by_text("posterior collapse").is_visible()


def charts_have_a_text_and_the_table_is_downloaded(kl_page: Page, tmp_path: Path) -> None:
    kl_page.get_by_test_id("stPlotlyChart").nth(2).locator(".main-svg").first.wait_for()
    for alt in ("Distortion over rate", "Mean KL of each of 6 dimensions", "Sharpness over β"):
        expect(kl_page.get_by_label(alt)).to_have_count(1)
    assert kl_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with kl_page.expect_download() as download:
        kl_page.get_by_role("button", name="Download as CSV").click()
    target = tmp_path / "table.csv"
    download.value.save_as(target)
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert [float(row["beta"]) for row in rows] == list(sweep.BETAS)
    sharpness = [float(row["sharpness"]) for row in rows]
    assert sharpness == sorted(sharpness, reverse=True)


def test_dragging_beta_of_the_bundled_mnist_model_blurs_under_the_finger(page: Page) -> None:
    """From 0.1 to 10 in one drag, in sight: sharpness falls, N_eff rises and dimensions die, all before Python hears of it."""
    page.set_viewport_size({"width": 1280, "height": 800})
    open_link(page, "/kl_weight?sweep=mnist-rates&rates=0.1", seconds=120)
    expect(page.get_by_text(re.compile("^The codes of"))).to_be_visible(timeout=60_000)
    at_first = samples_said(page, "0.1")
    x, y = grab(page, page.get_by_role("slider", name="KL weight"), FIRST_OF_ONE_NETWORK)
    box = page.get_by_role("slider", name="KL weight").bounding_box()
    assert box is not None
    seen, sharp = [live_figures(page)], canvas_pixels(page, "Reconstruction of image 1")
    for step in range(1, 13):
        page.mouse.move(x + (1 - FIRST_OF_ONE_NETWORK) * box["width"] * step / 12, y)
        settle(page)
        seen.append(live_figures(page))
    assert not np.array_equal(canvas_pixels(page, "Reconstruction of image 1"), sharp)
    for part in ("Image 1", "Sample 1 from the prior", "Reconstruction of image 8"):
        expect(page.get_by_label(part, exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("application", name="Map of codes")).to_be_in_viewport(ratio=0.9)
    assert "rates=0.1" in page.url
    page.mouse.up()
    settle(page)
    assert "rates=10" in page.url
    sharpness, effective, unused = np.array(seen).T
    assert (np.diff(sharpness) <= 1).all()  # per cent, which are whole
    assert (np.diff(effective) >= -0.01 * effective[1:]).all()
    assert (np.diff(unused) >= 0).all()
    precision, recall = samples_said(page, "10")
    assert precision[-1] > at_first[0][-1]
    assert recall[-1] < at_first[1][-1] / 4  # all samples are alike
    assert sharpness[0] > 2 * sharpness[-1]
    assert effective[-1] > 20 * effective[0]
    assert unused[-1] - unused[0] >= 6


def samples_said(page: Page, beta: str) -> tuple[list[float], list[float]]:
    """Precision and recall of samples, each at the left end, at the right end, and now, as the charts say them at this weight."""
    page.get_by_label(re.compile(rf"Recall of samples over β.* At β {re.escape(beta)}:")).wait_for()
    labels = [page.get_by_label(f"{name} of samples over β").get_attribute("aria-label") or "" for name in ("Precision", "Recall")]
    precision, recall = ([float(number) for number in re.findall(r"([\d.]+)(?: ± [\d.]+)? %", label)] for label in labels)
    return precision, recall


def live_figures(page: Page) -> tuple[float, float, float]:
    """Sharpness in per cent, N_eff and unused dimensions as the live page says them."""
    said = dict(item.split("\n", 1) for item in page.locator(".multirate-facts > div").all_inner_texts())
    numbers = [re.findall(r"[\d,]+(?:\.\d+)?", said[name])[0] for name in ("Sharpness", "Neff", "Unused dimensions")]
    sharpness, effective, unused = (float(number.replace(",", "")) for number in numbers)
    return sharpness, effective, unused


def test_at_the_left_end_models_trained_there_spread_their_codes_and_samples_miss_most_images(page: Page) -> None:
    open_link(page, "/kl_weight?sweep=mnist-2d-rates&rates=0.1", seconds=120)
    slider = page.get_by_role("slider", name="KL weight")
    page.get_by_label(re.compile(r"Recall of samples over β.* At β 0.1: [\d.]+ ± [\d.]+ %")).wait_for()
    centres = rate_of_centres(page)
    slider.press("Home")
    expect(page.get_by_text("On screen: a plain autoencoder, trained with no KL term.")).to_be_visible()
    page.get_by_label(re.compile(r"Recall of samples over β.* At β 0: 0(?: ± [\d.]+)? %")).wait_for()
    settle(page)
    assert page.url.endswith("rates=0")
    slider.press("ArrowRight")
    expect(page.get_by_text("On screen: a model trained alone at β = 0.0001.")).to_be_visible()
    settle(page)
    assert rate_of_centres(page) > 10 * centres
    sharpness = live_figures(page)[0]
    slider.press("End")
    expect(page.get_by_text("On screen: one network for every KL weight.")).to_be_visible()
    settle(page)
    assert live_figures(page)[0] < sharpness


def test_in_16_dimensions_codes_leave_the_prior_there_too_and_samples_show_little_of_the_set(page: Page) -> None:
    open_link(page, "/kl_weight?sweep=mnist-rates&rates=0.1", seconds=120)
    slider = page.get_by_role("slider", name="KL weight")
    (_, recall), centres = samples_said(page, "0.1"), rate_of_centres(page)
    expect(page.get_by_text("On screen: one network for every KL weight.")).to_be_visible()
    for beta in ("0.01", "0.001", "0.0001", "0"):
        slider.press("ArrowLeft")
        words = f"a model trained alone at β = {beta}" if beta != "0" else "a plain autoencoder, trained with no KL term"
        expect(page.get_by_text(f"On screen: {words}.")).to_be_visible()
        settle(page)
        assert page.url.endswith(f"rates={beta}")
        assert samples_said(page, beta)[1][-1] < recall[-1] / 4
        assert beta == "0" or rate_of_centres(page) > 3 * centres


def rate_of_centres(page: Page) -> float:
    """½Σμ² in nats, as the live page says it: how far the codes have left the prior."""
    return float(re.findall(r"([\d.]+) of centres", page.locator(".multirate-facts").inner_text())[0])
