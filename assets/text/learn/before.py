"""A restricted Boltzmann machine of twelve hidden units: trained, run from chance, and its likelihood exactly."""

import numpy as np

from vae_core import data
from vae_core.analysis import boltzmann

digits = (data.load("digits").pixels.reshape(-1, 64) > 127).astype(float)
machine = boltzmann.learn(digits, 12)
start = np.random.default_rng(0).integers(0, 2, (5, 64)).astype(float)
print(boltzmann.chain(machine, start, [1, 100])[1].reshape(5, 8, 8).round(1)[0])
print((machine.log_unnormalised(digits) - machine.log_partition()).mean())  # log p(x) in nats
