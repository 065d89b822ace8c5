"""Eight new digits, the way between two of them, and how real what lies halfway is."""

from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.halfway import halfway
from vae_core.runs import catalogue

model = catalogue.load("mnist-16d").model
codes = explore.sample_prior(16, 8, seed=0)  # float32 [8, 16]
walk = explore.decode(model, explore.interpolate(codes[0], codes[1], 9))  # uint8 [9, 1, 28, 28]
print(walk.shape)
print(halfway(model, codes[:4], codes[4:], data.load("mnist-10k").pixels))
