"""`run`: one training from its configuration to its folder, as a plain function that other schedulers can send to their workers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import torch

from vae_core import data
from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory
from vae_core.runs.directory import Run
from vae_core.runs.execute import execute
from vae_core.training import checkpoint


def run(config: RunConfig) -> Path:
    """Train a model in this process, as a run in the app's own list; returns the run's folder once it is done.

    Function and configuration pickle, so that joblib, Dask or Ray can call it where they like; LATENT_LOOM_HOME there says where the list
    is, and a folder that all machines share makes it one list. What was trained to its end before, with the same configuration, whatever
    its name, on the same images, is not trained twice: its folder comes back.

    Raises:
        InputError: the data set cannot be loaded or does not fit the model, the model is too large, or training diverged.
        OSError: the disk is full or cannot be written.
    """
    images = data.load_exactly(config.data)
    there = finished(config, images, directory.listing())
    if there is not None:
        return there
    if config.train.threads:
        torch.set_num_threads(config.train.threads)
    folder = directory.create(config, state="running")
    for _ in execute(folder, images):
        pass
    return folder


def same(one: RunConfig, other: RunConfig) -> bool:
    """Whether two configurations train the same, whatever they are called."""
    return one.model_copy(update={"name": other.name}) == other


def finished(config: RunConfig, images: Images, among: Sequence[Run]) -> Path | None:
    """The folder of the first of these runs that has done this configuration on these images, and whose model is sound."""
    for other in among:
        newest = directory.newest_checkpoint(other.folder)
        if other.status.state == "finished" and newest is not None and same(other.config, config):
            with contextlib.suppress(InputError, OSError):  # one that is damaged, or deleted since the list was made, is trained again
                if checkpoint.load(newest).card.data.identity == images.identity:
                    return other.folder
    return None
