"""Pages and commands hand a stranger's bytes to the other process, and to nobody else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

DECODERS = {
    "vae_core.data.importing": {"read_files", "read_path"},
    "vae_core.data.images": {"open_image", "deep_values", "image_size"},
    "vae_core.foreign.opening": {"open_files", "holds_weights_alone"},
    "vae_core.foreign.onnx_file": {"read"},
    "vae_core.foreign.state_dicts": {"read_weights"},
    "vae_core.foreign.unpickling": {"unpickled"},
}
OURS = {Path("pages/ui/screens/train/monitor.py")}
"""Opens the preview of a run, which its own worker wrote."""


def decoders_in(source: str) -> Iterator[str]:
    """The decoders that a module imports, by themselves or with the module that holds them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if alias.name in DECODERS.get(node.module, ()) or f"{node.module}.{alias.name}" in DECODERS:
                    called = {other.attr for other in ast.walk(ast.parse(source)) if isinstance(other, ast.Attribute)}
                    module = DECODERS.get(f"{node.module}.{alias.name}")
                    if module is None or called & module:
                        yield f"{node.module}.{alias.name}"


def test_no_page_and_no_command_decodes_here() -> None:
    files = [path.relative_to(ROOT) for folder in ("pages", "vae_core/cli") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = {path: list(decoders_in((ROOT / path).read_text("utf-8"))) for path in files if path not in OURS}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_door_left_open_is_found() -> None:
    assert list(decoders_in("from vae_core.data.images import open_image, shown")) == ["vae_core.data.images.open_image"]
    assert list(decoders_in("from vae_core.data import importing\nimporting.read_files([])")) == ["vae_core.data.importing"]
    assert not list(decoders_in("from vae_core.data.images import shown\nfrom vae_core.data.importing import Imported"))
