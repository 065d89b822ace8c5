"""The WebSocket that draws for models too big for the browser: what it answers, what it refuses, and how many it serves at once."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from pages.ui import cache
from pages.ui.live.component import engine_source
from pages.ui.server import socket as sockets
from pages.ui.server.routes import ROUTES
from vae_core.analysis import explore
from vae_core.base.config import ModelConfig
from vae_core.export import live_model
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint

MODEL = "mnist-16d"
ORIGIN = "ws://127.0.0.1:8501"
K = 16
NO_PICTURE = "The picture did not arrive whole: 28 × 28 pixels take 784 bytes in base64."


@functools.cache
def path() -> str:
    return f"/live/stream/{MODEL}/{catalogue.load(MODEL).weights_hash}"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """All sockets of one client are served by one event loop, as in the server."""
    with TestClient(Starlette(routes=ROUTES)) as opened:
        yield opened


@pytest.fixture
def socket(client: TestClient) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect(ORIGIN + path()) as opened:
        assert opened.receive_json() == {"ready": True}
        yield opened


def picture(socket: WebSocketTestSession, number: int, z: Sequence[float]) -> bytes:
    socket.send_json({"id": number, "z": z})
    answer = socket.receive_bytes()
    assert int.from_bytes(answer[:4], "little") == number
    return answer[4:]


def codes(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-4, 4, (count, K)).astype(np.float32)


def is_alive(socket: WebSocketTestSession) -> None:
    z = codes(1, seed=7)
    assert picture(socket, 2**32 - 1, z[0].tolist()) == explore.decode(catalogue.load(MODEL).model, z).tobytes()


def refusal(client: TestClient, url: str) -> tuple[str, int]:
    with client.websocket_connect(url) as opened:
        (sentence,) = opened.receive_json().values()
        with pytest.raises(WebSocketDisconnect) as closed:
            opened.receive_json()
    return sentence, closed.value.code


def test_a_picture_is_the_one_that_torch_makes(socket: WebSocketTestSession) -> None:
    model = catalogue.load(MODEL).model
    for number, z in enumerate(codes(50, seed=1)):
        assert picture(socket, number, z.tolist()) == explore.decode(model, z[None]).tobytes()
    assert picture(socket, 99, [0] * K) == explore.decode(model, np.zeros((1, K), np.float32)).tobytes()  # JSON has no 0.0


def test_an_image_is_answered_with_its_posterior(socket: WebSocketTestSession) -> None:
    model = catalogue.load(MODEL).model
    pixels = np.random.default_rng(3).integers(0, 256, (5, 1, 28, 28), dtype=np.uint8)
    for number, image in enumerate(pixels):
        socket.send_json({"id": number, "pixels": base64.b64encode(image.tobytes()).decode()})
        answer = socket.receive_json()
        expected = explore.encode(model, image[None])
        assert answer["id"] == number
        assert np.array_equal(np.array(answer["mean"], np.float32), expected.mean[0])
        assert np.array_equal(np.array(answer["logvar"], np.float32), expected.logvar[0])


ZERO = [0.0] * K


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ('{"id": 1, "z": [0.5]}', "The code has 1 numbers; this model takes 16."),
        (json.dumps({"id": 1, "z": [*ZERO, 0]}), "The code has 17 numbers; this model takes 16."),
        ('{"id": 1, "z": []}', "The code has 0 numbers; this model takes 16."),
        ('{"id": 1, "z": "0,0"}', "The code has no list of numbers; this model takes 16."),
        ('{"id": 1, "z": null}', "The code has no list of numbers; this model takes 16."),
        ('{"id": 1, "z": {"0": 0}}', "The code has no list of numbers; this model takes 16."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], float("nan")]}), "'nan' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], float("inf")]}), "'inf' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], -float("inf")]}), "'-inf' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], 12345]}).replace("12345", "1e999"), "'inf' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], 10.001]}), "'10.001' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], 10**400]}), "'10000000000000000000' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], True]}), "'True' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], "0"]}), "'0' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], "\ud800"]}), r"'\ud800' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], [0]]}), "'[0]' is not a number from -10 to 10."),
        (json.dumps({"id": 1, "z": [*ZERO[1:], None]}), "'None' is not a number from -10 to 10."),
        ('{"id": 1}', NO_PICTURE),
        ('{"id": 1, "pixels": 7}', NO_PICTURE),
        ('{"id": 1, "pixels": "%%%%"}', NO_PICTURE),
        ('{"id": 1, "pixels": "\\ud800é"}', NO_PICTURE),
        (json.dumps({"id": 1, "pixels": "A" * 4 * 262}), NO_PICTURE),
    ],
)
def test_a_bad_request_is_told_by_its_number(socket: WebSocketTestSession, message: str, sentence: str) -> None:
    socket.send_text(message)
    assert socket.receive_json() == {"id": 1, "error": sentence}
    is_alive(socket)


@pytest.mark.parametrize("number", ["-1", "4294967296", "true", "1.0", '"1"', "null", "[1]", "NaN", "1e999"])
def test_a_bad_number_is_told_without_one(socket: WebSocketTestSession, number: str) -> None:
    socket.send_text(f'{{"id": {number}, "z": {ZERO}}}')
    assert socket.receive_json() == {"id": None, "error": "The id of a request is a whole number from 0 to 4,294,967,295."}
    is_alive(socket)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "z",
        "null",
        "[]",
        "7",
        '"z"',
        "{",
        "[" * 200_000,
        f'{{"id": {"9" * 5000}}}',
        '{"id": 1, "z": [0' + ", 0" * 15,
        "\x00",
        b"",
        b"\xff" * 100,
    ],
)
def test_what_is_no_request_is_told_so(socket: WebSocketTestSession, message: str | bytes) -> None:
    if isinstance(message, bytes):
        socket.send_bytes(message)
    else:
        socket.send_text(message)
    assert socket.receive_json() == {"id": None, "error": "A request is a JSON object with an id and either z or pixels."}
    is_alive(socket)


@pytest.mark.parametrize("huge", ["a" * (sockets.MAX_MESSAGE + 1), b"a" * (sockets.MAX_MESSAGE + 1)])
def test_a_huge_message_ends_its_own_socket_only(client: TestClient, socket: WebSocketTestSession, huge: str | bytes) -> None:
    with client.websocket_connect(ORIGIN + path()) as other:
        other.receive_json()
        other.send_text(huge) if isinstance(huge, str) else other.send_bytes(huge)
        assert other.receive_json() == {"error": "A request has at most 262,144 characters."}
        with pytest.raises(WebSocketDisconnect) as closed:
            other.receive_json()
    assert closed.value.code == 1009
    is_alive(socket)


@pytest.mark.parametrize(("model", "weights"), [(MODEL, "0000"), ("nothing", None), ("digits-2d", None), ("%2e%2e", None), ("%00", None)])
def test_only_a_listed_model_is_opened(client: TestClient, model: str, weights: str | None) -> None:
    url = f"{ORIGIN}/live/stream/{model}/{weights or catalogue.load(MODEL).weights_hash}"
    assert refusal(client, url) == ("There is no such model, or it has changed: reload the page.", 1008)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (ORIGIN, "http://evil.example"),
        (ORIGIN, "http://127.0.0.1:9999"),
        (ORIGIN, "http://127.0.0.1:8501.evil.example"),
        (ORIGIN, "null"),
        (ORIGIN, ""),
        ("ws://evil.example", "http://evil.example"),
        ("ws://evil.example", None),
    ],
)
def test_another_site_is_not_let_in(client: TestClient, url: str, origin: str | None) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect(url + path(), headers={} if origin is None else {"origin": origin}),
    ):
        pass
    assert closed.value.code == 1008


def test_the_apps_own_page_is_let_in(client: TestClient) -> None:
    with client.websocket_connect(ORIGIN + path(), headers={"origin": "http://127.0.0.1:8501"}) as opened:
        assert opened.receive_json() == {"ready": True}
        is_alive(opened)


def test_one_page_too_many_is_told_so_and_a_place_that_is_left_is_free_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_seats", CapacityLimiter(2))
    with client.websocket_connect(ORIGIN + path()) as first:
        first.receive_json()
        with client.websocket_connect(ORIGIN + path()) as second:
            second.receive_json()
            sentence = "64 pages already stream from this server; the picture follows when you let go."
            assert refusal(client, ORIGIN + path()) == (sentence, 1013)
            is_alive(first)
        with client.websocket_connect(ORIGIN + path()) as third:
            assert third.receive_json() == {"ready": True}
            is_alive(third)


def test_twenty_pages_at_once_each_get_their_own_pictures(client: TestClient) -> None:
    model = catalogue.load(MODEL).model
    wanted = [codes(15, seed) for seed in range(20)]
    expected = [[explore.decode(model, z[None]).tobytes() for z in page] for page in wanted]

    def one(page: int) -> list[bytes]:
        with client.websocket_connect(ORIGIN + path()) as socket:
            assert socket.receive_json() == {"ready": True}
            return [picture(socket, number, z.tolist()) for number, z in enumerate(wanted[page])]

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(one, range(20))) == expected


def added(config: ModelConfig, folder: Path) -> Entry:
    """A model of this shape, with random weights, brought as a file."""
    card = catalogue.models()[MODEL].card.model_copy(update={"model": config})
    checkpoint.save(folder / "made", VAE(config, seed=0), card)
    number = catalogue.add(checkpoint.pack(folder / "made"), "made.zip")
    return catalogue.models()[number]


def test_a_deterministic_model_has_no_log_variance(client: TestClient, fresh_home: Path) -> None:
    config = ModelConfig(body="linear", channels=1, height=8, width=8, latent=2, variational=False)
    entry = added(config, fresh_home)
    address = f"{ORIGIN}/live/stream/{entry.id}/{cache.opened(entry.folder).weights_hash}"
    with client.websocket_connect(address) as socket:
        socket.receive_json()
        socket.send_json({"id": 0, "pixels": base64.b64encode(bytes(64)).decode()})
        assert socket.receive_json()["logvar"] is None


@pytest.mark.parametrize(("hidden", "streams"), [((64, 128, 128, 128, 256), True), ((8, 16), False)])
def test_only_a_big_decoder_is_streamed(fresh_home: Path, hidden: tuple[int, ...], streams: bool) -> None:
    config = ModelConfig(body="conv", channels=3, height=128, width=128, latent=4, hidden=hidden, likelihood="gaussian")
    entry = added(config, fresh_home)
    assert (live_model.decoder_macs(config) > live_model.STREAM_MACS) == streams
    weights = cache.opened(entry.folder).weights_hash
    streamed = {"stream": f"/live/stream/{entry.id}/{weights}", "latent": 4, "shape": (3, 128, 128), "variational": True}
    fetched = {"weights": f"/live/model/{entry.id}/{weights}", "stream": None}
    assert engine_source(entry) == {"hash": weights} | (streamed if streams else fetched)


def test_a_model_damaged_on_disk_is_refused_in_a_sentence(client: TestClient, fresh_home: Path) -> None:
    entry = added(ModelConfig(body="linear", channels=1, height=8, width=8, latent=2), fresh_home)
    weights = entry.folder / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    sentence = "The model in checkpoint is damaged: weights.safetensors has changed since it was saved."
    assert refusal(client, f"{ORIGIN}/live/stream/{entry.id}/0000") == (sentence, 1008)
    answer = client.get(f"/live/model/{entry.id}/0000")
    assert (answer.status_code, answer.text) == (422, sentence)
