"""The widget of a notebook in a page without one: what Python sets is drawn, and what a hand does is told."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steps import until
from tests.browser.test_takehome import drawn, frames, opened_of, same
from tests.foreign.test_adopting import spatial
from tests.foreign.test_importing import opened as adopted
from vae_core.analysis.folding import at
from vae_core.analysis.pictures import shown_with
from vae_core.export import widget
from vae_core.foreign.adopting import Choices
from vae_core.training.checkpoint import Checkpoint

_OPEN = """async ([module, given, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
  const values = { ...given, _content: new DataView(bytes.buffer) }
  const heard = {}
  window.told = []
  window.model = {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value
      for (const tell of heard[`change:${name}`] ?? []) tell()
    },
    save_changes: () => told.push(structuredClone([values.z, values.selected, values.beta])),
    on: (name, tell) => (heard[name] ??= []).push(tell),
    off: (name, tell) => (heard[name] = heard[name].filter((other) => other !== tell)),
  }
  window.listeners = () => Object.values(heard).flat().length
  const { default: widget } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })))
  window.views = [0, 1].map(() => {
    const el = document.body.appendChild(document.createElement("section"))
    return widget.render({ model, el })
  })
}"""
"""As anywidget does it, twice: two views of one widget."""


def open_widget(page: Page, point: Checkpoint, **values: object) -> None:
    shown = widget.view(point, "Mine", shown_with(point.card))
    given = {"_page": shown.page, "_note": shown.note, "_channel": "one", "z": shown.page["deck"]["z"], "selected": [], "beta": None}
    page.route("**/notebook", lambda route: route.fulfill(body="<!doctype html><title>Notebook</title>", content_type="text/html"))
    page.goto("/notebook")
    page.evaluate(_OPEN, [widget.module(), given | values, base64.b64encode(shown.content).decode()])
    canvases = page.locator("[data-part=deck] canvas[role=img]:visible")
    until(page, lambda: canvases.count() == 2 and all(canvas.get_attribute("width") for canvas in canvases.all()))


def told(page: Page) -> list[Any]:
    heard: list[Any] = page.evaluate("told")
    return heard


def test_the_hand_moves_z_in_every_view_and_python_hears_of_it_once(page: Page) -> None:
    opened = opened_of("digits-2d")
    open_widget(page, opened)
    canvases = page.locator("[data-part=deck] canvas[role=img]:visible")
    slider = page.locator("#dimension-1").first
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    frames(page)
    assert told(page) == []
    z = np.array([0, float(slider.input_value())], np.float32)
    assert z[1] > 0.5
    pictures = [drawn(canvas) for canvas in canvases.all()]
    assert len(pictures) == 2
    assert all(same(opened, picture, z) for picture in pictures)
    page.mouse.up()
    until(page, lambda: len(told(page)) == 1)
    np.testing.assert_allclose(told(page)[0][0], z)
    slider.press("Control+z")
    assert slider.input_value() == "0"
    slider.press("Control+Shift+z")
    assert float(slider.input_value()) == pytest.approx(z[1])
    assert len(told(page)) == 3


def test_what_python_sets_is_drawn_and_a_choice_that_is_cleared_is_told(page: Page) -> None:
    open_widget(page, opened_of("digits-2d"))
    page.evaluate("model.set('z', [1.5, -0.5])")
    frames(page)
    picture = drawn(page.locator("[data-part=deck] canvas[role=img]").first)
    assert same(opened_of("digits-2d"), picture, np.array([1.5, -0.5], np.float32))
    assert told(page) == []
    plot = page.locator("[data-part=map] .map-plot").first
    until(page, lambda: bool(drawn(plot).any()))
    before = drawn(plot)
    page.evaluate("model.set('selected', [3, 4, 5])")
    until(page, lambda: bool((drawn(plot) != before).any()))
    page.locator("[data-part=map] .map-marks").first.focus()
    page.keyboard.press("Escape")  # clears the choice
    until(page, lambda: len(told(page)) == 1)
    assert told(page)[0][1] == []
    until(page, lambda: bool((drawn(plot) == before).all()))
    assert page.evaluate("views.forEach((close) => close()) ?? listeners()") == 0


def test_the_kl_weight_moves_the_picture_and_is_told_when_the_hand_lets_go(page: Page) -> None:
    opened = opened_of("mnist-rates")
    open_widget(page, opened, beta=[1])
    canvas = page.locator("[data-part=deck] canvas[role=img]").first
    zero = np.zeros(opened.card.model.latent, np.float32)
    page.evaluate("model.set('beta', [0.1])")
    until(page, lambda: same(at(opened, 0.1), drawn(canvas), zero))
    page.locator("#weight-0").first.press("End")
    until(page, lambda: len(told(page)) == 1)
    assert told(page)[0][2] == [10]
    until(page, lambda: same(at(opened, 10.0), drawn(canvas), zero))


def test_keys_for_a_slider_stay_with_it_and_a_narrow_page_needs_no_scrolling_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_widget(page, opened_of("digits-2d"))
    page.evaluate("window.keys = []; document.addEventListener('keydown', (event) => keys.push(event.key))")
    page.locator("#dimension-0").first.press("ArrowRight")
    assert page.evaluate("keys") == []
    assert page.locator("section [data-lm-suppress-shortcuts]").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_code_of_many_numbers_has_its_directions(page: Page) -> None:
    opened = adopted(spatial(), choices=Choices(encoder_gives="joined,logvar"))
    open_widget(page, opened)
    page.locator("#dimension-0").first.press("End")
    until(page, lambda: len(told(page)) == 1)
    z = np.array(told(page)[0][0], np.float32)
    assert len(z) == 256
    assert z.any()
    canvas = page.locator("[data-part=deck] canvas[role=img]").first
    until(page, lambda: same(opened, drawn(canvas), z))
