"""What every test of a page without a browser relies on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import app_test


@pytest.fixture(scope="session", autouse=True)
def no_other_components() -> Iterator[None]:
    """For each page that a test opens, Streamlit reads what all packages say of themselves, in search of components: 0.3 s in vain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])
        yield


@pytest.fixture(scope="session", autouse=True)
def the_router_runs_first() -> Iterator[None]:
    """A page opens by its address at once, as in app.py: AppTest would take the folder pages/ for Streamlit's old kind of menu."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagesManager, "uses_pages_directory", False)
        patch.setattr(app_test, "PagesManager", type("OfTheTest", (PagesManager,), {}))  # it resets what it knows by this name
        yield
