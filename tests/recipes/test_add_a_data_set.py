"""How to add a built-in data set that is made on the user's computer.

1. Write ``vae_core/data/NAME.py``: a function `generate` that makes the same `Images` every time, with the name, the licence and, where
   they are known, classes and factors. At the end comes a `GeneratedSet`: the name, what a menu shows, the function and a version.
2. In ``vae_core/data/standard.py``, import the `GeneratedSet` and name it in `_GENERATED`.
3. Test it in ``tests/data/test_NAME.py``. Fix the version together with the `identity` of the images there, so that nobody changes a pixel
   and leaves the version as it was. Add the name to the list in ``tests/data/test_standard.py``.

The command line, the Train page and the copy on the disk need no step. A set that takes over a second to make ships packed: give its
`GeneratedSet` a `describe`, add a `Pack` to `PACKS` in ``vae_core/data/shipped.py``, name the set in ``assets/sets.py`` and run
``python -m assets.sets``. It has to run again whenever a pixel and with it the version changes.

The test below takes these steps in a copy of the code, with a set of grey ramps.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.tree import Tree

STEP_1 = '''"""Ramps from black to grey, 8 × 8: one for each direction and each grey."""

from __future__ import annotations

import numpy as np

from vae_core.data.imageset import GeneratedSet, Images, SetInfo

LICENCE = "Apache-2.0, drawn by this program"
VERSION = 1  # raise it when any pixel changes: cached copies are then drawn again
SIDE = 8


def generate() -> Images:
    """All 400 ramps: pixels uint8 [400, 1, 8, 8], labels the directions."""
    across = np.linspace(0, 1, SIDE)[np.newaxis].repeat(SIDE, axis=0)
    ramps = [np.rint(across * grey).astype(np.uint8) for grey in range(156, 256)]
    return Images(
        name="ramps",
        pixels=np.stack([np.rot90(ramp, turn) for turn in range(4) for ramp in ramps])[:, np.newaxis],
        labels=np.repeat(np.arange(4), 100),
        class_names=("right", "up", "left", "down"),
        licence=LICENCE,
    )


RAMPS = GeneratedSet(
    "ramps",
    SetInfo(title="Ramps", description="400 ramps from black to grey, 8 × 8.", licence=LICENCE, download=False),
    generate,
    VERSION,
)
'''

STEP_2_IMPORT = "from vae_core.data.ramps import RAMPS\n"
STEP_2_ENTRY = ", RAMPS"

STEP_3 = '''"""The ramps where people meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pages.ui.ground import state
from tests.pages.steps import open_page
from vae_core import data
from vae_core.base.storage import home
from vae_core.cli.main import main


def test_every_ramp_is_another_and_rises_to_its_side() -> None:
    images = data.load("ramps")
    assert len({image.tobytes() for image in images.pixels}) == 400
    pixels = images.pixels[:, 0]
    for label, edge in enumerate((pixels[:, :, -1], pixels[:, 0], pixels[:, :, 0], pixels[:, -1])):
        assert (edge[images.labels == label] >= 156).all()
    assert (home() / "cache" / "sets" / "ramps.npz").is_file()


def test_the_command_line_trains_on_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--epochs", "2", "--hidden", "16", "--latent", "2", "--threads", "1"]
    assert main(["train", "--data", "ramps", *small, "--out", str(tmp_path / "run")]) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2


def test_the_train_page_offers_them() -> None:
    page = open_page("train", **{state.TRAIN_DATA: "ramps"})
    assert "Ramps" in page.selectbox(key=state.TRAIN_DATA).options
    assert any(data.SETS["ramps"].description in caption.value for caption in page.caption)
'''


@pytest.mark.slow
def test_a_data_set_trains_and_is_offered(fresh_home: Path, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "copy")
    tree.write("vae_core/data/ramps.py", STEP_1)
    tree.insert("vae_core/data/standard.py", STEP_2_IMPORT, before="from vae_core.data.sprites import SPRITES\n")
    tree.insert("vae_core/data/standard.py", STEP_2_ENTRY, before=")})\n")
    tree.write("tests/test_ramps.py", STEP_3)
    tree.python("pytest", "-q", "tests/test_ramps.py")
