"""The settings the product is shipped with: what Streamlit is told, how the theme reads, what the Makefile refuses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from vae_core.runs import directory

CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

AA = 4.5  # WCAG 2.2, 1.4.3: normal text
GRAPHICS = 3.0  # WCAG 2.2, 1.4.11: the parts of a control
CHOSEN_OPACITY = 0.1  # Streamlit's, of the colour of a chosen option on its ground
CAPTION_OPACITY = 0.6  # Streamlit's


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each option under its dotted name."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(colour: str) -> float:
    """WCAG relative luminance of `#rrggbb`."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels(colour)))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def faded(text: str, ground: str, opacity: float = CAPTION_OPACITY) -> str:
    """The colour of a caption, or of what else lies over `ground` at an opacity of Streamlit's."""
    mixed = (round(opacity * t + (1 - opacity) * g) for t, g in zip(channels(text), channels(ground), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make there, free of the variables an outer make hands down."""
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_contrast_agrees_with_the_published_bounds() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_streamlit_knows_every_option() -> None:
    from streamlit.config import get_config_options

    assert [name for name, _ in flat(CONFIG) if name not in get_config_options()] == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("server.address", "127.0.0.1"),
        ("server.allowedHosts", ["127.0.0.1", "localhost", "::1"]),
        ("server.showEmailPrompt", False),
        ("server.enableStaticServing", False),
        ("server.enableAgentApi", False),
        ("runner.postScriptGC", False),
        ("browser.gatherUsageStats", False),
        ("client.showErrorDetails", "none"),
    ],
)
def test_safety_and_speed_settings_are_on(option: str, value: object) -> None:
    assert dict(flat(CONFIG))[option] == value


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_text_is_readable_on_its_ground(mode: str) -> None:
    theme = CONFIG["theme"][mode]
    page, panel = theme["backgroundColor"], theme["secondaryBackgroundColor"]
    assert theme["sidebar"] == {"backgroundColor": panel, "secondaryBackgroundColor": page}
    pairs = {
        f"{text} on {ground}": contrast(theme[text], theme[ground])
        for text in ("textColor", "linkColor")
        for ground in ("backgroundColor", "secondaryBackgroundColor")
    }
    pairs |= {f"caption on {ground}": contrast(faded(theme["textColor"], ground), ground) for ground in (page, panel)}
    pairs |= {
        f"{hue} message": contrast(theme[f"{hue}TextColor"], theme[f"{hue}BackgroundColor"]) for hue in ("red", "blue", "green", "yellow")
    }
    chosen = faded(theme["primaryColor"], page, CHOSEN_OPACITY)  # the ground of what is chosen in a row of options
    pairs["chosen option"] = contrast(theme["blueTextColor"], chosen)
    pairs["code"] = contrast(theme["codeTextColor"], theme["codeBackgroundColor"])
    pairs["main button"] = contrast("#ffffff", theme["primaryColor"])
    assert {name: round(ratio, 2) for name, ratio in pairs.items() if ratio < AA} == {}
    assert min(contrast(theme["primaryColor"], ground) for ground in (page, panel)) >= GRAPHICS


def test_no_font_is_fetched() -> None:
    assert CONFIG["theme"]["font"] == "sans-serif"
    assert CONFIG["theme"]["headingFont"] == "serif"
    assert "http" not in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")


def test_installed_versions_are_the_pinned_ones() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(re.findall(r"^([\w-]+)==([\d.]+)", "\n".join(line for line in lines if "win32" not in line), re.MULTILINE))
    assert {name: version(name).partition("+")[0] for name in pins} == pins


def test_version_is_the_changelogs_newest() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0] == PROJECT["project"]["version"] == directory.VERSION


@pytest.mark.skipif(sys.platform == "win32", reason="make is not part of Windows")
def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "locks", folder / "locks")
    old = folder / "python3.9"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = (3, 9); $2"\n', encoding="utf-8")
    old.chmod(0o755)
    result = make(folder, "--silent", "run", "PYTHON=./python3.9")
    assert result.returncode != 0
    first, *rest = result.stderr.splitlines()
    assert first == "Latent Loom needs Python 3.11 or newer and ./python3.9 is 3.9: name another with PYTHON=..."
    assert all(line.startswith("make") for line in rest)
    assert not (folder / ".venv").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="make is not part of Windows")
def test_plain_make_lists_the_targets() -> None:
    listed = make(ROOT).stdout
    assert re.findall(r"make (\w+)", listed.replace("make assets MNIST", "")) == [
        "help",
        "run",
        "serve",
        "test",
        "quick",
        "fuzz",
        "durable",
        "lint",
        "bench",
        "assets",
        "lock",
        "newer",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="make is not part of Windows")
def test_the_quick_tests_are_those_neither_of_a_page_nor_in_a_browser_nor_marked_slow() -> None:
    assert (
        '-m pytest -n 2 --dist worksteal -m "not slow" --ignore tests/browser --ignore tests/pages'
        in make(ROOT, "--dry-run", "quick").stdout
    )
    options = PROJECT["tool"]["pytest"]["ini_options"]
    assert "--strict-markers" in options["addopts"]
    assert [marker.partition(":")[0] for marker in options["markers"]] == ["slow"]
    marked = [file for file in (ROOT / "tests").rglob("test_*.py") if "pytest.mark.slow" in file.read_text("utf-8")]
    assert marked


@pytest.mark.skipif(sys.platform == "win32", reason="make is not part of Windows")
def test_all_tests_run_three_at_a_time() -> None:
    assert "-m pytest -n 3 " in make(ROOT, "--dry-run", "test").stdout
