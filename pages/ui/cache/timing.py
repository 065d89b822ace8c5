"""What a model and its training cost."""

from __future__ import annotations

import streamlit as st

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.strict import Config
from vae_core.model.vae import count_parameters
from vae_core.training import footprint, train


def _as_json(config: Config) -> str:
    return config.model_dump_json()


@st.cache_data(max_entries=64, ttl=600, show_spinner="Timing a few training steps …", hash_funcs={ModelConfig: _as_json})
def _seconds_per_image(model: ModelConfig, batch: int, tc: bool) -> float:
    config = TrainConfig(batch=batch, tc=float(tc))
    return min(train.seconds_per_image(model, config, steps=2) for _ in range(3))


def seconds_per_image(model: ModelConfig, config: TrainConfig) -> float:
    """What one training image costs on this machine: the best of three, as anything else at work only slows it; kept for ten minutes.

    Of the objective only total correlation counts, as it compares all images of a batch.
    """
    return _seconds_per_image(model, config.batch if config.tc else min(config.batch, 128), config.tc > 0)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs={ModelConfig: _as_json, TrainConfig: _as_json})
def bytes_foreseen(model: ModelConfig, config: TrainConfig, images: int) -> int:
    """The memory that a training takes, see `footprint.bytes_foreseen`."""
    return footprint.bytes_foreseen(model, config, images)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={ModelConfig: _as_json})
def parameter_count(model: ModelConfig) -> int:
    """Number of weights and biases, without making them."""
    return count_parameters(model)
