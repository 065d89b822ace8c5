"""``serve``: the app for a class on a network, with a word without which nothing is answered."""

from __future__ import annotations

import argparse
import ipaddress
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import segno

from vae_core.base import passes
from vae_core.base.errors import InputError
from vae_core.cli.command import Command

_APP = Path(__file__).parents[2] / "app.py"
_ELSEWHERE = ("192.0.2.1", 9)  # of no machine (RFC 5737)


def _options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--address", help="where to listen: an address of this machine; otherwise the one by which it reaches its network")
    command.add_argument("--host", help="the name of this machine in the link, if it has one; otherwise the address")
    command.add_argument(
        "--behind",
        metavar="URL",
        help="the address of a web server in front of this one, such as https://class.school.example, for the links",
    )
    command.add_argument("--port", type=int, default=8501, help="8501 unless told")
    command.add_argument("--cert", type=Path, help="a certificate as a PEM file: the app is then served over https")
    command.add_argument("--key", type=Path, help="the certificate's private key")
    command.add_argument("--word", help="the word of the class; otherwise that of the last time, at first a new one")
    command.add_argument("--teacher-word", help="the teacher's own word, which opens the Class page; otherwise likewise")


def _serve(chosen: argparse.Namespace) -> None:
    address = chosen.address or ("127.0.0.1" if chosen.behind else _found())
    host = _host_of(chosen.behind) if chosen.behind else chosen.host or address
    if _is_every(host):
        raise InputError(f"{host} stands for every address of this machine: name the one of the link with --host.")
    if (chosen.cert is None) != (chosen.key is None):
        raise InputError("A certificate needs its key: give both --cert and --key, or neither.")
    for file in (chosen.cert, chosen.key):
        if file is not None and not file.is_file():
            raise InputError(f"{file} is not a file.")
    if chosen.behind and (chosen.host or chosen.cert):
        raise InputError("Behind another server, that one has the name and the certificate: leave out --host, --cert and --key.")
    words = passes.settled(chosen.word, chosen.teacher_word)
    place = f"http{'' if chosen.cert is None else 's'}://{f'[{host}]' if ':' in host else host}:{chosen.port}"
    if chosen.behind:
        place = chosen.behind.rstrip("/")
    environment = passes.environment(place)
    link = f"{place}/?class={words.students}"
    print(f"For the class:    {link}")
    print(f"For the teacher:  {place}/?class={words.teacher}")
    segno.make(link).terminal(sys.stdout, compact=True)
    options = {"address": address, "port": chosen.port, "allowedHosts": host, "headless": "true"}
    if chosen.cert is not None:
        options |= {"sslCertFile": chosen.cert.resolve(), "sslKeyFile": chosen.key.resolve()}
    told = [f"--server.{name}={value}" for name, value in options.items()]
    sys.stdout.flush()
    with subprocess.Popen([sys.executable, "-m", "streamlit", "run", _APP.name, *told], cwd=_APP.parent, env=environment) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())  # else it would go on without us
        try:
            code = server.wait()
        finally:
            server.terminate()
    if code:  # it has said why, as of a port that another has
        sys.exit(code)


def _host_of(url: str) -> str:
    """The name in the address of the web server in front.

    Raises:
        InputError: it is no address of a whole site.
    """
    try:
        parts = urlsplit(url)
        port = parts.port  # which may be no number
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or url.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or port == 0:
        raise InputError(f'--behind takes an address such as https://class.school.example, not "{url[:80]}".')
    return parts.hostname


def _found() -> str:
    """The address of this machine in the network through which it reaches others; nothing is sent.

    Raises:
        InputError: it is in no network.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            found: str = probe.getsockname()[0]
        except OSError:
            found = "127.0.0.1"
    if ipaddress.ip_address(found).is_loopback:
        raise InputError("This machine is in no network: join one, or name the address to listen on with --address.")
    return found


def _is_every(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:  # a name
        return False


SERVE = Command(_options, _serve)
