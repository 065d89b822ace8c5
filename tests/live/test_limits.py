"""What the browser's side takes for granted about Python's."""

from __future__ import annotations

import re

from vae_core.analysis import explore
from vae_core.export.script import LIVE


def test_a_code_goes_as_far_in_the_browser_as_in_python() -> None:
    found = re.search(r"^export const LIMIT = (\d+)$", (LIVE / "kit" / "limits.js").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert float(found[1]) == explore.MAX_COORDINATE
