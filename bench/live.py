"""The live pages in a real Chromium, as a hand drags on them; every figure is from one run, on a server of its own.

A picture's time runs from the pointer event, as the page hears of it, to the end of the frame that shows the picture (what the screen
does after that no script can see). The browser hands moves out at the beginning of a frame; "with that wait" counts from when it took the
move in. Moves come as fast as the browser takes them, like those of a hand.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS, Server, executable, serve
from tests.browser.steps import settle
from tests.conftest import ROOT
from vae_core import data
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig, parse
from vae_core.data import Images
from vae_core.runs import directory
from vae_core.runs.execute import execute

MOVES = 300
POINTS = 70_000
CLASS, CLASS_MOVES = 30, 60
_INIT = (Path(__file__).parent / "live.js").read_text("utf-8")


@dataclass(frozen=True)
class Drag:
    """The result of one drag of `MOVES` moves.

    Attributes:
        lags: milliseconds from a move to the painted frame, of each frame that showed a new picture.
        waits: the same from when the browser took the move in.
        frames: frames a second that the browser drew meanwhile.
        moves: pointer moves that the page heard of.
    """

    lags: list[float]
    waits: list[float]
    frames: float
    moves: int

    def __str__(self) -> str:
        """Median and 95 % quantile, then how smooth it was."""
        if not self.lags:
            return f"no picture in {self.moves} moves"
        wait = f"with that wait {quantiles(self.waits)}"
        return f"{quantiles(self.lags)}; {wait}; {len(self.lags)} pictures of {self.moves} moves, {self.frames:.0f} frames/s"


def quantiles(milliseconds: list[float]) -> str:
    """Median and 95 % quantile."""
    median, late = np.percentile(milliseconds, [50, 95])
    return f"{median:5.1f} ms, p95 {late:5.1f} ms"


def train(name: str, images: Images, **shape: Any) -> str:  # noqa: ANN401 - the fields of a model's configuration
    """A model of this shape, trained just enough to be one; returns its id."""
    channels, height, width = images.shape
    model = parse(ModelConfig, {"channels": channels, "height": height, "width": width, **shape})
    set_id = data.save_imported(images, name)
    training = TrainConfig(epochs=1, beta=0)  # so that no dimension falls unused
    run = directory.create(RunConfig(name=name, data=set_id, model=model, train=training), state="running")
    for _ in execute(run, images):
        pass
    return run.name


def models() -> dict[str, str]:
    """What is dragged: title → id. The bundled models, and some made here for sizes that none of them has."""
    random = np.random.default_rng(0)

    def noise(count: int, *shape: int) -> Images:
        return Images("noise", random.integers(0, 256, (count, *shape), dtype=np.uint8))

    digits = data.load("digits").pixels
    many = digits[random.integers(0, len(digits), POINTS)]
    many ^= random.integers(0, 32, many.shape, dtype=np.uint8)
    return {
        "28 x 28 MLP (mnist-16d)": "mnist-16d",
        "28 x 28 conv": train("conv28", noise(512, 1, 28, 28), body="conv", latent=16, hidden=(32, 64, 256)),
        "64 x 64 RGB conv (faces)": "faces-beta-1",
        "128 x 128 RGB conv, in a worker": train("worker", noise(64, 3, 128, 128), body="conv", latent=16, hidden=(24, 48, 96, 256)),
        "128 x 128 RGB conv, from the server": train("stream", noise(64, 3, 128, 128), body="conv", latent=16, hidden=(32, 64, 128, 256)),
        "map": train("many", Images("many", many), body="mlp", latent=2, hidden=(64,)),
    }


def moved(page: Page, places: list[tuple[float, float]]) -> Drag:
    """Move the pointer over these places of the window, one after another."""
    page.evaluate("bench.begin()")
    for x, y in places:
        page.mouse.move(x, y)
    page.wait_for_timeout(200)
    found = page.evaluate("bench.end()")
    return Drag(found["lags"], found["waits"], found["frames"], found["moves"])


def sweep(target: Locator, *, across: float = 0.9) -> list[tuple[float, float]]:
    """`MOVES` places to and fro over a part of an element's width, at the height of its middle."""
    box = target.bounding_box()
    assert box is not None
    phase = np.arange(MOVES) * 2 * np.pi / 100
    xs = box["x"] + box["width"] * (0.5 + across / 2 * np.sin(phase))
    return [(float(x), box["y"] + box["height"] / 2) for x in xs]


def dragged(page: Page, slider: Locator) -> Drag:
    """Drag the thumb of a slider to and fro."""
    slider.scroll_into_view_if_needed()
    places = sweep(slider)
    page.mouse.move(*places[0])
    page.mouse.down()
    page.wait_for_timeout(300)
    drag = moved(page, places)
    page.mouse.up()
    return drag


@contextmanager
def opened(browser: Browser, server: Server, path: str) -> Iterator[Page]:
    """A window on a page of the app, at rest."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 900})
    context.add_init_script(_INIT)
    page = context.new_page()
    page.goto(path)
    settle(page, seconds=120)
    page.wait_for_timeout(1500)
    yield page
    context.close()


def first_slider(page: Page) -> Locator:
    """The slider of the most informative dimension."""
    return page.locator(".deck input[type=range]").first


def native(browser: Browser, server: Server, model: str) -> Iterator[tuple[str, str]]:
    """The same page with Streamlit's own slider and the server's decoder."""
    with opened(browser, server, f"/sliders?model={model}&plain=true") as page:
        slider = page.get_by_test_id("stSlider").first
        slider.scroll_into_view_if_needed()
        places = sweep(slider, across=0.6)
        lags = []
        page.mouse.move(*places[0])
        page.mouse.down()
        drag = moved(page, places)
        yield "native slider, server decodes: while dragging", str(drag)
        page.mouse.up()
        settle(page)
        for x, y in places[:60:3]:
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 5, y)
            page.evaluate("bench.begin()")
            page.mouse.up()
            settle(page)
            lags += page.evaluate("bench.end()")["released"]
        yield "native slider, server decodes: after release", quantiles(lags)


def map_rows(browser: Browser, server: Server, model: str) -> Iterator[tuple[str, str]]:
    """The map of many points: first paint, hover, pan and zoom."""
    with opened(browser, server, f"/map?model={model}") as page:
        canvas = page.locator(".map-marks")
        canvas.wait_for()
        canvas.scroll_into_view_if_needed()
        page.wait_for_timeout(3000)
        shown = f"map of {POINTS:,} points"
        yield f"{shown}: data there → first paint", f"{page.evaluate('bench.firstPaint()'):.0f} ms"
        yield f"{shown}: hover", str(moved(page, sweep(canvas)))
        page.get_by_text("Pan", exact=True).click()
        places = sweep(canvas, across=0.5)
        page.mouse.move(*places[0])
        page.mouse.down()
        yield f"{shown}: pan", str(moved(page, places))
        page.mouse.up()
        page.evaluate("bench.begin()")
        for turn in range(MOVES // 3):
            page.mouse.wheel(0, 40 if turn // 25 % 2 else -40)
        page.wait_for_timeout(200)
        yield f"{shown}: zoom", f"{page.evaluate('bench.end()')['frames']:.0f} frames/s"


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def classroom(browser: Browser, server: Server, model: str) -> Iterator[tuple[str, str]]:
    """Many pages dragged at the same time: what the server has to do for them."""
    with ExitStack() as stack:
        pages = [stack.enter_context(opened(browser, server, f"/sliders?model={model}")) for _ in range(CLASS)]
        sliders = [first_slider(page) for page in pages]
        ways = []
        for page, slider in zip(pages, sliders, strict=True):
            slider.scroll_into_view_if_needed()
            ways.append(sweep(slider))
            page.mouse.move(*ways[-1][0])
            page.mouse.down()
            page.evaluate("bench.begin()")
        before = cpu_seconds(server.pid)
        started = pages[0].evaluate("performance.now()")
        for step in range(CLASS_MOVES):
            for page, way in zip(pages, ways, strict=True):
                page.mouse.move(*way[step])
        seconds = (pages[0].evaluate("performance.now()") - started) / 1000
        used = cpu_seconds(server.pid) - before
        pictures = sum(len(page.evaluate("bench.end()")["lags"]) for page in pages)
        for page in pages:
            page.mouse.up()
        yield f"{CLASS} pages dragged at once: pictures", f"{pictures / seconds:.0f} a second in all"
        yield f"{CLASS} pages dragged at once: the server's CPU", f"{100 * used / seconds:.1f} % of one core over {seconds:.0f} s"


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ["LATENT_LOOM_HOME"] = str(Path(folder) / "home")
        ids = models()
        server = stack.enter_context(serve(ROOT / "app.py", Path(folder)))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=executable(), args=CHROMIUM_OPTIONS)
        many = ids.pop("map")
        for title, model in ids.items():
            with opened(browser, server, f"/sliders?model={model}") as page:
                yield f"drag, {title}", str(dragged(page, first_slider(page)))
        yield from native(browser, server, "mnist-16d")
        yield from map_rows(browser, server, many)
        yield from classroom(browser, server, "mnist-16d")
        browser.close()
