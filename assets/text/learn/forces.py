"""The KL of one image by the formula, and by a thousand draws."""

import numpy as np

from vae_core import data
from vae_core.analysis import explore
from vae_core.runs import catalogue

own = explore.encode(catalogue.load("mnist-2d").model, data.load("mnist-10k").pixels[:1])
formula = own.kl().sum()
z = own.sample(np.random.default_rng(0).normal(size=(1000, 1, 2)))
log_prior = -0.5 * (np.square(z).sum(-1) + 2 * np.log(2 * np.pi))
print(formula, (own.log_prob(z) - log_prior).mean())
