"""Two numbers a digit: a network made for two against two principal components."""

from vae_core import data
from vae_core.analysis import compression, explore
from vae_core.runs import catalogue

pixels = data.load("mnist-10k").pixels  # uint8 [10000, 1, 28, 28]: the test images
model = catalogue.load("mnist-2d").model  # a network made for two numbers
unseen = pixels[8000:8500]
by_network = explore.reconstruct(model, unseen)
by_components = compression.by_components(unseen, compression.components(pixels[:8000], 2), 2)
print(compression.error(unseen, by_network), compression.error(unseen, by_components))
