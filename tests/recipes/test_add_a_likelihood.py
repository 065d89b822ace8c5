"""How to add a likelihood.

1. In ``vae_core/base/config.py``, add its name to `LikelihoodName`. If it has a σ, say in `SIGMAS_OF` what its σ can be.
2. In ``vae_core/model/likelihoods.py``, write the class: `nll`, the cost in nats with every constant in it; `mean`, the picture; and
   `live_mean`, the function in the browser that does the same. Then give it an entry in `LIKELIHOODS`: the words by which people choose
   it, its name in the field, what its cost measures, and how it is made.
3. In ``assets/text/train.md``, write a paragraph under its name: what a pixel is, and when to take it.
4. Only if its mean is a new function: write that in ``assets/live/engine`` and name it in `MEANS`. Numbers that it needs come from
   `live_settings`.
5. Test it in ``tests/model/test_likelihoods.py`` against another authority. The tests that hold for every likelihood find it by
   themselves. Add its title to the titles there, and run ``python -m tests.live.numbers`` for the tests of the browser's side.

The command line, the Train page, the comparison of models and the file for the browser need no step.

The test below takes these steps in a copy of the code, with a Laplace distribution of a fixed scale.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.tree import Tree

STEP_1 = '"laplace", '

STEP_2_CLASS = '''class Laplace(Likelihood):
    """Each pixel is around the decoder's output with the density 5·e^(−10·|x − m|), the Laplace distribution of scale 0.1."""

    live_mean = "identity"

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """10·|x − m| − log 5 per pixel."""
        return (10 * (x - params).abs() - math.log(5)).flatten(1).sum(1)

    def mean(self, params: Tensor) -> Tensor:
        """The decoder's output itself."""
        return params


'''

STEP_2_ENTRY = """    "laplace": Family(
        "Brightness with rare large noise",
        "Laplace",
        Measure.DENSITY,
        {"fixed": lambda sigma: Laplace()},
    ),
"""

STEP_3 = """## laplace
A pixel is a brightness, give or take noise that is mostly small and now and then large. Take it for pictures with a few odd pixels.

"""

STEP_5 = '''"""The Laplace likelihood where people meet it."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import distributions

from pages.ui import cache
from pages.ui.ground import state
from tests.pages.steps import open_page
from vae_core.analysis.comparison import measure
from vae_core.cli.main import main
from vae_core.export.live_model import live_bundle
from vae_core.model.likelihoods import Laplace, Measure
from vae_core.runs import catalogue
from vae_core.training import checkpoint

TITLE = "Brightness with rare large noise (Laplace)"


def test_laplace_is_that_of_torch() -> None:
    x, m = torch.rand(2, 6, 3, 4, 5, dtype=torch.float64)
    expected = -distributions.Laplace(m, 0.1).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Laplace().nll(m, x), expected, rtol=1e-12, atol=1e-12)


def test_laplace_is_trained_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--epochs", "2", "--hidden", "16", "--latent", "2", "--threads", "1"]
    assert main(["train", "--data", "digits", "--likelihood", "laplace", *small, "--out", "RUN"]) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2


def test_laplace_decodes(tmp_path: Path) -> None:
    assert main(["decode", "RUN", "--z", "0,1", "--out", str(tmp_path / "picture.png")]) == 0
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.size == (8, 8)


def test_laplace_is_in_the_trained_model_and_in_its_file_for_the_browser() -> None:
    opened = checkpoint.load(catalogue.find("RUN"))
    assert isinstance(opened.model.likelihood, Laplace)
    assert measure(opened.card.model, opened.card.train, black_and_white=False) is Measure.DENSITY
    bundle = live_bundle(opened.model)
    (length,) = struct.unpack_from("<I", bundle, 8)
    assert json.loads(bundle[12 : 12 + length])["mean"] == "identity"


def test_laplace_is_offered_and_explained_on_the_train_page() -> None:
    page = open_page("train")
    assert TITLE in page.selectbox(key=state.TRAIN_PIXEL).options
    page.selectbox(key=state.TRAIN_PIXEL).set_value(TITLE).run()
    assert not page.exception
    assert cache.lessons("train")["laplace"] in [caption.value for caption in page.caption]
'''


@pytest.mark.slow
def test_a_likelihood_trains_decodes_is_exported_and_is_offered(fresh_home: Path, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "copy")
    tree.insert("vae_core/base/config.py", STEP_1, before='"logistic"]\n')
    tree.insert("vae_core/model/likelihoods.py", STEP_2_CLASS, before="class Family(NamedTuple):\n")
    tree.insert("vae_core/model/likelihoods.py", STEP_2_ENTRY, before='    "logistic": Family(\n')
    tree.insert("assets/text/train.md", STEP_3, before="## logistic\n")
    tree.write("tests/test_laplace.py", STEP_5.replace("RUN", str(tmp_path / "run")))
    tree.python("pytest", "-q", "-k", "laplace", "tests/test_laplace.py", "tests/model/test_likelihoods.py")
