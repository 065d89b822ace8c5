"""Some attacks go through pages, which a test opens as those of tests/pages do."""

from tests.pages.conftest import no_other_components, the_router_runs_first

__all__ = ["no_other_components", "the_router_runs_first"]
