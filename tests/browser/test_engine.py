"""The engine of the live parts: where a model runs, how often it is asked, and what is said when it cannot answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Route

from pages.ui.server.addresses import CODE_VERSION
from tests.browser.conftest import Server, serve
from tests.conftest import ROOT
from vae_core.analysis import explore
from vae_core.base.config import ModelConfig
from vae_core.export import live_model
from vae_core.model.vae import VAE
from vae_core.runs import catalogue

SMALL = "mnist-16d"
BIG = ModelConfig(body="conv", channels=3, height=64, width=64, latent=8, hidden=(64, 64, 128, 256), likelihood="gaussian")
ELSEWHERE = "/weights-of-the-test"
NO_WORKER = "This browser runs no workers, so the picture may lag behind the pointer."
LOST = "The connection to the server is lost; the picture follows when you let go."
# `follow` makes a view that keeps what it paints, and `until` waits for a condition, frame by frame.
SCRIPT = f"""() => {{
  window.engineModule = import("/live/code/{CODE_VERSION}/engine/engine.js")
  window.engineOf = async (source) => (await engineModule).openEngine(source)
  window.until = async (reached) => {{
    for (const end = performance.now() + 20000; !reached(); await new Promise(requestAnimationFrame)) {{
      if (performance.now() > end) throw new Error(`never: ${{reached}}`)
    }}
  }}
  window.follow = (engine) => {{
    const painted = []
    return {{ painted, ...engine.view((image, z) => painted.push({{ image: Array.from(image), z: Array.from(z) }})) }}
  }}
}}"""


@pytest.fixture
def empty(page: Page) -> Page:
    """A page of the app's own origin with nothing on it but the engine."""
    return emptied(page)


def emptied(page: Page, url: str = "") -> Page:
    page.goto(f"{url}/_stcore/health")
    page.evaluate(SCRIPT)
    return page


@pytest.fixture(scope="module")
def model() -> VAE:
    return catalogue.load(SMALL).model


@pytest.fixture(scope="module")
def big() -> VAE:
    """Too slow for the page, not too big for the browser."""
    model = VAE(BIG, seed=1).requires_grad_(False).eval()
    assert live_model.decoder_macs(BIG) < live_model.STREAM_MACS
    return model


def source_of(name: str, kind: str) -> dict[str, Any]:
    """A bundled model, as pages.ui.live.component.engine_source gives it to the browser."""
    config, weights = catalogue.models()[name].card.model, catalogue.load(name).weights_hash
    if kind == "page":
        return {"hash": weights, "weights": f"/live/model/{name}/{weights}", "stream": None}
    shape = [config.channels, config.height, config.width]
    stream = f"/live/stream/{name}/{weights}"
    return {"hash": weights, "stream": stream, "latent": config.latent, "shape": shape, "variational": config.variational}


def fetched_elsewhere(page: Page, model: VAE) -> dict[str, Any]:
    bundle = live_model.live_bundle(model)
    page.route(ELSEWHERE, lambda route: route.fulfill(body=bundle))
    return {"hash": "elsewhere", "weights": ELSEWHERE, "stream": None}


def source_for(page: Page, kind: str, big: VAE) -> dict[str, Any]:
    return fetched_elsewhere(page, big) if kind == "worker" else source_of(SMALL, kind)


def levels(image: list[float]) -> NDArray[np.uint8]:
    """The grey levels that kit/paint.js shows."""
    return np.rint(255 * np.clip(np.array(image, np.float32), 0, 1)).astype(np.uint8)


def decoded(model: VAE, z: NDArray[np.float32]) -> NDArray[np.uint8]:
    return explore.decode(model, z[None]).ravel()


def is_near(image: list[float], model: VAE, z: NDArray[np.float32]) -> bool:
    """Whether each grey level is torch's, but for one that lies at the border between two."""
    apart = np.abs(levels(image).astype(int) - decoded(model, z).astype(int))
    return bool(apart.max() <= 1 and (apart > 0).mean() < 0.01)


def code(latent: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-3, 3, latent).astype(np.float32)


def test_a_model_is_fetched_once_however_often_it_is_opened(empty: Page, model: VAE) -> None:
    requests: list[str] = []
    empty.on("request", lambda request: requests.append(urlsplit(request.url).path))
    source = source_of(SMALL, "page")
    z = code(16)
    same, kind, image = empty.evaluate(
        """async ([source, z]) => {
          const [first, second] = await Promise.all([engineOf(source), engineOf({ ...source })])
          const third = await engineOf({ ...source })
          return [first === second && second === third, first.kind, Array.from(await third.decode(z))]
        }""",
        [source, z.tolist()],
    )
    assert same
    assert kind == "page"
    assert is_near(image, model, z)
    assert requests.count(source["weights"]) == 1


@pytest.mark.parametrize("kind", ["page", "worker", "stream"])
def test_of_many_codes_in_one_frame_the_newest_alone_is_drawn(empty: Page, kind: str, model: VAE, big: VAE) -> None:
    running = big if kind == "worker" else model
    steps = [code(running.config.latent, seed) for seed in range(100)]
    reached, painted = empty.evaluate(
        """async ([source, codes]) => {
          const engine = await engineOf(source), view = follow(engine)
          for (const z of codes) view.show(z)
          await until(() => view.painted.length > 0)
          await new Promise((done) => setTimeout(done, 300))
          return [engine.kind, view.painted]
        }""",
        [source_for(empty, kind, big), [z.tolist() for z in steps]],
    )
    assert reached == kind
    (only,) = painted
    assert only["z"] == steps[-1].tolist()
    assert is_near(only["image"], running, steps[-1])


@pytest.mark.parametrize("kind", ["worker", "stream"])
def test_one_decode_is_on_its_way_per_view_and_the_newest_code_wins(empty: Page, kind: str, model: VAE, big: VAE) -> None:
    running = big if kind == "worker" else model
    steps = [code(running.config.latent, seed) for seed in range(300)]
    most, asked, last = empty.evaluate(
        """async ([source, codes]) => {
          const engine = await engineOf(source), decode = engine.decode.bind(engine), view = follow(engine)
          let away = 0, most = 0, asked = 0
          engine.decode = (z) => {
            asked++
            most = Math.max(most, ++away)
            return decode(z).finally(() => away--)
          }
          for (const z of codes) {
            view.show(z)
            await new Promise((done) => setTimeout(done))
          }
          await until(() => view.painted.at(-1)?.z.every((value, k) => value === codes.at(-1)[k]))
          return [most, asked, view.painted.at(-1)]
        }""",
        [source_for(empty, kind, big), [z.tolist() for z in steps]],
    )
    assert most == 1
    assert asked < 300
    assert is_near(last["image"], running, steps[-1])


@pytest.mark.parametrize("kind", ["page", "worker", "stream"])
def test_two_views_and_single_requests_do_not_mix(empty: Page, kind: str, model: VAE, big: VAE) -> None:
    running = big if kind == "worker" else model
    config = running.config
    one, two, three = (code(config.latent, seed) for seed in (1, 2, 3))
    pixels = np.random.default_rng(0).integers(0, 256, (config.channels, config.height, config.width), dtype=np.uint8)
    first, second, image, posterior = empty.evaluate(
        """async ([source, one, two, three, pixels]) => {
          const engine = await engineOf(source), a = follow(engine), b = follow(engine)
          a.show(one)
          b.show(two)
          const [image, { mean, logvar }] = await Promise.all([engine.decode(three), engine.encode(pixels.map((p) => p / 255))])
          await until(() => a.painted.length && b.painted.length)
          return [a.painted[0].image, b.painted[0].image, Array.from(image), [Array.from(mean), Array.from(logvar)]]
        }""",
        [source_for(empty, kind, big), one.tolist(), two.tolist(), three.tolist(), pixels.ravel().tolist()],
    )
    for drawn, z in ((first, one), (second, two), (image, three)):
        assert is_near(drawn, running, z)
    expected = explore.encode(running, pixels[None])
    np.testing.assert_allclose(posterior, [expected.mean[0], expected.logvar[0]], atol=1e-4)


def test_the_stream_draws_exactly_what_torch_draws(empty: Page, model: VAE) -> None:
    steps = [code(16, seed) for seed in range(50)]
    images = empty.evaluate(
        "async ([source, codes]) => { const engine = await engineOf(source); const images = []; "
        "for (const z of codes) images.push(Array.from(await engine.decode(z))); return images }",
        [source_of(SMALL, "stream"), [z.tolist() for z in steps]],
    )
    for image, z in zip(images, steps, strict=True):
        assert np.array_equal(levels(image), decoded(model, z))


def test_a_view_that_is_closed_paints_no_more(empty: Page) -> None:
    painted = empty.evaluate(
        """async (sources) => {
          const painted = []
          for (const source of sources) {
            const view = follow(await engineOf(source))
            view.show(new Float32Array(16))
            view.close()
            await new Promise((done) => setTimeout(done, 300))
            painted.push(view.painted.length)
          }
          return painted
        }""",
        [source_of(SMALL, "stream"), source_of(SMALL, "page") | {"hash": "again"}],
    )
    assert painted == [0, 0]


@pytest.mark.parametrize("how", ["none", "blocked"])
def test_without_workers_the_page_runs_the_model_and_says_so_once(empty: Page, how: str, big: VAE) -> None:
    if how == "none":
        empty.evaluate("() => { delete window.Worker }")
    else:
        empty.route("**/worker.js", lambda route: route.fulfill(content_type="text/javascript", body="throw new Error('blocked')"))
    z = code(BIG.latent)
    kind, said, image = empty.evaluate(
        """async ([source, z]) => {
          const engine = await engineOf(source), said = []
          engine.listen((message) => said.push(message))
          engine.listen((message) => said.push(message))
          return [engine.kind, said, Array.from(await engine.decode(z))]
        }""",
        [fetched_elsewhere(empty, big), z.tolist()],
    )
    assert (kind, said) == ("page", [NO_WORKER])
    assert is_near(image, big, z)


def test_a_page_that_must_not_use_workers_does_not(empty: Page, big: VAE) -> None:
    content = base64.b64encode(live_model.live_bundle(big)).decode()
    source = {"hash": "data", "weights": f"data:application/octet-stream;base64,{content}", "stream": None, "worker": False}
    empty.evaluate("() => { window.Worker = class { constructor() { throw new Error('asked for a worker') } } }")
    said = """async (source) => {
      const engine = await engineOf(source), said = []
      engine.listen((message) => said.push(message))
      return [engine.kind, said]
    }"""
    assert empty.evaluate(said, source) == ["page", []]


def refused(page: Page, source: dict[str, Any]) -> str | None:
    """The sentence openEngine fails with, None where it does not."""
    sentence: str | None = page.evaluate("(source) => engineOf(source).then(() => null, (error) => error.message)", source)
    return sentence


def served(page: Page, *bodies: bytes | int | None) -> None:
    """Answer the test's address with each of these in turn, and the last one from then on: content, an error's number, or nobody there."""
    waiting = list(bodies)

    def answer(route: Route) -> None:
        body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if body is None:
            route.abort()
        elif isinstance(body, int):
            route.fulfill(status=body, content_type="text/html", body="<h1>A proxy</h1>")
        else:
            route.fulfill(body=body)

    page.route(ELSEWHERE, answer)


@pytest.fixture
def noisy(browser: Browser, server: Server) -> Iterator[Page]:
    """As `empty`, in a window whose console may say that an address could not be fetched."""
    context = browser.new_context(base_url=server.url)
    yield emptied(context.new_page())
    context.close()


def test_whatever_is_wrong_with_the_weights_is_said_plainly_and_the_next_call_tries_again(noisy: Page, model: VAE) -> None:
    whole = live_model.live_bundle(model)
    broken = bytearray(whole)
    broken[len(broken) // 2] ^= 1
    source = {"hash": "elsewhere", "weights": ELSEWHERE, "stream": None}
    damaged = "This model is damaged: it has changed since it was written. Reload the page to fetch it again."
    for body, sentence in [
        (None, "The server cannot be reached: check that it runs, then reload the page."),
        (502, "The server answered with error 502: reload the page."),
        (404, "The server answered with error 404: reload the page."),
        (bytes(broken), damaged),
        (whole[:-100], damaged),
        (b"", "This is not a model for the browser, or it is cut short."),
    ]:
        served(noisy, body)
        assert refused(noisy, source) == sentence
    served(noisy, whole)
    assert refused(noisy, source) is None


def test_weights_damaged_in_the_browsers_own_store_are_fetched_again(empty: Page, model: VAE) -> None:
    whole = live_model.live_bundle(model)
    requests: list[str] = []
    empty.on("request", lambda request: requests.append(request.url))
    served(empty, whole[:-4], whole)
    assert refused(empty, {"hash": "elsewhere", "weights": ELSEWHERE, "stream": None}) is None
    assert sum(url.endswith(ELSEWHERE) for url in requests) == 2


def test_a_model_that_is_gone_is_said_in_the_servers_words(noisy: Page) -> None:
    gone = source_of(SMALL, "page") | {"weights": f"/live/model/{SMALL}/0000"}
    sentence = "There is no such model, or it has changed: reload the page."
    assert refused(noisy, gone) == sentence
    said = noisy.evaluate(
        """async (source) => {
          const engine = await engineOf(source), said = []
          engine.listen((message) => said.push(message))
          const failed = await engine.decode(new Float32Array(16)).catch((error) => error.message)
          return [failed, said]
        }""",
        source_of(SMALL, "stream") | {"stream": f"/live/stream/{SMALL}/0000"},
    )
    assert said == [sentence, [sentence]]


def test_a_lost_connection_is_said_and_the_newest_picture_comes_when_it_is_back(browser: Browser, tmp_path: Path, model: VAE) -> None:
    codes = [code(16, seed) for seed in range(3)]
    context = browser.new_context()
    with serve(ROOT / "app.py", tmp_path) as first:
        page = emptied(context.new_page(), first.url)
        page.evaluate(
            """async ([source, z]) => {
              window.said = []
              window.engine = await engineOf(source)
              engine.listen((message) => said.push(message))
              window.view = follow(engine)
              view.show(z)
              await until(() => view.painted.length === 1)
            }""",
            [source_of(SMALL, "stream"), codes[0].tolist()],
        )
    assert "Traceback" not in first.log.read_text(errors="replace")
    page.evaluate("() => until(() => said.length === 1)")
    failed = page.evaluate(
        """async (codes) => {
          for (const z of codes) view.show(z)
          return engine.decode(codes[0]).catch((error) => error.message)
        }""",
        [z.tolist() for z in codes[1:]],
    )
    assert failed == LOST
    assert page.evaluate("view.painted.length") == 1
    with serve(ROOT / "app.py", tmp_path, urlsplit(first.url).port):
        page.evaluate("() => until(() => view.painted.length === 2)")
    assert page.evaluate("said.slice(0, 2)") == [LOST, None]
    last = page.evaluate("view.painted.at(-1)")
    assert last["z"] == codes[-1].tolist()
    assert np.array_equal(levels(last["image"]), decoded(model, codes[-1]))
    context.close()


def test_a_connection_that_nobody_needs_is_given_back(noisy: Page) -> None:
    noisy.clock.install()
    noisy.evaluate(
        """async (source) => {
          const Plain = WebSocket
          window.sockets = []
          window.WebSocket = function (address) { sockets.push(new Plain(address)); return sockets.at(-1) }
          window.engine = await engineOf(source)
          window.view = engine.view(() => {})
          await engine.decode(new Float32Array(16))
        }""",
        source_of(SMALL, "stream"),
    )
    opened = 1
    noisy.clock.fast_forward(15_000)
    assert noisy.evaluate("sockets.map((socket) => socket.readyState)") == [opened]
    noisy.evaluate("view.close()")
    noisy.clock.fast_forward(15_000)
    assert noisy.evaluate("sockets[0].readyState") > opened
    again = "async () => [(await engine.decode(new Float32Array(16))).length, sockets.length]"
    assert noisy.evaluate(again) == [784, 2]
