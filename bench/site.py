"""What a class costs the server of a static site: visitors who all come at once, each for the index and one model's page.

``python -m bench.site`` measures Python's own server; ``python -m bench.site URL`` any other, which serves the site of `MODEL` there.
"""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from vae_core.cli.main import main as command

MODEL = "mnist-2d"
VISITORS = (30, 300, 3000)
AT_ONCE = 16  # connections; whoever comes later waits for one, since Python's own server loses some where many more come at once


def paths_of(url: str) -> list[str]:
    """What a browser asks for on a first visit: the index, what all pages share, a page and its model."""
    index = _text(f"{url}/index.html")
    page = re.findall(r'href="([\w-]+\.html)"', index)[0]
    return ["index.html", *re.findall(r'"(kit-[\w.]+)"', index), page, *re.findall(r'"file":"([\w.-]+)"', _text(f"{url}/{page}"))]


async def visits(url: str, paths: Sequence[str], count: int) -> str:
    """Let `count` visitors come: requests per second, megabytes of each visitor, and how long most of them waited."""
    parts, free = urlsplit(url), asyncio.Semaphore(AT_ONCE)
    secret = parts.scheme == "https"
    began = time.perf_counter()

    async def got(path: str) -> int:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or (443 if secret else 80), ssl=secret)
        writer.write(f"GET {parts.path}/{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(f"{path}: {head!r}")
        size = len(head)
        while part := await reader.read(2**18):
            size += len(part)
        writer.close()
        return size

    async def visit() -> tuple[int, float]:
        async with free:
            sizes = [await got(path) for path in paths]
        return sum(sizes), time.perf_counter() - began

    found = await asyncio.gather(*(visit() for _ in range(count)))
    seconds = time.perf_counter() - began
    late = quantiles([ended for _, ended in found], n=20)[-1]
    size = found[0][0]
    return (
        f"{count * len(paths) / seconds:.0f} requests/s, {count * size / seconds / 1e6:.0f} MB/s, {size / 1e6:.2f} MB each, "
        f"95 % served after {late:.1f} s"
    )


@contextmanager
def python_server(folder: Path) -> Iterator[str]:
    """The address of ``python -m http.server`` on this folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def rows(url: str | None = None) -> Iterator[tuple[str, str]]:
    """(what, figure) for each number of visitors, of the server at `url`, or of Python's own."""
    if url is None:
        with tempfile.TemporaryDirectory() as folder:
            command(["export", MODEL, "--format", "site", "--out", f"{folder}/site"])
            with python_server(Path(folder) / "site") as own:
                yield from rows(own)
        return
    for count in VISITORS:
        yield f"static pages, {count} visitors at once", asyncio.run(visits(url, paths_of(url), count))


def _text(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        text: str = answer.read().decode()
    return text


if __name__ == "__main__":
    for line in rows(*sys.argv[1:]):
        print(*line, sep=": ", flush=True)
