"""--push: what the real huggingface_hub uploads, to a server of this machine that answers as the Hub does; and every refusal."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.calls import refusal
from tests.training.checkpoints import saved
from vae_core.base.errors import InputError
from vae_core.cli.main import main
from vae_core.export.hub_upload import check_upload, upload

OWN_WARNING = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # huggingface_hub's, where it uploads a large file
TOKEN = "hf_" + "secret" * 5


class Hub(ThreadingHTTPServer):
    """Keeps what is uploaded to it. Large files come by the protocol of Git LFS, all others within the commit."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.refuses: dict[str, int] = {}
        self.private: bool | None = None
        self.tokens: set[str | None] = set()
        self.objects: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *_: object) -> None: ...

    def do_PUT(self) -> None:
        content, (_, kind, name) = self.content(), self.path.split("/")
        if kind in self.server.refuses:
            return self.answer({"error": "You shall not pass, stranger"}, self.server.refuses[kind])
        self.server.objects[name] = content
        return self.answer({})

    def do_GET(self) -> None:  # whether the repository is there, asked where making it was refused
        self.answer({"error": "Repository not found"}, 404)

    def do_POST(self) -> None:
        hub, content = self.server, self.content()
        hub.tokens.add(self.headers["Authorization"])
        asked = self.path.rpartition("/main")[0] or self.path
        for end, status in hub.refuses.items():
            if asked.endswith(end):
                return self.answer({"error": f"You shall not pass, {self.headers['X-Name'] or 'stranger'}"}, status)
        if asked == "/api/repos/create":
            wanted = json.loads(content)
            hub.private = wanted.get("private", wanted.get("visibility") == "private")
            return self.answer({"url": f"{hub.url}/{wanted['organization']}/{wanted['name']}"})
        if asked == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        if asked.endswith("/preupload"):
            names = [file["path"] for file in json.loads(content)["files"]]
            modes = {name: "lfs" if name.endswith(".safetensors") else "regular" for name in names}
            return self.answer({"files": [{"path": name, "uploadMode": mode, "shouldIgnore": False} for name, mode in modes.items()]})
        if asked.endswith("/info/lfs/objects/batch"):
            objects = json.loads(content)["objects"]
            places = [{**found, "actions": {"upload": {"href": f"{hub.url}/lfs/{found['oid']}"}}} for found in objects]
            return self.answer({"transfer": "basic", "objects": places})
        assert asked == "/api/models/ada/digits/commit"
        for line in map(json.loads, content.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                hub.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                hub.files[value["path"]] = hub.objects[value["oid"]]
        return self.answer({"commitUrl": f"{hub.url}/ada/digits/commit/1", "commitOid": "1"})

    def content(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"] or 0))

    def answer(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    constants = pytest.importorskip("huggingface_hub.constants", reason="huggingface_hub is not installed")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # a protocol of the Hub's own, which no server here speaks
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@OWN_WARNING
def test_the_folder_is_uploaded_as_it_is_written(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = saved(tmp_path / "model")
    out = tmp_path / "hub"
    assert main(["export", str(model), "--format", "hub", "--push", "ada/digits", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"uploaded": f"{hub.url}/ada/digits"}
    assert hub.files == {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(hub.files) == {"model.safetensors", "config.json", "README.md"}
    assert hub.private is True
    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in said.out + said.err


@OWN_WARNING
@pytest.mark.parametrize(
    ("where", "status", "told"),
    [
        ("/create", 401, "The Hub refuses an upload to ada/digits (error 401)"),
        ("/create", 403, "The Hub refuses an upload to ada/digits (error 403)"),
        ("lfs", 403, "The Hub refuses an upload to ada/digits (error 403)"),
        ("/commit", 403, "The Hub refuses an upload to ada/digits (error 403)"),
        ("/commit", 422, "The Hub did not take the upload to ada/digits (error 422)"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(
    hub: Hub, where: str, status: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.refuses[where] = status
    model, out = saved(tmp_path / "model"), tmp_path / "hub"
    assert main(["export", str(model), "--format", "hub", "--push", "ada/digits", "--out", str(out)]) == 2
    said = capsys.readouterr()
    last = said.err.splitlines()[-1]
    assert told in last
    assert '"You shall not pass, stranger"' in last
    assert TOKEN not in said.out + said.err
    assert len(list(out.iterdir())) == 3


def test_without_a_network_it_is_one_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"^The Hub cannot be reached \(ConnectError\), so ada/digits is not uploaded: check the network"):
        upload({"README.md": b"x"}, "ada/digits")


@pytest.mark.parametrize("name", ["digits", "a/b/c", "ada/", "/digits", "ada/dig its", "ada/a--b", "https://huggingface.co/ada/digits", ""])
def test_a_name_that_no_repository_has_is_refused_before_anything_is_made(
    hub: Hub, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export", "digits-2d", "--format", "hub", "--out", str(tmp_path / "hub"), "--push", name]
    assert "--push takes a repository of the Hub as OWNER/NAME" in refusal(command, capsys)
    assert hub.tokens == set()
    assert not (tmp_path / "hub").exists()


def test_without_a_token_it_says_how_to_get_one(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(InputError, match=r"^--push needs a token of the Hub that may write: run `hf auth login`"):
        check_upload("ada/digits")
    assert hub.tokens == set()


def test_without_the_package_and_for_another_format_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    command = ["export", "digits-2d", "--out", str(tmp_path / "new"), "--push", "ada/digits", "--format"]
    assert "--push needs the package huggingface_hub: `pip install huggingface_hub`" in refusal([*command, "hub"], capsys)
    assert "--push is for --format hub" in refusal([*command, "onnx"], capsys)
