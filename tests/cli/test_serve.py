"""`serve` opens the app to a class, or says why not."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vae_core.base import passes
from vae_core.cli import serve
from vae_core.cli.main import main


class Ended:
    """A server that has ended with this code, and what it was told meanwhile."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.told: list[str] = []

    def __enter__(self) -> Ended:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self) -> int:
        return self.code

    def terminate(self) -> None:
        self.told.append("end")


@pytest.fixture
def started(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """The command and the environment of each server that would have been started."""
    found: list[tuple[list[str], dict[str, str]]] = []

    def start(command: list[str], **options: Any) -> Ended:  # noqa: ANN401 - those of subprocess.Popen
        found.append((command, options["env"]))
        return Ended()

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return found


def test_it_prints_both_links_and_a_picture_and_listens_there(
    started: list[tuple[list[str], dict[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--address", "192.0.2.7", "--port", "8600"]) == 0
    words, told = passes.kept(), capsys.readouterr().out
    assert f"http://192.0.2.7:8600/?class={words.students}\n" in told
    assert f"http://192.0.2.7:8600/?class={words.teacher}\n" in told
    assert "▀" in told
    ((command, environment),) = started
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert {"--server.address=192.0.2.7", "--server.port=8600", "--server.allowedHosts=192.0.2.7"} < set(command)
    assert environment["LATENT_LOOM_CLASS"] == "http://192.0.2.7:8600"
    assert not any(word in argument for word in (words.students, words.teacher) for argument in command)  # others see these


def test_a_name_and_a_certificate_make_the_link(
    started: list[tuple[list[str], dict[str, str]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    files = ["--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem")]
    assert main(["serve", "--address", "0.0.0.0", "--host", "lab.school.example", "--word", "apple-tree", *files]) == 0
    assert "https://lab.school.example:8501/?class=apple-tree\n" in capsys.readouterr().out
    assert {f"--server.sslCertFile={tmp_path / 'cert.pem'}", "--server.allowedHosts=lab.school.example"} < set(started[0][0])


def test_behind_another_server_the_links_are_that_ones_and_it_listens_to_this_machine(
    started: list[tuple[list[str], dict[str, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--behind", "https://class.example:8443/", "--port", "8502", "--word", "apple-tree"]) == 0
    assert "https://class.example:8443/?class=apple-tree\n" in capsys.readouterr().out
    ((command, environment),) = started
    assert {"--server.address=127.0.0.1", "--server.port=8502", "--server.allowedHosts=class.example"} < set(command)
    assert environment["LATENT_LOOM_CLASS"] == "https://class.example:8443"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--address", "0.0.0.0"], "name the one of the link with --host"),
        (["--address", "192.0.2.7", "--cert", "x.pem"], "give both --cert and --key, or neither"),
        (["--address", "192.0.2.7", "--cert", "x.pem", "--key", "y.pem"], "x.pem is not a file"),
        (["--behind", "class.example"], "--behind takes an address such as https://class.school.example"),
        (["--behind", "https://class.example/loom"], "--behind takes an address"),
        (["--behind", "https://[class"], "--behind takes an address"),
        (["--behind", "https://class.example:many"], "--behind takes an address"),
        (["--behind", "https://class.example", "--host", "class.example"], "leave out --host, --cert and --key"),
        (["--address", "192.0.2.7", "--word", "short"], "The word of the class has 8 to 64"),
        (["--address", "192.0.2.7", "--teacher-word", "not-so-long"], "The word of the teacher has 16 to 64"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    started: list[tuple[list[str], dict[str, str]]], options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert started == []


def test_the_server_is_ended_with_the_command_and_says_how_it_ended(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Ended(1)
    heard: dict[int, Callable[[], None]] = {}
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: server)
    monkeypatch.setattr(signal, "signal", heard.__setitem__)
    with pytest.raises(SystemExit, match="1"):
        main(["serve", "--address", "192.0.2.7"])
    server.told.clear()
    heard[signal.SIGTERM]()
    assert server.told == ["end"]


def test_without_a_network_it_does_not_start(
    started: list[tuple[list[str], dict[str, str]]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "_ELSEWHERE", ("127.0.0.1", 9))
    assert main(["serve"]) == 2
    assert "This machine is in no network" in capsys.readouterr().err
    assert started == []
