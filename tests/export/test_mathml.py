"""Every formula of the lesson against what it says, written out by hand: what stands above and below what, and every sign of it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from vae_core.base.translation import sections
from vae_core.export.lesson_page import LANGUAGES
from vae_core.export.mathml import mathml

# A fraction is {a ÷ b}, what is raised ^{…}, what is lowered _{…}, a word under a line [… under …], a hat x^.
WRITTEN = {
    r"x": "x",
    r"z": "z",
    r"K": "K",
    r"D": "D",
    r"R": "R",
    r"Z": "Z",
    r"q": "q",
    r"v": "v",
    r"h": "h",
    r"t": "t",
    r"s": "s",
    r"s = 0.1": "s=0.1",
    r"s = 0.3": "s=0.3",
    r"\sum (x - \hat x)^2 / 2s^2": "∑(x−hat(x))^{2}/2s^{2}",
    r"\mu": "μ",
    r"\sigma": "σ",
    r"\beta": "β",
    r"\pm": "±",
    r"z = e(x)": "z=e(x)",
    r"\hat x = d(z)": "hat(x)=d(z)",
    r"\hat x": "hat(x)",
    r"\mathcal{N}(0, I)": "𝒩(0,I)",
    r"z \sim q(z|x) = \mathcal{N}(\mu, \sigma^2)": "z∼q(z|x)=𝒩(μ,σ^{2})",
    r"q(z|x)": "q(z|x)",
    r"p(x|z)": "p(x|z)",
    r"z = \mu + \sigma\varepsilon": "z=μ+σε",
    r"\varepsilon \sim \mathcal{N}(0, 1)": "ε∼𝒩(0,1)",
    r"\frac{\partial}{\partial\mu} \mathbb{E}[D(z)] = \mathbb{E}[D'(z)]": "{∂÷∂μ}𝔼[D(z)]=𝔼[D′(z)]",
    r"\mathbb{E}": "𝔼",
    r"\mathbb{E}_q": "𝔼_{q}",
    r"\mathbb{E}\left[D(z)\,\frac{z-\mu}{\sigma^2}\right]": "𝔼[D(z){z−μ÷σ^{2}}]",
    r"\log p(x) = \underbrace{\mathbb{E}_q[\log p(x|z)] - \mathrm{KL}(q\,\|\,p(z))}_{\text{ELBO}} + \mathrm{KL}(q\,\|\,p(z|x))": (
        "log p(x)=[𝔼_{q}[log p(x|z)]−KL(q∥p(z)) under ELBO]+KL(q∥p(z|x))"
    ),
    r"p(x) = \int p(x|z)\,p(z)\,dz": "p(x)=∫p(x|z)p(z)dz",
    r"D = -\log p(x|z)": "D=−log p(x|z)",
    r"D + \beta R": "D+βR",
    r"R = \mathrm{KL}(q\,\|\,p)": "R=KL(q∥p)",
    r"\tfrac12\sum\mu^2": "{1÷2}∑μ^{2}",
    r"\tfrac12\sum(\sigma^2 - 1 - \ln\sigma^2)": "{1÷2}∑(σ^{2}−1−ln σ^{2})",
    r"\beta = 0": "β=0",
    r"e^{v^\top W^\top h + a^\top v + b^\top h} / Z": "e^{v^{⊤}W^{⊤}h+a^{⊤}v+b^{⊤}h}/Z",
    r"z \sim \mathcal{N}(0, I)": "z∼𝒩(0,I)",
    r"z = (1-t)\,z_A + t\,z_B": "z=(1−t)z_{A}+tz_{B}",
    r"\mathrm{KL} = \sum_j \tfrac12\left(\mu_j^2 + \sigma_j^2 - 1 - \ln\sigma_j^2\right)": (
        "KL=∑_{j}{1÷2}(μ_{j}^{2}+σ_{j}^{2}−1−ln σ_{j}^{2})"
    ),
    r"2^{64}": "2^{64}",
    r"\tfrac12 (\figure{mean_0})^2": "{1÷2}(<mean_0>)^{2}",
}


def read(node: ElementTree.Element) -> str:
    """A formula as one reads it aloud, in the notation above."""
    parts = [read(child) for child in node]
    match node.tag:
        case "mfrac":
            return "{" + "÷".join(parts) + "}"
        case "msup":
            return f"{parts[0]}^{{{parts[1]}}}"
        case "msub":
            return f"{parts[0]}_{{{parts[1]}}}"
        case "msubsup":
            return f"{parts[0]}_{{{parts[1]}}}^{{{parts[2]}}}"
        case "munder":
            return f"[{parts[0]} under {parts[1]}]"
        case "mover":
            return f"hat({parts[0]})"
        case "mn" if "data-figure" in node.attrib:
            return f"<{node.attrib['data-figure']}>"
        case "mi" if node.text in ("log", "ln"):
            return f"{node.text} "
    return (node.text or "") + "".join(parts)


def formulas(language: str) -> set[str]:
    """All that the texts hold."""
    lesson = sections("learn", language).values()
    return {found.replace("{{", "{").replace("}}", "}") for text in lesson for found in re.findall(r"\$([^$]+)\$", text)}


@pytest.mark.parametrize("latex", WRITTEN)
def test_a_formula_says_what_is_written(latex: str) -> None:
    assert read(ElementTree.fromstring(mathml(latex))) == WRITTEN[latex]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_formula_of_the_texts_is_left_out_above(language: str) -> None:
    assert formulas(language) - WRITTEN.keys() == set()


@pytest.mark.parametrize(
    ("latex", "what"), [(r"\sqrt x", r"\\sqrt"), ("x^", "ends too early"), ("{x", "ends too early"), ("x}", "closes"), ("x & y", "'&'")]
)
def test_what_no_text_of_ours_had_is_named(latex: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        mathml(latex)
