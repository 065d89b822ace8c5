"""What every test of a page without a browser relies on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def no_other_components() -> Iterator[None]:
    """For each page that a test opens, Streamlit reads what all packages say of themselves, in search of components: 0.3 s in vain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])
        yield
