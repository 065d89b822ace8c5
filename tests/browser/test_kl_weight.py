"""The KL weight page in a browser, on a sweep of digits that this module trains."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import sweep
from tests.browser.conftest import Server, serve, window
from tests.browser.steps import open_link, settle, shown_picture
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def sweeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with a trained sweep of four models."""
    folder = tmp_path_factory.mktemp("sweep")
    sweep.train(folder / "home")
    with serve(ROOT / "app.py", folder) as server:
        yield server


@pytest.fixture(params=[(1280, 900, False), (390, 844, True)], ids=["desktop", "phone"])
def kl_page(request: pytest.FixtureRequest, browser: Browser, sweeping: Server) -> Iterator[Page]:
    """The page with the sweep, on a desktop and on a phone."""
    width, height, phone = request.param
    with window(browser, sweeping.url, width, height, phone=phone) as page:
        open_link(page, "/kl_weight")
        yield page


def metric(page: Page, label: str) -> float:
    """The number of a metric; of "3 of 6" the first."""
    text = page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue").inner_text()
    return float(re.findall(r"[\d.]+", text)[0])


def move(page: Page, key: str) -> None:
    page.get_by_role("slider", name="KL weight β").press(key)
    settle(page)


def test_the_slider_to_its_end_blurs_and_switches_dimensions_off(kl_page: Page) -> None:
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


def test_charts_have_a_text_and_the_page_fits_the_window(kl_page: Page) -> None:
    kl_page.get_by_test_id("stPlotlyChart").nth(2).locator(".main-svg").first.wait_for()
    for alt in ("Distortion over rate", "Mean KL of each of 6 dimensions", "Sharpness over β"):
        assert kl_page.get_by_label(alt).count() == 1
    assert kl_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_table_is_downloaded_as_numbers(kl_page: Page, tmp_path: Path) -> None:
    with kl_page.expect_download() as download:
        kl_page.get_by_role("button", name="Download as CSV").click()
    target = tmp_path / "table.csv"
    download.value.save_as(target)
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert [float(row["beta"]) for row in rows] == list(sweep.BETAS)
    sharpness = [float(row["sharpness"]) for row in rows]
    assert sharpness == sorted(sharpness, reverse=True)
