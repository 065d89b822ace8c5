"""Latent Loom's core: variational autoencoders whose numbers can be trusted. torch and NumPy, no screen.

The names below are the public ones. Everything else is in its module: `analysis.explore` for pages, `data` for data sets, `runs` for what
is kept on disk. They are imported when one of them is first used, since torch takes seconds and a quarter of a gigabyte, and not all
that stands below this folder needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_core.analysis.readback import ReadBack, read_back
    from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
    from vae_core.base.errors import InputError
    from vae_core.data import Images
    from vae_core.foreign.notebook import adopt
    from vae_core.model.gaussian import DiagonalGaussian
    from vae_core.model.likelihoods import (
        Bernoulli,
        ContinuousBernoulli,
        DiscretisedLogistic,
        Gaussian,
        LearnedSigma,
        Likelihood,
        OptimalGaussian,
    )
    from vae_core.model.vae import VAE
    from vae_core.notebook.showing import show
    from vae_core.runs.run import run
    from vae_core.training.checkpoint import Card, Checkpoint
    from vae_core.training.objectives import Terms, elbo, objective
    from vae_core.training.train import Record, Training, fit

__all__ = [
    "VAE",
    "Bernoulli",
    "Card",
    "Checkpoint",
    "ContinuousBernoulli",
    "DiagonalGaussian",
    "DiscretisedLogistic",
    "Gaussian",
    "Images",
    "InputError",
    "LearnedSigma",
    "Likelihood",
    "ModelConfig",
    "OptimalGaussian",
    "ReadBack",
    "Record",
    "RunConfig",
    "Terms",
    "TrainConfig",
    "Training",
    "adopt",
    "elbo",
    "fit",
    "objective",
    "read_back",
    "run",
    "show",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        from vae_core.analysis import readback
        from vae_core.base import config, errors
        from vae_core.data import imageset
        from vae_core.foreign import notebook
        from vae_core.model import gaussian, likelihoods, vae
        from vae_core.notebook import showing
        from vae_core.runs import run as running
        from vae_core.training import checkpoint, objectives, train

        modules = (
            readback,
            config,
            errors,
            imageset,
            notebook,
            gaussian,
            likelihoods,
            vae,
            showing,
            running,
            checkpoint,
            objectives,
            train,
        )
        for module in modules:
            globals().update({public: value for public, value in vars(module).items() if public in __all__})
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
