"""What all pages of a static site have in common: their policy, and how their files are named and written."""

from __future__ import annotations

import base64
import hashlib

from vae_core.base.storage import sha256
from vae_core.export.wire.lesson import LessonFile

INDEX, WORKER, LESSON = "index.html", "sw.js", "learn.html"
GENERATOR = '<meta name="generator" content="Latent Loom site">'
"""What tells a page of ours from any other."""

POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src data: blob:; connect-src 'self' blob:; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'"
)
"""Of every page. The scheme file: counts for pages from the disk alone, of which some browsers say that nothing is as one with them."""


def keep_file(files: dict[str, bytes], stem: str, ending: str, kept: bytes) -> str:
    """Put a file among the others under a name with its hash, and give that name."""
    name = f"{stem}-{sha256(kept)[:16]}.{ending}"
    files[name] = kept
    return name


def keep_bytes(files: dict[str, bytes], stem: str, kept: bytes) -> LessonFile:
    """Put bytes among the files as a script that is one text; assets/live/takehome/files.js reads it back, as a script or as bytes."""
    for byte, written in ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n"), (b"\r", b"\\r")):
        kept = kept.replace(byte, written)
    script = b'LOOM="' + kept + b'"'
    integrity = f"sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}"
    return {"file": keep_file(files, stem, "js", script), "integrity": integrity}
