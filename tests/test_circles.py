"""No file leads back to itself by its imports, and the browser side's folders keep their ladder."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from tests.conftest import ROOT
from tests.test_layers import PRODUCT, climb, imported, module_name

LIVE_BELOW = {
    "kit": set(),
    "engine": {"kit"},
    "picker": {"kit"},
    **{part: {"kit", "engine"} for part in ("map", "deck", "grid", "draw")},
    "path": {"kit", "engine", "map"},
    "replay": {"kit", "engine", "map"},
    "pair": {"kit", "engine", "map"},
    "multirate": {"kit", "engine", "map"},
    "atlas": {"kit", "engine", "map"},
    "machine": {"kit", "engine", "map", "deck", "grid", "draw", "atlas"},
    "takehome": {"kit", "engine", "map", "deck", "grid", "draw", "path", "multirate"},
    "lesson": {"kit", "engine", "map", "machine", "multirate", "replay", "takehome"},
}
"""What each folder of assets/live, and of parts in there, may import besides itself."""


def circles(graph: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """The sets of files of which each leads back to itself."""
    reached = {name: set(graph[name]) for name in graph}
    for middle in graph:
        for name in graph:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    return sorted(
        {tuple(sorted({name} | {other for other in reached[name] if name in reached[other]})) for name in graph if name in reached[name]}
    )


def python_graph() -> dict[str, set[str]]:
    """Each file of the product with those it imports, wherever in it the import stands."""
    files = {module_name(PurePosixPath(path.relative_to(ROOT).as_posix())): path for path in PRODUCT}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        tree, place = ast.parse(path.read_text(encoding="utf-8")), PurePosixPath(path.relative_to(ROOT).as_posix())
        names = {found for _, found in imported(tree, place)}
        graph[name] = {found if found in files else found.rpartition(".")[0] for found in names} & files.keys()
    return graph


def live_graph() -> dict[str, set[str]]:
    """Each module of assets/live with those it imports."""
    live = ROOT / "assets" / "live"
    return {
        path.relative_to(live).as_posix(): {
            (path.parent / source).resolve().relative_to(live).as_posix()
            for source in re.findall(r'^(?:import|\}) .*from "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        }
        for path in sorted(live.rglob("*.js"))
    }


def test_no_file_leads_back_to_itself() -> None:
    assert circles(python_graph()) == []
    assert circles(live_graph()) == []


def test_a_circle_of_files_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"e"}}) == [("a", "b", "c"), ("e",)]
    graph = python_graph()
    assert "vae_core.model.vae" in graph["vae_core.training.train"]
    assert circles(graph | {"vae_core.model.vae": {"vae_core.training.train"}}) != []


def test_the_browser_side_keeps_its_ladder() -> None:
    graph = live_graph()
    assert "engine/engine.js" in graph["parts/deck/picture.js"]
    found = {
        (name, target): reason
        for name, targets in graph.items()
        for target in targets
        if (reason := climb(LIVE_BELOW, *(file.removeprefix("parts/").partition("/")[0] for file in (name, target))))
    }
    assert found == {}
