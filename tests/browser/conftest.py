"""The real app in a real Chromium. Whatever a user would never see in a sound app fails the test that saw it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.steps import WATCH
from tests.conftest import ROOT

START_SECONDS = 60
STOP_SECONDS = 10
EXPECT_SECONDS = 30  # what stands is found at once; what is late on a busy machine is not yet a fault
# In a container there is no sandbox to enter, no graphics card, and nobody to offer updates to.
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


# By this name Streamlit knows that the menu, once used, must get out of the way.
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"


class Server(NamedTuple):
    """A running app: where it answers, where it keeps its data, what it has written to its log, and its process."""

    url: str
    home: Path
    log: Path
    pid: int


@contextmanager
def serve(app: Path, folder: Path, port: int | None = None) -> Iterator[Server]:
    """Run the app.py at `app`, on a free port unless told, its data under `folder`; ends it, and all it started, on the way out."""
    port = port or free_port()
    options = ["run", app.name, f"--server.port={port}", "--server.headless=true"]
    with started(["streamlit", *options], app.parent, folder, port) as server:
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def started(module: Sequence[str], where: Path, folder: Path, port: int) -> Iterator[Server]:
    """Run a module, with its arguments, that serves the app on this port; its data lie under `folder`."""
    home, output = folder / "home", folder / "server.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=where,
            env=os.environ | {"LATENT_LOOM_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", home, output, process.pid)
    try:
        wait_until_healthy(server, process)
        yield server
    finally:
        stop(process)


def wait_until_healthy(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1) as answer:
                assert answer.read() == b"ok"
                return
        except (urllib.error.URLError, TimeoutError) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code == HTTPStatus.UNAUTHORIZED:
                return  # a class is open, to whoever says its word
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{server.log.read_text(errors='replace')}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group: gently, then for certain."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, ending)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, shared by all browser tests; at the end its log must hold no traceback and no warning."""
    with serve(ROOT / "app.py", tmp_path_factory.mktemp("server")) as running:
        yield running
    log = running.log.read_text(errors="replace")
    assert not any(word in log for word in ("Traceback", "Warning", "WARNING", "deprecated")), log


def executable() -> str | None:
    """The system's Chromium: the one without windows where it is there, as it draws the same in a quarter less time."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")


class Profile:
    """A browser with a place on disk. What it has fetched and compiled once it has at hand from then on, as a user's own browser does,
    which halves what each test costs; all else that it could remember of the tests before is cleared. But for what Playwright sets for a
    whole context, such as its clock: a test that does needs a window of its own."""

    def __init__(self, playwright: Playwright, folder: Path, url: str) -> None:
        self._playwright, self._folder, self._url = playwright, folder, url
        self._context: BrowserContext | None = None
        self.worn = False  # a test has failed in it

    @property
    def context(self) -> BrowserContext:
        if self._context is None:
            self._context = self._playwright.chromium.launch_persistent_context(
                self._folder,
                executable_path=executable(),
                args=CHROMIUM_OPTIONS,
                base_url=self._url,
                viewport={"width": 1280, "height": 900},
                reduced_motion="reduce",
            )
            self._context.add_init_script(WATCH)
        return self._context

    @property
    def browser(self) -> Browser:
        browser = self.context.browser
        assert browser is not None
        return browser

    def clear(self) -> None:
        """Forget what pages may have kept: cookies, which tell the chosen model, and storage; close what they have opened."""
        for page in self.context.pages[1:]:  # the first is the one that Chromium opens with: without it the window would close
            page.close()
        self.context.clear_cookies()
        session = self.context.new_cdp_session(self.context.pages[0])
        session.send("Storage.clearDataForOrigin", {"origin": self._url, "storageTypes": "local_storage,indexeddb,service_workers"})
        session.detach()

    def quit(self) -> None:
        """End the browser; the next use starts it anew."""
        if self._context is not None:
            self._context.close()
        self._context, self.worn = None, False


@contextmanager
def profile_on(playwright: Playwright, folder: Path, url: str) -> Iterator[Profile]:
    """A browser that keeps what it fetches in `folder`, ended on the way out."""
    opened = Profile(playwright, folder, url)
    try:
        yield opened
    finally:
        opened.quit()


# Package scope: while Playwright runs, its event loop is the thread's, and a test elsewhere could not start one of its own.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the system's Chromium; without one the tests are skipped, or fail under CI."""
    if executable() is None:
        missing = "no Chromium: install it, or name it with CHROMIUM=/path/to/chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=EXPECT_SECONDS * 1000)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def profile(playwright: Playwright, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """The browser on the app that all tests share."""
    with profile_on(playwright, tmp_path_factory.mktemp("profile"), server.url) as opened:
        yield opened


@pytest.fixture
def browser(profile: Profile) -> Browser:
    """The system's Chromium."""
    return profile.browser


@contextmanager
def window(browser: Browser, url: str, width: int, height: int, *, phone: bool = False) -> Iterator[Page]:
    """A fresh browser window on `url`; on the way out it fails if the page erred or asked anything outside this machine."""
    context = new_context(browser, url, width, height, phone=phone)
    try:
        with watched(context) as page:
            yield page
    finally:
        context.close()


def new_context(browser: Browser, url: str, width: int, height: int, *, phone: bool = False) -> BrowserContext:
    """A browser as one user has it, on `url`; of one who likes less motion, as what moves unasked takes time from all tests."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        is_mobile=phone,
        has_touch=phone,
        user_agent=PHONE if phone else None,
        reduced_motion="reduce",
    )
    context.add_init_script(WATCH)
    return context


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """A new tab; on the way out it fails if the page erred or asked anything outside this machine."""
    faults: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: faults.append(f"outside request: {request.url}") if leaves(request.url) else None)
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on("console", lambda message: faults.append(f"console: {message.text} {message.location}") if is_fault(message) else None)
    try:
        yield page
    finally:
        page.close()
    assert faults == []


def is_fault(message: ConsoleMessage) -> bool:
    """Whether a console message is an error. On a page's own link Streamlit asks below that path first, in vain, for two addresses."""
    probe = re.fullmatch(r"/\w+/_stcore/(health|host-config)", urlsplit(message.location["url"]).path)
    return message.type == "error" and not probe


def leaves(url: str) -> bool:
    """Whether a request goes anywhere but this machine."""
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fails in a browser is tried again, in a new one, and the summary names it: on a busy machine a browser may lose a race."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=3))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test of a page fails, tell what was on that page, and give the next one a browser that is new."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for name, fixture in item.funcargs.items():
            if isinstance(fixture, Page):
                with suppress(PlaywrightError):
                    shown = fixture.locator("body").aria_snapshot(timeout=5000)
                    report.sections.append((f"{name}, as a screen reader has it", shown))
            elif isinstance(fixture, Profile):
                fixture.worn = True
    return report


@pytest.fixture
def page(profile: Profile) -> Iterator[Page]:
    """A desktop window, 1280 by 900, not yet on any page."""
    if profile.worn:
        profile.quit()
    profile.clear()
    with watched(profile.context) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    """A phone's window, 390 by 844, with touch, not yet on any page."""
    with window(browser, server.url, 390, 844, phone=True) as opened:
        yield opened


@pytest.fixture
def empty(page: Page) -> Page:
    """A page of the app's own origin with nothing on it."""
    page.goto("/_stcore/health")
    return page
