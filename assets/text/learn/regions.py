"""Ten codes from the region of one image."""

import numpy as np

from vae_core import data
from vae_core.analysis import explore
from vae_core.runs import catalogue

model = catalogue.load("mnist-2d").model
posterior = explore.encode(model, data.load("mnist-10k").pixels[:1])  # mean and spread of one image, [1, 2]
noise = np.random.default_rng(0).normal(size=(10, 1, 2)).astype(np.float32)
codes = posterior.sample(noise)[:, 0]  # ten codes from its region
print(posterior.mean, posterior.std, explore.decode(model, codes).shape)
