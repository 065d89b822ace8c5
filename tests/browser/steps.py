"""The moves of a user that every browser test makes."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, Request, Route, TimeoutError

# What runs in each page before its own scripts, for `settle`. A page is quiet when it waits for no answer and for no timer that is due
# soon, as is the one after which a slider tells Python of its move, when Streamlit's script has ended since it was last asked for anything,
# and when each live component is there.
SOON = 250  # milliseconds; longer timers only watch a connection or say figures aloud
WATCH = f"""(() => {{
  const awaited = new Map() // what is waited for, and its name
  const {{ setTimeout: set, clearTimeout: clear }} = window
  window.setTimeout = (run, wait, ...rest) => {{
    const timer = set((...given) => {{
      awaited.delete(timer)
      run(...given)
    }}, wait, ...rest)
    if (wait <= {SOON}) awaited.set(timer, `a timer of ${{wait}} ms: ${{String(run).slice(0, 200)}}`)
    return timer
  }}
  window.clearTimeout = (timer) => {{
    awaited.delete(timer)
    clear(timer)
  }}
  for (const [owner, name] of [[window, "fetch"], [Response.prototype, "arrayBuffer"]]) {{
    const real = owner[name]
    owner[name] = function (...given) {{
      const answer = real.apply(this, given)
      const end = () => awaited.delete(answer)
      awaited.set(answer, `${{name}} of ${{this?.url ?? given[0]}}`)
      answer.then(end, end)
      return answer
    }}
  }}
  // A message from Streamlit tells that the script has ended by its field 6, a number; what may stand before it is skipped by its length.
  const isEnd = (message) => {{
    let at = 0
    while (message[at] < 48) {{
      let [length, factor] = [0, 1]
      do length += (message[++at] & 127) * factor, (factor *= 128)
      while (message[at] & 128)
      at += 1 + length
    }}
    return message[at] === 48
  }}
  let running = true
  const heard = new WeakSet()
  const {{ send }} = WebSocket.prototype
  WebSocket.prototype.send = function (message) {{
    if (this.url.endsWith("/_stcore/stream") && !heard.has(this)) {{
      heard.add(this)
      this.addEventListener("message", ({{ data }}) => (running &&= !isEnd(new Uint8Array(data))))
    }}
    if (heard.has(this)) running = true
    return send.call(this, message)
  }}
  const isEmpty = (component) => (component.shadowRoot ?? component).querySelector(".live:empty") // its module has not come yet
  let frames = 0
  window.isQuiet = () => {{
    const empty = [...document.querySelectorAll('[data-testid^="stBidiComponent"]')].some(isEmpty)
    window.busy = [...awaited.values(), ...(running ? ["Streamlit's script"] : []), ...(empty ? ["a live component"] : [])]
    frames = busy.length ? 0 : frames + 1
    if (frames < 3) return false // a click is heard, what it asks for is sent, and what came is drawn, within two frames
    frames = 0
    return true
  }}
}})()"""
# What Streamlit shows for an exception, and what app.py shows instead of it.
EXCEPTION = '[data-testid="stException"], [data-testid="stAlert"]:has-text("Something went wrong on this page")'


def settle(page: Page, *, seconds: float = 60) -> None:
    """Wait until the page is at rest and the server has run it to its end; fails at once where the page shows an exception."""
    try:
        page.wait_for_function("isQuiet()", timeout=seconds * 1000)
    except TimeoutError as error:
        raise AssertionError(f"after {seconds} seconds the page still waits for {page.evaluate('window.busy')}") from error
    ready = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
    page.locator(ready).wait_for(timeout=seconds * 1000)
    shown = page.locator(EXCEPTION)
    assert shown.count() == 0, shown.all_inner_texts()


def until(page: Page, holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until this holds, for what a page shows on a canvas and so nowhere in its elements."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not so within {seconds} seconds"
        page.wait_for_timeout(20)


def open_link(page: Page, path: str = "/", *, seconds: float = 60) -> None:
    """Open an address of the app as a new session."""
    page.goto(path)
    page.get_by_test_id("stMain").get_by_role("heading", level=1).first.wait_for(timeout=60_000)  # before it nothing may have run
    settle(page, seconds=seconds)


def visit(page: Page, title: str) -> None:
    """Choose a page in the menu, within the session; on a phone the menu opens first."""
    drawer = page.get_by_test_id("stExpandSidebarButton")
    if drawer.is_visible():
        drawer.click()
    menu = page.locator('[data-testid="stTopNavLink"], [data-testid="stSidebarNavLink"]')
    menu.filter(has_text=title).filter(visible=True).click()
    arrive(page, title)


def arrive(page: Page, title: str) -> None:
    """Wait for the page that the menu calls so; until its heading is there the one before may stand unchanged, and still."""
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=1, name="Latent Loom" if title == "Home" else title, exact=True)
    heading.wait_for(timeout=60_000)
    settle(page)


def model_bar(page: Page) -> Locator:
    """The button on which the chosen model stands."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Model:")


def choose_model(page: Page, name: str) -> None:
    """Open another model by the bar at the top of the page, which is searched for its name."""
    model_bar(page).click()
    page.get_by_role("dialog").get_by_label("Search").fill(name)
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    settle(page)


def shown_picture(page: Page, alt: str) -> Image.Image:
    """The first picture whose description contains `alt`, every pixel as it was sent."""
    source = page.get_by_alt_text(alt).first.get_attribute("src")
    assert source is not None
    head, _, content = source.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


# Waits until something was drawn, as a canvas that nobody sized is 300 wide, and then for what is drawn in the next frame.
_READ_CANVAS = """async (canvas) => {
  const frame = () => new Promise(requestAnimationFrame)
  for (let waited = 0; canvas.width === 300 && waited < 600; waited++) await frame()
  await frame()
  await frame()
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return { width: canvas.width, data: btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")) }
}"""


def canvas_pixels(page: Page, label: str, role: Literal["img", "application"] = "img") -> NDArray[np.uint8]:
    """What is drawn now on the first canvas whose description contains `label`, [H, W, 3], in its own pixels."""
    read = page.get_by_role(role, name=label).first.evaluate(_READ_CANVAS)
    pixels = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    return pixels.reshape(-1, read["width"], 4)[..., :3]


def grab(page: Page, slider: Locator, at: float = 0.5) -> tuple[float, float]:
    """Press the mouse on a slider of the deck at a part of its width and hold; returns the place."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    x, y = box["x"] + at * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


_MODELS = "**/live/model/**"


def damage_models(page: Page) -> None:
    """From now on the models that the browser fetches arrive with one bit flipped."""

    def flip(route: Route) -> None:
        answer = route.fetch()
        body = bytearray(answer.body())
        body[-3] ^= 1
        route.fulfill(response=answer, body=bytes(body))

    page.route(_MODELS, flip)


def repair_models(page: Page) -> None:
    """From now on they arrive whole again."""
    page.unroute(_MODELS)


def upload(page: Page, label: str, files: Sequence[Path] | Sequence[FilePayload]) -> None:
    """Give files to the uploader with this label."""
    left = len(files)

    def last(request: Request) -> bool:
        nonlocal left
        left -= request.method == "PUT"
        return left == 0

    with page.expect_event("requestfinished", last):  # before they have been read from the disk, Streamlit asks for nothing
        page.get_by_test_id("stFileUploader").filter(has_text=label).locator("input[type=file]").set_input_files(files)
    settle(page)
