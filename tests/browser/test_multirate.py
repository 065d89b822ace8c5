"""The live KL weight in a browser: pictures, codes and figures that follow the sliders, against torch and the measured figures."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from pages.ui import cache
from tests import many
from tests.browser.conftest import Profile, Server, profile_on, serve, window
from tests.browser.deck import assert_same
from tests.browser.live_map import MARGINS
from tests.browser.multirate_view import assert_facts, assert_pictures, coloured, drawn, facts, plot, slider, told, tradeoff_of
from tests.browser.steps import canvas_pixels, damage_models, grab, open_link, settle
from tests.conftest import ROOT
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.base.display import dimension_name
from vae_core.runs.catalogue import Entry

NARROW_LEFT = 48  # pixels left of the plot of a map as narrow as this one
EPOCHS = 20  # until each weight has pictures of its own
PAGE = """
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.live.multirate import multirate_sliders
from vae_core.analysis import explore
from vae_core.analysis.tradeoff import Mark
from vae_core.runs import catalogue

st.title("Every KL weight")
entry = catalogue.models()[st.radio("Model", MODELS, MODELS.index(st.query_params["model"]), on_change=lambda: state.take("beta"))]
found = cache.tradeoff(entry, lambda share: None)
pictures = cache.pictures_of(entry)
beta, place = state.get("beta", (1.0,) * len(found.axes)), state.get("place")
shown = multirate_sliders(
    entry=entry,
    beta=beta,
    tradeoff=found,
    dedicated=[Mark(1.0, 25.0, 2.0, 0.5), Mark(5.0, 27.0, 1.0, float("nan"))],
    pictures=pictures.take(pictures.chosen(8)),
    pictures_note="Eight of them.",
    noise=explore.sample_prior(entry.card.model.latent, 8, seed=0),
    key=state.KL_MULTIRATE_LIVE,
    on_beta=lambda beta: state.put("beta", beta),
    on_place=lambda place: state.put("place", place),
    place=place,
)
st.text(f"shown: {shown}")
st.text(f"beta: {' '.join(map(repr, beta))}")
st.text(f"place: {None if place is None else ' '.join(map(repr, place.tolist()))}")
st.text(f"runs: {state.get('runs', 0)}")
state.put("runs", state.get("runs", 0) + 1)
"""


class App(NamedTuple):
    """A server of the page alone, and its models: of one weight and six dimensions, and of two weights and two dimensions."""

    server: Server
    one: Entry
    two: Entry


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("multirate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATENT_LOOM_HOME", str(folder / "home"))
        one = many.save(folder / "home", epochs=EPOCHS)
        two = many.save(folder / "home", epochs=EPOCHS, split=True, latent=2)
        for entry in (one, two):
            cache.tradeoff(entry, lambda share: None)
        shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
        launcher = (ROOT / "app.py").read_text("utf-8").replace("import os", f"import os\nimport sys\nsys.path.insert(0, {str(ROOT)!r})", 1)
        (folder / "app.py").write_text(launcher, "utf-8")
        (folder / "router.py").write_text(PAGE.replace("MODELS", repr([one.id, two.id])), "utf-8")
        with serve(folder / "app.py", folder) as server:
            yield App(server, one, two)


@pytest.fixture(scope="module")
def profile(playwright: Playwright, app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """The browser of `page` and `hand`, on this page alone."""
    with profile_on(playwright, tmp_path_factory.mktemp("profile"), app.server.url) as opened:
        yield opened


@pytest.fixture
def hand(browser: Browser, app: App) -> Iterator[Page]:
    with window(browser, app.server.url, 390, 844, phone=True) as page:
        yield page


def open_multirate(page: Page, entry: Entry) -> None:
    open_link(page, f"/?model={entry.id}", seconds=120)
    expect(page.get_by_text(re.compile("^The codes of"))).to_be_visible()


def test_everything_follows_the_pointer_before_it_is_released_and_python_hears_once(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    runs = told(page, "runs")
    x, y = grab(page, slider(page), 0.3)
    seen = []
    for part in range(1, 5):
        page.mouse.move(x + 60 * part, y)
        pictures = [np.array(drawn(page, what)) for what in ("Reconstruction of image {}", "Sample {}")]
        bars = page.locator(".multirate-bar").evaluate_all("(bars) => bars.map((bar) => bar.getAttribute('height'))")
        points = page.locator(".multirate-point").evaluate_all("(points) => points.map((point) => point.getAttribute('transform'))")
        seen.append((pictures, [facts(page), plot(page), bars, *points]))
    for before, after in pairwise(seen):
        assert not any(np.array_equal(one, other) for one, other in zip(before[0], after[0], strict=True))
        assert all(one != other for one, other in zip(before[1], after[1], strict=True))
    assert told(page, "beta") == [1.0]
    page.mouse.up()
    settle(page)
    assert told(page, "runs") == [runs[0] + 1]
    assert_pictures(page, app.one, told(page, "beta"))
    assert_facts(page, tradeoff_of(app.one).figures(told(page, "beta")[0]), 6)


@pytest.mark.parametrize("key", ["PageUp", "End"])
def test_by_keys_alone_pictures_and_figures_are_those_of_python(key: str, page: Page, app: App) -> None:
    open_multirate(page, app.one)
    found = tradeoff_of(app.one)
    assert_facts(page, found.figures(1.0), 6)
    slider(page).press(key)
    settle(page)
    (beta,) = told(page, "beta")
    assert any(np.isclose(beta, found.axes[0], rtol=1e-12))
    assert_pictures(page, app.one, [beta])
    assert_facts(page, found.figures(beta), 6)
    slider(page).press("ArrowLeft" if key == "End" else "ArrowRight")
    settle(page)
    (beside,) = told(page, "beta")
    assert 0 < abs(np.log10(beside / beta)) < 0.02
    assert_pictures(page, app.one, [beside])
    assert_facts(page, found.figures(beside), 6)
    assert slider(page).get_attribute("aria-valuetext") == f"{beside:.3g}"


# Faster one after another than a busy machine could press the keys.
_FIVE_STEPS = """(slider) => {
  for (let step = 0; step < 5; step++) {
    slider.stepUp()
    for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, { bubbles: true }))
  }
}"""


def test_several_keys_in_a_row_are_told_once_and_the_figures_are_said(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    runs = told(page, "runs")
    slider(page).evaluate(_FIVE_STEPS)
    settle(page)
    assert told(page, "runs") == [runs[0] + 1]
    said = page.locator("[aria-live=polite]", has_text="Distortion D")
    expect(said).to_have_text(re.compile(rf"β {told(page, 'beta')[0]:.3g}: .* Unused dimensions \d of 6"))
    labels = page.locator(".multirate-chart svg").evaluate_all("(charts) => charts.map((chart) => chart.getAttribute('aria-label'))")
    assert all(f"{told(page, 'beta')[0]:.3g}" in label for label in labels)


def test_a_slider_that_returns_to_its_place_draws_what_was_there(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    before = drawn(page, "Sample {}")
    slider(page).press("End")
    slider(page).press("Home")
    assert not np.array_equal(drawn(page, "Sample {}"), before)
    settle(page)
    assert told(page, "beta") == [0.01]


def test_unused_dimensions_are_hatched_and_named(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    found = tradeoff_of(app.one)
    order = np.argsort(-found.kl_per_dim[0], kind="stable")
    for key, station in (("Home", 0), ("End", -1)):
        slider(page).press(key)
        settle(page)
        unused = [place for place, dimension in enumerate(order) if found.kl_per_dim[station, dimension] < 0.01]
        hatched = (
            page.locator(".multirate-chart g")
            .filter(has=page.locator(".multirate-bar"))
            .evaluate_all("(bars) => bars.flatMap((bar, place) => bar.classList.contains('multirate-unused') ? [place] : [])")
        )
        assert hatched == unused
        names = ", ".join(dimension_name(int(order[place])) for place in unused)
        words = f"Unused: {names}." if 0 < len(unused) < 6 else "All are unused." if unused else "All dimensions are used."
        expect(page.get_by_text(words)).to_be_visible()


def test_models_of_one_weight_are_squares_that_say_their_weight(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    charts = page.locator(".multirate-chart")
    squares = [charts.nth(place).locator(".multirate-mark").count() for place in range(6)]
    assert squares == [2, 1, 0, 0, 0, 0]  # of the second no sharpness is known
    expect(charts.nth(0).locator("text", has_text=re.compile("^β 5$"))).to_have_count(1)


def crosshair_code(page: Page, moves: list[str]) -> list[float]:
    """Move the crosshair from the middle of the map, choose the place, and return what Python hears."""
    field = page.get_by_role("application", name="Map of codes")
    field.focus()
    for key in ["Enter", *moves, "Enter"]:
        page.keyboard.press(key)
    settle(page)
    return told(page, "place")


def codes_at(entry: Entry, beta: float) -> Floats:
    """The means that the map shows, [n, K]: between stations straight over log β."""
    found, axis = cache.at_stations(entry), tradeoff_of(entry).axes[0]
    assert found is not None
    shares = np.array([np.interp(np.log(beta), np.log(axis), row) for row in np.eye(len(axis))])
    return np.tensordot(shares, found.posterior.mean.astype(np.float64), 1).astype(np.float32)


def test_of_many_dimensions_the_nearest_image_s_code_is_chosen(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    slider(page).press("Home")
    slider(page).press("ArrowRight")
    settle(page)
    place = crosshair_code(page, ["ArrowUp", "ArrowLeft", "Shift+ArrowLeft"])
    codes = codes_at(app.one, told(page, "beta")[0])
    found = cache.at_stations(app.one)
    assert found is not None
    dims = [int(page.get_by_label(words).input_value()) for words in ("Across", "Up")]
    span = np.array([[min(-2.2, found.posterior.mean[..., dim].min()), max(2.2, found.posterior.mean[..., dim].max())] for dim in dims])
    box = page.get_by_role("application", name="Map of codes").bounding_box()
    assert box is not None
    room = (box["width"] - NARROW_LEFT - MARGINS["right"], box["height"] - MARGINS["top"] - MARGINS["bottom"])
    scale = 0.94 * (room / np.ptp(span, axis=1)).min()  # pixels per unit
    crosshair = span.mean(axis=1) + np.array([-11, 10]) / scale
    nearest = codes[np.linalg.norm(codes[:, dims] - crosshair, axis=1).argmin()]
    np.testing.assert_allclose(place, nearest, atol=1e-4)


def test_the_map_begins_with_the_two_dimensions_that_last_longest_and_shows_any_two(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    kl = tradeoff_of(app.one).kl_per_dim
    station = max(place for place in range(len(kl)) if (kl[place] >= 0.01).sum() >= 2)
    expected = sorted(int(dimension) for dimension in np.argsort(-kl[station])[:2])
    menus = [page.get_by_label(words) for words in ("Across", "Up")]
    assert [int(menu.input_value()) for menu in menus] == expected
    other = next(dimension for dimension in range(6) if dimension not in expected)
    before = plot(page)
    menus[0].select_option(str(other))
    assert plot(page) != before
    expect(page.get_by_role("application", name=f"Map of codes: {dimension_name(other)} and {dimension_name(expected[1])}")).to_be_visible()
    menus[1].select_option(str(other))
    assert [int(menu.input_value()) for menu in menus] == [expected[1], other]


def test_pointing_at_a_place_of_two_dimensions_decodes_it_and_a_click_chooses_it(page: Page, app: App) -> None:
    open_multirate(page, app.two)
    field = page.get_by_role("application", name="Map of codes")
    field.scroll_into_view_if_needed()
    before = plot(page)
    page.get_by_role("button", name="Show the codes at every β").click()  # at first the map shows where codes are at equal weights
    assert plot(page) != before
    field.hover(position={"x": 70, "y": 276})
    expect(page.get_by_text("Decoded here")).to_be_visible()
    field.click(position={"x": 70, "y": 276})
    settle(page)
    place = told(page, "place")
    assert place[0] == -10  # where the sliders of other pages end
    shown = canvas_pixels(page, "Decoded here")
    model = cache.whole(app.two.folder).model.at((1.0, 1.0))
    assert_same(shown, coloured(explore.decode(model, np.array([place], np.float32)))[0])


def test_pointing_at_an_image_says_its_class(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    page.get_by_role("group", name="Class").get_by_role("button", name="None").click()
    page.get_by_role("group", name="Class").get_by_role("button", name="3", exact=True).click()
    field = page.get_by_role("application", name="Map of codes")
    field.focus()
    page.keyboard.press("Enter")
    card = page.locator(".map-card")
    for key in ["ArrowLeft"] * 6 + (["ArrowDown"] + ["ArrowRight"] * 12 + ["ArrowUp"] * 2 + ["ArrowLeft"] * 12) * 4:
        page.keyboard.press(key)
        if card.is_visible():
            break
    expect(card).to_contain_text("Class: 3")
    expect(page.locator("[aria-live=polite]", has_text="Class: 3")).to_have_count(1)


def test_two_weights_move_together_or_apart(page: Page, app: App) -> None:
    open_multirate(page, app.two)
    found = tradeoff_of(app.two)
    expect(page.get_by_role("slider")).to_have_count(2)
    tie = page.get_by_label("Move together")
    expect(tie).to_be_checked()
    slider(page, 1).press("Home")
    settle(page)
    assert told(page, "beta") == [0.01, 0.01]
    expect(page.locator(".multirate-tangent").first).to_be_visible()
    tie.uncheck()
    slider(page, 0).press("End")
    slider(page, 1).press("ArrowRight")
    settle(page)
    weights = told(page, "beta")
    assert weights[0] == 10
    assert 0.01 < weights[1] < 0.02
    assert_pictures(page, app.two, weights)
    assert_facts(page, found.figures((weights[0], weights[1])), 2)
    expect(page.locator(".multirate-tangent").first).to_be_hidden()
    expect(page.locator(".multirate-chart svg").nth(1)).to_contain_text("βσ")
    slider(page, 0).press("ArrowLeft")
    expect(page.locator(".multirate-chart svg").nth(1)).to_contain_text("βμ")
    for name, corner in (("βσ high", [0.01, 10]), ("Both low", [0.01, 0.01]), ("βμ high", [10, 0.01]), ("Both high", [10, 10])):
        button = page.get_by_role("button", name=name)
        expect(button).to_have_attribute("aria-pressed", "false")
        button.click()
        settle(page)
        assert told(page, "beta") == corner
        expect(button).to_have_attribute("aria-pressed", "true")
    assert_pictures(page, app.two, [10, 10])
    tie.check()
    settle(page)
    assert len(set(told(page, "beta"))) == 1


def test_another_model_takes_the_place_of_the_one_before(page: Page, app: App) -> None:
    open_multirate(page, app.one)
    for entry, weights in ((app.two, [1.0, 1.0]), (app.one, [1.0])):
        page.get_by_text(entry.id, exact=True).click()
        settle(page)
        expect(page.get_by_role("slider")).to_have_count(len(weights))
        assert_pictures(page, entry, weights)
        figures = tradeoff_of(entry).figures(1.0)
        assert_facts(page, figures, entry.card.model.latent)
        expect(page.locator(".multirate-bar")).to_have_count(entry.card.model.latent)
        expect(page.get_by_text("The codes of")).to_be_visible()


def test_on_a_phone_a_finger_moves_the_slider_and_all_targets_are_large(hand: Page, app: App) -> None:
    open_multirate(hand, app.two)
    before = drawn(hand, "Sample {}")
    hand.get_by_label("Move together").uncheck()
    settle(hand)
    box = slider(hand).bounding_box()
    assert box is not None
    touch = hand.context.new_cdp_session(hand)
    y = box["y"] + box["height"] / 2
    for kind, part in (("touchStart", 0.65), ("touchMove", 0.5), ("touchMove", 0.2)):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": box["x"] + part * box["width"], "y": y}]})
    assert not np.array_equal(drawn(hand, "Sample {}"), before)
    assert told(hand, "beta") == [1.0, 1.0]
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(hand)
    assert told(hand, "beta")[0] < 0.1
    assert_pictures(hand, app.two, told(hand, "beta"))
    heights = hand.locator(
        ".live button:visible, .live input[type=range], .live label:has([type=checkbox]), .live select:visible"
    ).evaluate_all("(parts) => parts.map((part) => part.getBoundingClientRect().height)")
    assert min(heights) >= 44
    assert hand.evaluate("document.documentElement.scrollWidth") <= 390


def test_where_the_model_cannot_run_the_page_is_told_and_may_try_again(browser: Browser, app: App) -> None:
    with window(browser, app.server.url, 1280, 900) as page:
        damage_models(page)
        open_link(page, f"/?model={app.one.id}", seconds=120)
        expect(page.get_by_text("The live sliders do not work here.")).to_be_visible()
        expect(page.get_by_text("shown: False")).to_be_visible()
        page.unroute_all()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("shown: True")).to_be_visible()
        assert_pictures(page, app.one, [1.0])
