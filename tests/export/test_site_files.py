"""Files of a static site: every byte comes through as the text of a script, under a name with the hash of what is in the file."""

from __future__ import annotations

import base64
import hashlib

from tests.export.test_site import content
from vae_core.export.site_files import keep_bytes, keep_file


def test_every_byte_comes_through() -> None:
    every = bytes(range(256)) * 2
    files: dict[str, bytes] = {}
    kept = keep_bytes(files, "mine", every)
    assert content(files[kept["file"]]) == every
    assert kept["integrity"] == f"sha256-{base64.b64encode(hashlib.sha256(files[kept['file']]).digest()).decode()}"


def test_a_name_holds_the_hash_of_its_content() -> None:
    files: dict[str, bytes] = {}
    assert keep_file(files, "kit", "css", b"p {}") == f"kit-{hashlib.sha256(b'p {}').hexdigest()[:16]}.css"
