"""A folder for the Hub: the program in its README opens the model, and its head says what is known."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch

from tests.live.graph import graph_model
from vae_core.export.hub import hub_files
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.origin import RANGES, Origin

POINT = catalogue.load("digits-2d")


@pytest.mark.parametrize("model", [POINT.model, catalogue.load("digits-split").model.at((1.0, 0.5)), graph_model()])
def test_the_program_in_the_readme_opens_the_very_model(model: VAE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point = Checkpoint(model, POINT.card.model_copy(update={"model": model.config}), None, "")
    for name, content in hub_files(point, "Any").items():
        (tmp_path / name).write_bytes(content)
    (program,) = re.findall(r"^```python\n(.*?)^```", (tmp_path / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    made: dict[str, object] = {}
    exec(program, made)
    opened = made["model"]
    assert isinstance(opened, VAE)
    z = torch.randn(3, model.config.latent, generator=torch.Generator().manual_seed(0))
    assert torch.equal(opened.decode(z), model.eval().decode(z))
    pictures = made["pictures"]
    assert isinstance(pictures, torch.Tensor)
    assert pictures.shape == (8, model.config.channels, model.config.height, model.config.width)


def readme(point: Checkpoint, name: str = "Any") -> tuple[dict[str, object], str]:
    """The head, key by key, each value of which is written as JSON, which is YAML too; and the text below it."""
    text = hub_files(point, name)["README.md"].decode()
    begin, head, body = text.split("---\n", 2)
    assert begin == ""
    pairs = (line.split(": ", 1) for line in head.splitlines())
    return {key: json.loads(value) for key, value in pairs}, body


def test_the_head_says_what_the_model_is_and_the_licence_where_one_is_known() -> None:
    head, body = readme(POINT)
    assert head["tags"] == ["variational-autoencoder", "latent-space", "latent-loom"]
    assert "license" not in head
    assert "Choose one before you publish them" in body
    origin = Origin(
        files=("a.onnx",), producer="x", encoder_gives="mean", decoder_gives="picture", pixels=RANGES["0,1"], licence="CC BY 4.0"
    )
    from_elsewhere = Checkpoint(POINT.model, POINT.card.model_copy(update={"origin": origin}), None, "")
    assert readme(from_elsewhere)[0]["license"] == "cc-by-4.0"


def test_nothing_of_a_name_is_markup() -> None:
    data = POINT.card.data.model_copy(update={"title": "<script>x</script> | [a](b)", "class_names": ("`1`", "*2*\n| x |")})
    _, body = readme(Checkpoint(POINT.model, POINT.card.model_copy(update={"data": data}), None, ""), "# <b>\n---\n_it_")
    assert "<" not in body.split("```")[0]
    assert "\\# &lt;b&gt; --- \\_it\\_" in body
    assert r"\`1\`, \*2\* \| x \|" in body
    assert r"\[a\](b)" in body
