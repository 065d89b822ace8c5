"""What β is called in other code: the translator on the KL weight page."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.ui.ground import state
from vae_core.analysis.conventions import CONVENTIONS, Convention
from vae_core.base.config import ModelConfig


class _Code(NamedTuple):
    """How other code writes a loss, and β of ours for its w."""

    title: str
    loss: str
    beta: str


_CODES = {
    "mean": _Code(
        "Squared error averaged over the pixels + w · KL", r"\tfrac{1}{P}\textstyle\sum(x-\hat x)^2+w\,R", r"\frac{w\,P}{2\sigma^2}"
    ),
    "means": _Code(
        "Squared error averaged over the pixels + w · KL averaged over the dimensions",
        r"\tfrac{1}{P}\textstyle\sum(x-\hat x)^2+\tfrac{w}{K}\,R",
        r"\frac{w\,P}{2\sigma^2K}",
    ),
    "sum": _Code("Squared error summed over the pixels + w · KL", r"\textstyle\sum(x-\hat x)^2+w\,R", r"\frac{w}{2\sigma^2}"),
    "half": _Code("Half the squared error, summed + w · KL", r"\tfrac{1}{2}\textstyle\sum(x-\hat x)^2+w\,R", r"\frac{w}{\sigma^2}"),
    "absolute": _Code(
        "Absolute error summed over the pixels + w · KL (latent diffusion: w = 0.000001)",
        r"\textstyle\sum|x-\hat x|+w\,R",
        r"\frac{\sqrt{2}\,w}{\sigma}",
    ),
    "summed": _Code("Cross-entropy summed over the pixels + w · KL (examples of PyTorch and Keras)", r"D+w\,R", "w"),
    "entropy": _Code("Cross-entropy averaged over the pixels + w · KL", r"\tfrac{1}{P}\,D+w\,R", r"w\,P"),
    "normalised": _Code("β normalised by the sizes of code and image (Higgins et al. 2017)", r"D+w\,\tfrac{P}{K}\,R", r"\frac{w\,P}{K}"),
}
"""By the names of `conventions.CONVENTIONS`."""


def translator(model: ModelConfig, beta: float, sigma: float | None = None) -> None:
    """What β is called in other code; starts from a model, the β chosen on the page, and the model's σ where that is not as configured."""
    start = model.sigma if sigma is None else round(sigma, 6)
    own = "entropy" if model.likelihood == "bernoulli" else "mean"
    name = st.selectbox(
        "The loss in that code",
        sorted(_CODES, key=lambda name: name != own),
        format_func=lambda name: _CODES[name].title,
        key=state.part(state.KL_LOSS, own),
        help="Unless it says otherwise, its KL is summed over the latent dimensions. Both parts are averaged over the images.",
    )
    convention, code = CONVENTIONS[name], _CODES[name]
    needs_sigma = convention.error != "own" or (name == "normalised" and model.likelihood == "gaussian")
    st.latex(rf"{code.loss}\quad\text{{is ours for}}\quad\beta={code.beta}")
    _about_sigma(model, beta, start, convention)
    values = model.channels * model.height * model.width
    with st.grid("auto", min_column_width=150):
        weight = st.number_input("w in that code", 0.0, 1e6, 0.001, 0.001, format="%.6g", key=state.KL_LOSS_WEIGHT)
        count, latent = values, model.latent
        if convention.pixels == "mean":
            count = st.number_input(
                "P, pixel values per image",
                1,
                10**8,
                values,
                key=state.part(state.KL_LOSS_PIXELS, values),
                help="Channels × height × width.",
            )
        if convention.latent == "mean":
            latent = st.number_input("K, latent dimensions", 1, 10**6, model.latent, key=state.part(state.KL_LOSS_LATENT, model.latent))
        if needs_sigma:
            words = "σ, on the scale of the pixels"
            start = st.number_input(words, 0.001, 1000.0, start, 0.01, format="%.6g", key=state.part(state.KL_LOSS_SIGMA, start))
    translated = convention.beta(weight, values=count, latent=latent, sigma=start)
    back = convention.weight(beta, values=count, latent=latent, sigma=start)
    plain = f" It is a plain VAE, β = 1, for σ = {convention.plain_sigma(translated, start):.4g}." if needs_sigma else ""
    st.markdown(
        f"w = {weight:g} is **β = {translated:.4g}**{' at this σ' if convention.error != 'own' else ''}.{plain} "
        f"The page's β = {beta:g} is **w = {back:.4g}** in that code."
    )
    st.caption(
        "Some code sums the KL over the images of a batch but averages the error over them. There the KL weighs more, by the size of the "
        "batch: multiply w by that size first. Keras averages cross-entropy over the channels: of colour, multiply w by 3. Where pixels "
        "run from −1 to 1, σ is on that scale, twice that of pixels from 0 to 1."
    )


def _about_sigma(model: ModelConfig, beta: float, sigma: float, convention: Convention) -> None:
    """Where the σ comes from that the squared error is counted with; or that this model's D is not what the loss has."""
    noise = {"squared": "gaussian", "absolute": "Laplace"}.get(convention.error)
    if noise is not None and model.likelihood != noise:
        st.caption(
            f"These models have no such σ: their likelihood is {model.likelihood_words}. The figures are for a {noise.capitalize()} one."
        )
    elif noise is not None and model.sigma_is != "fixed":
        st.caption(f"σ of the model at β = {beta:g} is {'learned' if model.sigma_is == 'learned' else 'its own error'}: {sigma:.4g}.")
    elif convention in (CONVENTIONS["entropy"], CONVENTIONS["summed"]) and model.likelihood != "bernoulli":
        st.caption(f"These models have another D: their likelihood is {model.likelihood_words}. The figures are for a Bernoulli one.")
