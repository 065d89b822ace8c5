"""What the browser's side takes for granted about Python's."""

from __future__ import annotations

import re

from vae_core.analysis import explore
from vae_core.base.config import MAX_LATENT
from vae_core.export.script import LIVE


def test_a_code_goes_as_far_in_the_browser_as_in_python() -> None:
    found = re.search(r"^export const LIMIT = (\d+)$", (LIVE / "kit" / "limits.js").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert float(found[1]) == explore.MAX_COORDINATE


def test_python_and_the_browser_agree_on_how_far_a_wide_code_may_go() -> None:
    text = (LIVE / "kit" / "limits.js").read_text("utf-8")
    values = {name: float(value) for name, value in re.findall(r"^const (NARROW|WIDE_LIMIT) = (\d+)", text, re.MULTILINE)}
    assert values == {"NARROW": MAX_LATENT, "WIDE_LIMIT": explore.WIDE_COORDINATE}
    assert (explore.reach(MAX_LATENT), explore.reach(MAX_LATENT + 1)) == (explore.MAX_COORDINATE, explore.WIDE_COORDINATE)
