"""Latent Loom's core: variational autoencoders whose numbers can be trusted. torch and NumPy, no screen.

The names below are the public ones. Everything else is in its module: `analysis.explore` for pages, `data` for data sets, `runs` for what
is kept on disk.
"""

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
