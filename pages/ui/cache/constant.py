"""What the constant picture costs, the mean of a run's training images: the figure that a model has to beat."""

from __future__ import annotations

import streamlit as st

from pages.ui.cache.pictures import exact_images
from vae_core.analysis import constant
from vae_core.analysis.constant import Constant
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig


@st.cache_data(
    max_entries=64,
    show_spinner="Comparing with a constant picture …",
    hash_funcs={kind: lambda config: config.model_dump_json() for kind in (ModelConfig, TrainConfig)},
)
def _constant(data_name: str, model: ModelConfig, train: TrainConfig) -> Constant:
    return constant.constant_picture(exact_images(data_name), model, train)


def constant_picture(config: RunConfig) -> Constant:
    """The cost for the very images of a run under its likelihood.

    Raises:
        InputError: the images are not on this computer any more.
    """
    return _constant(config.data, config.model, TrainConfig(binarise=config.train.binarise))
