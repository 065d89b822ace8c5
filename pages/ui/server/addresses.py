"""The addresses below /live, and the browser side's modules that stand at some of them.

What an address names never changes, so that a browser keeps it for good.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import streamlit as st

LIVE = Path(__file__).parents[3] / "assets" / "live"


CODE = {path.relative_to(LIVE).as_posix(): path.read_bytes() for path in sorted(LIVE.rglob("*.js"))}


CODE_VERSION = hashlib.sha256(b"".join(CODE.values())).hexdigest()[:16]
"""Names the browser side's modules as they are now: a newer version has other addresses."""


def address(path: str) -> str:
    """The address of a path below /live, from the page's origin."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}/live/{path}" if base else f"/live/{path}"
