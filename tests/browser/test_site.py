"""A static site from a plain web server, then without one, and from the disk: it draws what torch draws."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context, watched
from tests.browser.steps import until
from tests.browser.test_takehome import code, drawn, frames, opened_of, same, started
from vae_core.analysis.pictures import shown_with
from vae_core.export.site import Exhibit, site, write_site
from vae_core.training.checkpoint import Checkpoint


class Quiet(SimpleHTTPRequestHandler):
    """Answers as ``python -m http.server`` does, and says nothing."""

    def log_message(self, *_: object) -> None: ...


def follows(page: Page, opened: Checkpoint) -> None:
    """Move a slider and see that the picture is another, and torch's."""
    canvas = started(page)
    before = drawn(canvas)
    page.locator("#deck input").first.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    frames(page)
    assert (drawn(canvas) != before).any()
    assert same(opened, drawn(canvas), code(page, opened.card.model.latent))


def kept(page: Page, address: str) -> bool:
    """Whether the site has kept this file for times without a network."""
    return bool(page.evaluate("address => caches.match(address).then(Boolean)", address))


def test_a_page_follows_the_hand_from_a_server_without_it_and_from_the_disk(browser: Browser, tmp_path: Path) -> None:
    opened = opened_of("digits-2d")
    write_site(tmp_path, site([Exhibit(opened, "Digits", shown_with(opened.card), ())]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    context = new_context(browser, url, 390, 844, phone=True)
    try:
        with watched(context) as page:
            page.goto(next(path.name for path in tmp_path.glob("digits-*.html")))
            follows(page, opened)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            file = page.evaluate("new URL(JSON.parse(document.getElementById('loom-data').textContent).file, document.URL).href")
            for address in (url + "index.html", page.url, file):
                until(page, partial(kept, page, address))
            server.shutdown()
            server.server_close()
            page.goto("/")
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", level=1)).to_have_text("Digits")
            follows(page, opened)
    finally:
        server.shutdown()
        server.server_close()
        context.close()
    faults: list[str] = []
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on("console", lambda message: faults.append(message.text))
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("link", name="Digits").click()
    follows(page, opened)
    context.close()
    assert faults == []
