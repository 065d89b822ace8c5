"""Whatever a file does to the process that reads it, it costs one sentence, and the next file is read."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.analysis.test_memory import peak
from tests.conftest import ROOT
from vae_core.base import child
from vae_core.base.child import Crew
from vae_core.base.errors import InputError
from vae_core.data import Remedy

MB = 2**20
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells what a process has, and holds it to its memory")


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("LATENT_LOOM_CLASS", "the word of the class")
        made = Crew("tests.attacks.deeds", places=2)
        yield made
        made.close()


def called(crew: Crew, deed: str, *arguments: object, seconds: float = 60, room: int = 256 * MB) -> object:
    return crew.call(deed, *arguments, label="x.zip", seconds=seconds, room=room)


def test_values_come_back_as_they_were(crew: Crew) -> None:
    values = (None, True, 3, 0.1, float("inf"), "ä\ud800\u202e", b"\0\xff", [1, (2, "x")], {"a": 1, 3: ()}, ())
    assert called(crew, "echo", *values) == values
    arrays = [np.arange(6).astype(kind).reshape(2, 3) for kind in ("u1", "<i8", "<f4", "?", ">u2")]
    arrays += [np.array(3, np.float32), np.empty((0, 4)), np.arange(6).reshape(2, 3).T]
    back = called(crew, "echo", arrays)
    assert isinstance(back, tuple)
    for array, other in zip(arrays, back[0], strict=True):
        np.testing.assert_array_equal(array, other, strict=True)
    with pytest.raises(InputError, match="broke the program"):  # a record that was not named is not made
        called(crew, "echo", Remedy("x", {}))


def test_a_child_is_used_again_also_after_a_refusal(crew: Crew) -> None:
    first = called(crew, "pid")
    with pytest.raises(InputError, match=r"^x\.png is no picture\.$"):
        called(crew, "refuse")
    assert called(crew, "pid") == first != os.getpid()


@on_linux
@pytest.mark.parametrize("deed", ["take_memory", "say_damaged"])
def test_one_that_takes_too_much_memory_is_refused_and_the_server_does_not_grow(deed: str, crew: Crew) -> None:
    assert called(crew, "take_memory", 100 * MB) == 1

    def refused() -> None:
        with pytest.raises(InputError, match=r"^x\.zip took more than 0\.25 GB of memory to open, and was given up\.$"):
            called(crew, deed, 300 * MB)

    assert peak(refused) < 16
    assert called(crew, "take_memory", 100 * MB) == 1


@pytest.mark.parametrize(
    ("deed", "arguments", "sentence"),
    [
        ("take_time", ("",), "took more than 1 seconds to open, and was given up"),
        ("leave", (77,), "took more than 0.25 GB of memory to open, and was given up"),
        ("leave", (0,), "broke the program that opens it, and was given up"),
        ("abort", (), "broke the program that opens it, and was given up"),
        ("fault", (), "broke the program that opens it, and was given up"),
        ("fail", (), "broke the program that opens it, and was given up"),
        ("chatter", (), "broke the program that opens it, and was given up"),
        ("pretend", (), "broke the program that opens it, and was given up"),
    ],
)
def test_one_that_ends_its_reader_is_one_sentence_and_the_next_is_read(
    deed: str, arguments: tuple[object, ...], sentence: str, crew: Crew
) -> None:
    with pytest.raises(InputError, match=rf"^x\.zip {sentence}"):
        called(crew, deed, *arguments, seconds=1)
    assert called(crew, "echo", 3) == (3,)


def test_what_the_callers_bar_raises_ends_the_child(crew: Crew, tmp_path: Path) -> None:
    heard: list[float] = []

    class Stopped(BaseException):
        pass

    def bar(share: float) -> None:
        heard.append(share)
        if share and (tmp_path / "pid").exists():
            raise Stopped

    with pytest.raises(Stopped):
        crew.call("take_time", str(tmp_path / "pid"), label="x", seconds=60, progress=bar)
    assert heard[-1] == 0.25
    assert not alive(int((tmp_path / "pid").read_text("ascii")))
    assert called(crew, "echo", 3) == (3,)


def test_two_are_read_at_once_and_a_third_waits_for_its_place(crew: Crew, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stop = threading.Event()

    def bar(share: float) -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    def read(number: int) -> None:
        with pytest.raises(KeyboardInterrupt):
            crew.call("take_time", str(tmp_path / str(number)), label="x", seconds=60, progress=bar)

    both = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for thread in both:
        thread.start()
    until(lambda: len(list(tmp_path.iterdir())) == 2)
    monkeypatch.setattr(child, "_WAIT_SECONDS", 0.2)
    with pytest.raises(InputError, match=r"^Too many files are being opened here just now: try again in a minute\.$"):
        called(crew, "pid")
    stop.set()
    for thread in both:
        thread.join()
    monkeypatch.undo()
    assert called(crew, "echo", "own", 1) == ("own", 1)


@on_linux
def test_a_result_crosses_without_being_there_twice(crew: Crew) -> None:
    size = 300 * MB
    rows = -(-size // 256 // 9973)
    called(crew, "large", 256)  # a child at rest
    highest = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.is_set():
            highest = max(highest, resident(os.getpid()) + sum(map(resident, children())))

    before = resident(os.getpid()) + sum(map(resident, children()))
    watcher = threading.Thread(target=watch)
    watcher.start()
    back = called(crew, "large", size, room=512 * MB)
    done.set()
    watcher.join()
    assert isinstance(back, dict)
    np.testing.assert_array_equal(back["pixels"][::9973], np.broadcast_to(np.arange(256), (rows, 256)))
    assert size < highest - before < size + 64 * MB


@on_linux
def test_a_child_knows_neither_the_words_of_the_class_nor_what_the_server_has_open(crew: Crew, tmp_path: Path) -> None:
    with open(tmp_path / "secret", "wb") as file:
        os.set_inheritable(file.fileno(), True)
        crew.close()  # the next child is a new one
        found = called(crew, "surroundings")
    assert isinstance(found, dict)
    assert "the word of the class" not in str(found)
    assert not {name for name in found["environment"] if name.startswith("LATENT")}
    assert not [name for name in found["open"] if not name.startswith(("pipe:", "/dev/null", "/proc/"))]


def test_reading_images_and_models_imports_no_torch(crew: Crew) -> None:
    found = called(crew, "loaded")
    assert isinstance(found, list)
    assert "PIL" in found
    assert not {"torch", "streamlit", "scipy", "sklearn", "pyarrow", "onnx"} & set(found)


SERVER = """
import sys, types
ours = sys.modules["vae_core"] = types.ModuleType("vae_core")  # without torch
ours.__path__ = ["vae_core"]
from vae_core.base.child import Crew
Crew("tests.attacks.deeds", places=2).call("brood", {place!r}, label="x", seconds=600)
"""


def test_a_child_ends_with_its_server_also_when_that_is_killed(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", SERVER.format(place=str(place))], env=environment, cwd=ROOT) as server:
        until(lambda: place.exists() and place.read_text("ascii").isdecimal())
        server.send_signal(signal.SIGKILL)
    until(lambda: not alive(int(place.read_text("ascii"))))


def until(true: object) -> None:
    """Wait for it; the limit is there so that a test that fails ends."""
    assert callable(true)
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("It has not come")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text("utf-8", "replace").rpartition(")")[2].split()[0] != "Z"


def children() -> list[int]:
    """The processes that this one has started."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # the thread has just ended
            found += map(int, (task / "children").read_text("ascii").split())
    return found


def resident(pid: int) -> int:
    """Bytes that a process has; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * 4096
    except OSError:
        return 0
